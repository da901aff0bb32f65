# Layers written in plain R.

test_that("an own dense layer is layer_dense bit for bit, through fit", {
  data <- series_data()
  trained <- function(dense, use_bias, weights = NULL) {
    model <- keras_model_sequential(input_shape = c(5, 2)) |>
      layer_simple_rnn(units = 3)
    dense(model, units = 4, use_bias = use_bias)
    dense(model, units = 1, use_bias = use_bias)
    compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
    if (!is.null(weights)) set_weights(model, weights)
    start <- get_weights(model)
    h <- withr::with_seed(1, fit(model, data$x, data$y, epochs = 3,
                                 batch_size = 7, verbose = 0))
    list(start = start, metrics = h$metrics, weights = weight_bits(model),
         prediction = predict(model, data$x, verbose = 0))
  }
  plain <- trained(layer_dense, FALSE)
  own <- trained(own_dense(), FALSE, plain$start)
  expect_identical(own, plain)
  # layer_dense() adds its bias within the product, with one rounding less.
  plain <- trained(layer_dense, TRUE)
  own <- trained(own_dense(), TRUE, plain$start)
  expect_equal(own, plain, tolerance = 1e-5)
})

test_that("it composes as the package's layers do", {
  layer_own <- own_dense()
  layer <- layer_own(, 4)
  expect_s3_class(layer, "OwnDense")
  x <- matrix(1:6 / 6, 2)
  expect_identical(dim(layer(x)), c(2L, 4L))
  expect_true(is.matrix(layer(x)))
  expect_true(is_tensor(layer(as_tensor(x))))
  expect_identical(dim(layer_own(x, units = 2)), c(2L, 2L))
  symbol <- layer(keras_input(3))
  expect_true(is_symbolic(symbol))
  expect_identical(shape_of(symbol), c(NA, 4L))
  model <- keras_model_sequential(input_shape = 3)
  expect_identical(layer_own(model, units = 2), model)
  expect_identical(model$output_shape, shape(NA, 2))
  expect_identical(layer(inputs = x), layer(x))
})

test_that("its gradient is that of its operations", {
  layer_own <- own_dense()
  for (units in c(1, 5)) {
    withr::local_seed(units)
    layer <- with_floatx("float64", {
      layer <- layer_own(units = units)
      layer$build(shape(NA, 3))
      layer
    })
    x <- matrix(rnorm(6), 2)
    expect_gradient(function(x) op_tanh(layer(x)), x,
                    variables = layer$trainable_weights)
  }
})

test_that("add_loss is part of the loss of the call", {
  penalty <- Layer("Penalty", call = function(inputs) {
    self$add_loss(op_sum(inputs) * 0.5)
    inputs
  })
  outer <- Layer("Outer", initialize = function() {
    super$initialize()
    self$inner <- penalty()
  }, call = function(inputs) self$inner(inputs))
  layer <- outer()
  expect_length(layer$losses, 0)
  layer(matrix(1, 2, 2))
  layer(matrix(2, 2, 2))
  expect_identical(lapply(layer$losses, as.numeric), list(4))
  model <- keras_model_sequential(input_shape = 2)
  penalty(model)
  layer_dense(model, 1, kernel_initializer = "zeros")
  compile(model, "sgd", loss = "mse")
  expect_identical(test_on_batch(model, matrix(2, 2, 2), c(0, 0)), 4)
})

test_that("a layer of layers is built by its shape alone", {
  block <- Layer("Block", initialize = function() {
    super$initialize()
    self$dense <- layer_dense(units = 2)
  }, call = function(inputs) self$dense(inputs))
  layer <- block()
  layer$build(shape(NA, 3))
  expect_identical(layer$count_params(), 8L)
  expect_length(unwrap_layer(layer$dense)$calls, 0)
  # Weights are drawn as ever while the shape is looked at.
  twins <- list(block(), block())
  withr::with_seed(1, for (twin in twins) twin$build(shape(NA, 3)))
  expect_false(identical(get_weights(twins[[1]]), get_weights(twins[[2]])))
})

test_that("a model with own layers survives another process", {
  block <- Layer("Block", initialize = function(units) {
    super$initialize()
    self$inner <- own_dense()(units = units)
  }, call = function(inputs) op_tanh(self$inner(inputs)))
  data <- flat_data()
  model <- keras_model_sequential(input_shape = 3)
  block(model, units = 4)
  layer_dense(model, 1)
  compile(model, "adam", loss = "mse")
  fit(model, data$x, data$y, verbose = 0, shuffle = FALSE)
  file <- withr::local_tempfile(fileext = ".rds")
  answer <- withr::local_tempfile(fileext = ".rds")
  saveRDS(list(model = model, data = data), file)
  code <- sprintf(paste(
    "%s; library(elman); s <- readRDS('%s')",
    "p <- predict(s$model, s$data$x, verbose = 0)",
    "h <- fit(s$model, s$data$x, s$data$y, verbose = 0, shuffle = FALSE)",
    "saveRDS(list(p, h$metrics, get_weights(s$model)), '%s')", sep = "; "),
    load_code(), file, answer)
  script <- withr::local_tempfile(fileext = ".R")
  writeLines(code, script)
  system2(file.path(R.home("bin"), "Rscript"), script, stdout = FALSE,
          stderr = FALSE)
  there <- readRDS(answer)
  expect_identical(there[[1]], predict(model, data$x, verbose = 0))
  h <- fit(model, data$x, data$y, verbose = 0, shuffle = FALSE)
  expect_identical(there[[2]], h$metrics)
  expect_identical(there[[3]], get_weights(model))
})
