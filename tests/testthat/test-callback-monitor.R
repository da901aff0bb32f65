test_that("losses fall, accuracies rise, whatever the output's name", {
  data <- series_data(6)
  x <- keras_input(c(5, 2))
  h <- layer_simple_rnn(x, 3)
  model <- keras_model(x, list(layer_dense(h, 1, name = "a"),
                               layer_dense(h, 1, name = "b")))
  compile(model, loss = "mse", metrics = list(a = "accuracy", b = "mae"))
  fit(model, data$x, list(data$y, data$y), epochs = 1)
  direction <- function(name) monitor_direction(name, model)
  expect_equal(direction("loss"), "min")
  expect_equal(direction("val_loss"), "min")
  expect_equal(direction("val_a_loss"), "min")
  expect_equal(direction("a_accuracy"), "max")
  expect_equal(direction("val_b_mae"), "min")
  expect_null(direction("a"))
})

test_that("metrics of one's own have no direction", {
  own <- function(y_true, y_pred) op_mean(y_pred)
  data <- series_data(6)
  model <- compiled_model(metrics = list(level = own))
  run <- function(...) {
    fit(model, data$x, data$y, epochs = 3,
        callbacks = callback_early_stopping("level", ...))
  }
  expect_error(run(), "neither more nor less", class = "elman_error_argument")
  expect_no_error(run(mode = "max"))
})

test_that("names that are not logged are met with those that are", {
  logs <- list(loss = c(2, 1, 1))
  expect_error(
    fit_on_logs(logs, list(callback_early_stopping("vall_loss"))),
    "\"vall_loss\", which is not logged \\(there is \"loss\", \"mae\"\\)",
    class = "elman_error_argument"
  )
  for (callback in list(callback_early_stopping(mode = "min"),
                        callback_early_stopping(),
                        callback_reduce_lr_on_plateau())) {
    warned <- capture_warnings(history <- fit_on_logs(logs, list(callback)))
    expect_length(warned, 1)
    expect_match(warned, "\"val_loss\", which is not logged; there is \"loss\"")
    expect_length(history$metrics$loss, 3)
  }
})

test_that("what has a number per class is not monitored", {
  logs <- list(rates = list(c(1, 2), c(3, 4)))
  expect_error(fit_on_logs(logs, list(callback_early_stopping("rates",
                                                              mode = "max"))),
               "a single number, but \"rates\" has 2",
               class = "elman_error_argument")
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    callback_early_stopping(mode = "up")
    callback_early_stopping(patience = 1.5)
    callback_early_stopping(min_delta = "a")
    callback_reduce_lr_on_plateau(factor = 1)
    callback_learning_rate_scheduler(0.1)
    callback_model_checkpoint("model.rds")
    callback_model_checkpoint("model.keras", save_weights_only = TRUE)
    callback_model_checkpoint("{epoch.keras")
    callback_model_checkpoint("a.keras", save_freq = "batch")
    callback_csv_logger(1)
    callback_backup_and_restore("")
  })
})
