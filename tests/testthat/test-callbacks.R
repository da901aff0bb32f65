recorder <- function() {
  log <- character()
  note <- function(event) function(...) {
    arguments <- list(...)
    index <- if (length(arguments) == 2L) arguments[[1]]
    log <<- c(log, paste0(event, index))
    NULL
  }
  callback <- do.call(callback_lambda, stats::setNames(
    lapply(callback_events, note), callback_events
  ))
  list(callback = callback, log = function() sub("^on_", "", log))
}

test_that("events come in order, epochs and batches from 1", {
  data <- series_data(6)
  r <- recorder()
  model <- compiled_model()
  fit(model, data$x, data$y, epochs = 2, batch_size = 4, callbacks = r$callback,
      validation_data = list(data$x[1:2, , ], data$y[1:2]))
  epoch <- function(k) {
    c(paste0("epoch_begin", k),
      "train_batch_begin1", "train_batch_end1",
      "train_batch_begin2", "train_batch_end2",
      "test_begin", "test_batch_begin1", "test_batch_end1", "test_end",
      paste0("epoch_end", k))
  }
  expect_equal(r$log(), c("train_begin", epoch(1), epoch(2), "train_end"))
})

test_that("predict and evaluate announce their own events", {
  data <- series_data(3)
  model <- compiled_model()
  r <- recorder()
  predict(model, data$x, callbacks = list(r$callback))
  evaluate(model, data$x, data$y, callbacks = r$callback)
  expect_equal(r$log(), c(
    "predict_begin", "predict_batch_begin1", "predict_batch_end1",
    "predict_end", "test_begin", "test_batch_begin1", "test_batch_end1",
    "test_end"
  ))
})

test_that("a returned named list goes into the history", {
  data <- series_data(4)
  tag <- callback_lambda(on_epoch_end = function(epoch, logs) list(tag = epoch))
  history <- fit(compiled_model(), data$x, data$y, epochs = 3, callbacks = tag)
  expect_equal(history$metrics$tag, c(1, 2, 3))
  expect_named(history$metrics, c("loss", "tag"))
})

test_that("a callback can stop training", {
  data <- series_data(4)
  stop_at <- own_callback(on_epoch_end = function(epoch, logs) {
    if (epoch == 2) self$model$stop_training <- TRUE
  })
  history <- fit(compiled_model(), data$x, data$y, epochs = 9,
                 callbacks = stop_at)
  expect_length(history$metrics$loss, 2)
  expect_equal(history$params$epochs, 9)
})

test_that("wrong callbacks are named", {
  data <- series_data(4)
  model <- compiled_model()
  expect_snapshot(error = TRUE, {
    fit(model, data$x, data$y, callbacks = "early")
    callback_lambda(on_epoch_end = 1)
    callback_lambda(on_epoch_ned = identity)
  })
})
