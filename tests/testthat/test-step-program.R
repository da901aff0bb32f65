programs_of <- function(model, mode = "train") {
  self <- unwrap_layer(model)
  holder <- if (mode == "predict") self else self$plan
  length(holder$step_log$programs[[mode]])
}

steps <- function(model, data, n = 4) {
  lapply(seq_len(n), function(k) train_on_batch(model, data$x + k, data$y))
}

test_that("recorded steps give the bits of steps as written", {
  data <- series_data(n = 8)
  for (rule in list(optimizer_rmsprop, optimizer_adam)) {
    expect_same_training(
      function() compiled_model(rule(0.1)), function(model) steps(model, data)
    )
  }
  expect_same_training(
    function() compiled_model(metrics = c("mae", "mse")),
    function(model) steps(model, data)
  )
})

test_that("dropout draws the same numbers from R's generator when replayed", {
  data <- series_data(n = 8)
  for (seed in list(NULL, 3)) {
    expect_same_training(
      function() {
        compiled_model(dropout = 0.3, recurrent_dropout = 0.2, seed = seed)
      },
      function(model) {
        list(steps(model, data), stats::runif(1), steps(model, data))
      }
    )
  }
})

test_that("smaller last batches, weights and lengths have their own program", {
  data <- series_data(n = 22)
  expect_same_training(
    compiled_model,
    function(model) {
      fit(model, data$x, data$y, batch_size = 8, epochs = 3,
          verbose = 0)$metrics
    }
  )
  model <- compiled_model()
  fit(model, data$x, data$y, batch_size = 8, epochs = 3, verbose = 0)
  expect_identical(programs_of(model), 2L)
  expect_same_training(
    compiled_model,
    function(model) {
      fit(model, data$x, data$y, batch_size = 8, epochs = 3, verbose = 0,
          sample_weight = seq_len(22) / 22)$metrics
    }
  )
})

# Did steps of training run many in a call?
ran_together <- function(model) {
  programs <- unwrap_layer(model)$plan$step_log$programs$train
  any(vapply(programs, function(p) !is.null(p$pace$seconds), NA))
}

test_that("steps that nobody looks between run in one call, to the same bits", {
  data <- series_data(n = 45)
  train <- function(..., optimizer = optimizer_adam, batch_size = 4,
                    watch = NULL) {
    together <- logical()
    expect_same_training(
      function() {
        compiled_model(optimizer(), dropout = 0.3, metrics = c("mae", "mse"))
      },
      function(model) {
        history <- fit(model, data$x, data$y, batch_size = batch_size,
                       epochs = 4, verbose = 0, callbacks = watch, ...)
        together <<- c(together, ran_together(model))
        history$metrics
      }
    )
    together[1]
  }
  expect_true(train())
  expect_true(train(validation_split = 0.4))
  expect_true(train(steps_per_epoch = 3, shuffle = FALSE))
  expect_true(train(shuffle = "batch", sample_weight = seq_len(45) / 45))
  expect_true(train(batch_size = 1))
  # Rates of a schedule change between steps; a callback may change anything.
  schedule <- learning_rate_schedule_exponential_decay(0.1, 2, 0.5)
  expect_false(train(optimizer = function() optimizer_sgd(schedule)))
  look <- callback_lambda(on_train_batch_end = function(batch, logs) NULL)
  expect_false(train(watch = look))
})

test_that("of many steps those before the first that goes wrong are done", {
  data <- series_data(n = 16)
  run <- function(code) {
    set.seed(1)
    model <- compiled_model("adam")
    fit(model, data$x, data$y, batch_size = 4, shuffle = FALSE, verbose = 0)
    code(model)
    weight_bits(model)
  }
  twice <- run(function(model) {
    fit(model, data$x[1:8, , ], data$y[1:8], batch_size = 4, shuffle = FALSE,
        verbose = 0)
  })
  expect_identical(twice, run(function(model) {
    self <- unwrap_layer(model)
    source <- array_source(list(as_tensor(data$x)),
                           list(as_tensor(array(data$y))), NULL, 4L, FALSE,
                           c(0L, 16L))
    source$begin()
    stretch <- source$stretch(4)
    numbers <- stretch$numbers
    stretch$numbers <- function(k) replace(numbers(k), 9, 16L)
    log <- self$plan$step_log
    # Fast enough for all of them in a call.
    log$programs$train[[1]]$pace$seconds <- 0.001
    expect_identical(run_stretch(log, "train", stretch, stop), 2L)
  }))
})

test_that("a changed layer, compile() or set_weights() is followed", {
  data <- series_data(n = 8)
  expect_same_training(compiled_model, function(model) {
    first <- steps(model, data)
    model$optimizer$learning_rate <- 0.5
    second <- steps(model, data)
    set_weights(model, lapply(get_weights(model), function(w) w / 2))
    third <- steps(model, data)
    dense <- get_layer(model, index = 2)
    dense$activation <- activation_relu
    fourth <- steps(model, data)
    compile(model, optimizer_sgd(0.01), "mae")
    list(first, second, third, fourth, steps(model, data))
  })
})

test_that("states go on from step to step, and are reset", {
  data <- series_data(n = 8)
  make <- function() {
    keras_model_sequential(input_batch_shape = c(8, 5, 2)) |>
      layer_simple_rnn(3, stateful = TRUE) |>
      layer_dense(1) |>
      compile(optimizer_adam(0.1), "mse")
  }
  expect_same_training(make, function(model) {
    first <- steps(model, data)
    predicted <- lapply(1:4, function(k) predict_on_batch(model, data$x))
    reset_state(model)
    list(first, predicted, steps(model, data))
  })
  model <- make()
  steps(model, data)
  expect_identical(programs_of(model), 1L)
})

test_that("predictions are replayed, by batch and over data", {
  data <- series_data(n = 20)
  model <- small_model()
  plain <- as_written(predict(model, data$x, verbose = 0))
  for (k in 1:3) {
    expect_identical(predict(model, data$x, batch_size = 8, verbose = 0), plain)
    expect_identical(predict_on_batch(model, data$x), plain)
  }
  expect_identical(programs_of(model, "predict"), 3L)
  set_weights(model, lapply(get_weights(model), `*`, 0))
  expect_identical(predict_on_batch(model, data$x), plain * 0)
})

test_that("code of the user's own is run at every step", {
  calls <- 0
  own <- function(x) {
    calls <<- calls + 1
    op_tanh(x)
  }
  data <- series_data(n = 8)
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_simple_rnn(2) |>
    layer_dense(1, activation = own)
  compile(model, "sgd", loss = "mse")
  before <- calls
  steps(model, data, 5)
  expect_identical(calls - before, 5)
  expect_identical(programs_of(model), 0L)
})

test_that("an own loss, regularizer or constraint is run at every step", {
  calls <- 0
  count <- function(value) {
    calls <<- calls + 1
    value
  }
  data <- series_data(n = 8)
  model <- compiled_model(loss = function(y_true, y_pred) {
    count(op_mean(op_square(y_true - y_pred)))
  })
  steps(model, data, 5)
  expect_identical(calls, 5)
  model <- compiled_model(
    kernel_regularizer = function(w) count(op_sum(op_square(w))),
    kernel_constraint = function(w) count(w)
  )
  calls <- 0
  steps(model, data, 5)
  expect_identical(calls, 10)
})

test_that("a learning rate that is a function is asked at every step", {
  data <- series_data(n = 8)
  asked <- 0
  model <- compiled_model(optimizer_sgd(function(step) {
    asked <<- asked + 1
    0.1 / (1 + step)
  }))
  steps(model, data, 5)
  expect_identical(programs_of(model), 1L)
  expect_identical(asked, 5)
})

test_that("the package's regularizers, constraints and clipping are recorded", {
  data <- series_data(n = 8)
  make <- function() {
    compiled_model(
      optimizer_adam(clipnorm = 0.1, use_ema = TRUE), kernel_regularizer = "l2",
      activity_regularizer = "l1",
      recurrent_constraint = constraint_maxnorm(0.5)
    )
  }
  expect_same_training(make, function(model) steps(model, data, 6))
  model <- make()
  steps(model, data, 3)
  expect_identical(programs_of(model), 1L)
})

test_that("a model read back from a file records anew", {
  data <- series_data(n = 8)
  model <- compiled_model("adam")
  steps(model, data)
  path <- withr::local_tempfile()
  saveRDS(model, path)
  again <- readRDS(path)
  expect_identical(steps(again, data), steps(model, data))
  expect_identical(get_weights(again), get_weights(model))
})

test_that("numbers read within a step refuse the recording, not the step", {
  notes <- start_recording(list(as_tensor(1:3 / 3)))
  withr::defer(stop_recording())
  y <- op_square(notes$inputs[[1]])
  as.array(y)
  expect_match(cpp_recording_end(list(y)), "reads the numbers")
})

test_that("a program is refused where a variable's memory is exchanged", {
  v <- new_variable(as_tensor(1:3 / 3), "v")
  notes <- start_recording(list(as_tensor(1:3 / 3)))
  withr::defer(stop_recording())
  y <- op_add(notes$inputs[[1]], v)
  variable_assign(v, as_tensor(c(1, 1, 1)))
  expect_match(cpp_recording_end(list(y)), "replaces the value")
})

test_that("data of another size are refused by a program", {
  notes <- start_recording(list(as_tensor(1:3 / 3)))
  y <- op_square(notes$inputs[[1]])
  pointer <- cpp_recording_end(list(y))
  stop_recording()
  run <- function(x) cpp_program_run(pointer, list(x), NULL, FALSE)
  expect_equal(run(c(1, 2, 3))[[1]], array(c(1, 4, 9)))
  expect_equal(run(as_tensor(c(1, 2, 3)))[[1]], array(c(1, 4, 9)))
  expect_match(run(c(1, 2)), "another size")
  expect_match(run(as_tensor(1:3)), "another type")
})
