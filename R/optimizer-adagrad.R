# Adagrad: gradients divided by the root of the sum of all their squares.

Adagrad <- R6::R6Class(
  "Adagrad",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_adagrad",
    checks = list(initial_accumulator_value = check_not_negative,
                  epsilon = check_not_negative),
    slot_names = function() list("accumulator"),
    new_slot = function(variable, name) {
      new_slot(variable, name, self$initial_accumulator_value)
    }
  )
)

#' Adagrad
#'
#' `s <- s + g^2`, then `w <- w - learning_rate * g / sqrt(s + epsilon)`.
#'
#' @inheritParams optimizer_sgd
#' @param initial_accumulator_value Where the sums begin, at least 0.
#' @param epsilon A small number that keeps the quotient finite.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Duchi, Hazan and Singer (2011), Adaptive subgradient methods for
#'   online learning and stochastic optimization, JMLR 12.
#' @family optimizers
#' @examples
#' optimizer_adagrad(learning_rate = 0.1)
#' @export
optimizer_adagrad <- function(learning_rate = 0.001,
                              initial_accumulator_value = 0.1, epsilon = 1e-07,
                              weight_decay = NULL, clipnorm = NULL,
                              clipvalue = NULL, global_clipnorm = NULL,
                              use_ema = FALSE, ema_momentum = 0.99,
                              ema_overwrite_frequency = NULL, name = "adagrad",
                              ..., loss_scale_factor = NULL,
                              gradient_accumulation_steps = NULL) {
  Adagrad$new(as.list(environment()), ...)
}
