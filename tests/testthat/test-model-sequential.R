test_that("layers are added in place and the model is given back", {
  model <- keras_model_sequential(input_shape = c(5, 2))
  same <- withVisible(layer_simple_rnn(model, 3))
  expect_false(same$visible)
  expect_identical(same$value, model)
  layer_dense(model, 1)
  expect_length(model$layers, 2)
  expect_equal(model$output_shape, shape(NA, 1))
})

test_that("a model without an input shape is built by its data", {
  model <- keras_model_sequential() |> layer_simple_rnn(3) |> layer_dense(1)
  expect_false(model$built)
  expect_equal(get_weights(model), list())
  expect_equal(dim(predict(model, array(0, c(4, 5, 2)))), c(4, 1))
  expect_true(model$built)
  expect_equal(count_params(model), 3 * 2 + 9 + 3 + 4)
})

test_that("a first layer's own input shape builds the model", {
  model <- keras_model_sequential() |> layer_dense(2, input_shape = 3)
  expect_true(model$built)
  expect_equal(model$input_shape, shape(NA, 3))
  old <- keras_model_sequential() |>
    layer_simple_rnn(2, batch_input_shape = c(4, 5, 1), stateful = TRUE)
  expect_equal(old$input_shape, shape(4, 5, 1))
})

test_that("all ways to say the input shape agree", {
  want <- shape(7, 5, 2)
  expect_equal(keras_model_sequential(c(5, 2),
                                      input_batch_size = 7)$input_shape, want)
  expect_equal(keras_model_sequential(
    input_batch_shape = c(7, 5, 2))$input_shape, want)
  expect_equal(keras_model_sequential(
    batch_input_shape = c(7, 5, 2))$input_shape, want)
  expect_equal(keras_model_sequential(
    input_tensor = keras_input(c(5, 2), batch_size = 7))$input_shape, want)
})

test_that("layers can be given as a list", {
  model <- keras_model_sequential(input_shape = 3, layers = list(
    layer_dense(units = 2), layer_dense(units = 1)
  ))
  expect_equal(model$output_shape, shape(NA, 1))
})

test_that("pop takes the last layer off and gives it", {
  model <- small_model()
  last <- model$layers[[2]]
  expect_identical(pop_layer(model), last)
  expect_equal(model$output_shape, shape(NA, 3))
  layer_dense(model, 4)
  expect_equal(dim(predict(model, array(0, c(2, 5, 2)))), c(2, 4))
})

test_that("a failed addition leaves the model as it was", {
  model <- keras_model_sequential(input_shape = c(5, 2)) |> layer_simple_rnn(3)
  expect_error(layer_simple_rnn(model, 3), class = "elman_error_shape")
  expect_length(model$layers, 1)
  expect_equal(model$output_shape, shape(NA, 3))
})

test_that("models are called like layers", {
  withr::local_seed(1)
  model <- small_model()
  x <- array(rnorm(40), c(4, 5, 2))
  expect_equal(model(x), predict(model, x))
  expect_true(is_tensor(model(as_tensor(x))))
  expect_equal(as.array(model(as_tensor(x))), model(x))
})

test_that("a model is made again from its configuration", {
  clear_session()
  model <- small_model(activation = "relu")
  config <- get_config(model)
  again <- from_config(config)
  expect_equal(get_config(again), config)
  set_weights(again, get_weights(model))
  x <- array(1, c(2, 5, 2))
  expect_equal(predict(again, x), predict(model, x))
})

test_that("wrong models are refused", {
  clear_session()
  model <- small_model()
  expect_snapshot(error = TRUE, {
    keras_model_sequential(list(layer_dense(units = 1)))
    keras_model_sequential(layers = 3)
    keras_model_sequential(input_shape = 2) |>
      layer_dense(1, name = "a") |>
      layer_dense(1, name = "a")
    keras_model_sequential(input_shape = c(5, 2)) |>
      layer_simple_rnn(2, return_state = TRUE) |>
      layer_dense(1)
    keras_model_sequential(input_sparse = TRUE)
    get_layer(model, "dens")
    get_layer(model, index = 0)
    get_layer(model, index = 3)
    pop_layer(keras_model_sequential())
  })
})

test_that("predictions follow layers that are added and taken off", {
  model <- keras_model_sequential(input_shape = 3) |> layer_dense(5)
  x <- matrix(0.5, 4, 3)
  widths <- function() {
    # Often enough that steps are recorded.
    calls <- list(function() predict(model, x), function() model(x),
                  function() predict_on_batch(model, x))
    vapply(rep(calls, each = 3), function(call) ncol(call()), 1L)
  }
  expect_identical(unique(widths()), 5L)
  layer_dense(model, 2)
  expect_identical(unique(widths()), 2L)
  pop_layer(model)
  expect_identical(unique(widths()), 5L)
  model$add(layer_dense(units = 7))
  expect_identical(unique(widths()), 7L)
})
