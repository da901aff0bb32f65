# Copies of models.

expect_clone <- function(model, ..., x) {
  twin <- clone_model(model, ...)
  expect_identical(class(twin), class(model))
  set_weights(twin, get_weights(model))
  expect_identical(predict(twin, x, verbose = 0),
                   predict(model, x, verbose = 0))
  shared <- vapply(twin$weights, function(v) {
    !is.na(index_of(v, model$weights))
  }, NA)
  expect_false(any(shared))
  invisible(twin)
}

test_that("a clone with copied weights predicts the same", {
  data <- series_data()
  expect_clone(small_model(), x = data$x)
  expect_clone(small_model(stateful = FALSE, return_sequences = TRUE) |>
                 layer_bidirectional(layer_simple_rnn(units = 2)), x = data$x)
  inputs <- keras_input(c(5, 2), name = "series")
  shared <- layer_dense(units = 2, name = "shared")
  rnn <- layer_simple_rnn(units = 2)
  out <- shared(shared(rnn(inputs))) + 1
  twin <- expect_clone(keras_model(inputs, out, name = "net"), x = data$x)
  expect_identical(twin$name, "net")
  expect_length(twin$weights, 5)
  a <- keras_input(3, name = "a")
  b <- keras_input(3, name = "b")
  both <- keras_model(list(a = a, b = b),
                      list(sum = a + b, one = layer_dense(b, 1)))
  x <- list(a = matrix(1, 2, 3), b = matrix(2, 2, 3))
  expect_clone(both, x = x)
})

test_that("models inside are cloned as one or layer by layer", {
  data <- flat_data()
  inner <- functional_by(keras_model)
  model <- keras_model_sequential(input_shape = 3)
  model$add(inner)
  layer_dense(model, 1)
  expect_clone(model, x = data$x)
  seen <- character()
  note <- function(layer) {
    seen <<- c(seen, class(layer)[1])
    from_config(get_config(layer))
  }
  expect_clone(model, clone_function = note, x = data$x)
  expect_identical(seen, c("Functional", "Dense"))
  seen <- character()
  expect_clone(model, clone_function = note, recursive = TRUE, x = data$x)
  expect_identical(seen, c("Dense", "Dense", "Dense"))
})

test_that("own layers and models are cloned", {
  data <- flat_data()
  layer_own <- own_dense()
  model <- keras_model_sequential(input_shape = 3)
  layer_own(model, units = 2)
  layer_lambda(model, \(x) x * 2)
  expect_clone(model, x = data$x)
  expect_clone(functional_by(by_hand()), x = data$x)
  series <- series_data()
  own <- own_forecaster()(units = 3)
  own$build(shape(NA, 5, 2))
  twin <- clone_model(own)
  twin$build(shape(NA, 5, 2))
  set_weights(twin, get_weights(own))
  expect_identical(predict(twin, series$x, verbose = 0),
                   predict(own, series$x, verbose = 0))
})

test_that("functions replace layers and calls", {
  inputs <- keras_input(3)
  model <- keras_model(inputs, inputs |> layer_dense(2) |> layer_dense(1))
  same <- clone_model(model, clone_function = identity,
                      call_function = function(layer, ...) {
                        layer_lambda(layer(...), \(x) x * 2)
                      })
  x <- flat_data()$x
  expect_identical(lapply(same$weights, identical, model$weights[[1]])[[1]],
                   TRUE)
  expect_length(same$layers, 5)
  wider <- clone_model(small_model(), clone_function = function(layer) {
    if (inherits(layer, "SimpleRNN")) layer_bidirectional(layer = layer) else
      from_config(get_config(layer))
  })
  expect_s3_class(wider$layers[[1]], "Bidirectional")
})

test_that("a clone is built on given tensors", {
  model <- keras_model_sequential() |> layer_dense(2)
  input <- keras_input(4, name = "mine")
  twin <- clone_model(model, input_tensors = input)
  expect_identical(twin$inputs[[1]], input)
  expect_identical(twin$output_shape, shape(NA, 2))
  net <- functional_by(keras_model)
  input <- keras_input(3)
  expect_identical(clone_model(net, input_tensors = list(input))$inputs[[1]],
                   input)
})

test_that("a clone is compiled alike, and trained alone", {
  data <- flat_data()
  model <- functional_by(keras_model)
  compile(model, optimizer_adam(0.02), loss = "mse", metrics = "mae")
  start <- get_weights(model)
  twin <- clone_model(model)
  set_weights(twin, start)
  fits <- lapply(list(model, twin), function(m) {
    fit(m, data$x, data$y, epochs = 2, shuffle = FALSE, verbose = 0)$metrics
  })
  expect_identical(fits[[1]], fits[[2]])
  expect_false(identical(twin$optimizer, model$optimizer))
  expect_identical(weight_bits(twin), weight_bits(model))
})

test_that("what cannot be cloned is refused", {
  own <- own_forecaster()(units = 3)
  model <- small_model()
  net <- functional_by(keras_model)
  expect_snapshot(error = TRUE, {
    clone_model(layer_dense(units = 1))
    clone_model(model, clone_function = 3)
    clone_model(model, clone_function = function(layer) 3)
    clone_model(model, call_function = function(layer, ...) layer(...))
    clone_model(own, clone_function = identity)
    clone_model(net, input_tensors = list(keras_input(1), keras_input(2)))
  })
})
