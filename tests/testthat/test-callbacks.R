recorder <- function() {
  log <- character()
  note <- function(event) {
    function(...) {
      arguments <- list(...)
      index <- if (length(arguments) == 2L) arguments[[1]]
      log <<- c(log, paste0(event, index))
      NULL
    }
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

test_that("methods of one's own classes, and their base's, can be called", {
  first <- own_callback(
    notes = character(),
    on_train_begin = function(logs) {
      self$notes <- c(self$notes, sprintf("%d epochs of %d, verbose %d",
                                          self$params$epochs,
                                          self$params$steps,
                                          self$params$verbose))
    },
    on_batch_end = function(batch, logs) {
      self$notes <- c(self$notes, paste("batch", batch))
      list(ignored = 1)
    },
    on_epoch_begin = function(epoch, logs = NULL) {
      super$on_epoch_begin(epoch, logs)
      self$model$optimizer$learning_rate <- 0.5 / epoch
    },
    on_epoch_end = function(epoch, logs) {
      list(rate = self$model$optimizer$learning_rate)
    }
  )
  data <- series_data(6)
  history <- fit(compiled_model(), data$x, data$y, batch_size = 4, epochs = 2,
                 callbacks = first)
  expect_equal(first$notes, c("2 epochs of 2, verbose 0",
                              rep(c("batch 1", "batch 2"), 2)))
  expect_equal(history$metrics$rate, c(0.5, 0.25))
  expect_output(print(first), "<callback Own: on_train_begin, ")
})

test_that("an error names callback and event and leaves the model whole", {
  data <- series_data(12)
  events <- c("on_train_begin", "on_epoch_begin", "on_train_batch_begin",
              "on_train_batch_end", "on_test_begin", "on_epoch_end",
              "on_train_end")
  for (event in events) {
    fail <- do.call(own_callback, c(
      stats::setNames(list(function(...) {
        if (self$model$optimizer$iterations >= 2) stop("oh no") else NULL
      }), event),
      classname = "Failing"
    ))
    model <- compiled_model(optimizer_adam(0.01), metrics = "mae")
    twin <- clone_state(model)
    run <- function(model, ...) {
      fit(model, data$x, data$y, batch_size = 4, shuffle = FALSE, epochs = 3,
          validation_data = list(data$x, data$y), verbose = 0, ...)
    }
    if (event == "on_train_begin") run(model)
    condition <- expect_error(run(model, callbacks = fail),
                              class = "elman_error_callback")
    expect_match(conditionMessage(condition),
                 sprintf("`Failing` failed in %s\\(\\)", event))
    expect_equal(conditionMessage(condition$parent), "oh no")
    # The weights are those of as many updates; another fit() goes on from them.
    replay <- restored(twin)
    stop_at <- as.numeric(model$optimizer$iterations)
    halt <- callback_lambda(on_train_batch_end = function(batch, logs) {
      if (replay$optimizer$iterations == stop_at) replay$stop_training <- TRUE
    })
    run(replay, callbacks = halt)
    expect_identical(weight_bits(model), weight_bits(replay))
    expect_identical(run(model)$metrics, run(replay)$metrics)
    expect_identical(weight_bits(model), weight_bits(replay))
  }
})

test_that("an error of the package inside a callback keeps its class", {
  data <- series_data(4)
  bad <- callback_lambda(on_epoch_end = function(epoch, logs) layer_dense(0))
  condition <- expect_error(
    fit(compiled_model(), data$x, data$y, callbacks = bad),
    class = "elman_error_argument"
  )
  expect_s3_class(condition, "elman_error_callback")
  expect_equal(c(condition$callback, condition$event, condition$index),
               c("LambdaCallback", "on_epoch_end", "1"))
})

test_that("a callback may use other models, and this one", {
  data <- series_data(6)
  other <- compiled_model()
  model <- compiled_model()
  inside <- callback_lambda(on_epoch_end = function(epoch, logs) {
    fit(other, data$x, data$y, verbose = 0)
    list(again = evaluate(model, data$x, data$y, verbose = 0))
  })
  plain <- callback_lambda(on_epoch_end = function(epoch, logs) {
    list(shown = predict(model, data$x)[1])
  })
  history <- fit(model, data$x, data$y, epochs = 2,
                 callbacks = list(inside, plain))
  expect_length(history$metrics$shown, 2)
  expect_length(history$metrics$again, 2)
  expect_equal(as.numeric(other$optimizer$iterations), 2)
})

test_that("what is no number is kept in the history as it is", {
  history <- fit_on_logs(list(loss = c(2, 1)), list(
    callback_lambda(on_epoch_end = function(epoch, logs) {
      list(tag = letters[epoch], pair = c(epoch, 0))
    })
  ))
  expect_equal(history$metrics$tag, list("a", "b"))
  expect_equal(history$metrics$pair, list(c(1, 0), c(2, 0)))
})
