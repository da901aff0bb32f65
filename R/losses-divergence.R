# Losses between distributions, and between overlapping areas.

# Sum over the last axis of y log(y / p).
divergence <- function(y_true, y_pred) {
  y <- op_clip(y_true, the$epsilon, 1)
  p <- op_clip(y_pred, the$epsilon, 1)
  op_sum(op_multiply(y, op_log(op_divide(y, p))), axis = -1L)
}

poisson_error <- function(y_true, y_pred) {
  op_subtract(y_pred,
              op_multiply(y_true, op_log(op_add(y_pred, the$epsilon))))
}

dice_error <- function(y_true, y_pred, axis) {
  both <- op_sum(op_multiply(y_true, y_pred), axis = axis)
  all <- op_add(op_sum(y_true, axis = axis), op_sum(y_pred, axis = axis))
  op_subtract(1, op_divide(op_multiply(both, 2), op_add(all, the$epsilon)))
}

tversky_error <- function(y_true, y_pred, alpha, beta, axis) {
  both <- op_sum(op_multiply(y_true, y_pred), axis = axis)
  missed <- op_sum(op_multiply(op_subtract(1, y_pred), y_true), axis = axis)
  wrong <- op_sum(op_multiply(y_pred, op_subtract(1, y_true)), axis = axis)
  all <- op_add(op_add(both, op_multiply(missed, alpha)),
                op_multiply(wrong, beta))
  op_subtract(1, op_divide(both, op_add(all, the$epsilon)))
}

#' Losses between distributions
#'
#' `loss_kl_divergence()` is the sum over the last axis of
#' `y_true * log(y_true / y_pred)`, both clipped to `[config_epsilon(), 1]`;
#' `loss_poisson()` the mean of `y_pred - y_true * log(y_pred)`, for counts.
#'
#' `loss_dice()` and `loss_tversky()` measure how little two areas overlap: with
#' `both`, `only_true` and `only_pred` the sums of `y_true * y_pred`,
#' `y_true * (1 - y_pred)` and `y_pred * (1 - y_true)`, they are
#' `1 - 2 both / (sum(y_true) + sum(y_pred))` and
#' `1 - both / (both + alpha only_true + beta only_pred)`.
#'
#' @inheritParams loss_mean_squared_error
#' @param alpha,beta Weights of what was missed and of what was too much.
#' @param axis Axes to sum over, counted from 1; `NULL` for all, so that a batch
#'   has a single value.
#' @inherit loss_mean_squared_error return
#' @section Errors: `elman_error_shape` where shapes cannot be broadcast,
#'   `elman_error_argument` for an axis that is not there.
#' @family losses
#' @examples
#' p <- matrix(c(0.9, 0.2, 0.1, 0.8), 2)
#' loss_kl_divergence(matrix(0.5, 2, 2), p)
#' loss_poisson(matrix(c(1, 4)), matrix(c(2, 3)))
#' loss_dice(diag(2), p)
#' @export
loss_kl_divergence <- function(y_true, y_pred, ...,
                               reduction = "sum_over_batch_size",
                               name = "kl_divergence", dtype = NULL) {
  check_dots(...)
  loss <- new_loss("KLDivergence", divergence, reduction = reduction,
                   name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_kl_divergence
#' @export
loss_poisson <- function(y_true, y_pred, ...,
                         reduction = "sum_over_batch_size", name = "poisson",
                         dtype = NULL) {
  check_dots(...)
  loss <- new_loss("Poisson", poisson_error, axis = -1L, reduction = reduction,
                   name = name, dtype = dtype)
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_kl_divergence
#' @export
loss_dice <- function(y_true, y_pred, ..., reduction = "sum_over_batch_size",
                      name = "dice", axis = NULL, dtype = NULL) {
  check_dots(...)
  axis <- check_axes(axis)
  loss <- new_loss(
    "Dice", function(y_true, y_pred) dice_error(y_true, y_pred, axis),
    config = list(axis = axis), reduction = reduction, name = name,
    dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_kl_divergence
#' @export
loss_tversky <- function(y_true, y_pred, ..., alpha = 0.5, beta = 0.5,
                         reduction = "sum_over_batch_size", name = "tversky",
                         axis = NULL, dtype = NULL) {
  check_dots(...)
  alpha <- check_number(alpha, "alpha", min = 0)
  beta <- check_number(beta, "beta", min = 0)
  axis <- check_axes(axis)
  loss <- new_loss(
    "Tversky",
    function(y_true, y_pred) tversky_error(y_true, y_pred, alpha, beta, axis),
    config = list(alpha = alpha, beta = beta, axis = axis),
    reduction = reduction, name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

check_axes <- function(axis) {
  if (is.null(axis)) return(NULL)
  vapply(unlist(axis), check_loss_axis, 1L)
}
