averaging_model <- function() {
  compiled_model(optimizer_sgd(0.1, use_ema = TRUE, ema_momentum = 0.5))
}

averages <- function(model) {
  unlist(lapply(model$optimizer$averages, function(v) as.vector(as.array(v))))
}

test_that("validation sees the averages, training its own weights", {
  data <- series_data(12)
  seen <- list()
  look <- callback_lambda(
    on_epoch_begin = function(epoch, logs) {
      seen$begin <<- weight_bits(model)
    },
    on_test_batch_begin = function(batch, logs) {
      seen$test <<- weight_bits(model)
      seen$kept <<- averages(model)
    },
    on_epoch_end = function(epoch, logs) {
      seen$end <<- weight_bits(model)
      seen$averages <<- averages(model)
    }
  )
  model <- averaging_model()
  fit(model, data$x, data$y, batch_size = 4, epochs = 2,
      validation_data = list(data$x, data$y),
      callbacks = list(callback_swap_ema_weights(), look))
  expect_identical(seen$test, seen$averages)
  expect_identical(seen$kept, seen$end)
  expect_false(identical(seen$test, seen$end))
})

test_that("evaluate and predict measure the averages and put weights back", {
  data <- series_data(12)
  model <- averaging_model()
  set_weights(model, lapply(get_weights(model), function(w) w + 0.5))
  train_on_batch(model, data$x, data$y)
  train_on_batch(model, data$x, data$y)
  before <- weight_bits(model)
  swap <- callback_swap_ema_weights()
  averaged <- predict(model, data$x, callbacks = swap)
  expect_identical(weight_bits(model), before)
  expect_false(identical(averaged, predict(model, data$x)))
  measured <- evaluate(model, data$x, data$y, callbacks = swap)
  expect_equal(measured$loss, mean((averaged - data$y)^2), tolerance = 1e-5)
  expect_identical(weight_bits(model), before)
  # Nor does an error in between leave the averages in.
  fail <- callback_lambda(on_test_batch_end = function(batch, logs) stop("no"))
  expect_error(evaluate(model, data$x, data$y, callbacks = list(swap, fail)),
               class = "elman_error_callback")
  expect_identical(weight_bits(model), before)
})

test_that("swap_on_epoch shows later callbacks the averages", {
  data <- series_data(12)
  ends <- list()
  look <- callback_lambda(on_epoch_end = function(epoch, logs) {
    ends[[epoch]] <<- list(model = weight_bits(model), kept = averages(model))
  })
  plain <- list()
  note <- callback_lambda(on_train_batch_end = function(batch, logs) {
    plain[[length(plain) + 1L]] <<- weight_bits(model)
  })
  model <- averaging_model()
  fit(model, data$x, data$y, batch_size = 6, epochs = 2, shuffle = FALSE,
      callbacks = list(note, callback_swap_ema_weights(TRUE), look))
  # The optimizer holds the last weights until they go back in.
  expect_identical(ends[[1]]$kept, plain[[2]])
  expect_false(identical(ends[[1]]$model, ends[[1]]$kept))
  # After the last epoch both are the averages.
  expect_identical(ends[[2]]$model, ends[[2]]$kept)
  expect_identical(weight_bits(model), ends[[2]]$model)
})

test_that("an optimizer without averages is refused before training", {
  data <- series_data(4)
  model <- compiled_model()
  expect_error(fit(model, data$x, data$y,
                   callbacks = callback_swap_ema_weights()), "use_ema = TRUE",
               class = "elman_error_state")
  expect_equal(as.numeric(model$optimizer$iterations), 0)
})
