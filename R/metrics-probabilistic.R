# Metrics of the crossentropies: the losses' own elements, averaged.

#' Crossentropy metrics
#'
#' The running mean of a crossentropy; see [loss_binary_crossentropy()].
#'
#' @inheritParams loss_binary_crossentropy
#' @inheritParams metric_mean_squared_error
#' @return With `y_true` and `y_pred` one value per sample; else a metric.
#' @section Errors: those of the loss.
#' @family metrics
#' @examples
#' m <- metric_binary_crossentropy()
#' m$update_state(matrix(c(0, 1)), matrix(c(0.1, 0.8)))
#' m$result()
#' @export
metric_binary_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                       label_smoothing = 0, axis = -1L, ...,
                                       name = "binary_crossentropy",
                                       dtype = NULL) {
  check_dots(...)
  loss <- loss_binary_crossentropy(from_logits = from_logits,
                                   label_smoothing = label_smoothing,
                                   axis = axis)
  metric_or_values(metric_of_loss(loss, name, dtype), y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_categorical_crossentropy <- function(y_true, y_pred,
                                            from_logits = FALSE,
                                            label_smoothing = 0, axis = -1L,
                                            ...,
                                            name = "categorical_crossentropy",
                                            dtype = NULL) {
  check_dots(...)
  loss <- loss_categorical_crossentropy(from_logits = from_logits,
                                        label_smoothing = label_smoothing,
                                        axis = axis)
  metric_or_values(metric_of_loss(loss, name, dtype), y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_sparse_categorical_crossentropy <- function(
    y_true,
    y_pred,
    from_logits = FALSE,
    ignore_class = NULL,
    axis = -1L,
    ...,
    name = "sparse_categorical_crossentropy",
    dtype = NULL) {
  check_dots(...)
  loss <- loss_sparse_categorical_crossentropy(from_logits = from_logits,
                                               ignore_class = ignore_class,
                                               axis = axis)
  metric_or_values(metric_of_loss(loss, name, dtype), y_true, y_pred)
}

metric_of_loss <- function(loss, name, dtype) {
  self <- attr(loss, "self")
  FunctionMetric$new(self$class, self$elements, self$axis, self$config, name,
                     dtype)
}
