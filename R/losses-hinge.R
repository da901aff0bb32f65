# Losses between signs.

# Targets of 0 and 1 become -1 and 1, where all are one of these.
as_signs <- function(y_true) {
  binary <- op_all(op_logical_or(op_equal(y_true, 0), op_equal(y_true, 1)))
  op_where(binary, op_subtract(op_multiply(y_true, 2), 1), y_true)
}

hinge_error <- function(y_true, y_pred) {
  op_maximum(op_subtract(1, op_multiply(as_signs(y_true), y_pred)), 0)
}

squared_hinge_error <- function(y_true, y_pred) {
  op_square(hinge_error(y_true, y_pred))
}

categorical_hinge_error <- function(y_true, y_pred) {
  right <- op_sum(op_multiply(y_true, y_pred), axis = -1L)
  others <- op_max(op_multiply(op_subtract(1, y_true), y_pred), axis = -1L)
  op_maximum(op_add(op_subtract(others, right), 1), 0)
}

#' Hinge losses
#'
#' `loss_hinge()` is the mean over the last axis of
#' `max(1 - y_true * y_pred, 0)` and `loss_squared_hinge()` of its square, for
#' targets of -1 and 1; targets of 0 and 1 are taken as such.
#' `loss_categorical_hinge()` is `max(others - right + 1, 0)` with the
#' prediction for the class of the one-hot targets and the largest of the
#' others.
#'
#' @inheritParams loss_mean_squared_error
#' @inherit loss_mean_squared_error return
#' @section Errors: `elman_error_shape` where shapes cannot be broadcast.
#' @family losses
#' @examples
#' loss_hinge(matrix(c(-1, 1)), matrix(c(0.3, 2)))
#' loss_categorical_hinge(diag(2), matrix(c(0.9, 0.2, 0.1, 0.8), 2))
#' @export
loss_hinge <- function(y_true, y_pred, ..., reduction = "sum_over_batch_size",
                       name = "hinge", dtype = NULL) {
  check_dots(...)
  loss <- new_loss("Hinge", hinge_error, axis = -1L, reduction = reduction,
                   name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_hinge
#' @export
loss_squared_hinge <- function(y_true, y_pred, ...,
                               reduction = "sum_over_batch_size",
                               name = "squared_hinge", dtype = NULL) {
  check_dots(...)
  loss <- new_loss("SquaredHinge", squared_hinge_error, axis = -1L,
                   reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_hinge
#' @export
loss_categorical_hinge <- function(y_true, y_pred, ...,
                                   reduction = "sum_over_batch_size",
                                   name = "categorical_hinge", dtype = NULL) {
  check_dots(...)
  loss <- new_loss("CategoricalHinge", categorical_hinge_error,
                   reduction = reduction, name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}
