# What all recurrent layers share: states, masks, shapes and statefulness. A
# child defines run(inputs, states, mask, training), which gives list(output,
# states); `states` going in is NULL for zeros.

RecurrentLayer <- R6::R6Class(
  "RNN",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    cell = NULL,
    return_sequences = FALSE,
    return_state = FALSE,
    go_backwards = FALSE,
    stateful = FALSE,
    unroll = FALSE,
    zero_output_for_mask = FALSE,
    # A list of tensors [batch, units] that a stateful layer carries on.
    states = NULL,

    initialize = function(return_sequences = FALSE,
                          return_state = FALSE,
                          go_backwards = FALSE,
                          stateful = FALSE,
                          unroll = FALSE,
                          ...,
                          zero_output_for_mask = FALSE) {
      super$initialize(...)
      self$return_sequences <- check_flag(return_sequences, "return_sequences")
      self$return_state <- check_flag(return_state, "return_state")
      self$go_backwards <- check_flag(go_backwards, "go_backwards")
      self$stateful <- check_flag(stateful, "stateful")
      self$unroll <- check_flag(unroll, "unroll")
      self$zero_output_for_mask <- check_flag(zero_output_for_mask,
                                              "zero_output_for_mask")
      self$supports_masking <- TRUE
      self$input_axes <- c("batch", "time", "features")
    },

    sublayers = function() list(self$cell),

    create_weights = function(input_shape) {
      features <- known_features(self, input_shape)
      if (self$stateful) private$start_states(input_shape[1])
      self$input_features <- features
      self$cell$build(c(input_shape[1], features))
    },

    call = function(inputs, initial_state = NULL, mask = NULL,
                    training = FALSE) {
      shape <- shape_of(inputs)
      if (shape[2] < 1L) {
        abort_shape(sprintf(
          "The input of layer `%s` must have at least one step, not shape %s.",
          self$name, format_shape(shape)), "inputs")
      }
      states <- private$first_states(initial_state, shape[1])
      mask <- check_step_mask(mask, shape)
      result <- self$run(inputs, states, mask, training)
      if (self$stateful) self$states <- lapply(result[[2]], bare_tensor)
      if (!self$return_state) return(result[[1]])
      c(result[1], result[[2]])
    },

    check_trace = function(inputs, initial_state = NULL, ...) {
      if (is.null(initial_state)) return()
      states <- if (is.list(initial_state)) initial_state else
        list(initial_state)
      private$check_states(lapply(states, function(s) {
        shape_of(s) %||% dim(s) %||% length(s)
      }), shape_of(inputs)[1])
    },

    compute_output_shape = function(input_shape) {
      if (is.list(input_shape)) input_shape <- input_shape[[1]]
      self$check_input(input_shape)
      last <- c(input_shape[1], self$cell$output_size)
      output <- if (self$return_sequences) append(last, input_shape[2], 1L)
      if (!self$return_state) return(output %||% last)
      states <- lapply(self$cell$state_size, function(n) c(input_shape[1], n))
      c(list(output %||% last), states)
    },

    compute_mask = function(inputs, mask = NULL) {
      output <- if (self$return_sequences) mask
      if (!self$return_state) return(output)
      c(list(output), vector("list", length(self$cell$state_size)))
    },

    reset_state = function() {
      if (!is.null(self$states)) {
        private$start_states(tensor_shape(self$states[[1]])[1])
      }
      invisible(NULL)
    },

    recurrent_config = function() {
      list(return_sequences = self$return_sequences,
           return_state = self$return_state,
           go_backwards = self$go_backwards, stateful = self$stateful,
           unroll = self$unroll,
           zero_output_for_mask = self$zero_output_for_mask)
    }
  ),
  active = list(
    state_size = function() self$cell$state_size
  ),
  private = list(
    start_states = function(batch) {
      if (is.na(batch)) {
        abort_shape(sprintf(paste(
          "Stateful layer `%s` must know its batch size: give `batch_size` or",
          "`batch_input_shape`."), self$name), "stateful")
      }
      self$states <- lapply(self$cell$state_size, function(n) {
        op_zeros(c(batch, n), self$dtype)
      })
    },

    # Given, carried on, or NULL for zeros.
    first_states = function(initial_state, batch) {
      if (self$stateful) {
        if (is.null(self$states)) private$start_states(batch)
        expected <- tensor_shape(self$states[[1]])[1]
        if (batch != expected) {
          abort_shape(sprintf(
            "Stateful layer `%s` must have batches of %d, not %d.", self$name,
            expected, batch), "inputs")
        }
      }
      if (is.null(initial_state)) {
        return(if (self$stateful) self$states)
      }
      if (!is.list(initial_state)) initial_state <- list(initial_state)
      states <- lapply(initial_state, as_tensor, dtype = self$dtype)
      private$check_states(lapply(states, tensor_shape), batch)
      states
    },

    check_states = function(shapes, batch) {
      sizes <- self$cell$state_size
      if (length(shapes) != length(sizes)) {
        abort_shape(sprintf(
          "`initial_state` must be %d tensor%s for layer `%s`, not %d.",
          length(sizes), if (length(sizes) == 1L) "" else "s", self$name,
          length(shapes)), "initial_state")
      }
      for (k in seq_along(sizes)) {
        if (!fits_shape(shapes[[k]], c(batch, sizes[k]))) {
          abort_shape(sprintf(
            "`initial_state` must have shape %s, not %s.",
            format_shape(c(batch, sizes[k])), format_shape(shapes[[k]])),
            "initial_state")
        }
      }
    }
  )
)

# A mask [batch, time], or [batch, time, 1], of this input.
check_step_mask <- function(mask, shape) {
  if (is.null(mask)) return(NULL)
  if (!is_tensor(mask)) must_be(mask, "mask", "one array or tensor")
  have <- tensor_shape(mask)
  if (length(have) == 3L && have[3] == 1L) {
    mask <- op_reshape(mask, have[1:2])
    have <- have[1:2]
  }
  if (!identical(have, shape[1:2])) {
    abort_shape(sprintf("`mask` must have shape [batch, time] = %s, not %s.",
                        format_shape(shape[1:2]), format_shape(have)), "mask")
  }
  mask
}

# The numbers alone, without place on a tape and without mask.
bare_tensor <- function(x) {
  attr(x, "node") <- NULL
  attr(x, "mask") <- NULL
  x
}
