# Follow the regularized leader.

Ftrl <- R6::R6Class(
  "Ftrl",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_ftrl",
    checks = list(
      learning_rate_power = function(x, arg) check_number(x, arg, max = 0),
      initial_accumulator_value = check_not_negative,
      l1_regularization_strength = check_not_negative,
      l2_regularization_strength = check_not_negative,
      l2_shrinkage_regularization_strength = check_not_negative,
      beta = check_number
    ),
    slot_names = function() list(c("accumulator", "linear")),
    new_slot = function(variable, name) {
      new_slot(variable, name, if (name == "accumulator") {
        self$initial_accumulator_value
      } else {
        0
      })
    }
  )
)

#' Follow the regularized leader
#'
#' With p = `-learning_rate_power`, and `s` the sum of squared gradients, `n`
#' after this one and before it:
#' `z <- z + g + 2 * shrinkage * w - (n^p - s^p) / learning_rate * w`, then
#' `w <- (clip(z, -l1, l1) - z) / ((beta + n^p) / learning_rate + 2 * l2)`.
#' Weights whose `z` stays within `l1` are exactly 0.
#'
#' @inheritParams optimizer_sgd
#' @param learning_rate_power How the rate falls with the sum of squares: a
#'   number of at most 0, 0 for a constant rate.
#' @param initial_accumulator_value Where the sums of squares begin, at least 0.
#' @param l1_regularization_strength,l2_regularization_strength Penalties of the
#'   absolute and squared weights.
#' @param l2_shrinkage_regularization_strength A penalty of the squared weights
#'   in the gradient alone.
#' @param beta A number added to the root of the sum of squares.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source McMahan et al. (2013), Ad click prediction: a view from the trenches
#'   <https://research.google.com/pubs/archive/41159.pdf>.
#' @family optimizers
#' @examples
#' optimizer_ftrl(learning_rate = 0.1, l1_regularization_strength = 0.01)
#' @export
optimizer_ftrl <- function(learning_rate = 0.001, learning_rate_power = -0.5,
                           initial_accumulator_value = 0.1,
                           l1_regularization_strength = 0,
                           l2_regularization_strength = 0,
                           l2_shrinkage_regularization_strength = 0, beta = 0,
                           weight_decay = NULL, clipnorm = NULL,
                           clipvalue = NULL, global_clipnorm = NULL,
                           use_ema = FALSE, ema_momentum = 0.99,
                           ema_overwrite_frequency = NULL, name = "ftrl", ...,
                           loss_scale_factor = NULL,
                           gradient_accumulation_steps = NULL) {
  Ftrl$new(as.list(environment()), ...)
}
