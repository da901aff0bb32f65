# Nadam: Adam that looks ahead as Nesterov does.

Nadam <- R6::R6Class(
  "Nadam",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_nadam",
    checks = list(beta_1 = check_rate, beta_2 = check_rate,
                  epsilon = check_not_negative),
    slot_names = function() list(c("momentum", "velocity")),
    # The product of the momenta so far.
    build = function(variables) {
      if (!length(self$states) && length(variables)) {
        one <- op_ones(integer(), dtype_of(variables[[1]]))
        product <- new_variable(one, "variable", trainable = FALSE)
        product$loose <- TRUE
        self$states <- list(product)
      }
      super$build(variables)
    }
  )
)

#' Nadam
#'
#' As [optimizer_adam()], with the momentum `beta_1 * (1 - 0.96^t / 2)` at
#' update t, and the mean gradient taken one update ahead.
#'
#' @inheritParams optimizer_sgd
#' @inheritParams optimizer_adam
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Dozat (2016), Incorporating Nesterov momentum into Adam
#'   <https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ>.
#' @family optimizers
#' @examples
#' optimizer_nadam(learning_rate = 0.01)
#' @export
optimizer_nadam <- function(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999,
                            epsilon = 1e-07, weight_decay = NULL,
                            clipnorm = NULL, clipvalue = NULL,
                            global_clipnorm = NULL, use_ema = FALSE,
                            ema_momentum = 0.99, ema_overwrite_frequency = NULL,
                            name = "nadam", ..., loss_scale_factor = NULL,
                            gradient_accumulation_steps = NULL) {
  Nadam$new(as.list(environment()), ...)
}
