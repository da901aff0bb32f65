# The LSTM layer: Keras's numbers, the recurrence written out, gradients, laws.

lstm_of <- function(x, use_bias = TRUE, ..., units = 5) {
  reference_lstm(x, lstm_weights(dim(x)[3], units, use_bias), ...)
}

test_that("constant weights give Keras's numbers", {
  layer <- layer_lstm(
    units = 2, kernel_initializer = initializer_constant(0.01),
    recurrent_initializer = initializer_constant(0.02),
    bias_initializer = initializer_constant(0.03)
  )
  y <- layer(row_major_seq(2, 4, 3))
  # Keras gives eight digits of float32.
  expect_equal(y, cbind(c(.19900082, .52335435), c(.19900082, .52335435)),
               tolerance = 1e-6)
})

test_that("all flags agree with the recurrence written out", {
  expect_reference(double_lstm, lstm_of, states = 2)
})

test_that("sizes around one and vector widths agree with the recurrence", {
  single <- function(features, units) {
    layer_lstm(units = units, weights = lstm_weights(features, units))
  }
  expect_reference_sizes(double_lstm, single, function(x, units) {
    lstm_of(x, units = units)
  })
})

test_that("every activation works for states and for gates", {
  x <- waves(2, 3, 2) * 0.7
  relu <- function(z) pmax(z, 0)
  hard <- function(z) pmin(pmax(z / 6 + 0.5, 0), 1)
  got <- double_lstm(2, 5, activation = "relu",
                     recurrent_activation = "hard_sigmoid")(x)
  expect_equal(got, lstm_of(x, activation = relu, gate = hard)[[1]],
               tolerance = 1e-13)
  names <- setdiff(sub("activation_", "", grep("^activation_",
    getNamespaceExports("elman"), value = TRUE)),
    c("glu", "threshold", "exponential"))
  for (name in names) {
    layer <- double_lstm(2, 3, activation = name, recurrent_activation = name)
    expect_layer_gradients(layer, states = 2, masked = FALSE)
  }
})

test_that("the user's own activations run step by step, to the same numbers", {
  x <- waves(2, 4, 2)
  mask <- rbind(c(TRUE, FALSE, TRUE, TRUE), c(FALSE, TRUE, TRUE, FALSE))
  for (use_bias in c(TRUE, FALSE)) {
    flags <- list(2, 5, use_bias = use_bias, return_sequences = TRUE,
                  return_state = TRUE)
    native <- do.call(double_lstm, flags)(x, mask = mask)
    for (own in list(list(activation = function(z) op_tanh(z)),
                     list(recurrent_activation = function(z) op_sigmoid(z)))) {
      layer <- do.call(double_lstm, c(flags, own))
      expect_equal(layer(x, mask = mask), native, tolerance = 1e-13)
    }
  }
  layer <- double_lstm(2, 3, recurrent_activation = function(z) op_sum(z))
  expect_error(layer(x), "`recurrent_activation` must give a tensor",
               class = "elman_error_shape")
})

test_that("gradients hold for weights, input and both states", {
  for (flags in list(
    list(),
    list(use_bias = FALSE, return_state = TRUE),
    list(go_backwards = TRUE, return_sequences = TRUE, return_state = TRUE),
    list(return_sequences = TRUE, zero_output_for_mask = TRUE),
    list(activation = function(z) op_tanh(op_multiply(z, 0.9)))
  )) {
    expect_layer_gradients(do.call(double_lstm, c(list(2, 3), flags)), 2)
  }
})

test_that("the laws of recurrent layers hold", {
  expect_recurrent_laws(function(...) double_lstm(3, 5, ...))
  expect_same_bits(layer_lstm(units = 19, weights = lstm_weights(9, 19)))
})

test_that("weights have Keras's names, order, shapes and starting values", {
  layer <- layer_lstm(units = 4, name = "memory")
  layer$build(shape(NA, NA, 3))
  expect_identical(
    vapply(layer$weights, function(v) v$path, ""),
    paste0("memory/lstm_cell/", c("kernel", "recurrent_kernel", "bias"))
  )
  w <- get_weights(layer)
  expect_identical(lapply(w, dim), list(c(3L, 16L), c(4L, 16L), 16L))
  expect_lte(max(abs(w[[1]])), sqrt(6 / 19))
  expect_equal(tcrossprod(w[[2]]), diag(4), tolerance = 1e-6)
  expect_identical(as.vector(w[[3]]), rep(c(0, 1, 0, 0), each = 4))
  start <- function(...) {
    layer <- layer_lstm(units = 1, ...)
    layer$build(shape(NA, NA, 1))
    as.vector(get_weights(layer)[[3]])
  }
  expect_identical(start(unit_forget_bias = FALSE), numeric(4))
  half <- initializer_constant(0.5)
  expect_identical(start(bias_initializer = half), c(0.5, 1, 0.5, 0.5))
  expect_identical(start(bias_initializer = array(1:4, 4)), c(1, 2, 3, 4))
})

test_that("states go in and come out as h and c", {
  x <- waves(2, 3, 2)
  layer <- double_lstm(2, 4, return_state = TRUE, return_sequences = TRUE)
  got <- layer(x)
  expect_identical(lapply(got, dim), list(c(2L, 3L, 4L), c(2L, 4L), c(2L, 4L)))
  expect_identical(got[[1]][, 3, ], got[[2]])
  expect_error(layer(x, initial_state = got[[2]]), class = "elman_error_shape")
  expect_error(layer(x, initial_state = list(got[[2]], matrix(0, 2, 3))),
               class = "elman_error_shape")
  shapes <- layer$compute_output_shape(c(NA, 3, 2))
  expect_true(shapes[[1]] == shape(NA, 3, 4))
  expect_true(shapes[[2]] == shape(NA, 4) && shapes[[3]] == shape(NA, 4))
  carried <- double_lstm(2, 4, stateful = TRUE)
  y <- carried(x)
  expect_identical(lapply(carried$states, function(s) as.array(s)),
                   layer(x)[2:3])
  expect_identical(y, got[[2]])
})

test_that("one mask drops the input of all gates, or one for each", {
  x <- waves(4, 3, 2)
  drops <- function(seeds, rate, ...) {
    as.array(dropout_mask(c(...), rate, "float64", next_key(seeds)))
  }
  shared <- double_lstm(2, 5, dropout = 0.4, seed = 5)
  one <- drops(new_seed_generator(5), 0.4, 4L, 2L)
  all <- array(rep(one, each = 4), c(4, 4, 2))
  expect_equal(shared(x, training = TRUE), lstm_of(x, x_drops = all)[[1]],
               tolerance = 1e-13)

  apart <- list(2, 5, dropout = 0.4, recurrent_dropout = 0.3, seed = 5)
  seeds <- new_seed_generator(5)
  want <- lstm_of(x, x_drops = drops(seeds, 0.4, 4L, 4L, 2L),
                  h_drops = drops(seeds, 0.3, 4L, 4L, 5L))[[1]]
  native <- do.call(double_lstm, apart)
  expect_equal(native(x, training = TRUE), want, tolerance = 1e-13)
  own <- do.call(double_lstm, c(apart, activation = function(z) op_tanh(z)))
  expect_equal(own(x, training = TRUE), want, tolerance = 1e-13)

  first <- double_lstm(2, 5, dropout = 0.4, implementation = 1, seed = 5)
  want <- lstm_of(x, x_drops = drops(new_seed_generator(5), 0.4, 4L, 4L, 2L))
  expect_equal(first(x, training = TRUE), want[[1]], tolerance = 1e-13)
})

test_that("a dropout rate of 1 is taken for none", {
  x <- waves(2, 3, 2)
  layer <- double_lstm(2, 3, dropout = 1, recurrent_dropout = 1)
  expect_identical(layer(x, training = TRUE), layer(x))
})

test_that("gradients hold where each gate has its own masks", {
  for (flags in list(list(), list(activation = function(z) op_tanh(z)))) {
    layer <- do.call(double_lstm, c(
      list(2, 3, dropout = 0.4, recurrent_dropout = 0.3), flags))
    x <- waves(2, 3, 2)
    layer(x)
    expect_gradient(
      function(x) {
        set.seed(1)
        layer(x, training = TRUE)
      },
      x, variables = layer$trainable_weights
    )
  }
})

test_that("the penalty on outputs is honoured", {
  layer <- double_lstm(2, 3, activity_regularizer = "l2")
  y <- layer(waves(2, 3, 2))
  expect_equal(as.numeric(layer$losses[[1]]), 0.01 * sum(y^2) / 2)
})

test_that("the configuration has Keras's entries in Keras's order", {
  layer <- layer_lstm(units = 4, kernel_regularizer = "l2", seed = 3L,
                      unit_forget_bias = FALSE, recurrent_activation = NULL)
  config <- get_config(layer)
  expect_identical(names(config), c(
    "name", "trainable", "dtype", "return_sequences", "return_state",
    "go_backwards", "stateful", "unroll", "zero_output_for_mask", "units",
    "activation", "recurrent_activation", "use_bias", "kernel_initializer",
    "recurrent_initializer", "bias_initializer", "unit_forget_bias",
    "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
    "activity_regularizer", "kernel_constraint", "recurrent_constraint",
    "bias_constraint", "dropout", "recurrent_dropout", "seed"
  ))
  expect_identical(config$recurrent_activation, "linear")
  expect_identical(get_config(from_config(config)), config)
})

test_that("it trains in a model", {
  set.seed(1)
  x <- waves(16, 5, 2)
  y <- matrix(x[, 5, 1])
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_lstm(units = 6) |>
    layer_dense(units = 1)
  model |> compile(optimizer = optimizer_adam(0.02), loss = "mse")
  history <- model |> fit(x, y, epochs = 30, verbose = 0)
  loss <- history$metrics$loss
  expect_lt(loss[30], loss[1] / 3)
})

test_that("a step with masks, dropout and carried states can be recorded", {
  model <- keras_model_sequential(input_batch_shape = c(4, 5, 2)) |>
    layer_masking() |>
    layer_bidirectional(layer_lstm(units = 3, recurrent_dropout = 0.3,
                                   return_sequences = TRUE)) |>
    layer_lstm(2, dropout = 0.5, stateful = TRUE)
  x <- waves(4, 5, 2)
  x[2, 3:5, ] <- 0
  expect_records(model, x, waves(4, 5, 2, shift = 1), waves(4, 2, shift = 2))
})

test_that("bad input is refused", {
  expect_snapshot(error = TRUE, {
    layer_lstm()
    layer_lstm(units = 0)
    layer_lstm(units = 3, activation = "tahn")
    layer_lstm(units = 3, recurrent_activation = "glu")
    layer_lstm(units = 3, unit_forget_bias = "yes")
    layer_lstm(units = 3, use_cudnn = "no")
    layer_lstm(units = 3, implementation = 3)
    layer_lstm(units = 3, reset_after = TRUE)
    layer_lstm(units = 3, dropout = 2)
    double_lstm(2, 3, name = "lstm")(waves(2, 3))
    double_lstm(2, 3, name = "lstm")(waves(2, 3, 5))
  })
})
