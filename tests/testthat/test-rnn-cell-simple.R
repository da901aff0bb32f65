# The cell: one step of the recurrence.

test_that("a step is the equation", {
  w <- rnn_weights(2, 3)
  cell <- rnn_cell_simple(3, dtype = "float64", weights = w)
  x <- waves(4, 2)
  h <- waves(4, 3, shift = 1)
  got <- cell(x, list(h))
  want <- tanh(sweep(x %*% w[[1]] + h %*% w[[2]], 2, w[[3]], `+`))
  expect_equal(got[[1]], want, tolerance = 1e-14)
  expect_identical(got[[2]], list(got[[1]]))
  # A state that comes alone goes alone.
  expect_identical(cell(x, h), list(got[[1]], got[[1]]))
})

test_that("the cell has a configuration of its own, with the seed", {
  cell <- rnn_cell_simple(3, seed = 4)
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

test_that("a step drops in training only, inputs and states by their rates", {
  cell <- rnn_cell_simple(3, activation = NULL, dropout = 0.5, seed = 1,
                          recurrent_dropout = 1, dtype = "float64",
                          kernel_initializer = "identity",
                          recurrent_initializer = "ones")
  x <- matrix(1, 4, 3)
  h <- list(matrix(1, 4, 3))
  expect_equal(cell(x, h)[[1]], matrix(4, 4, 3))
  dropped <- cell(x, h, training = TRUE)[[1]]
  expect_setequal(dropped, c(0, 2))
})

test_that("a symbolic step has the shapes of a step", {
  x <- keras_input(2)
  h <- keras_input(3)
  got <- rnn_cell_simple(3)(x, list(h))
  expect_identical(dim(got[[1]]), c(NA, 3L))
  expect_identical(dim(got[[2]][[1]]), c(NA, 3L))
})

test_that("states that do not fit are refused", {
  cell <- rnn_cell_simple(3, name = "cell")
  expect_snapshot(error = TRUE, {
    cell(matrix(1, 4, 2), list(matrix(1, 4, 2)))
    cell(matrix(1, 4, 2), list(matrix(1, 4, 3), matrix(1, 4, 3)))
    rnn_cell_simple()
    rnn_cell_simple(3, drop = 2)
  })
})
