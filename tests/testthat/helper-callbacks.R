# Callbacks of a class of their own, and training in processes that are stopped.

# An instance of a class with these methods and fields.
own_callback <- function(..., classname = "Own") {
  R6::R6Class(classname, inherit = CallbackBase, lock_objects = FALSE,
              public = list(...))$new()
}

# Gives the optimizer a learning rate, and no weight any reason to change.
still_model <- function(rate = 0.5) {
  model <- keras_model_sequential(input_shape = 1) |> layer_dense(1)
  compile(model, optimizer_sgd(rate), loss = "mse", metrics = "mae")
}

# fit() under callbacks with these logs at the end of its epochs. `logs` is a
# list of numeric vectors by name.
fit_on_logs <- function(logs, callbacks, model = still_model(), ...) {
  feed <- callback_lambda(on_epoch_end = function(epoch, given) {
    lapply(logs, `[[`, epoch)
  })
  fit(model, matrix(0, 2, 1), c(0, 0), epochs = length(logs[[1]]),
      callbacks = c(list(feed), callbacks), verbose = 0, ...)
}

# Runs `code` in a child process with this session's state. Gives its value, or
# NULL where `stop_after` seconds went by before it was done.
in_child <- function(code, stop_after = Inf) {
  job <- parallel::mcparallel(code, silent = TRUE)
  if (is.finite(stop_after)) {
    Sys.sleep(stop_after)
    tools::pskill(job$pid, tools::SIGKILL)
  }
  suppressWarnings(parallel::mccollect(job)[[1]])
}
