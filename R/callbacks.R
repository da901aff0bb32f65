# Callbacks: what happens besides the steps of training. fit(), evaluate() and
# predict() announce events; a callback answers those it has a method for.

# The base of all callbacks. A method named like an event is called with
# (epoch, logs), (batch, logs) or (logs); epochs and batches count from 1. What
# it returns as a named list is put into the logs.
CallbackBase <- R6::R6Class(
  "elman_callback",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    model = NULL,
    params = NULL,
    set_model = function(model) self$model <- model,
    set_params = function(params) self$params <- params
  )
)

callback_events <- c(
  paste0("on_", c("train", "test", "predict"), "_begin"),
  paste0("on_", c("train", "test", "predict"), "_end"),
  paste0("on_", c("train", "test", "predict"), "_batch_begin"),
  paste0("on_", c("train", "test", "predict"), "_batch_end"),
  "on_epoch_begin", "on_epoch_end"
)

# One callback, a list of them, or NULL, as a list.
check_callbacks <- function(callbacks) {
  if (is.null(callbacks)) return(list())
  if (inherits(callbacks, "elman_callback")) callbacks <- list(callbacks)
  ok <- is.list(callbacks) &&
    all(vapply(callbacks, inherits, NA, "elman_callback"))
  if (!ok) must_be(callbacks, "callbacks", "a callback or a list of callbacks")
  callbacks
}

# Who answers which event: an environment of lists of methods, so that an event
# that nobody answers costs a look-up.
new_events <- function(callbacks, model = NULL, params = list()) {
  for (callback in callbacks) {
    callback$set_params(params)
    callback$set_model(model)
  }
  events <- new.env(parent = emptyenv())
  for (event in callback_events) {
    methods <- lapply(callbacks, function(callback) callback[[event]])
    methods <- Filter(is.function, methods)
    if (length(methods)) assign(event, methods, envir = events)
  }
  events
}

# Calls the methods for an event, in order; gives the logs, changed or not.
announce <- function(events, event, index = NULL, logs = list()) {
  for (method in events[[event]]) {
    answer <- if (is.null(index)) method(logs) else method(index, logs)
    if (is.list(answer) && !is.null(names(answer)) && length(answer)) {
      logs[names(answer)] <- answer
    }
  }
  logs
}

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
#'   and the same with `predict`.
#' @return A callback for `callbacks =`.
#' @section Errors: `elman_error_argument` for what is no function or no event.
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
  methods <- c(
    list(on_epoch_begin = on_epoch_begin, on_epoch_end = on_epoch_end,
         on_train_begin = on_train_begin, on_train_end = on_train_end,
         on_train_batch_begin = on_train_batch_begin,
         on_train_batch_end = on_train_batch_end),
    check_dots(..., .allowed = callback_events)
  )
  callback <- CallbackBase$new()
  for (event in names(methods)) {
    method <- methods[[event]]
    if (is.null(method)) next
    if (!is.function(method)) must_be(method, event, "a function")
    callback[[event]] <- method
  }
  callback
}

#' @export
print.elman_callback <- function(x, ...) {
  events <- Filter(function(event) is.function(x[[event]]), callback_events)
  cat(sprintf("<callback %s>\n", paste(events, collapse = ", ")))
  invisible(x)
}
