# Losses between numbers.

squared_error <- function(y_true, y_pred) {
  op_square(op_subtract(y_pred, y_true))
}

absolute_error <- function(y_true, y_pred) {
  op_abs(op_subtract(y_pred, y_true))
}

percentage_error <- function(y_true, y_pred) {
  scale <- op_maximum(op_abs(y_true), the$epsilon)
  op_multiply(op_abs(op_divide(op_subtract(y_true, y_pred), scale)), 100)
}

squared_log_error <- function(y_true, y_pred) {
  log_of <- function(x) op_log(op_add(op_maximum(x, the$epsilon), 1))
  op_square(op_subtract(log_of(y_pred), log_of(y_true)))
}

huber_error <- function(y_true, y_pred, delta) {
  error <- op_subtract(y_pred, y_true)
  size <- op_abs(error)
  op_where(op_less_equal(size, delta), op_multiply(op_square(error), 0.5),
           op_subtract(op_multiply(size, delta), 0.5 * delta^2))
}

# log(cosh(x)) without overflow.
log_cosh_error <- function(y_true, y_pred) {
  x <- op_subtract(y_pred, y_true)
  op_subtract(op_add(x, op_softplus(op_multiply(x, -2))), log(2))
}

# Vectors of length 1 along the axis; a vector of zeros stays.
unit_length <- function(x, axis) {
  square <- op_sum(op_square(x), axis = axis, keepdims = TRUE)
  op_multiply(x, op_minimum(op_rsqrt(square), 1 / the$epsilon))
}

cosine <- function(y_true, y_pred, axis) {
  op_sum(op_multiply(unit_length(y_true, axis), unit_length(y_pred, axis)),
         axis = axis)
}

#' Losses between numbers
#'
#' With `e = y_pred - y_true`, the mean over the last axis of
#'
#' - `loss_mean_squared_error()`: `e^2`;
#' - `loss_mean_absolute_error()`: `abs(e)`;
#' - `loss_mean_absolute_percentage_error()`: `100 * abs(e / y_true)`, where
#'   `abs(y_true)` is taken as [config_epsilon()] at least;
#' - `loss_mean_squared_logarithmic_error()`: the square of
#'   `log(y_pred + 1) - log(y_true + 1)`, both numbers taken as
#'   `config_epsilon()` at least;
#' - `loss_huber()`: `e^2 / 2` up to `abs(e) = delta`, beyond it the straight
#'   line `delta * abs(e) - delta^2 / 2`;
#' - `loss_log_cosh()`: `log(cosh(e))`;
#'
#' and `loss_cosine_similarity()`, minus the cosine of the angle between
#' `y_true` and `y_pred` along `axis`: -1 where they point the same way.
#'
#' @param y_true,y_pred Targets and predictions, arrays or tensors of shape
#'   `[batch, ...]`. A last axis of size 1 may be missing from one of them.
#'   Leave both out to get a loss object for [compile()].
#' @param delta Where the square becomes a straight line.
#' @param axis Axis of the vectors, from 1, or from -1 backwards.
#' @param ... None; a trailing comma is forgiven.
#' @param reduction How a batch becomes one number: `"sum_over_batch_size"` (the
#'   default; the mean, over valid steps where the predictions carry a mask),
#'   `"mean"` (the same), `"sum"`, `"mean_with_sample_weight"` (divided by the
#'   sum of the weights) or `"none"`, also as `NULL`.
#' @param name Name, used where a model has several losses.
#' @param dtype Type to compute in; `NULL` takes that of the predictions.
#' @return With `y_true` and `y_pred` one value per sample, shape `[batch, ...]`
#'   without the last axis; else a loss: a function of `(y_true, y_pred,
#'   sample_weight = NULL)` with `$name` and `$reduction`.
#' @section Errors: `elman_error_shape` where shapes cannot be broadcast,
#'   `elman_error_argument` for an unknown reduction.
#' @section Compatibility: keras3's `loss_ctc()` and `loss_circle()` are left
#'   out. The configuration of [loss_huber()] names `delta`, which Keras 3.15.1
#'   forgets.
#' @family losses
#' @examples
#' loss_mean_squared_error(matrix(c(0, 1), 1), matrix(c(1, 3), 1))
#' loss <- loss_huber(delta = 0.5)
#' loss(matrix(c(0, 1), 1), matrix(c(1, 3), 1))
#' @export
loss_mean_squared_error <- function(y_true, y_pred, ...,
                                    reduction = "sum_over_batch_size",
                                    name = "mean_squared_error",
                                    dtype = NULL) {
  check_dots(...)
  loss <- new_loss("MeanSquaredError", squared_error, axis = -1L,
                   fused = row_loss("mean_squared_error"),
                   reduction = reduction, name = name, dtype = dtype)
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
                   fused = row_loss("mean_absolute_error"),
                   reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_mean_squared_error
#' @export
loss_mean_absolute_percentage_error <- function(
    y_true,
    y_pred,
    ...,
    reduction = "sum_over_batch_size",
    name = "mean_absolute_percentage_error",
    dtype = NULL) {
  check_dots(...)
  loss <- new_loss("MeanAbsolutePercentageError", percentage_error, axis = -1L,
                   reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_mean_squared_error
#' @export
loss_mean_squared_logarithmic_error <- function(
    y_true,
    y_pred,
    ...,
    reduction = "sum_over_batch_size",
    name = "mean_squared_logarithmic_error",
    dtype = NULL) {
  check_dots(...)
  loss <- new_loss("MeanSquaredLogarithmicError", squared_log_error,
                   axis = -1L, reduction = reduction, name = name,
                   dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_mean_squared_error
#' @export
loss_huber <- function(y_true, y_pred, delta = 1, ...,
                       reduction = "sum_over_batch_size", name = "huber_loss",
                       dtype = NULL) {
  check_dots(...)
  delta <- check_number(delta, "delta", min = 0)
  loss <- new_loss(
    "Huber", function(y_true, y_pred) huber_error(y_true, y_pred, delta),
    axis = -1L, config = list(delta = delta), reduction = reduction,
    name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_mean_squared_error
#' @export
loss_log_cosh <- function(y_true, y_pred, ...,
                          reduction = "sum_over_batch_size", name = "log_cosh",
                          dtype = NULL) {
  check_dots(...)
  loss <- new_loss("LogCosh", log_cosh_error, axis = -1L,
                   reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_mean_squared_error
#' @export
loss_cosine_similarity <- function(y_true, y_pred, axis = -1L, ...,
                                   reduction = "sum_over_batch_size",
                                   name = "cosine_similarity", dtype = NULL) {
  check_dots(...)
  axis <- check_loss_axis(axis)
  loss <- new_loss(
    "CosineSimilarity",
    function(y_true, y_pred) op_negative(cosine(y_true, y_pred, axis)),
    config = list(axis = axis), reduction = reduction, name = name,
    dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

# An axis of data, counted from 1 or backwards.
check_loss_axis <- function(axis) {
  axis <- check_whole(axis, "axis")
  if (axis == 0L) must_be(axis, "axis", "counted from 1 or from -1 backwards")
  axis
}
