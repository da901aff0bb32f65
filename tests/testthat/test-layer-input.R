# Inputs of functional models.

test_that("shapes are given without or with the batch", {
  expect_identical(shape_of(keras_input(c(NA, 8))), c(NA, NA, 8L))
  expect_identical(shape_of(keras_input(8, batch_size = 4)), c(4L, 8L))
  expect_identical(shape_of(keras_input(batch_shape = c(2, 3))), c(2L, 3L))
  expect_identical(shape_of(keras_input(list(NULL, 3))), c(NA, NA, 3L))
  expect_identical(shape_of(keras_input(shape(5, 3))), c(NA, 5L, 3L))
})

test_that("names and types are kept, or automatic", {
  clear_session()
  expect_identical(keras_input(3)$name, "input_layer")
  x <- keras_input(3, name = "x", dtype = "int32")
  expect_identical(x$name, "x")
  expect_identical(x$dtype, "int32")
  expect_identical(layer_input, keras_input)
})

test_that("its layer has Keras's configuration", {
  layer <- keras_input(c(NA, 8), name = "x")$node$operation
  config <- layer$get_config()
  expect_identical(config$batch_shape, list(NULL, NULL, 8L))
  expect_identical(names(config), c("batch_shape", "dtype", "sparse", "ragged",
                                    "name", "optional"))
  expect_identical(get_config(from_config(config)), config)
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    keras_input()
    keras_input(3, batch_shape = c(2, 3))
    keras_input("a")
    keras_input(3, batch_size = 0)
    keras_input(3, dtype = "string")
    keras_input(3, sparse = TRUE)
  })
})
