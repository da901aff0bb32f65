# Adam: running means of the gradient and of its square, corrected for their
# start at zero.

Adam <- R6::R6Class(
  "Adam",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_adam",
    checks = list(beta_1 = check_rate, beta_2 = check_rate,
                  epsilon = check_not_negative, amsgrad = check_flag),
    slot_names = function() {
      c(list(c("momentum", "velocity")), if (self$amsgrad) "velocity_hat")
    }
  )
)

#' Adam
#'
#' At update t, `m <- m + (1 - beta_1) * (g - m)` and
#' `v <- v + (1 - beta_2) * (g^2 - v)`, then
#' `w <- w - a * m / (sqrt(v) + epsilon)` with
#' `a = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)`. With `amsgrad` the
#' largest `v` so far takes its place.
#'
#' @inheritParams optimizer_sgd
#' @param beta_1,beta_2 Memories of the two running means, in `[0, 1]`.
#' @param epsilon A small number that keeps the quotient finite (the "epsilon
#'   hat" of the paper).
#' @param amsgrad Whether to use the AMSGrad variant.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Kingma and Ba (2015) <https://arxiv.org/abs/1412.6980>; Reddi, Kale
#'   and Kumar (2018) <https://openreview.net/forum?id=ryQu7f-RZ> for AMSGrad.
#' @family optimizers
#' @examples
#' optimizer_adam(learning_rate = 0.01)
#' @export
optimizer_adam <- function(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999,
                           epsilon = 1e-07, amsgrad = FALSE,
                           weight_decay = NULL, clipnorm = NULL,
                           clipvalue = NULL, global_clipnorm = NULL,
                           use_ema = FALSE, ema_momentum = 0.99,
                           ema_overwrite_frequency = NULL, name = "adam", ...,
                           loss_scale_factor = NULL,
                           gradient_accumulation_steps = NULL) {
  Adam$new(as.list(environment()), ...)
}
