# The activity regularization layer.

test_that("it gives its input and notes a penalty a sample", {
  x <- waves(4, 3)
  layer <- layer_activity_regularization(l1 = 0.5, l2 = 0.25, dtype = "float64")
  expect_identical(layer(x), x)
  expect_equal(as.numeric(layer$losses[[1]]),
               (0.5 * sum(abs(x)) + 0.25 * sum(x^2)) / 4, tolerance = 1e-15)
})

test_that("the penalty is part of the loss of a model", {
  x <- waves(6, 3)
  model <- keras_model_sequential(input_shape = 3) |>
    layer_activity_regularization(l2 = 2)
  compile(model, loss = "mse")
  # float32 rounding
  expect_equal(evaluate(model, x, x, verbose = 0)$loss, 2 * sum(x^2) / 6,
               tolerance = 1e-6)
})

test_that("its configuration has the factors and no regularizer", {
  layer <- layer_activity_regularization(l1 = 0.5)
  expect_identical(names(get_config(layer)),
                   c("name", "trainable", "dtype", "l1", "l2"))
  expect_round_trip(layer, waves(2, 3))
  y <- layer(masked_tensor(waves(2, 3), c(TRUE, FALSE)))
  expect_identical(as.array(attr(y, "mask")), array(c(TRUE, FALSE), 2))
})

test_that("factors below 0 are refused", {
  expect_snapshot(layer_activity_regularization(l1 = -1), error = TRUE)
})
