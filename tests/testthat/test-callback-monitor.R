# Callbacks that watch a number: when they stop, lower and save.

test_that("early stopping counts epochs without progress as Keras does", {
  stops <- function(losses, ...) {
    h <- fit_on_logs(list(loss = losses),
                     list(callback_early_stopping("loss", ...)))
    length(h$metrics$loss)
  }
  expect_identical(stops(c(3, 2, 2, 2, 2)), 3L)
  expect_identical(stops(c(3, 2, 2, 2, 2, 2), patience = 2), 4L)
  expect_identical(stops(c(3, 2.5, 2, 1.5), min_delta = 0.25), 4L)
  expect_identical(stops(c(3, 2.9, 2.8, 2.7), min_delta = 0.25), 2L)
  expect_identical(stops(c(1, 2, 3, 4, 5), start_from_epoch = 2), 4L)
  expect_identical(stops(c(3, 4, 5, 4), mode = "max"), 4L)
  expect_identical(stops(c(3, 2.5, 2.6, 1), baseline = 1, patience = 2), 3L)
})

test_that("early stopping puts the best weights back", {
  data <- matrix(c(1, 2, 3, 4), 4)
  model <- still_model(0.125)
  seen <- list()
  note <- callback_lambda(on_epoch_end = function(epoch, logs) {
    seen[[epoch]] <<- weight_bits(model)
    list(loss = c(3, 1, 2, 4)[epoch])
  })
  fit(model, data, c(1, 0, 2, 5), epochs = 4, verbose = 0, callbacks = list(
    note, callback_early_stopping("loss", patience = 2,
                                  restore_best_weights = TRUE)
  ))
  expect_length(seen, 4)
  expect_identical(weight_bits(model), seen[[2]])
})

test_that("a number that is not logged is told with those that are", {
  expect_warning(fit_on_logs(list(loss = c(1, 2)),
                             list(callback_early_stopping())),
                 "\"val_loss\", which is not logged; there is .*loss",
                 class = "elman_warning_monitor")
  expect_error(fit_on_logs(list(loss = c(1, 2)),
                           list(callback_early_stopping("nope"))),
               "\"nope\", which is not logged .there is .*mode",
               class = "elman_error_argument")
})

test_that("the learning rate falls on a plateau, waits and has a floor", {
  h <- fit_on_logs(list(loss = c(2, 2, 2, 2, 2, 2)), list(
    callback_reduce_lr_on_plateau("loss", factor = 0.5, patience = 2,
                                  min_lr = 0.2)
  ))
  expect_equal(h$metrics$learning_rate, c(0.5, 0.5, 0.5, 0.25, 0.25, 0.2))
})

test_that("the schedule sees epochs from 0 and must give a number", {
  seen <- c()
  h <- fit_on_logs(list(loss = c(1, 1, 1)), list(
    callback_learning_rate_scheduler(function(epoch, lr) {
      seen <<- c(seen, epoch)
      lr / 2
    })
  ))
  expect_equal(seen, c(0, 1, 2))
  expect_equal(h$metrics$learning_rate, c(0.25, 0.125, 0.0625))
  expect_error(fit_on_logs(list(loss = 1), list(
    callback_learning_rate_scheduler(function(epoch, lr) "fast")
  )), class = "elman_error_argument")
})
