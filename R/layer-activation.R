# The activation layer.

Activation <- R6::R6Class(
  "Activation",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    activation = NULL,

    initialize = function(activation, ...) {
      super$initialize(...)
      self$activation <- get_activation(activation)
      self$supports_masking <- TRUE
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      self$activation(inputs)
    },

    compute_output_shape = function(input_shape) {
      if (!identical(self$activation, activation_glu)) return(input_shape)
      n <- length(input_shape)
      input_shape[n] <- input_shape[n] %/% 2L
      input_shape
    },

    layer_config = function() {
      list(activation = serialize_activation(self$activation))
    }
  )
)

#' Activation layer
#'
#' Applies an activation function to its input.
#'
#' @inheritParams layer_dropout
#' @param activation A name, a function such as [activation_relu], or your own
#'   made of `op_*` that keeps the shape.
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input.
#' @section Errors: `elman_error_argument` for an unknown name.
#' @examples
#' layer <- layer_activation(activation = "relu")
#' layer(c(-3, -1, 0, 2))
#' @export
layer_activation <- function(object, activation, ...) {
  if (missing(activation)) {
    must_be_given("activation", "a name or a function")
  }
  compose_layer(object, function() Activation$new(activation, ...))
}
