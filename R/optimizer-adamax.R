# Adamax: Adam with the largest gradient in place of the running square.

Adamax <- R6::R6Class(
  "Adamax",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_adamax",
    checks = list(beta_1 = check_rate, beta_2 = check_rate,
                  epsilon = check_not_negative),
    slot_names = function() list(c("momentum", "norm"))
  )
)

#' Adamax
#'
#' At update t, `m <- m + (1 - beta_1) * (g - m)` and
#' `u <- max(beta_2 * u, abs(g))`, then
#' `w <- w - learning_rate / (1 - beta_1^t) * m / (u + epsilon)`.
#'
#' @inheritParams optimizer_sgd
#' @param beta_1 Memory of the running mean, in `[0, 1]`.
#' @param beta_2 How fast the largest gradient is forgotten, in `[0, 1]`.
#' @param epsilon A small number that keeps the quotient finite.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Kingma and Ba (2015) <https://arxiv.org/abs/1412.6980>, section 7.
#' @family optimizers
#' @examples
#' optimizer_adamax(learning_rate = 0.01)
#' @export
optimizer_adamax <- function(learning_rate = 0.001, beta_1 = 0.9,
                             beta_2 = 0.999, epsilon = 1e-07,
                             weight_decay = NULL, clipnorm = NULL,
                             clipvalue = NULL, global_clipnorm = NULL,
                             use_ema = FALSE, ema_momentum = 0.99,
                             ema_overwrite_frequency = NULL, name = "adamax",
                             ..., loss_scale_factor = NULL,
                             gradient_accumulation_steps = NULL) {
  Adamax$new(as.list(environment()), ...)
}
