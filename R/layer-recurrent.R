# What all recurrent layers share: states, masks, shapes and statefulness. A
# child sets `cell`; rnn-cell.R says what that is and runs it.

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
    # A list of variables [batch, units] that a stateful layer carries on. They
    # are no weights.
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
      if (is_native_cell(self$cell)) known_features(self, input_shape)
      if (self$stateful) private$check_batch(input_shape[1])
      place_inside(self$cell, self)
      self$cell$build(input_shape[-2])
      # The built cell knows what its states look like.
      if (self$stateful) private$start_states(input_shape[1])
      self$input_features <- self$cell$input_features
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
      result <- run_cell(self$cell, inputs, states, mask, training, list(
        go_backwards = self$go_backwards,
        return_sequences = self$return_sequences,
        zero_output_for_mask = self$zero_output_for_mask
      ))
      if (self$stateful) private$carry_states(result[[2]])
      if (!self$return_state) return(result[[1]])
      self$arrange_outputs(c(result[1], result[[2]]))
    },

    # States of a stack of cells come in a list for each cell.
    arrange_outputs = function(outputs) {
      if (!self$return_state) return(outputs)
      c(outputs[1], nest_states(outputs[-1], self$cell))
    },

    check_trace = function(inputs, initial_state = NULL, ...) {
      if (is.null(initial_state)) return()
      private$check_states(lapply(flat_values(initial_state), function(s) {
        shape_of(s) %||% dim(s) %||% length(s)
      }), shape_of(inputs)[1])
    },

    compute_output_shape = function(input_shape) {
      if (is.list(input_shape)) input_shape <- input_shape[[1]]
      self$check_input(input_shape)
      last <- c(input_shape[1], cell_output_size(self$cell))
      output <- if (self$return_sequences) append(last, input_shape[2], 1L)
      if (!self$return_state) return(output %||% last)
      states <- lapply(state_sizes(self$cell),
                       function(n) c(input_shape[1], n))
      c(list(output %||% last), states)
    },

    compute_mask = function(inputs, mask = NULL) {
      output <- if (self$return_sequences) mask
      if (!self$return_state) return(output)
      c(list(output), nest_states(
        vector("list", length(state_sizes(self$cell))), self$cell))
    },

    reset_state = function() {
      for (state in self$states) {
        update_state(state, op_zeros(shape_of(state), dtype_of(state)))
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
    check_batch = function(batch) {
      if (is.na(batch)) {
        abort_shape(sprintf(paste(
          "Stateful layer `%s` must know its batch size: give `batch_size` or",
          "`batch_input_shape`."), self$name), "stateful")
      }
    },

    start_states = function(batch) {
      states <- untaped(initial_states(self$cell, batch, self$dtype))
      self$states <- lapply(states, new_variable, name = "rnn_state",
                            trainable = FALSE)
    },

    carry_states = function(states) {
      for (k in seq_along(states)) update_state(self$states[[k]], states[[k]])
    },

    # Given, carried on, or NULL for zeros.
    first_states = function(initial_state, batch) {
      if (self$stateful) {
        if (is.null(self$states)) private$start_states(batch)
        expected <- shape_of(self$states[[1]])[1]
        if (batch != expected) {
          abort_shape(sprintf(
            "Stateful layer `%s` must have batches of %d, not %d.", self$name,
            expected, batch), "inputs")
        }
      }
      if (is.null(initial_state)) {
        # Copies: they change in place before gradients are taken.
        return(if (self$stateful) lapply(self$states, op_copy))
      }
      states <- lapply(flat_values(initial_state), as_tensor,
                       dtype = self$dtype)
      private$check_states(lapply(states, tensor_shape), batch)
      states
    },

    check_states = function(shapes, batch) {
      check_state_shapes(shapes, state_shapes(self$cell, batch), self$name,
                         "initial_state")
    }
  )
)

# Puts a tensor's numbers into a state, in place.
update_state <- function(state, value) {
  wrong <- cpp_kernel_update("copy", list(value), list(state), NULL)
  if (!is.null(wrong)) abort_shape(wrong, "initial_state")
}

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
