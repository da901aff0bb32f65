# Muon: momentum made orthogonal, for matrices; Adam for the rest.

Muon <- R6::R6Class(
  "Muon",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel = "optimizer_muon",
    checks = list(
      adam_beta_1 = check_rate, adam_beta_2 = check_rate,
      epsilon = check_not_negative,
      exclude_layers = not_a_setting(function(x, arg) {
        if (length(x) && !is.character(unlist(x))) {
          must_be(x, arg, "strings or NULL")
        }
        as.list(x)
      }),
      muon_a = check_number, muon_b = check_number, muon_c = check_number,
      adam_lr_ratio = check_not_negative, momentum = check_rate,
      ns_steps = function(x, arg) check_whole(x, arg, min = 0),
      nesterov = check_flag, exclude_embeddings = not_a_setting(check_flag),
      adam_weight_decay = function(x, arg) {
        check_number(x, arg, min = 0, null_ok = TRUE)
      },
      rms_rate = function(x, arg) {
        check_number(x, arg, min = 0, null_ok = TRUE)
      }
    ),
    slot_names = function() list(c("momentum", "velocity")),
    # Only what follows Adam has a velocity.
    new_slot = function(variable, name) {
      if (name == "momentum" || self$follows_adam(variable)) {
        new_slot(variable, name)
      }
    },

    follows_adam = function(variable) {
      path <- .subset2(variable, "path")
      length(shape_of(variable)) != 2L ||
        self$exclude_embeddings && grepl("embedding", tolower(path)) ||
        any(vapply(self$exclude_layers, grepl, NA, path))
    }
  )
)

#' Muon
#'
#' For matrices `m <- momentum * m + g`; the step, `g + momentum * m` or `m`, is
#' divided by its length and brought near an orthogonal matrix by `ns_steps`
#' times `x <- a * x + (b * A + c * A %*% A) %*% x` with `A = x %*% t(x)`. Then
#' `w <- w - learning_rate * rms_rate * sqrt(max(dim(w))) * x`. Other variables,
#' embeddings and excluded layers follow [optimizer_adam()]. The last layer
#' should be excluded.
#'
#' @inheritParams optimizer_sgd
#' @param adam_beta_1,adam_beta_2,epsilon Settings of the Adam part.
#' @param weight_decay,adam_weight_decay Shares of a weight, times the learning
#'   rate, taken off before each update: of matrices and of what follows Adam.
#' @param exclude_layers Regular expressions: variables whose path fits one
#'   follow Adam.
#' @param exclude_embeddings Whether embeddings follow Adam.
#' @param muon_a,muon_b,muon_c The numbers a, b and c.
#' @param adam_lr_ratio Learning rate of the Adam part, as a share of the other.
#' @param momentum Memory of the gradients, in `[0, 1]`.
#' @param ns_steps Number of iterations towards an orthogonal matrix.
#' @param nesterov Whether to look ahead as Nesterov does.
#' @param rms_rate The size of steps; `NULL` leaves them as long as they are.
#' @inherit optimizer_sgd return
#' @inheritSection optimizer_sgd Errors
#' @section Compatibility: `adam_weight_decay` and `rms_rate` are arguments of
#'   Keras 3.15.1 that keras3 does not name; the other defaults are keras3's,
#'   which are not Keras's.
#' @source Jordan (2024) <https://github.com/KellerJordan/Muon>; Liu et al.
#'   (2025) <https://arxiv.org/abs/2502.16982>.
#' @family optimizers
#' @examples
#' optimizer_muon(learning_rate = 0.01, exclude_layers = "dense_1")
#' @export
optimizer_muon <- function(learning_rate = 0.001, adam_beta_1 = 0.9,
                           adam_beta_2 = 0.999, epsilon = 1e-07,
                           weight_decay = 0.1, clipnorm = NULL,
                           clipvalue = NULL, global_clipnorm = NULL,
                           use_ema = FALSE, ema_momentum = 0.99,
                           ema_overwrite_frequency = NULL,
                           loss_scale_factor = NULL,
                           gradient_accumulation_steps = NULL, name = "muon",
                           exclude_layers = NULL, exclude_embeddings = TRUE,
                           muon_a = 3.4445, muon_b = -4.775, muon_c = 2.0315,
                           adam_lr_ratio = 0.1, momentum = 0.95, ns_steps = 6L,
                           nesterov = TRUE, ..., adam_weight_decay = 0.004,
                           rms_rate = 0.2) {
  Muon$new(as.list(environment()), ...)
}
