# The masking layer: steps that hold nothing but one value are left out.

Masking <- R6::R6Class(
  "Masking",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    mask_value = NULL,

    initialize = function(mask_value = 0, ...) {
      super$initialize(...)
      self$mask_value <- check_number(mask_value, "mask_value")
      self$supports_masking <- TRUE
      self$min_ndim <- 1L
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      used <- op_any(op_not_equal(inputs, self$mask_value), axis = -1L,
                     keepdims = TRUE)
      set_mask(op_where(used, inputs, 0), op_squeeze(used, -1L))
    },

    compute_mask = function(inputs, mask = NULL) {
      op_any(op_not_equal(inputs, self$mask_value), axis = -1L)
    },

    layer_config = function() list(mask_value = self$mask_value)
  )
)

#' Masking layer
#'
#' Marks the steps of a sequence that are padding: those whose features all
#' equal `mask_value`. The layers behind leave them out, and so do loss and
#' metrics where the mask comes that far. Masked steps become zeros.
#'
#' @inheritParams layer_dropout
#' @param object What the layer is composed with, see [layer_dense()]; numbers
#'   of shape `[batch, time, features]`.
#' @param mask_value The value that says: nothing here.
#' @return A layer, the model (invisibly), or what the layer gives: numbers of
#'   the shape of its input, with a mask `[batch, time]`.
#' @section Errors: `elman_error_argument` where `mask_value` is not a number.
#' @examples
#' x <- array(c(1, 2, 0, 3, 4, 0), c(1, 3, 2))
#' layer <- layer_masking(mask_value = 0)
#' layer(x)
#'
#' rnn <- layer_simple_rnn(units = 2)
#' all.equal(as.array(rnn(layer(as_tensor(x)))), rnn(x[, 1:2, , drop = FALSE]))
#' @export
layer_masking <- function(object, mask_value = 0, ...) {
  mask_value <- check_number(mask_value, "mask_value")
  compose_layer(object, function() Masking$new(mask_value = mask_value, ...))
}
