# The cell: one step of the recurrence.

test_that("a step is the equation", {
  w <- rnn_weights(2, 3)
  cell <- SimpleRNNCell$new(3, dtype = "float64", weights = w)
  x <- waves(4, 2)
  h <- waves(4, 3, shift = 1)
  got <- cell$invoke(x, h)
  want <- tanh(sweep(x %*% w[[1]] + h %*% w[[2]], 2, w[[3]], `+`))
  expect_equal(got[[1]], want, tolerance = 1e-14)
  expect_identical(got[[2]][[1]], got[[1]])
})

test_that("the cell has a configuration of its own, with the seed", {
  cell <- wrap_layer(SimpleRNNCell$new(3, seed = 4))
  config <- get_config(cell)
  expect_identical(config$seed, 4L)
  expect_false("return_sequences" %in% names(config))
  expect_identical(get_config(from_config(config)), config)
})

test_that("a layer and its cell share weights and answers", {
  layer <- layer_simple_rnn(units = 3, activation = "relu", name = "rnn")
  layer$build(c(NA, NA, 2))
  expect_s3_class(layer$cell, "SimpleRNNCell")
  expect_identical(layer$cell$weights, layer$weights)
  expect_identical(layer$units, layer$cell$units)
  expect_identical(layer$state_size, 3L)
  expect_identical(layer$activation, activation_relu)
})
