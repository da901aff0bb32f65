# Losses written in plain R.

loss_kind <- list(
  what = "Loss",
  native = "LossBase",
  root = "LossBase",
  composing = FALSE,
  host = function(definition) own_described_host(definition),
  managed = character(),
  needs_super = TRUE,
  finish = function(instance) wrap_loss(instance),
  formals = function(name = NULL, reduction = "sum_over_batch_size",
                     dtype = NULL) {
    NULL
  }
)

#' Losses of your own
#'
#' Defines a class of losses in plain R. For a loss without arguments a function
#' of `(y_true, y_pred)` does as well, see [compile()].
#'
#' @inheritParams Layer
#' @param call Function of `(y_true, y_pred)`, tensors both, that gives one
#'   value per sample, or per step of each sample; weights, masks and
#'   `reduction` are applied to them afterwards. Its gradient follows from the
#'   operations.
#' @param ...,public More methods and fields, among them `initialize`, which
#'   must call `super$initialize(name, reduction, dtype)`.
#' @param inherit A class made by `Loss()`.
#' @return A function with the arguments of `initialize`, or else `name`,
#'   `reduction` and `dtype`, that makes a loss.
#' @section Errors: those of [Layer()]; `elman_error_state` where there is no
#'   `call`.
#' @family classes
#' @family losses
#' @examples
#' loss_pinball <- Loss(
#'   "Pinball",
#'   initialize = function(quantile = 0.5, ...) {
#'     super$initialize(...)
#'     self$quantile <- quantile
#'   },
#'   call = function(y_true, y_pred) {
#'     error <- y_true - y_pred
#'     q <- self$quantile
#'     op_mean(op_maximum(q * error, (q - 1) * error), axis = -1)
#'   }
#' )
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, "sgd", loss = loss_pinball(quantile = 0.9))
#' @export
Loss <- function(classname, call = NULL, ..., public = list(),
                 private = list(), inherit = NULL,
                 parent_env = parent.frame()) {
  members <- gather_members(list(call = call), ..., public = public)
  define_class(loss_kind, classname, members, private, inherit, parent_env)
}

#' @rdname Loss
#' @export
new_loss_class <- Loss
