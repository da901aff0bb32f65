test_that("training stops after `patience` epochs that are no better", {
  loss <- c(3, 2, 2, 2.5, 2.1, 1, 1)
  stopped <- function(...) {
    early <- callback_early_stopping("loss", ...)
    history <- fit_on_logs(list(loss = loss), list(early))
    c(early$stopped_epoch, length(history$metrics$loss))
  }
  expect_equal(stopped(), c(3, 3))
  expect_equal(stopped(patience = 1), c(3, 3))
  expect_equal(stopped(patience = 2), c(4, 4))
  expect_equal(stopped(patience = 5), c(0, 7))
})

test_that("min_delta keeps its fraction, mode and baseline are followed", {
  epochs <- function(values, ...) {
    early <- callback_early_stopping("loss", ...)
    length(fit_on_logs(list(loss = values), list(early))$metrics$loss)
  }
  falling <- c(1, 0.75, 0.5, 0.25, 0)
  expect_equal(epochs(falling, min_delta = 0.2), 5)
  expect_equal(epochs(falling, min_delta = 0.3), 2)
  expect_equal(epochs(falling, min_delta = -0.3), 2)
  expect_equal(epochs(falling, mode = "max"), 2)
  # Better than before, but never than the baseline.
  expect_equal(epochs(falling, baseline = 0.1, patience = 2), 5)
  expect_equal(epochs(c(1, 0.75, 0.8, 0.7), baseline = 0.1, patience = 2), 3)
  expect_equal(epochs(c(1, 1, 1, 1, 1), start_from_epoch = 3), 5)
  expect_equal(epochs(c(1, 1, 1, 1, 1, 1), start_from_epoch = 2), 4)
})

test_that("the best epoch's weights come back", {
  data <- series_data(12)
  model <- compiled_model(optimizer_sgd(0.3))
  seen <- list()
  note <- callback_lambda(on_epoch_end = function(epoch, logs) {
    seen[[epoch]] <<- weight_bits(model)
    list(score = c(1, 3, 2, 2)[epoch])
  })
  early <- callback_early_stopping("score", mode = "max", patience = 2,
                                   restore_best_weights = TRUE)
  fit(model, data$x, data$y, epochs = 9, callbacks = list(note, early))
  expect_length(seen, 4)
  expect_equal(early$best_epoch, 2)
  expect_identical(weight_bits(model), seen[[2]])
  expect_false(identical(seen[[4]], seen[[2]]))
})

test_that("without an improvement on NaN the first epoch is the best", {
  early <- callback_early_stopping("loss", patience = 1,
                                   restore_best_weights = TRUE)
  fit_on_logs(list(loss = c(NaN, NaN, NaN)), list(early))
  expect_equal(early$best_epoch, 1)
  expect_equal(early$stopped_epoch, 2)
})

test_that("it starts anew with each training", {
  early <- callback_early_stopping("loss", patience = 1)
  fit_on_logs(list(loss = c(1, 1, 1)), list(early))
  fit_on_logs(list(loss = c(3, 2, 1)), list(early))
  expect_equal(c(early$stopped_epoch, early$best), c(0, 1))
})

test_that("verbose says when and why", {
  early <- callback_early_stopping("loss", verbose = 1,
                                   restore_best_weights = TRUE)
  out <- utils::capture.output(fit_on_logs(list(loss = c(2, 3)), list(early)))
  expect_equal(out, c("",
    "Epoch 2: training stops early, as loss got no better.", "",
    "The weights of epoch 1 are put back."))
})
