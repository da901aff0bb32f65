# Metrics of losses between numbers.

# Root of the mean squared error. Like Keras's it knows no masks.
RootMeanSquaredError <- R6::R6Class(
  "RootMeanSquaredError",
  inherit = FunctionMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(name, dtype) {
      super$initialize("RootMeanSquaredError", squared_error, axis = -1L,
                       name = name, dtype = dtype,
                       fused = row_loss("mean_squared_error"))
    },
    statistics = function(y_true, y_pred, sample_weight = NULL) {
      super$statistics(y_true, set_mask(y_pred, NULL), sample_weight)
    },
    result = function() sqrt(super$result())
  )
)

#' Error metrics
#'
#' The running mean of an error, see [loss_mean_squared_error()];
#' `metric_root_mean_squared_error()` is the root of the mean squared error, and
#' `metric_cosine_similarity()` the mean cosine of the angle between targets and
#' predictions, 1 where they point the same way.
#'
#' @inheritParams loss_mean_squared_error
#' @param name Name under which histories show the metric.
#' @param dtype Type to compute in; `NULL` takes that of the predictions.
#' @return With `y_true` and `y_pred` one value per sample; else a metric:
#'   `$update_state(y_true, y_pred, sample_weight = NULL)`, `$result()` and
#'   `$reset_state()`.
#' @section Errors: `elman_error_argument` where only one of `y_true` and
#'   `y_pred` is given.
#' @section Compatibility: keras3's `metric_iou()`, `metric_mean_iou()`,
#'   `metric_binary_iou()`, `metric_one_hot_iou()` and
#'   `metric_one_hot_mean_iou()` are left out. `metric_huber()` and
#'   `metric_log_cosh()` are plain functions in keras3; here they also give a
#'   metric where data are left out. Statistics are kept in double. As in Keras,
#'   masks reach the metrics that are means of a function, not the root mean
#'   squared error, R2, F scores, counts, precision, recall and AUC.
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
  metric <- metric_of_loss(loss_mean_squared_error(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_mean_absolute_error <- function(y_true, y_pred, ...,
                                       name = "mean_absolute_error",
                                       dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_mean_absolute_error(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_mean_absolute_percentage_error <- function(
    y_true,
    y_pred,
    ...,
    name = "mean_absolute_percentage_error",
    dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_mean_absolute_percentage_error(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_mean_squared_logarithmic_error <- function(
    y_true,
    y_pred,
    ...,
    name = "mean_squared_logarithmic_error",
    dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_mean_squared_logarithmic_error(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_root_mean_squared_error <- function(..., name =
                                             "root_mean_squared_error",
                                           dtype = NULL) {
  check_dots(...)
  wrap_metric(RootMeanSquaredError$new(name, dtype))
}

#' @rdname metric_mean_squared_error
#' @export
metric_cosine_similarity <- function(..., name = "cosine_similarity",
                                     dtype = NULL, axis = -1L) {
  check_dots(...)
  axis <- check_loss_axis(axis)
  wrap_metric(FunctionMetric$new(
    "CosineSimilarity", function(y_true, y_pred) cosine(y_true, y_pred, axis),
    config = list(axis = axis), name = name, dtype = dtype
  ))
}

#' @rdname metric_mean_squared_error
#' @export
metric_huber <- function(y_true, y_pred, delta = 1) {
  metric <- metric_of_loss(loss_huber(delta = delta), "huber", NULL)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_log_cosh <- function(y_true, y_pred) {
  metric <- metric_of_loss(loss_log_cosh(), "log_cosh", NULL)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_mean_squared_error
#' @export
metric_log_cosh_error <- function(..., name = "logcosh", dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_log_cosh(), name, dtype)
  metric$class_name <- "LogCoshError"
  wrap_metric(metric)
}
