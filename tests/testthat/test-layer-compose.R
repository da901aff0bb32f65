# The first argument decides.

test_that("missing or NULL gives the layer", {
  expect_true(is_layer(layer_dense(units = 2)))
  expect_true(is_layer(layer_dense(NULL, 2)))
  expect_true(is_layer(layer_dense(NULL, units = 2, )))
})

test_that("arrays, tensors and symbolic tensors are what it is called on", {
  expect_identical(dim(layer_dense(waves(3, 4), 2)), c(3L, 2L))
  expect_true(is_tensor(layer_dense(as_tensor(waves(3, 4)), 2)))
  expect_true(is_symbolic(layer_dense(keras_input(4), 2)))
  expect_identical(dim(waves(3, 4) |> layer_dense(2)), c(3L, 2L))
})

test_that("the object is made before the layer, so names follow the pipe", {
  clear_session()
  y <- keras_input(c(4, 3)) |> layer_dense(2) |> layer_dense(5)
  expect_identical(y$node$operation$name, "dense_1")
})
