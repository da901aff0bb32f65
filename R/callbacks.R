# Callbacks: what happens besides the steps of training. fit(), evaluate() and
# predict() announce events; a callback answers those it has a method for. Each
# native callback has a file of its own, callback-<name>.R.

callback_events <- c(
  paste0("on_", c("train", "test", "predict"), "_begin"),
  paste0("on_", c("train", "test", "predict"), "_end"),
  paste0("on_", c("train", "test", "predict"), "_batch_begin"),
  paste0("on_", c("train", "test", "predict"), "_batch_end"),
  "on_epoch_begin", "on_epoch_end"
)

# The base of all callbacks. Methods named like events are called with
# (epoch, logs), (batch, logs) or (logs); epochs and batches count from 1. What
# they return as a named list is put into the logs. Those without a body, as
# here, cost nothing.
CallbackBase <- R6::R6Class(
  "elman_callback",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    model = NULL,
    # A list of `verbose`, `epochs` and `steps`.
    params = NULL,
    # Has Ctrl-C ended this training? Known in on_train_end().
    interrupted = FALSE,
    # Names of the fields that a backup holds; NULL for all that hold data.
    state_fields = NULL,

    set_model = function(model) self$model <- model,
    set_params = function(params) self$params <- params,

    on_train_begin = function(logs = NULL) NULL,
    on_train_end = function(logs = NULL) NULL,
    on_epoch_begin = function(epoch, logs = NULL) NULL,
    on_epoch_end = function(epoch, logs = NULL) NULL,
    on_train_batch_begin = function(batch, logs = NULL) NULL,
    on_train_batch_end = function(batch, logs = NULL) NULL,
    on_test_begin = function(logs = NULL) NULL,
    on_test_end = function(logs = NULL) NULL,
    on_test_batch_begin = function(batch, logs = NULL) NULL,
    on_test_batch_end = function(batch, logs = NULL) NULL,
    on_predict_begin = function(logs = NULL) NULL,
    on_predict_end = function(logs = NULL) NULL,
    on_predict_batch_begin = function(batch, logs = NULL) NULL,
    on_predict_batch_end = function(batch, logs = NULL) NULL,

    # Called last, however fit(), evaluate() or predict() ends: puts back what
    # was changed for a while.
    on_leave = function() NULL,

    # What a backup holds of this callback, and how it goes on from there.
    get_state = function() callback_state(self),
    set_state = function(state) restore_callback(self, state),

    # The function that answers an event, or NULL.
    method = function(event) {
      own <- self[[event]]
      if (is_answer(own)) return(own)
      # Older scripts speak of batches where they mean those of training.
      older <- self[[sub("_train_batch", "_batch", event, fixed = TRUE)]]
      if (is_answer(older)) older
    }
  )
)

is_answer <- function(f) {
  is.function(f) && (is.primitive(f) || !is.null(body(f)))
}

# One callback, a list of them (NULL is none), or NULL, as a list.
check_callbacks <- function(callbacks) {
  if (is.null(callbacks)) return(list())
  if (inherits(callbacks, "elman_callback")) callbacks <- list(callbacks)
  if (is.list(callbacks)) callbacks <- Filter(Negate(is.null), callbacks)
  ok <- is.list(callbacks) &&
    all(vapply(callbacks, inherits, NA, "elman_callback"))
  if (!ok) must_be(callbacks, "callbacks", "a callback or a list of callbacks")
  callbacks
}

# ---- events ------------------------------------------------------------------

# Who answers which event: an environment of lists, so that an event that nobody
# answers costs a look-up.
new_events <- function(callbacks, model = NULL, params = list()) {
  for (callback in callbacks) {
    callback$set_params(params)
    callback$set_model(model)
    callback$interrupted <- FALSE
  }
  events <- new.env(parent = emptyenv())
  for (event in callback_events) {
    answers <- lapply(callbacks, new_answer, event)
    answers <- Filter(function(answer) is.function(answer$method), answers)
    if (length(answers)) assign(event, answers, envir = events)
  }
  events
}

new_answer <- function(callback, event) {
  list(callback = callback, method = callback$method(event))
}

# Calls the methods for an event, in order; gives the logs, changed or not.
announce <- function(events, event, index = NULL, logs = list()) {
  for (answer in events[[event]]) {
    value <- call_callback(answer, event, index, logs)
    if (is.list(value) && !is.null(names(value)) && length(value)) {
      logs[names(value)] <- value
    }
  }
  logs
}

call_callback <- function(answer, event, index, logs) {
  method <- answer$method
  withCallingHandlers(
    if (is.null(index)) method(logs) else method(index, logs),
    error = function(condition) {
      abort_callback(answer$callback, event, index, condition)
    }
  )
}

# The error of a callback keeps its own classes, so that handlers for them work.
abort_callback <- function(callback, event, index, parent) {
  at <- if (is.null(index)) "" else paste("", format(index))
  own <- grep("^elman_error_", class(parent), value = TRUE)
  rlang::abort(
    sprintf("Callback `%s` failed in %s()%s.", class(callback)[1], event,
            if (nzchar(at)) paste0(" at ", event_unit(event), at) else ""),
    class = unique(c("elman_error_callback", own, "elman_error")),
    callback = class(callback)[1], event = event, index = index,
    parent = parent, call = user_call(), use_cli_format = FALSE
  )
}

event_unit <- function(event) if (grepl("batch", event)) "batch" else "epoch"

is_watched <- function(events, stem) {
  !is.null(events[[paste0(stem, "_begin")]]) ||
    !is.null(events[[paste0(stem, "_end")]])
}

leave_callbacks <- function(callbacks) {
  for (callback in callbacks) callback$on_leave()
}

# What a callback says with `verbose = 1`: on a line of its own, after a bar.
say <- function(text, ...) {
  cat("\n", sprintf(text, ...), "\n", sep = "")
}

# ---- states ------------------------------------------------------------------

callback_state <- function(self) {
  if (!is.null(self$state_fields)) {
    return(list(public = mget(self$state_fields, envir = self)))
  }
  private <- self$.__enclos_env__$private
  hidden <- c("model", "params", "interrupted", "state_fields")
  list(public = data_fields(self, hidden),
       private = if (!is.null(private)) data_fields(private))
}

restore_callback <- function(self, state) {
  private <- self$.__enclos_env__$private
  for (name in names(state$public)) self[[name]] <- state$public[[name]]
  for (name in names(state$private)) private[[name]] <- state$private[[name]]
  invisible(self)
}

# The fields of an object that hold plain data.
data_fields <- function(object, hidden = character()) {
  names <- setdiff(plain_fields(object), hidden)
  Filter(is_plain_data, mget(names, envir = object))
}

plain_fields <- function(object) {
  names <- ls(object)
  names[!vapply(names, bindingIsActive, NA, env = object)]
}

is_plain_data <- function(x) {
  if (is.list(x)) return(all(vapply(x, is_plain_data, NA)))
  is.null(x) || is.atomic(x)
}

#' @export
print.elman_callback <- function(x, ...) {
  events <- Filter(function(event) !is.null(x$method(event)), callback_events)
  cat(sprintf("<callback %s: %s>\n", class(x)[1],
              paste(events, collapse = ", ")))
  invisible(x)
}
