# How targets and predictions move together.

pearson <- function(y_true, y_pred, axis) {
  standard <- function(x) {
    x <- op_subtract(x, op_mean(x, axis = axis, keepdims = TRUE))
    op_divide(x, op_std(x, axis = axis, keepdims = TRUE))
  }
  op_mean(op_multiply(standard(y_true), standard(y_pred)), axis = axis)
}

concordance <- function(y_true, y_pred, axis) {
  mean_of <- function(x) op_mean(x, axis = axis, keepdims = TRUE)
  var_of <- function(x) op_var(x, axis = axis, keepdims = TRUE)
  m_true <- mean_of(y_true)
  m_pred <- mean_of(y_pred)
  together <- op_multiply(op_subtract(y_true, m_pred),
                          op_subtract(y_pred, m_pred))
  apart <- op_add(op_add(var_of(y_true), var_of(y_pred)),
                  op_square(op_subtract(m_true, m_pred)))
  op_mean(op_divide(op_multiply(together, 2), op_add(apart, the$epsilon)),
          axis = axis)
}

correlation_metric <- function(class_name, fn, axis, name, dtype) {
  axis <- check_loss_axis(axis)
  FunctionMetric$new(class_name,
                     function(y_true, y_pred) fn(y_true, y_pred, axis),
                     config = list(axis = axis), name = name, dtype = dtype)
}

#' Correlations
#'
#' The mean over samples of the correlation between targets and predictions
#' along `axis`: Pearson's, or Lin's concordance, which also asks for equal
#' means and variances.
#'
#' @inheritParams metric_mean_squared_error
#' @param axis Axis along which to correlate, from 1, or from -1 backwards.
#' @inherit metric_mean_squared_error return
#' @section Errors: `elman_error_argument` for an axis that is not there.
#' @family metrics
#' @examples
#' y <- rbind(c(0, 1, 0.5), c(1, 1, 0.2))
#' metric_pearson_correlation(y, 2 * y)
#' metric_concordance_correlation(y, 2 * y)
#' @export
metric_pearson_correlation <- function(y_true, y_pred, axis = -1L, ...,
                                       name = "pearson_correlation",
                                       dtype = NULL) {
  check_dots(...)
  metric <- correlation_metric("PearsonCorrelation", pearson, axis, name,
                               dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_pearson_correlation
#' @export
metric_concordance_correlation <- function(y_true, y_pred, axis = -1L, ...,
                                           name = "concordance_correlation",
                                           dtype = NULL) {
  check_dots(...)
  metric <- correlation_metric("ConcordanceCorrelation", concordance, axis,
                               name, dtype)
  metric_or_values(metric, y_true, y_pred)
}
