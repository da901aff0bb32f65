# Adadelta: steps as long as the ones before, for gradients of usual size.

Adadelta <- R6::R6Class(
  "Adadelta",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_adadelta",
    checks = list(rho = check_rate, epsilon = check_not_negative),
    slot_names = function() {
      list(c("accumulated_grad", "accumulated_delta_var"))
    }
  )
)

#' Adadelta
#'
#' `s <- rho * s + (1 - rho) * g^2`, the step is
#' `d = -g * sqrt(u + epsilon) / sqrt(s + epsilon)`, then
#' `u <- rho * u + (1 - rho) * d^2` and `w <- w + learning_rate * d`. The paper
#' has a learning rate of 1.
#'
#' @inheritParams optimizer_sgd
#' @param rho Memory of the running means, in `[0, 1]`.
#' @param epsilon A small number that keeps the quotient finite.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Zeiler (2012) <https://arxiv.org/abs/1212.5701>.
#' @family optimizers
#' @examples
#' optimizer_adadelta(learning_rate = 1)
#' @export
optimizer_adadelta <- function(learning_rate = 0.001, rho = 0.95,
                               epsilon = 1e-07, weight_decay = NULL,
                               clipnorm = NULL, clipvalue = NULL,
                               global_clipnorm = NULL, use_ema = FALSE,
                               ema_momentum = 0.99,
                               ema_overwrite_frequency = NULL,
                               name = "adadelta", ..., loss_scale_factor = NULL,
                               gradient_accumulation_steps = NULL) {
  Adadelta$new(as.list(environment()), ...)
}
