# Accuracies: how often predictions hit.

# Do predictions above the threshold equal the targets?
binary_hits <- function(y_true, y_pred, threshold = 0.5) {
  shape <- broadcast_shape(shape_of(y_true), shape_of(y_pred))
  if (!identical(shape_of(y_true), shape)) y_true <- op_broadcast_to(y_true,
                                                                     shape)
  if (!identical(shape_of(y_pred), shape)) y_pred <- op_broadcast_to(y_pred,
                                                                     shape)
  run_statistic("binary_hits", list(y_true, y_pred), shape, "bool",
                list(threshold = threshold))
}

categorical_hits <- function(y_true, y_pred) {
  check_same_shape(y_true, y_pred)
  shape <- shape_of(y_pred)
  run_statistic("categorical_hits", list(y_true, y_pred),
                shape[-length(shape)], "bool")
}

# Is the largest prediction, or one of the `k` largest, at the class number?
sparse_hits <- function(y_true, y_pred, k = NULL) {
  rows <- shape_of(y_pred)
  rows <- rows[-length(rows)]
  have <- shape_of(y_true)
  if (!identical(have, rows) && !identical(have, c(rows, 1L))) {
    abort_class_shape(rows, have)
  }
  run_statistic("sparse_hits", list(y_true, y_pred), rows, "bool",
                if (!is.null(k)) list(k = k))
}

top_k_hits <- function(y_true, y_pred, k) {
  check_same_shape(y_true, y_pred)
  sparse_hits(op_argmax(y_true, axis = -1L, zero_indexed = TRUE), y_pred, k)
}

# Predictions that are class numbers themselves, the best first.
sorted_hits <- function(y_true, y_pred, k) {
  shape <- shape_of(y_pred)
  n <- length(shape)
  k <- min(k, shape[n])
  best <- op_take(y_pred, seq_len(k), axis = n)
  ids <- op_reshape(op_cast(y_true, dtype_of(y_pred)), c(shape[-n], 1L))
  op_any(op_equal(best, ids), axis = -1L)
}

# A class number outside the classes is not refused, it is no hit.
hit_metric <- function(class_name, hits, config = list(), name, dtype,
                       class_numbers = FALSE) {
  metric <- FunctionMetric$new(class_name, hits, config = config, name = name,
                               dtype = dtype, class_numbers = class_numbers)
  metric$lenient <- TRUE
  metric
}

#' Accuracies
#'
#' The share of predictions that hit: for `metric_binary_accuracy()` those on
#' the right side of `threshold`; for `metric_categorical_accuracy()` those
#' whose largest class is that of the one-hot targets; for
#' `metric_sparse_categorical_accuracy()` those whose largest class is the
#' 0-based class number in the targets. In the `top_k` forms one of the `k`
#' largest is enough. `metrics = "accuracy"` chooses between the first three:
#' predictions of size 1 are binary, targets without the class axis sparse.
#'
#' @inheritParams metric_mean_squared_error
#' @param y_true Targets: 0 or 1, one-hot, or 0-based class numbers without the
#'   class axis (or with size 1 there).
#' @param y_pred Predictions, shape `[batch, ..., classes]`.
#' @param threshold Predictions above it count as 1.
#' @param k How many of the largest predictions count.
#' @param from_sorted_ids Whether predictions are class numbers, the best first,
#'   instead of probabilities.
#' @return With `y_true` and `y_pred` 0 or 1 per sample (for
#'   `metric_binary_accuracy()` per prediction); else a metric.
#' @section Errors: `elman_error_argument` for a threshold outside `[0, 1]`,
#'   `elman_error_shape` where targets do not fit the predictions.
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
  metric <- hit_metric(
    "BinaryAccuracy",
    function(y_true, y_pred) binary_hits(y_true, y_pred, threshold),
    list(threshold = threshold), name, dtype
  )
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_binary_accuracy
#' @export
metric_categorical_accuracy <- function(y_true, y_pred, ...,
                                        name = "categorical_accuracy",
                                        dtype = NULL) {
  check_dots(...)
  metric <- hit_metric("CategoricalAccuracy", categorical_hits, name = name,
                       dtype = dtype)
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
  metric <- hit_metric("SparseCategoricalAccuracy",
                       function(y_true, y_pred) sparse_hits(y_true, y_pred),
                       name = name, dtype = dtype, class_numbers = TRUE)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_binary_accuracy
#' @export
metric_top_k_categorical_accuracy <- function(
    y_true,
    y_pred,
    k = 5L,
    ...,
    name = "top_k_categorical_accuracy",
    dtype = NULL) {
  check_dots(...)
  k <- check_count(k, "k")
  metric <- hit_metric("TopKCategoricalAccuracy",
                       function(y_true, y_pred) top_k_hits(y_true, y_pred, k),
                       list(k = k), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_binary_accuracy
#' @export
metric_sparse_top_k_categorical_accuracy <- function(
    y_true,
    y_pred,
    k = 5L,
    ...,
    name = "sparse_top_k_categorical_accuracy",
    dtype = NULL,
    from_sorted_ids = FALSE) {
  check_dots(...)
  k <- check_count(k, "k")
  sorted <- check_flag(from_sorted_ids, "from_sorted_ids")
  hits <- if (sorted) sorted_hits else sparse_hits
  metric <- hit_metric("SparseTopKCategoricalAccuracy",
                       function(y_true, y_pred) hits(y_true, y_pred, k),
                       c(list(k = k), if (sorted) list(from_sorted_ids = TRUE)),
                       name, dtype, class_numbers = !sorted)
  metric_or_values(metric, y_true, y_pred)
}
