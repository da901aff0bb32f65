# Adafactor: Adam with a row and a column of squares for each matrix.

Adafactor <- R6::R6Class(
  "Adafactor",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_adafactor",
    checks = list(
      beta_2_decay = function(x, arg) check_number(x, arg, max = 0),
      epsilon_1 = check_not_negative, epsilon_2 = check_not_negative,
      clip_threshold = check_positive, relative_step = check_flag
    ),
    slot_names = function() list(c("row", "column", "velocity")),
    # What is no matrix has no rows: Keras keeps a zero in their place.
    new_slot = function(variable, name) {
      shape <- shape_of(variable)
      n <- length(shape)
      if (name == "velocity") return(new_slot(variable, name))
      if (n < 2L) {
        zero <- new_slot(variable, name, shape = integer(), dtype = "int32")
        zero$loose <- TRUE
        return(zero)
      }
      new_slot(variable, name, shape = shape[if (name == "row") -n else 1L - n])
    }
  )
)

#' Adafactor
#'
#' At update t with `b = 1 - t^beta_2_decay`, running means `r` of the rows and
#' `c` of the columns of `g^2 + epsilon_1` give `v = r * c / mean(r)`; what is
#' no matrix keeps all of `v`. The step `u = g / sqrt(v)` is divided by
#' `max(1, rms(u) / clip_threshold)`, rms being the root of the mean square, and
#' `w <- w - max(epsilon_2, rms(w)) * min(learning_rate, 1 / sqrt(t)) * u`.
#'
#' @inheritParams optimizer_sgd
#' @param beta_2_decay The power of t, at most 0.
#' @param epsilon_1 Added to squared gradients.
#' @param epsilon_2 The least size of a variable that steps are made for.
#' @param clip_threshold Largest root of the mean square of a step.
#' @param relative_step Changes nothing, as in Keras 3.15.1: the rate is always
#'   at most `1 / sqrt(t)`.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Shazeer and Stern (2018) <https://arxiv.org/abs/1804.04235>.
#' @family optimizers
#' @examples
#' optimizer_adafactor(learning_rate = 0.01)
#' @export
optimizer_adafactor <- function(learning_rate = 0.001, beta_2_decay = -0.8,
                                epsilon_1 = 1e-30, epsilon_2 = 0.001,
                                clip_threshold = 1, relative_step = TRUE,
                                weight_decay = NULL, clipnorm = NULL,
                                clipvalue = NULL, global_clipnorm = NULL,
                                use_ema = FALSE, ema_momentum = 0.99,
                                ema_overwrite_frequency = NULL,
                                name = "adafactor", ...,
                                loss_scale_factor = NULL,
                                gradient_accumulation_steps = NULL) {
  Adafactor$new(as.list(environment()), ...)
}
