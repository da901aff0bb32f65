# Metrics of losses between numbers.

#' Error metrics
#'
#' The running mean of the squared or absolute error; see
#' [loss_mean_squared_error()].
#'
#' @inheritParams loss_mean_squared_error
#' @param name Name under which histories show the metric.
#' @param dtype Type to compute in; `NULL` takes that of the predictions.
#' @return With `y_true` and `y_pred` one value per sample; else a metric:
#'   `$update_state(y_true, y_pred, sample_weight = NULL)`, `$result()` and
#'   `$reset_state()`.
#' @section Errors: `elman_error_argument` where only one of `y_true` and
#'   `y_pred` is given.
#' @family metrics
#' @examples
#' m <- metric_mean_absolute_error()
#' m$update_state(matrix(c(0, 1)), matrix(c(1, 3)))
#' m$result()
#' @export
metric_mean_squared_error <- function(y_true, y_pred, ...,
                                      name = "mean_squared_error",
                                      dtype = NULL) {
  check_dots(...)
  metric <- FunctionMetric$new("MeanSquaredError", squared_error, axis = -1L,
                               fused = mean_squared_error_op, name = name, dtype = dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_mean_absolute_error <- function(y_true, y_pred, ...,
                                       name = "mean_absolute_error",
                                       dtype = NULL) {
  check_dots(...)
  metric <- FunctionMetric$new("MeanAbsoluteError", absolute_error, axis = -1L,
                               fused = mean_absolute_error_op, name = name, dtype = dtype)
  metric_or_values(metric, y_true, y_pred)
}
