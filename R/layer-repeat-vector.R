# The layer that repeats a vector over steps.

RepeatVector <- R6::R6Class(
  "RepeatVector",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    n = NULL,

    initialize = function(n, ...) {
      super$initialize(...)
      self$n <- check_count(n, "n")
      self$input_axes <- c("batch", "features")
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      op_broadcast_to(op_expand_dims(inputs, axis = 2L),
                      self$compute_output_shape(shape_of(inputs)))
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      append(input_shape, self$n, 1L)
    },

    layer_config = function() list(n = self$n)
  )
)

#' Repeat a vector
#'
#' Gives each sample `n` times in a row, as steps: `[batch, features]` becomes
#' `[batch, n, features]`, such as for a decoder that reads the same vector at
#' every step.
#'
#' @inheritParams layer_dropout
#' @param n Number of steps.
#' @return A layer, the model (invisibly), or what the layer gives. A mask ends
#'   here, with a warning.
#' @section Errors: `elman_error_argument` where `n` is not a positive whole
#'   number, `elman_error_shape` for an input with other than two axes.
#' @family reshaping layers
#' @examples
#' layer_repeat_vector(matrix(1:4, 2), n = 3)
#' @export
layer_repeat_vector <- function(object, n, ...) {
  if (missing(n)) must_be_given("n", "a positive whole number")
  compose_layer(object, function() RepeatVector$new(n, ...))
}
