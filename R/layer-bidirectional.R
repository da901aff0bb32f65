# The bidirectional wrapper: one recurrent layer forwards in time, one
# backwards, and what becomes of their two outputs.

merge_modes <- c("concat", "sum", "mul", "ave")

Bidirectional <- R6::R6Class(
  "Bidirectional",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    merge_mode = NULL,
    forward_layer = NULL,
    backward_layer = NULL,

    initialize = function(layer, merge_mode = "concat", backward_layer = NULL,
                          ...) {
      super$initialize(...)
      if (!is.null(merge_mode)) {
        self$merge_mode <- match_name(merge_mode, merge_modes, "merge_mode")
      }
      layer <- unwrap_recurrent(layer, "layer")
      self$forward_layer <- remade(layer, "forward_", layer$go_backwards)
      self$backward_layer <- if (is.null(backward_layer)) {
        remade(layer, "backward_", TRUE)
      } else {
        unwrap_recurrent(backward_layer, "backward_layer")
      }
      check_directions(self$forward_layer, self$backward_layer)
      for (side in self$sublayers()) {
        side$zero_output_for_mask <- side$return_sequences
      }
      self$nests <- TRUE
      self$supports_masking <- TRUE
      self$input_axes <- self$forward_layer$input_axes
      self$min_ndim <- self$forward_layer$min_ndim
    },

    sublayers = function() list(self$forward_layer, self$backward_layer),

    create_weights = function(input_shape) {
      for (side in self$sublayers()) {
        place_inside(side, self)
        side$build(input_shape)
      }
      self$input_features <- self$forward_layer$input_features
    },

    call = function(inputs, initial_state = NULL, mask = NULL,
                    training = FALSE) {
      states <- halves(initial_state)
      forward <- self$forward_layer$invoke(
        inputs, initial_state = states[[1]], mask = mask, training = training)
      backward <- self$backward_layer$invoke(
        inputs, initial_state = states[[2]], mask = mask, training = training)
      last <- list()
      if (self$return_state) {
        last <- c(forward[-1], backward[-1])
        forward <- forward[[1]]
        backward <- backward[[1]]
      }
      if (self$return_sequences) backward <- op_flip(backward, axis = 2L)
      output <- merge_directions(forward, backward, self$merge_mode)
      if (!self$return_state) return(output)
      c(if (is.null(self$merge_mode)) output else list(output), last)
    },

    check_trace = function(inputs, initial_state = NULL, ...) {
      states <- halves(initial_state)
      self$forward_layer$check_trace(inputs, initial_state = states[[1]])
      self$backward_layer$check_trace(inputs, initial_state = states[[2]])
    },

    compute_output_shape = function(input_shape) {
      forward <- self$forward_layer$compute_output_shape(input_shape)
      backward <- self$backward_layer$compute_output_shape(input_shape)
      last <- list()
      if (self$return_state) {
        last <- c(forward[-1], backward[-1])
        forward <- forward[[1]]
        backward <- backward[[1]]
      }
      if (is.null(self$merge_mode)) return(c(list(forward, backward), last))
      if (self$merge_mode == "concat") {
        n <- length(forward)
        forward[n] <- forward[n] + backward[n]
      }
      if (length(last)) c(list(forward), last) else forward
    },

    compute_mask = function(inputs, mask = NULL) {
      output <- if (self$return_sequences) mask
      outputs <- list(output, if (is.null(self$merge_mode)) output)
      if (!is.null(self$merge_mode)) outputs <- outputs[1]
      if (!self$return_state) {
        return(if (is.null(self$merge_mode)) outputs else output)
      }
      c(outputs, self$forward_layer$compute_mask(inputs, mask)[-1],
        self$backward_layer$compute_mask(inputs, mask)[-1])
    },

    arrange_outputs = function(outputs) {
      if (!self$return_state) return(outputs)
      main <- if (is.null(self$merge_mode)) 1:2 else 1L
      states <- halves(outputs[-main])
      c(outputs[main], nest_states(states[[1]], self$forward_layer$cell),
        nest_states(states[[2]], self$backward_layer$cell))
    },

    layer_config = function() {
      list(merge_mode = self$merge_mode,
           layer = serialize_object(wrap_layer(self$forward_layer)),
           backward_layer = serialize_object(wrap_layer(self$backward_layer)))
    }
  ),
  active = c(
    delegate(c("return_sequences", "return_state", "stateful",
               "go_backwards"), "forward_layer"),
    list(
      states = function() {
        c(self$forward_layer$states, self$backward_layer$states)
      }
    )
  )
)

unwrap_recurrent <- function(x, arg) {
  layer <- unwrap_layer(x, arg)
  if (!"RNN" %in% layer$classes) must_be(x, arg, "a recurrent layer")
  layer
}

# A fresh layer of the same configuration under a name that says its side.
remade <- function(layer, side, go_backwards) {
  config <- layer$get_config()
  config$name <- paste0(side, sub(paste0("^", side), "", layer$name))
  config$go_backwards <- go_backwards
  unwrap_layer(from_config(config))
}

check_directions <- function(forward, backward) {
  if (forward$go_backwards == backward$go_backwards) {
    abort_argument(sprintf(paste(
      "`layer` and `backward_layer` must differ in `go_backwards`, which is",
      "%s for both."), forward$go_backwards), "backward_layer")
  }
  for (field in c("stateful", "return_sequences", "return_state")) {
    if (forward[[field]] != backward[[field]]) {
      abort_argument(sprintf(paste(
        "`layer` and `backward_layer` must agree in `%s`, which is %s for the",
        "first and %s for the second."), field, forward[[field]],
        backward[[field]]), "backward_layer")
    }
  }
}

# The states of each direction: the first half of the list, then the second.
halves <- function(states) {
  if (is.null(states)) return(list(NULL, NULL))
  if (!is.list(states) || length(states) %% 2L != 0L || !length(states)) {
    must_be(states, "initial_state",
            "a list of tensors, half of them for each direction")
  }
  first <- seq_len(length(states) / 2L)
  list(states[first], states[-first])
}

merge_directions <- function(forward, backward, mode) {
  if (is.null(mode)) return(list(forward, backward))
  switch(mode,
    concat = op_concatenate(list(forward, backward), axis = -1L),
    sum = op_add(forward, backward),
    mul = op_multiply(forward, backward),
    ave = op_multiply(op_add(forward, backward), 0.5)
  )
}

from_config_bidirectional <- function(config, custom_objects = NULL) {
  for (side in c("layer", "backward_layer")) {
    config[[side]] <- deserialize_object(config[[side]], custom_objects)
  }
  wrap_layer(construct(Bidirectional$new, config))
}

#' Bidirectional wrapper for recurrent layers
#'
#' Runs one copy of a recurrent layer forwards and one backwards over the
#' sequence and merges their outputs.
#'
#' @inheritParams layer_simple_rnn
#' @param layer A recurrent layer. It is a pattern: two fresh layers of its
#'   configuration are made, named `forward_...` and `backward_...`, and its own
#'   weights are not used.
#' @param merge_mode What becomes of the two outputs: `"concat"` puts them side
#'   by side on the last axis, `"sum"`, `"mul"` and `"ave"` add, multiply and
#'   average them, `NULL` gives both.
#' @param weights Initial weights: a list as [get_weights()] gives.
#' @param backward_layer A recurrent layer for the backward direction, used as
#'   it is; it must have `go_backwards = TRUE`. `NULL` mirrors `layer`.
#' @inherit layer_simple_rnn return
#' @section Shapes: Input `[batch, time, features]`; output as `layer` gives it,
#'   twice as wide with `"concat"`. With `return_sequences` the backward
#'   outputs are turned round, so that time runs forwards in both; with
#'   `return_state` the forward states come first, then the backward ones.
#' @section Call arguments: `mask`, `training`, and `initial_state`, a list: the
#'   forward states, then the backward ones. With a mask, masked steps of a
#'   sequence give zeros.
#' @section Errors: `elman_error_argument` where `layer` is not recurrent, the
#'   two layers do not differ in `go_backwards`, or do not agree in
#'   `return_sequences`, `return_state` and `stateful`.
#' @section Source: Schuster and Paliwal (1997), Bidirectional recurrent neural
#'   networks, \doi{10.1109/78.650093}.
#' @examples
#' layer <- layer_bidirectional(layer = layer_simple_rnn(units = 3))
#' dim(layer(array(0, c(2, 5, 4))))
#' @export
layer_bidirectional <- function(object,
                                layer,
                                merge_mode = "concat",
                                weights = NULL,
                                backward_layer = NULL,
                                ...) {
  if (missing(layer)) {
    abort_argument("`layer` must be a recurrent layer, not missing.", "layer")
  }
  compose_layer(object, function() {
    Bidirectional$new(layer = layer, merge_mode = merge_mode,
                      backward_layer = backward_layer, weights = weights, ...)
  })
}

#' @rdname layer_bidirectional
#' @export
bidirectional <- layer_bidirectional
