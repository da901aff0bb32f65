# Adam: running means of the gradient and of its square, corrected for their
# start at zero.

Adam <- R6::R6Class(
  "Adam",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_adam",
    beta_1 = 0.9,
    beta_2 = 0.999,
    epsilon = 1e-7,
    amsgrad = FALSE,

    initialize = function(learning_rate, beta_1, beta_2, epsilon, amsgrad, name,
                          options) {
      super$initialize(learning_rate, name, options)
      self$beta_1 <- check_rate(beta_1, "beta_1")
      self$beta_2 <- check_rate(beta_2, "beta_2")
      self$epsilon <- check_number(epsilon, "epsilon", min = 0)
      self$amsgrad <- check_flag(amsgrad, "amsgrad")
    },

    slot_names = function() {
      c("momentum", "velocity", if (self$amsgrad) "velocity_hat")
    },

    # Variable by variable the two means, then all the largest squares.
    stored_slots = function() {
      pairs <- lapply(seq_along(self$trained), function(k) {
        list(self$slots[[1]][[k]], self$slots[[2]][[k]])
      })
      c(unlist(pairs, recursive = FALSE), if (self$amsgrad) self$slots[[3]])
    },

    hyperparameters = function() {
      list(beta_1 = self$beta_1, beta_2 = self$beta_2, epsilon = self$epsilon,
           amsgrad = self$amsgrad)
    }
  )
)

#' Adam
#'
#' At update t, `m <- m + (1 - beta_1) * (g - m)` and
#' `v <- v + (1 - beta_2) * (g^2 - v)`, then
#' `w <- w - a * m / (sqrt(v) + epsilon)` with
#' `a = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)`. With `amsgrad` the
#' largest `v` so far takes its place.
#'
#' @inheritParams optimizer_sgd
#' @param beta_1,beta_2 Memories of the two running means, in `[0, 1]`.
#' @param epsilon A small number that keeps the quotient finite (the "epsilon
#'   hat" of the paper).
#' @param amsgrad Whether to use the AMSGrad variant.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @source Kingma and Ba (2015) <https://arxiv.org/abs/1412.6980>; Reddi, Kale
#'   and Kumar (2018) <https://openreview.net/forum?id=ryQu7f-RZ> for AMSGrad.
#' @family optimizers
#' @examples
#' optimizer_adam(learning_rate = 0.01)
#' @export
optimizer_adam <- function(learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999,
                           epsilon = 1e-07, amsgrad = FALSE,
                           weight_decay = NULL, clipnorm = NULL,
                           clipvalue = NULL, global_clipnorm = NULL,
                           use_ema = FALSE, ema_momentum = 0.99,
                           ema_overwrite_frequency = NULL, name = "adam", ...,
                           loss_scale_factor = NULL,
                           gradient_accumulation_steps = NULL) {
  options <- optimizer_options(
    weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, ...
  )
  Adam$new(learning_rate, beta_1, beta_2, epsilon, amsgrad, name, options)
}
