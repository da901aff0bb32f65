# Lamb: steps of Adam as long as the variable they change.

Lamb <- R6::R6Class(
  "Lamb",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_lamb",
    checks = list(beta_1 = check_rate, beta_2 = check_rate,
                  epsilon = check_not_negative),
    slot_names = function() list(c("momentum", "velocity"))
  )
)

#' Lamb
#'
#' The step of [optimizer_adam()], with both means divided by `1 - beta^t`, is
#' made as long as the variable (in the 2-norm, where neither is 0) and taken
#' times the learning rate.
#'
#' @inheritParams optimizer_sgd
#' @inheritParams optimizer_adam
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source You et al. (2020) <https://arxiv.org/abs/1904.00962>.
#' @family optimizers
#' @examples
#' optimizer_lamb(learning_rate = 0.01)
#' @export
optimizer_lamb <- function(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999,
                           epsilon = 1e-07, weight_decay = NULL,
                           clipnorm = NULL, clipvalue = NULL,
                           global_clipnorm = NULL, use_ema = FALSE,
                           ema_momentum = 0.99, ema_overwrite_frequency = NULL,
                           loss_scale_factor = NULL,
                           gradient_accumulation_steps = NULL, name = "lamb",
                           ...) {
  Lamb$new(as.list(environment()), ...)
}
