# RMSprop: gradients divided by a running root of their squares.

RMSprop <- R6::R6Class(
  "RMSprop",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_rmsprop",
    rho = 0.9,
    momentum = 0,
    epsilon = 1e-7,
    centered = FALSE,

    initialize = function(learning_rate, rho, momentum, epsilon, centered, name,
                          options) {
      super$initialize(learning_rate, name, options)
      self$rho <- check_rate(rho, "rho")
      self$momentum <- check_number(momentum, "momentum", min = 0, max = 1)
      self$epsilon <- check_number(epsilon, "epsilon", min = 0)
      self$centered <- check_flag(centered, "centered")
    },

    slot_names = function() {
      c("velocity", if (self$momentum > 0) "momentum",
        if (self$centered) "average_gradient")
    },

    hyperparameters = function() {
      list(rho = self$rho, momentum = self$momentum, epsilon = self$epsilon,
           centered = self$centered)
    }
  )
)

#' RMSprop
#'
#' `v <- rho * v + (1 - rho) * g^2`, then
#' `w <- w - learning_rate * g / sqrt(v + epsilon)`. Centered, `v` is lessened by
#' the square of the gradients' running mean; with momentum the step is added to
#' `momentum` times the last one.
#'
#' @inheritParams optimizer_sgd
#' @param rho Memory of the running means, in `[0, 1]`.
#' @param epsilon A small number that keeps the quotient finite.
#' @param centered Whether to divide by the running variance.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Tieleman and Hinton (2012), Lecture 6.5, Neural Networks for Machine
#'   Learning; Graves (2013) <https://arxiv.org/abs/1308.0850> for the centered
#'   form.
#' @family optimizers
#' @examples
#' optimizer_rmsprop(learning_rate = 0.01)
#' @export
optimizer_rmsprop <- function(learning_rate = 0.001, rho = 0.9, momentum = 0,
                              epsilon = 1e-07, centered = FALSE,
                              weight_decay = NULL, clipnorm = NULL,
                              clipvalue = NULL, global_clipnorm = NULL,
                              use_ema = FALSE, ema_momentum = 0.99,
                              ema_overwrite_frequency = NULL, name = "rmsprop",
                              ..., loss_scale_factor = NULL,
                              gradient_accumulation_steps = NULL) {
  options <- optimizer_options(
    weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, ...
  )
  RMSprop$new(learning_rate, rho, momentum, epsilon, centered, name, options)
}
