test_that("evaluate gives a named list by name", {
  data <- series_data(10)
  model <- compiled_model(metrics = c("mse", "mae"))
  got <- evaluate(model, data$x, data$y, batch_size = 3)
  error <- data$y - predict(model, data$x)
  expect_named(got, c("loss", "mae", "mse"))
  expect_equal(got$mse, mean(error^2), tolerance = 1e-5)
  expect_equal(got$mae, mean(abs(error)), tolerance = 1e-5)
})

test_that("evaluate changes neither weights nor optimizer", {
  data <- series_data(4)
  model <- compiled_model("adam")
  before <- weight_bits(model)
  evaluate(model, data$x, data$y)
  expect_identical(weight_bits(model), before)
  expect_equal(model$optimizer$iterations, 0)
})

test_that("dropout is at rest while measuring and predicting", {
  data <- series_data(4)
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_simple_rnn(3, dropout = 0.5) |>
    layer_dropout(0.5)
  expect_identical(predict(model, data$x), predict(model, data$x))
})

test_that("steps stop early", {
  data <- series_data(8)
  model <- compiled_model()
  expect_equal(evaluate(model, data$x, data$y, batch_size = 2, steps = 2),
               evaluate(model, data$x[1:4, , ], data$y[1:4], batch_size = 2))
})

test_that("the model is found where x and y are named", {
  data <- series_data(4)
  model <- compiled_model()
  expect_equal(evaluate(x = data$x, y = data$y, object = model),
               evaluate(model, data$x, data$y))
})
