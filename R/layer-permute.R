# The permute layer: the axes of a sample in another order.

Permute <- R6::R6Class(
  "Permute",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    dims = NULL,

    initialize = function(dims, ...) {
      super$initialize(...)
      self$dims <- as_shape(dims, "dims")
      if (anyNA(self$dims) ||
            !identical(sort(self$dims), seq_along(self$dims))) {
        must_be(dims, "dims", "the axes of a sample, each once, from 1")
      }
      self$input_axes <- c("batch", paste0("axis ", seq_along(self$dims)))
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      op_transpose(inputs, c(1L, self$dims + 1L))
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      input_shape[c(1L, self$dims + 1L)]
    },

    layer_config = function() list(dims = self$dims)
  )
)

#' Permute layer
#'
#' Puts the axes of each sample into another order.
#'
#' @inheritParams layer_dropout
#' @param dims The axes without the batch, counted from 1, in their new order:
#'   `c(2, 1)` turns `[batch, time, feature]` into `[batch, feature, time]`.
#' @return A layer, the model (invisibly), or what the layer gives. A mask ends
#'   here, with a warning.
#' @section Errors: `elman_error_argument` where `dims` does not name each axis
#'   once, `elman_error_shape` for an input with another number of axes.
#' @family reshaping layers
#' @examples
#' dim(layer_permute(array(0, c(5, 3, 2)), c(2, 1)))
#' @export
layer_permute <- function(object, dims, ...) {
  if (missing(dims)) must_be_given("dims", "the axes in their new order")
  compose_layer(object, function() Permute$new(dims, ...))
}
