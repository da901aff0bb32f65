test_that("the loss falls and the history holds every epoch", {
  data <- series_data(32)
  set.seed(1)
  history <- fit(compiled_model(optimizer_adam(0.02), metrics = "mae"),
                 data$x, data$y, epochs = 15, batch_size = 8)
  expect_s3_class(history, "keras_training_history")
  expect_named(history$metrics, c("loss", "mae"))
  expect_length(history$metrics$loss, 15)
  expect_lt(history$metrics$loss[15], history$metrics$loss[1] / 2)
  expect_equal(history$params$steps, 4)
})

test_that("an epoch's loss weighs every sample alike", {
  # Predictions stay 0, targets 0, 0, 3: batches of 2 and 1 give 9 / 3.
  model <- keras_model_sequential(input_shape = 1) |>
    layer_dense(1, kernel_initializer = "zeros", use_bias = FALSE)
  compile(model, optimizer_sgd(0), "mse")
  history <- fit(model, matrix(1, 3), c(0, 0, 3), batch_size = 2)
  expect_equal(history$metrics$loss, 3)
  expect_equal(evaluate(model, matrix(1, 3), c(0, 0, 3), batch_size = 2)$loss,
               3)
})

test_that("training equals gradient descent written out", {
  withr::local_seed(2)
  x <- matrix(rnorm(8), 4)
  y <- rnorm(4)
  model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
  compile(model, optimizer_sgd(0.1), "mse")
  w <- get_weights(model)
  for (step in 1:3) {
    train_on_batch(model, x, y)
    error <- as.vector(x %*% w[[1]] + w[[2]][1]) - y
    w[[1]] <- w[[1]] - 0.1 * 2 * crossprod(x, error) / 4
    w[[2]] <- w[[2]] - 0.1 * 2 * mean(error)
  }
  expect_equal(get_weights(model), w, tolerance = 1e-5)
})

test_that("set.seed alone repeats a run, bit for bit, on any threads", {
  data <- series_data(40, time = 6)
  run <- function(threads) {
    with_threads(threads, {
      set.seed(42)
      model <- keras_model_sequential(input_shape = c(6, 2)) |>
        layer_simple_rnn(8, dropout = 0.2, recurrent_dropout = 0.1) |>
        layer_dropout(0.3) |>
        layer_dense(1)
      compile(model, "adam", "mse")
      history <- fit(model, data$x, data$y, epochs = 3, batch_size = 16)
      list(get_weights(model), history$metrics)
    })
  }
  first <- run(1)
  expect_identical(run(1), first)
  expect_identical(run(2), first)
  set.seed(43)
  expect_false(identical(weight_bits(small_model()), unlist(first[[1]])))
})

test_that("validation is measured on its own data, without training on it", {
  data <- series_data(20)
  model <- compiled_model(metrics = "mae")
  history <- fit(model, data$x, data$y, epochs = 2, validation_split = 0.25,
                 shuffle = FALSE)
  expect_named(history$metrics, c("loss", "mae", "val_loss", "val_mae"))
  want <- evaluate(model, data$x[16:20, , ], data$y[16:20])
  expect_equal(history$metrics$val_loss[2], want$loss)
  given <- fit(model, data$x, data$y, epochs = 2, validation_freq = 2,
               validation_data = list(data$x[1:4, , ], data$y[1:4],
                                      c(1, 1, 0, 0)))
  expect_equal(is.na(given$metrics$val_loss), c(TRUE, FALSE))
})

test_that("weights of samples and of classes change the loss alike", {
  withr::local_seed(3)
  x <- matrix(rnorm(12), 6)
  y <- c(0, 1, 0, 1, 1, 0)
  model <- keras_model_sequential(input_shape = 2) |>
    layer_dense(1, activation = "sigmoid")
  compile(model, optimizer_sgd(0), "binary_crossentropy")
  by_sample <- fit(model, x, y, sample_weight = ifelse(y == 1, 3, 0.5))
  by_class <- fit(model, x, y, class_weight = c("0" = 0.5, "1" = 3))
  expect_equal(by_sample$metrics, by_class$metrics, tolerance = 1e-6)
})

test_that("regularizers and activity regularizers are part of the loss", {
  model <- keras_model_sequential(input_shape = 2) |>
    layer_dense(1, kernel_initializer = "ones", use_bias = FALSE,
                kernel_regularizer = regularizer_l2(0.5),
                activity_regularizer = regularizer_l1(0.25))
  compile(model, optimizer_sgd(0), "mse", metrics = "mse")
  got <- test_on_batch(model, matrix(1, 4, 2), rep(2, 4))
  expect_equal(got$mse, 0)
  # 0.5 (1 + 1) + 0.25 (4 outputs of 2) / 4
  expect_equal(got$loss, 1.5, tolerance = 1e-6)
  expect_equal(test_on_batch(model, matrix(1, 4, 2), rep(2, 4))$loss, 1.5,
               tolerance = 1e-6)
})

test_that("frozen layers keep their weights", {
  data <- series_data(8)
  model <- compiled_model(trainable = FALSE)
  before <- get_weights(model)
  fit(model, data$x, data$y, epochs = 2)
  after <- get_weights(model)
  expect_identical(after[1:3], before[1:3])
  expect_false(identical(after[[4]], before[[4]]))
})

test_that("every kind of target trains", {
  withr::local_seed(4)
  x <- array(rnorm(60), c(6, 5, 2))
  class <- c(0, 1, 2, 0, 1, 2)
  run <- function(units, activation, loss, y, metrics = "accuracy") {
    model <- keras_model_sequential(input_shape = c(5, 2)) |>
      layer_simple_rnn(4) |>
      layer_dense(units, activation = activation)
    compile(model, "adam", loss, metrics = metrics)
    fit(model, x, y, epochs = 2)$metrics
  }
  expect_named(run(1, "sigmoid", "binary_crossentropy", class > 0),
               c("accuracy", "loss"))
  sparse <- run(3, "softmax", "sparse_categorical_crossentropy",
                factor(letters[class + 1]), "acc")
  expect_named(sparse, c("acc", "loss"))
  run(3, "softmax", "categorical_crossentropy", diag(3)[class + 1, ])
  expect_named(run(2, NULL, "mae", matrix(rnorm(12), 6), c("mse", "mae")),
               c("loss", "mae", "mse"))
})

test_that("sequences of targets train, masked or not", {
  data <- series_data(6)
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_simple_rnn(3, return_sequences = TRUE) |>
    layer_dense(1)
  compile(model, "adam", "mse", metrics = "mae")
  y <- data$x[, , 1, drop = FALSE]
  history <- fit(model, data$x, y, epochs = 2,
                 sample_weight = matrix(1, 6, 5))
  expect_length(history$metrics$loss, 2)
  per_sample <- fit(model, data$x, y, sample_weight = rep(1, 6))
  expect_true(is.finite(per_sample$metrics$loss))
})

test_that("a function can feed batches until it gives NULL", {
  data <- series_data(8)
  model <- compiled_model(optimizer_sgd(0))
  feeder <- function() {
    at <- 0
    function() {
      at <<- at + 1
      if (at > 2) return(NULL)
      rows <- (at - 1) * 4 + 1:4
      list(data$x[rows, , ], data$y[rows])
    }
  }
  by_function <- fit(model, feeder())
  by_array <- fit(model, data$x, data$y, batch_size = 4)
  expect_equal(by_function$metrics$loss, by_array$metrics$loss,
               tolerance = 1e-6)
})

test_that("training goes on where it stopped", {
  data <- series_data(16)
  run <- function(parts) {
    set.seed(5)
    model <- compiled_model(optimizer_adam(0.01))
    for (p in parts) {
      fit(model, data$x, data$y, epochs = p[2], initial_epoch = p[1],
          shuffle = FALSE)
    }
    weight_bits(model)
  }
  expect_identical(run(list(c(1, 2), c(3, 5))), run(list(c(1, 5))))
})

test_that("Ctrl-C keeps the last update and gives the history so far", {
  data <- series_data(16)
  model <- compiled_model()
  ended <- FALSE
  stop_in <- callback_lambda(
    on_train_batch_end = function(batch, logs) {
      if (model$optimizer$iterations == 5) rlang::interrupt()
    },
    on_train_end = function(logs) ended <<- TRUE
  )
  expect_message(
    history <- fit(model, data$x, data$y, epochs = 9, batch_size = 4,
                   callbacks = stop_in),
    "interrupted"
  )
  expect_length(history$metrics$loss, 1)
  expect_true(ended)
  expect_equal(model$optimizer$iterations, 5)
  again <- fit(model, data$x, data$y)
  expect_true(is.finite(again$metrics$loss))
})

test_that("a model lives on in another process, optimizer and all", {
  data <- series_data(16)
  set.seed(6)
  model <- compiled_model(optimizer_adam(0.01))
  fit(model, data$x, data$y, epochs = 2, shuffle = FALSE)
  file <- withr::local_tempfile(fileext = ".rds")
  out <- withr::local_tempfile(fileext = ".rds")
  saveRDS(list(model = model, data = data), file)
  code <- sprintf(paste(
    "s <- readRDS('%s'); %s; library(elman);",
    "p <- predict(s$model, s$data$x, verbose = 0);",
    "fit(s$model, s$data$x, s$data$y, epochs = 2, shuffle = FALSE,",
    "verbose = 0); saveRDS(list(p, get_weights(s$model)), '%s')"
  ), file, load_code(), out)
  script <- withr::local_tempfile(lines = code, fileext = ".R")
  status <- system2(file.path(R.home("bin"), "Rscript"), script,
                    stdout = FALSE, stderr = FALSE,
                    env = paste0("R_LIBS=", paste(.libPaths(),
                                                  collapse = ":")))
  expect_equal(status, 0)
  there <- readRDS(out)
  expect_identical(predict(model, data$x), there[[1]])
  fit(model, data$x, data$y, epochs = 2, shuffle = FALSE)
  expect_identical(get_weights(model), there[[2]])
})

test_that("stateful layers carry their state from batch to batch", {
  withr::local_seed(7)
  model <- keras_model_sequential(input_batch_shape = c(2, 4, 1)) |>
    layer_simple_rnn(3, stateful = TRUE)
  x <- array(rnorm(8), c(2, 4, 1))
  one <- predict(model, x, batch_size = 2)
  two <- predict(model, x, batch_size = 2)
  expect_false(identical(one, two))
  reset_state(model)
  expect_identical(predict(model, x, batch_size = 2), one)
})

test_that("bad input is refused before anything changes", {
  data <- series_data(6)
  model <- compiled_model()
  before <- weight_bits(model)
  x <- data$x
  y <- data$y
  bad_x <- x
  bad_x[c(1, 7)] <- c(NA, Inf)
  bad_y <- y
  bad_y[2] <- NaN
  stateful <- keras_model_sequential(input_batch_shape = c(4, 5, 2)) |>
    layer_simple_rnn(2, stateful = TRUE) |>
    layer_dense(1) |>
    compile("sgd", "mse")
  expect_snapshot(error = TRUE, {
    fit(small_model(), x, y)
    fit(model, bad_x, y)
    fit(model, x, bad_y)
    fit(model, x, y[1:5])
    fit(model, x, y, sample_weight = c(1, 2))
    fit(model, x, y, epochs = 0)
    fit(model, x, y, epochs = 1.5)
    fit(model, x, y, batch_size = 0)
    fit(model, x, y, validation_split = 1)
    fit(model, x, y, validation_split = -0.1)
    fit(model, x, y, validation_split = 0.9)
    fit(model, x[, , 1], y)
    fit(model, x[, , c(1, 2, 2)], y)
    fit(model, x, matrix(0, 6, 3))
    fit(model, x, letters[1:6])
    fit(model, x)
    fit(model)
    fit(model, x, y, epoch = 3)
    fit(model, x, y, epohcs = 3)
    fit(model, x, y, class_weight = c(1, 2))
    fit(model, list(x, x), y)
    fit(stateful, x, y, batch_size = 4)
    predict(stateful, x)
    evaluate(stateful, x, y, batch_size = 2)
    train_on_batch(stateful, x, y)
    fit("model", x, y)
  })
  expect_identical(weight_bits(model), before)
})
