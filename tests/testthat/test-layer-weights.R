# Reading and setting weights.

test_that("what is handed out is a copy", {
  layer <- layer_dense(units = 2)
  layer$build(c(NA, 3))
  before <- get_weights(layer)
  set_weights(layer, list(matrix(1, 3, 2), c(1, 2)))
  expect_false(identical(before, get_weights(layer)))
  expect_identical(get_weights(layer), list(matrix(1, 3, 2), array(c(1, 2), 2)))
})

test_that("a bias may be a vector, of one as well", {
  layer <- layer_dense(units = 1)
  layer$build(c(NA, 2))
  set_weights(layer, list(matrix(1, 2, 1), 5))
  expect_identical(get_weights(layer)[[2]], array(5, 1))
})

test_that("weights are chosen by whether training changes them", {
  layer <- layer_dense(units = 2, lora_rank = 1)
  layer$build(c(NA, 3))
  expect_length(get_weights(layer), 4L)
  expect_identical(lapply(get_weights(layer, trainable = TRUE), dim),
                   list(2L, c(3L, 1L), c(1L, 2L)))
  expect_identical(lapply(get_weights(layer, trainable = FALSE), dim),
                   list(c(3L, 2L)))
})

test_that("nothing is set where one array does not fit", {
  layer <- layer_dense(units = 2)
  layer$build(c(NA, 3))
  before <- get_weights(layer)
  expect_error(set_weights(layer, list(matrix(1, 3, 2), 1:3)),
               class = "elman_error_shape")
  expect_identical(get_weights(layer), before)
})

test_that("the layer is given back, invisibly", {
  layer <- layer_dense(units = 2)
  layer$build(c(NA, 3))
  expect_invisible(set_weights(layer, get_weights(layer)))
  expect_identical(set_weights(layer, get_weights(layer)), layer)
})
