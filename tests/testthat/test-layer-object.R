# Layers as users hold them.

test_that("a layer is a function that answers `$`", {
  layer <- layer_simple_rnn(units = 4, name = "rnn", dropout = 0.25)
  expect_true(is.function(layer))
  expect_s3_class(layer, c("SimpleRNN", "RNN", "Layer", "elman_layer"))
  expect_identical(layer$units, 4L)
  expect_identical(layer[["name"]], "rnn")
  expect_identical(layer$dropout, 0.25)
  expect_false(layer$built)
  layer$build(shape(NA, NA, 3))
  expect_true(layer$built)
  expect_identical(layer$count_params(), 32L)
  expect_identical(layer$get_config(), get_config(layer))
  expect_s3_class(layer$kernel_initializer, "GlorotUniform")
})

test_that("an instance has one face", {
  layer <- layer_simple_rnn(units = 4)
  expect_identical(layer$cell, layer$cell)
  expect_identical(wrap_layer(unwrap_layer(layer)), layer)
})

test_that("fields can be set, computed ones and methods cannot", {
  layer <- layer_dense(units = 2, name = "dense")
  layer$note <- "mine"
  expect_identical(layer$note, "mine")
  layer$trainable <- FALSE
  expect_false(layer$trainable)
  expect_snapshot(error = TRUE, {
    layer$weights <- list()
    layer$build <- 3
    layer$trainable <- "no"
    layer$unts
    unwrap_layer(3)
  })
})

test_that("a layer prints its class, name and state", {
  layer <- layer_dense(units = 2, name = "d")
  expect_snapshot({
    layer
    layer$build(c(NA, 3))
    layer
    initializer_orthogonal(gain = 2, seed = 1)
    regularizer_l2()
  })
})

test_that("completion knows the names", {
  expect_true("units" %in% .DollarNames(layer_dense(units = 2), "^un"))
})
