# Lion: steps of one size, along the sign of a running mean.

Lion <- R6::R6Class(
  "Lion",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_lion",
    checks = list(
      beta_1 = function(x, arg) {
        if (!is_number(x) || x <= 0 || x > 1) {
          must_be(x, arg, "a number above 0 and at most 1")
        }
        as.numeric(x)
      },
      beta_2 = check_rate
    ),
    slot_names = function() list("momentum")
  )
)

#' Lion
#'
#' `w <- w - learning_rate * sign(beta_1 * m + (1 - beta_1) * g)`, then
#' `m <- beta_2 * m + (1 - beta_2) * g`. Its rate should be a third to a tenth
#' of Adam's.
#'
#' @inheritParams optimizer_sgd
#' @param beta_1 Share of the running mean in a step, above 0 and at most 1.
#' @param beta_2 Memory of the running mean, in `[0, 1]`.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Chen et al. (2023) <https://arxiv.org/abs/2302.06675>.
#' @family optimizers
#' @examples
#' optimizer_lion(learning_rate = 1e-4)
#' @export
optimizer_lion <- function(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.99,
                           weight_decay = NULL, clipnorm = NULL,
                           clipvalue = NULL, global_clipnorm = NULL,
                           use_ema = FALSE, ema_momentum = 0.99,
                           ema_overwrite_frequency = NULL, name = "lion", ...,
                           loss_scale_factor = NULL,
                           gradient_accumulation_steps = NULL) {
  Lion$new(as.list(environment()), ...)
}
