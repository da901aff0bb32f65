# Metrics of the hinge losses.

#' Hinge metrics
#'
#' The running mean of a hinge loss; see [loss_hinge()].
#'
#' @inheritParams metric_mean_squared_error
#' @inherit metric_mean_squared_error return
#' @section Errors: those of the loss.
#' @family metrics
#' @examples
#' m <- metric_hinge()
#' m$update_state(matrix(c(-1, 1)), matrix(c(0.3, 2)))
#' m$result()
#' @export
metric_hinge <- function(y_true, y_pred, ..., name = "hinge", dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_hinge(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_hinge
#' @export
metric_squared_hinge <- function(y_true, y_pred, ..., name = "squared_hinge",
                                 dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_squared_hinge(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_hinge
#' @export
metric_categorical_hinge <- function(y_true, y_pred, ...,
                                     name = "categorical_hinge",
                                     dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_categorical_hinge(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}
