# Adam with weights that decay.

AdamW <- R6::R6Class(
  "AdamW",
  inherit = Adam,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(arguments, ...) {
      if (is.null(arguments$weight_decay)) {
        must_be(NULL, "weight_decay", "a number of at least 0")
      }
      super$initialize(arguments, ...)
    }
  )
)

#' AdamW
#'
#' As [optimizer_adam()], with `w <- w - learning_rate * weight_decay * w`
#' before each update.
#'
#' @inheritParams optimizer_sgd
#' @inheritParams optimizer_adam
#' @param weight_decay Share of a weight, times the learning rate, taken off
#'   before each update; a number.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Loshchilov and Hutter (2019) <https://arxiv.org/abs/1711.05101>.
#' @family optimizers
#' @examples
#' optimizer <- optimizer_adam_w(weight_decay = 0.01)
#' optimizer$exclude_from_weight_decay(var_names = "bias")
#' @export
optimizer_adam_w <- function(learning_rate = 0.001, weight_decay = 0.004,
                             beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-07,
                             amsgrad = FALSE, clipnorm = NULL, clipvalue = NULL,
                             global_clipnorm = NULL, use_ema = FALSE,
                             ema_momentum = 0.99,
                             ema_overwrite_frequency = NULL, name = "adamw",
                             ..., loss_scale_factor = NULL,
                             gradient_accumulation_steps = NULL) {
  AdamW$new(as.list(environment()), ...)
}
