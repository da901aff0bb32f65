# Callbacks written in plain R.

callback_kind <- list(
  what = "Callback",
  native = "CallbackBase",
  root = "CallbackBase",
  composing = FALSE,
  host = function(definition) own_object_host(definition),
  managed = character(),
  needs_super = FALSE,
  finish = identity,
  formals = function() NULL
)

#' Callbacks of your own
#'
#' Defines a class of callbacks in plain R. Its methods are called at the events
#' of [fit()], [evaluate()] and [predict()].
#'
#' @inheritParams Layer
#' @param on_epoch_begin,on_epoch_end Functions of `(epoch, logs)`; epochs count
#'   from 1, `logs` is a named list of numbers.
#' @param on_train_begin,on_train_end,on_test_begin,on_test_end,on_predict_begin,on_predict_end
#'   Functions of `(logs)`.
#' @param on_train_batch_begin,on_train_batch_end,on_test_batch_begin,on_test_batch_end,on_predict_batch_begin,on_predict_batch_end
#'   Functions of `(batch, logs)`; batches count from 1 in each epoch.
#' @param ...,public More methods and fields, among them `initialize`;
#'   properties by [active_property()]. `on_batch_begin` and `on_batch_end` are
#'   older names of `on_train_batch_begin` and `on_train_batch_end`.
#' @param inherit A class made by `Callback()`, or a `callback_*` function.
#' @return A function with the arguments of `initialize` that makes a callback
#'   for `callbacks =`.
#' @details In methods, `self$model` is the model, `self$params` a list of
#'   `epochs`, `steps` and `verbose`. `self$model$stop_training <- TRUE` ends
#'   the training after the epoch. A named list that a method returns is put
#'   into the logs.
#' @section Errors: `elman_error_argument` for a member that is no function
#'   where one must be, or an `inherit` that is no callback.
#' @family classes
#' @family callbacks
#' @examples
#' callback_patience <- Callback(
#'   "Patience",
#'   initialize = function(below) self$below <- below,
#'   on_epoch_end = function(epoch, logs = NULL) {
#'     if (logs$loss < self$below) self$model$stop_training <- TRUE
#'   }
#' )
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(0.1), loss = "mse")
#' x <- matrix(rnorm(20), 10)
#' fit(model, x, x[, 1], epochs = 50, verbose = 0,
#'     callbacks = callback_patience(below = 0.1))
#' @export
Callback <- function(classname, on_epoch_begin = NULL, on_epoch_end = NULL,
                     on_train_begin = NULL, on_train_end = NULL,
                     on_train_batch_begin = NULL, on_train_batch_end = NULL,
                     on_test_begin = NULL, on_test_end = NULL,
                     on_test_batch_begin = NULL, on_test_batch_end = NULL,
                     on_predict_begin = NULL, on_predict_end = NULL,
                     on_predict_batch_begin = NULL,
                     on_predict_batch_end = NULL, ..., public = list(),
                     private = list(), inherit = NULL,
                     parent_env = parent.frame()) {
  events <- mget(callback_events)
  members <- gather_members(events, ..., public = public)
  names(members) <- sub("^on_batch_", "on_train_batch_", names(members))
  define_class(callback_kind, classname, members, private, inherit, parent_env)
}

#' @rdname Callback
#' @export
new_callback_class <- Callback
