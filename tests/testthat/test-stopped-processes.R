# Ctrl-C and kill -9 at moments that nobody has chosen, in child processes. What
# must hold then holds at any moment, so no test depends on which it was.

# Minutes on a slow machine: R CMD check leaves them out, tools/test does not.
skip_on_cran()
skip_on_os("windows")

# ---- Ctrl-C ------------------------------------------------------------------

dropout_model <- function() {
  keras_model_sequential(input_shape = c(5, 2)) |>
    layer_simple_rnn(3, dropout = 0.3) |>
    layer_dense(1)
}

# Trains from the same start until Ctrl-C comes after `wait` seconds; gives what
# can be seen afterwards.
interrupted_run <- function(model, start, data, wait, shell) {
  set_weights(model, start)
  compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
  ends <- 0
  count <- callback_lambda(on_train_end = function(logs) ends <<- ends + 1)
  set.seed(5)
  history <- tryCatch({
    writeLines(sprintf("sleep %.4f; kill -INT %d", wait, Sys.getpid()), shell)
    flush(shell)
    suppressMessages(fit(model, data$x, data$y, batch_size = 4, epochs = 1e6,
                         callbacks = count, verbose = 0))
  }, interrupt = function(condition) NULL)
  list(updates = as.numeric(model$optimizer$iterations),
       weights = weight_bits(model), predictions = predict(model, data$x),
       epochs = length(history$metrics$loss), ends = ends,
       began = !is.null(history))
}

# Weights and predictions after each number of updates, from 0.
replayed_run <- function(model, start, data, updates) {
  set_weights(model, start)
  compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
  look <- function() {
    list(weights = weight_bits(model), predictions = predict(model, data$x))
  }
  seen <- list(look())
  note <- callback_lambda(on_train_batch_end = function(batch, logs) {
    seen[[length(seen) + 1L]] <<- look()
    if (length(seen) > updates) model$stop_training <- TRUE
    NULL
  })
  set.seed(5)
  fit(model, data$x, data$y, batch_size = 4, epochs = 1e6, callbacks = note,
      verbose = 0)
  seen
}

test_that("200 times Ctrl-C leave the last complete update, bit for bit", {
  data <- series_data(12)
  model <- dropout_model()
  start <- get_weights(model)
  set.seed(8)
  waits <- stats::runif(200, 0, 0.05)
  runs <- in_child({
    shell <- pipe("sh", "w")
    runs <- lapply(waits, function(wait) {
      interrupted_run(model, start, data, wait, shell)
    })
    close(shell)
    runs
  })
  expect_length(runs, 200)
  updates <- vapply(runs, `[[`, 0, "updates")
  expect_gt(max(updates), 0)
  seen <- replayed_run(model, start, data, max(updates))
  for (run in runs) {
    k <- run$updates
    expect_identical(run[c("weights", "predictions")], seen[[k + 1]])
    # on_train_end() was called, and the history holds the whole epochs; the
    # last may be missing where Ctrl-C came at its very end.
    expect_equal(run$ends, as.numeric(run$began))
    missing <- k %/% 3 - run$epochs
    expect_true(missing == 0 || missing == 1 && k %% 3 == 0)
  }
})

# ---- kill -9 -----------------------------------------------------------------

test_that("50 times kill -9 leave a checkpoint that can be loaded", {
  skip_without_files()
  data <- series_data(12)
  model <- dropout_model()
  start <- get_weights(model)
  set.seed(9)
  waits <- stats::runif(50, 0, 0.3)
  path <- withr::local_tempfile(fileext = ".keras")
  compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
  save_model(model, path)
  loaded <- lapply(waits, function(wait) {
    in_child({
      set.seed(5)
      fit(model, data$x, data$y, batch_size = 4, epochs = 1e6, verbose = 0,
          callbacks = callback_model_checkpoint(path, save_freq = 1))
    }, stop_after = wait)
    back <- load_model(path)
    list(updates = as.numeric(back$optimizer$iterations),
         seen = list(weights = weight_bits(back),
                     predictions = predict(back, data$x)))
  })
  updates <- vapply(loaded, `[[`, 0, "updates")
  seen <- replayed_run(model, start, data, max(updates))
  for (one in loaded) expect_identical(one$seen, seen[[one$updates + 1]])
})

killing <- function(event, n) {
  at_event(event, n, function() {
    tools::pskill(Sys.getpid(), tools::SIGKILL)
    Sys.sleep(60)
  })
}

test_that("killed and begun again, a run ends with the same bits", {
  whole <- in_child(watched_run())
  deaths <- c(on_train_batch_end = 3, on_epoch_end = 2, on_test_batch_end = 1,
              on_train_batch_begin = 2, on_train_end = 1)
  for (save_freq in list("epoch", 1, 3)) {
    folder <- withr::local_tempfile()
    for (k in seq_along(deaths)) {
      death <- killing(names(deaths)[k], deaths[[k]])
      expect_null(in_child(watched_run(folder, death, save_freq)))
    }
    expect_identical(in_child(watched_run(folder, NULL, save_freq)), whole)
  }
})

test_that("so does one that is killed at any moments", {
  whole <- in_child(watched_run())
  set.seed(10)
  folder <- withr::local_tempfile()
  for (wait in stats::runif(12, 0, 0.25)) {
    run <- in_child(watched_run(folder, NULL, 1), stop_after = wait)
    if (!is.null(run)) expect_identical(run, whole)
  }
  expect_identical(in_child(watched_run(folder, NULL, 1)), whole)
})
