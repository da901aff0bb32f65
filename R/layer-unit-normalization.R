# Unit normalization: vectors of length one.

UnitNormalization <- R6::R6Class(
  "UnitNormalization",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axis = NULL,

    initialize = function(axis = -1L, ...) {
      super$initialize(...)
      self$supports_masking <- TRUE
      self$axis <- check_layer_axes(axis)
    },

    check_input = function(shape) {
      super$check_input(shape)
      axis_of_layer(self, self$axis, length(shape))
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      input_shape
    },

    # A floor under the square of the length: zeros stay zeros.
    call = function(inputs, mask = NULL, training = FALSE) {
      square <- op_sum(op_square(inputs), axis = self$axis, keepdims = TRUE)
      op_multiply(inputs, op_rsqrt(op_maximum(square, 1e-24)))
    },

    layer_config = function() {
      axis <- zero_based_config(self$axis)
      list(axis = if (length(axis) > 1L) as.list(axis) else axis)
    }
  )
)

from_config_unit_normalization <- function(config, custom_objects = NULL) {
  read_axis(UnitNormalization, config)
}

#' Unit normalization
#'
#' Divides each sample by its Euclidean length along the axis `axis`, so that it
#' has length 1; zeros stay zeros.
#'
#' @inheritParams layer_layer_normalization
#' @inherit layer_layer_normalization return
#' @section Errors: `elman_error_argument` where `axis` is not made of whole
#'   numbers, `elman_error_shape` where the input has no such axis.
#' @family normalization layers
#' @examples
#' layer_unit_normalization(matrix(c(3, 0, 4, 2), 2))
#' @export
layer_unit_normalization <- function(object, axis = -1L, ...) {
  compose_layer(object, function() UnitNormalization$new(axis, ...))
}
