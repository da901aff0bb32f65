# A callback made of functions.

LambdaCallback <- R6::R6Class(
  "LambdaCallback",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    functions = NULL,
    state_fields = character(),
    initialize = function(functions) self$functions <- functions,
    method = function(event) {
      older <- sub("_train_batch", "_batch", event, fixed = TRUE)
      self$functions[[event]] %||% self$functions[[older]]
    }
  )
)

#' Functions as a callback
#'
#' Calls functions of yours at events of [fit()]. A named list that a function
#' returns is put into the logs; other values are ignored. Within the other
#' events the model can be told to stop by `model$stop_training <- TRUE`.
#'
#' @param on_epoch_begin,on_epoch_end Functions of `(epoch, logs)`; epochs count
#'   from 1, `logs` is a named list of numbers.
#' @param on_train_begin,on_train_end Functions of `(logs)`.
#' @param on_train_batch_begin,on_train_batch_end Functions of `(batch, logs)`;
#'   batches count from 1 in each epoch.
#' @param ... Functions for the events of [evaluate()] and [predict()]:
#'   `on_test_begin`, `on_test_end`, `on_test_batch_begin`, `on_test_batch_end`,
#'   and the same with `predict`; and the older names `on_batch_begin` and
#'   `on_batch_end`.
#' @return A callback for `callbacks =`.
#' @section Errors: `elman_error_argument` for what is no function or no event.
#'   An error inside one of the functions ends training with an
#'   `elman_error_callback` that names the event; the model keeps its last
#'   complete update and can be used and trained on.
#' @family callbacks
#' @examples
#' say <- callback_lambda(on_epoch_end = function(epoch, logs) {
#'   cat("epoch", epoch, "loss", format(logs$loss), "\n")
#' })
#' @export
callback_lambda <- function(on_epoch_begin = NULL, on_epoch_end = NULL,
                            on_train_begin = NULL, on_train_end = NULL,
                            on_train_batch_begin = NULL,
                            on_train_batch_end = NULL, ...) {
  known <- c(callback_events, "on_batch_begin", "on_batch_end")
  functions <- c(
    list(on_epoch_begin = on_epoch_begin, on_epoch_end = on_epoch_end,
         on_train_begin = on_train_begin, on_train_end = on_train_end,
         on_train_batch_begin = on_train_batch_begin,
         on_train_batch_end = on_train_batch_end),
    check_dots(..., .allowed = known)
  )
  functions <- Filter(Negate(is.null), functions)
  for (event in names(functions)) {
    if (!is.function(functions[[event]])) {
      must_be(functions[[event]], event, "a function")
    }
  }
  LambdaCallback$new(functions)
}
