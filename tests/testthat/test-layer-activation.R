# The activation layer.

test_that("it applies its function to any shape", {
  x <- waves(2, 3, 4)
  expect_equal(layer_activation(x, "tanh"), tanh(x), tolerance = 1e-6)
  own <- layer_activation(activation = function(x) op_square(x))
  expect_equal(own(x), x^2, tolerance = 1e-6)
  expect_equal(layer_activation(c(-3, -1, 0, 2), "relu"),
               array(c(0, 0, 0, 2), 4))
})

test_that("its configuration names the function", {
  config <- get_config(layer_activation(activation = "swish"))
  expect_identical(config$activation, "silu")
  expect_identical(get_config(from_config(config)), config)
})

test_that("glu halves the last axis", {
  y <- layer_activation(keras_input(c(5, 6)), "glu")
  expect_identical(shape_of(y), c(NA, 5L, 3L))
})

test_that("unknown names are refused", {
  expect_snapshot(error = TRUE, {
    layer_activation()
    layer_activation(activation = "softmx")
  })
})
