rates <- function(schedule, model = still_model(1), n = 3, ...) {
  callback <- callback_learning_rate_scheduler(schedule, ...)
  fit_on_logs(list(loss = rep(1, n)), list(callback),
              model)$metrics$learning_rate
}

test_that("the schedule sees epochs from 0 and the rate so far", {
  expect_equal(rates(function(epoch, lr) lr + epoch), c(1, 2, 4))
  expect_equal(rates(function(epoch) 2^-epoch), c(1, 0.5, 0.25))
  expect_equal(rates(function(epoch, lr) as_tensor(lr) * 0.5),
               c(0.5, 0.25, 0.125))
})

test_that("updates use the rate", {
  model <- still_model(1)
  x <- matrix(1, 2, 1)
  set_weights(model, list(matrix(0), 0))
  fit(model, x, c(1, 1), epochs = 1, verbose = 0,
      callbacks = callback_learning_rate_scheduler(function(epoch) 0.125))
  # The gradient is -2 for both weights.
  expect_equal(weight_bits(model), c(0.25, 0.25))
})

test_that("a schedule that gives no number is an error before any update", {
  for (value in list("a", NULL, NA_real_, c(1, 2), -1)) {
    model <- still_model()
    expect_error(rates(function(epoch, lr) value, model), "schedule\\(\\)",
                 class = "elman_error_argument")
    expect_equal(as.numeric(model$optimizer$iterations), 0)
  }
})

test_that("verbose says the rate", {
  out <- utils::capture.output(
    seen <- rates(function(epoch) 0.5, n = 1, verbose = 1)
  )
  expect_equal(seen, 0.5)
  expect_equal(out, c("", "Epoch 1: the learning rate is set to 0.5."))
})
