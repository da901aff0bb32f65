# The reshape layer: another shape for each sample.

Reshape <- R6::R6Class(
  "Reshape",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    target_shape = NULL,

    initialize = function(target_shape, ...) {
      super$initialize(...)
      self$target_shape <- as_shape(target_shape, "target_shape")
      if (sum(is.na(self$target_shape)) > 1L ||
            any(self$target_shape < 1L, na.rm = TRUE)) {
        must_be(target_shape, "target_shape",
                "positive sizes, at most one of them NA or -1")
      }
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      op_reshape(inputs, self$compute_output_shape(shape_of(inputs)))
    },

    compute_output_shape = function(input_shape) {
      target <- self$target_shape
      size <- prod(input_shape[-1])
      known <- prod(target[!is.na(target)])
      fits <- if (anyNA(target)) size %% known == 0 else size == known
      if (!is.na(size) && !fits) {
        abort_shape(sprintf(
          "`target_shape` %s must hold the %s numbers of a sample of shape %s.",
          format_shape(target), format_sizes(size),
          format_shape(input_shape[-1])), "target_shape")
      }
      target[is.na(target)] <- as.integer(size %/% known)
      c(input_shape[1], target)
    },

    layer_config = function() {
      list(target_shape = ifelse(is.na(self$target_shape), -1L,
                                 self$target_shape))
    }
  )
)

#' Reshape layer
#'
#' Gives each sample another shape, its numbers read row-major:
#' `[batch, ...]` becomes `[batch, target_shape]`.
#'
#' @inheritParams layer_dropout
#' @param target_shape Sizes without the batch; one of them may be `NA` or -1,
#'   for what is left.
#' @return A layer, the model (invisibly), or what the layer gives. A mask ends
#'   here, with a warning.
#' @section Errors: `elman_error_shape` where the sizes do not hold the numbers
#'   of a sample, `elman_error_argument` for sizes below 1.
#' @family reshaping layers
#' @examples
#' layer_reshape(matrix(1:12, 2), c(3, 2))
#' @export
layer_reshape <- function(object, target_shape, ...) {
  if (missing(target_shape)) {
    must_be_given("target_shape", "sizes without the batch")
  }
  compose_layer(object, function() Reshape$new(target_shape, ...))
}
