# Stochastic gradient descent.

SGD <- R6::R6Class(
  "SGD",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_sgd",
    checks = list(momentum = check_rate, nesterov = check_flag),
    slot_names = function() if (self$momentum != 0) list("momentum")
  )
)

#' Stochastic gradient descent
#'
#' Without momentum `w <- w - learning_rate * g`. With momentum
#' `v <- momentum * v - learning_rate * g`, then `w <- w + v`, or in Nesterov's
#' form `w <- w + momentum * v - learning_rate * g`.
#'
#' @param learning_rate A number, a learning rate schedule, or a function of the
#'   iteration (from 0) or of nothing. A number can be changed later by
#'   `optimizer$learning_rate <- value`.
#' @param momentum A number in `[0, 1]`.
#' @param nesterov Whether to use Nesterov's form.
#' @param weight_decay Share of a weight, times the learning rate, taken off
#'   before each update.
#' @param clipnorm Longest gradient, in the 2-norm, of one variable.
#' @param clipvalue Largest absolute value of a gradient's element.
#' @param global_clipnorm Longest gradient of all variables together. Only one
#'   of the three can be set.
#' @param use_ema Whether to keep a moving average of the weights, to which
#'   [fit()] sets them in the end.
#' @param ema_momentum `average <- ema_momentum * average + (1 - ema_momentum) *
#'   weight`.
#' @param ema_overwrite_frequency Number of updates after which the weights
#'   become their averages; `NULL` never.
#' @param name Name.
#' @param ... Of older scripts: `lr` for `learning_rate`, and `decay`, which is
#'   ignored with a warning.
#' @param loss_scale_factor Number by which the loss is multiplied and gradients
#'   are divided again.
#' @param gradient_accumulation_steps Number of batches, at least 2, whose mean
#'   gradient makes one update.
#' @return An optimizer, see [optimizers].
#' @section Errors: `elman_error_argument` for a value out of range.
#' @source Sutskever, Martens, Dahl and Hinton (2013), On the importance of
#'   initialization and momentum in deep learning.
#' @family optimizers
#' @examples
#' optimizer_sgd(learning_rate = 0.1, momentum = 0.9)
#' @export
optimizer_sgd <- function(learning_rate = 0.01, momentum = 0,
                          nesterov = FALSE, weight_decay = NULL,
                          clipnorm = NULL, clipvalue = NULL,
                          global_clipnorm = NULL, use_ema = FALSE,
                          ema_momentum = 0.99, ema_overwrite_frequency = NULL,
                          name = "SGD", ..., loss_scale_factor = NULL,
                          gradient_accumulation_steps = NULL) {
  SGD$new(as.list(environment()), ...)
}
