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

# A model in R's own file format, and again a model.
clone_state <- function(model) serialize(model, NULL)
restored <- function(state) unserialize(state)

# Runs `code` in a child process that has this session's state. Gives its value;
# NULL where it was killed, at the latest after `stop_after` seconds.
in_child <- function(code, stop_after = Inf) {
  job <- parallel::mcparallel(code, silent = TRUE)
  if (is.finite(stop_after)) {
    Sys.sleep(stop_after)
    tools::pskill(job$pid, tools::SIGKILL)
  }
  suppressWarnings(parallel::mccollect(job)[[1]])
}

# Calls `act()` at the n-th event of a kind.
at_event <- function(event, n, act) {
  count <- 0
  functions <- stats::setNames(list(function(...) {
    count <<- count + 1
    if (count == n) act()
    NULL
  }), event)
  do.call(callback_lambda, functions)
}

# A training with all that has a state: dropout, shuffling, Adam, callbacks.
# Gives every bit that it leaves.
watched_run <- function(folder = NULL, callbacks = NULL, save_freq = "epoch",
                        epochs = 8, stateful = FALSE) {
  set.seed(7)
  data <- series_data(20)
  model <- keras_model_sequential(
    input_shape = c(5, 2), input_batch_size = if (stateful) 4
  ) |>
    layer_simple_rnn(3, dropout = 0.3, stateful = stateful) |>
    layer_dropout(0.2, seed = 11) |>
    layer_dense(1)
  compile(model, optimizer_adam(0.1), loss = "mse", metrics = "mae")
  csv <- withr::local_tempfile()
  early <- callback_early_stopping("val_loss", patience = 2, min_delta = 0.01,
                                   restore_best_weights = TRUE)
  plateau <- callback_reduce_lr_on_plateau("loss", patience = 1,
                                           min_delta = 0.05)
  backup <- if (!is.null(folder)) {
    callback_backup_and_restore(folder, save_freq)
  }
  history <- fit(
    model, data$x, data$y, batch_size = 4, epochs = epochs,
    validation_split = 0.2, verbose = 0,
    callbacks = c(backup, callbacks, early, plateau, callback_csv_logger(csv))
  )
  list(weights = weight_bits(model), history = history$metrics,
       iterations = as.numeric(model$optimizer$iterations),
       best = early$best, wait = early$wait, csv = readLines(csv),
       next_number = stats::runif(1))
}
