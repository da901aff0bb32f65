# The flatten layer: all axes after the batch become one.

Flatten <- R6::R6Class(
  "Flatten",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    data_format = NULL,

    initialize = function(data_format = NULL, ...) {
      super$initialize(...)
      self$data_format <- check_data_format(data_format)
    },

    # Numbers lie as with the channels last, whatever the format.
    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      rank <- length(shape)
      if (rank > 2L && self$data_format == "channels_first") {
        inputs <- op_transpose(inputs, c(1L, seq_len(rank)[-(1:2)], 2L))
      }
      op_reshape(inputs, self$compute_output_shape(shape))
    },

    compute_output_shape = function(input_shape) {
      c(input_shape[1], as.integer(prod(input_shape[-1])))
    },

    layer_config = function() list(data_format = self$data_format)
  )
)

# NULL stands for the channels on the last axis.
check_data_format <- function(data_format) {
  if (is.null(data_format)) return("channels_last")
  match_name(data_format, c("channels_last", "channels_first"), "data_format")
}

#' Flatten layer
#'
#' Turns each sample into one row of numbers, in row-major order:
#' `[batch, ...]` becomes `[batch, prod(...)]`.
#'
#' @inheritParams layer_dropout
#' @param data_format `"channels_last"` (also for `NULL`) or
#'   `"channels_first"`, where the axis after the batch is moved to the end
#'   first.
#' @return A layer, the model (invisibly), or what the layer gives. A mask ends
#'   here, with a warning.
#' @section Errors: `elman_error_argument` for another `data_format`.
#' @family reshaping layers
#' @examples
#' layer_flatten(array(1:12, c(2, 3, 2)))
#' @export
layer_flatten <- function(object, data_format = NULL, ...) {
  compose_layer(object, function() Flatten$new(data_format = data_format, ...))
}
