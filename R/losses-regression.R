# Losses between numbers: squared and absolute error.

squared_error <- function(y_true, y_pred) {
  op_square(op_subtract(y_pred, y_true))
}

absolute_error <- function(y_true, y_pred) {
  op_abs(op_subtract(y_pred, y_true))
}

# An op of two tensors of one shape that gives the mean of their errors.
mean_error_op <- function(name) {
  gradient_name <- paste0(name, "_gradient")
  new_op(
    name,
    infer = function(inputs, attributes) {
      list(shape = integer(), dtype = dtype_of(inputs[[2]]))
    },
    gradient = function(dy, inputs, output, attributes, wanted) {
      p <- inputs[[2]]
      list(NULL, cpp_kernel_call(gradient_name, list(dy, inputs[[1]], p),
                                 shape_of(p), dtype_of(p), NULL))
    }
  )
}

mean_squared_error_op <- mean_error_op("mean_squared_error")
mean_absolute_error_op <- mean_error_op("mean_absolute_error")

#' Losses between numbers
#'
#' The mean over the last axis of `(y_true - y_pred)^2`, or of
#' `abs(y_true - y_pred)`.
#'
#' @param y_true,y_pred Targets and predictions, arrays or tensors of shape
#'   `[batch, ...]`. A last axis of size 1 may be missing from one of them. Leave
#'   both out to get a loss object for [compile()].
#' @param ... None; a trailing comma is forgiven.
#' @param reduction How a batch becomes one number: `"sum_over_batch_size"` (the
#'   default; the mean, over valid steps where the predictions carry a mask),
#'   `"mean"` (the same), `"sum"`, `"mean_with_sample_weight"` (divided by the
#'   sum of the weights) or `"none"`.
#' @param name Name, used where a model has several losses.
#' @param dtype Type to compute in; `NULL` takes that of the predictions.
#' @return With `y_true` and `y_pred` one value per sample, shape `[batch, ...]`
#'   without the last axis; else a loss: a function of `(y_true, y_pred,
#'   sample_weight = NULL)` with `$name` and `$reduction`.
#' @section Errors: `elman_error_shape` where shapes cannot be broadcast,
#'   `elman_error_argument` for an unknown reduction.
#' @family losses
#' @examples
#' loss_mean_squared_error(matrix(c(0, 1), 1), matrix(c(1, 3), 1))
#' loss <- loss_mean_absolute_error()
#' loss(matrix(c(0, 1), 1), matrix(c(1, 3), 1))
#' @export
loss_mean_squared_error <- function(y_true, y_pred, ...,
                                    reduction = "sum_over_batch_size",
                                    name = "mean_squared_error",
                                    dtype = NULL) {
  check_dots(...)
  loss <- new_loss("MeanSquaredError", squared_error, axis = -1L,
                   fused = mean_squared_error_op, reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_mean_squared_error
#' @export
loss_mean_absolute_error <- function(y_true, y_pred, ...,
                                     reduction = "sum_over_batch_size",
                                     name = "mean_absolute_error",
                                     dtype = NULL) {
  check_dots(...)
  loss <- new_loss("MeanAbsoluteError", absolute_error, axis = -1L,
                   fused = mean_absolute_error_op, reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}
