# Accuracies: how often predictions hit.

# Do predictions above the threshold equal the targets?
binary_hits <- function(y_true, y_pred, threshold = 0.5) {
  op_equal(y_true, op_cast(op_greater(y_pred, threshold), dtype_of(y_pred)))
}

categorical_hits <- function(y_true, y_pred) {
  op_equal(op_argmax(y_true, axis = -1L), op_argmax(y_pred, axis = -1L))
}

sparse_hits <- function(y_true, y_pred) {
  op_equal(class_ids(y_true, y_pred, -1L),
           op_argmax(y_pred, axis = -1L, zero_indexed = TRUE))
}

#' Accuracies
#'
#' The share of predictions that hit: for `metric_binary_accuracy()` those on
#' the right side of `threshold`; for `metric_categorical_accuracy()` those
#' whose largest class is that of the one-hot targets; for
#' `metric_sparse_categorical_accuracy()` those whose largest class is the
#' 0-based class number in the targets. `metrics = "accuracy"` chooses between
#' them: predictions of size 1 are binary, targets without the class axis sparse.
#'
#' @inheritParams metric_mean_squared_error
#' @param threshold Predictions above it count as 1.
#' @return With `y_true` and `y_pred` one value per sample; else a metric.
#' @section Errors: `elman_error_argument` for a threshold outside `[0, 1]`.
#' @family metrics
#' @examples
#' metric_binary_accuracy(matrix(c(0, 1)), matrix(c(0.1, 0.4)))
#' m <- metric_sparse_categorical_accuracy()
#' m$update_state(c(0, 1), matrix(c(0.9, 0.6, 0.1, 0.4), 2))
#' m$result()
#' @export
metric_binary_accuracy <- function(y_true, y_pred, threshold = 0.5, ...,
                                   name = "binary_accuracy", dtype = NULL) {
  check_dots(...)
  threshold <- check_rate(threshold, "threshold")
  metric <- FunctionMetric$new(
    "BinaryAccuracy",
    function(y_true, y_pred) binary_hits(y_true, y_pred, threshold),
    axis = -1L, config = list(threshold = threshold), name = name, dtype = dtype
  )
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_binary_accuracy
#' @export
metric_categorical_accuracy <- function(y_true, y_pred, ...,
                                        name = "categorical_accuracy",
                                        dtype = NULL) {
  check_dots(...)
  metric <- FunctionMetric$new("CategoricalAccuracy", categorical_hits,
                               name = name, dtype = dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_binary_accuracy
#' @export
metric_sparse_categorical_accuracy <- function(
    y_true,
    y_pred,
    ...,
    name = "sparse_categorical_accuracy",
    dtype = NULL) {
  check_dots(...)
  metric <- FunctionMetric$new("SparseCategoricalAccuracy", sparse_hits,
                               name = name, dtype = dtype)
  metric_or_values(metric, y_true, y_pred)
}
