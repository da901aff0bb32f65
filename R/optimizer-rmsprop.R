# RMSprop: gradients divided by a running root of their squares.

RMSprop <- R6::R6Class(
  "RMSprop",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_rmsprop",
    checks = list(rho = check_rate, momentum = check_rate,
                  epsilon = check_not_negative, centered = check_flag),
    slot_names = function() {
      c(list("velocity"), if (self$momentum > 0) "momentum",
        if (self$centered) "average_gradient")
    }
  )
)

#' RMSprop
#'
#' `v <- rho * v + (1 - rho) * g^2`, then
#' `w <- w - learning_rate * g / sqrt(v + epsilon)`. Centered, `v` is lessened
#' by the square of the gradients' running mean; with momentum the step is added
#' to `momentum` times the last one.
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
  RMSprop$new(as.list(environment()), ...)
}
