# What all layers are told and answer.

test_that("names are given, or numbered by class", {
  clear_session()
  expect_identical(layer_dense(units = 1)$name, "dense")
  expect_identical(layer_dense(units = 1)$name, "dense_1")
  expect_identical(layer_simple_rnn(units = 1)$name, "simple_rnn")
  expect_identical(layer_dense(units = 1, name = "mine")$name, "mine")
  expect_identical(layer_dense(units = 1)$name, "dense_2")
})

test_that("the type is given or follows config_floatx()", {
  expect_identical(layer_dense(units = 1)$dtype, "float32")
  layer <- layer_dense(units = 1, dtype = "float64")
  expect_identical(layer(as_tensor(waves(2, 3)))$dtype, "float64")
  expect_identical(layer$weights[[1]]$dtype, "float64")
  with_floatx("float64", {
    expect_identical(layer_dense(units = 1)$dtype, "float64")
  })
  policy <- list(module = "keras", class_name = "DTypePolicy",
                 config = list(name = "float64"), registered_name = NULL)
  expect_identical(layer_dense(units = 1, dtype = policy)$dtype, "float64")
})

test_that("input shapes of older scripts are understood", {
  given <- function(...) {
    unwrap_layer(layer_simple_rnn(units = 1, ...))$batch_input_shape
  }
  expect_null(given())
  expect_identical(given(input_shape = c(5, 3)), c(NA, 5L, 3L))
  expect_identical(given(input_shape = list(NULL, 3)), c(NA, NA, 3L))
  expect_identical(given(input_shape = c(5, 3), batch_size = 2), c(2L, 5L, 3L))
  expect_identical(given(batch_input_shape = c(2, NA, 3)), c(2L, NA, 3L))
  expect_identical(given(input_dim = 3, input_length = 5), c(NA, 5L, 3L))
  expect_identical(
    unwrap_layer(layer_dense(units = 1, input_dim = 3))$batch_input_shape,
    c(NA, 3L)
  )
})

test_that("weights given to a layer are its weights once it is built", {
  values <- list(waves(3, 2), array(1:2 + 0, 2))
  layer <- layer_dense(units = 2, weights = values, dtype = "float64")
  expect_identical(get_weights(layer), list())
  layer$build(c(NA, 3))
  expect_identical(get_weights(layer), values)
})

test_that("building twice keeps the weights", {
  layer <- layer_dense(units = 2)
  layer$build(c(NA, 3))
  before <- get_weights(layer)
  layer$build(c(NA, 3))
  expect_identical(get_weights(layer), before)
  expect_true(layer$built)
})

test_that("building inside a tape leaves nothing on it", {
  layer <- layer_dense(units = 2, kernel_initializer = "ones")
  got <- value_and_grad(function(x) op_sum(layer(x)))(matrix(1, 1, 3))
  expect_equal(as.vector(as.array(got$gradients[[1]])), c(2, 2, 2))
})

test_that("freezing a layer freezes all within it", {
  layer <- layer_simple_rnn(units = 2)
  layer$build(c(NA, NA, 3))
  expect_length(layer$trainable_weights, 3L)
  layer$trainable <- FALSE
  expect_false(layer$cell$trainable)
  expect_identical(layer$trainable_weights, list())
  expect_length(layer$non_trainable_weights, 3L)
  layer$trainable <- TRUE
  expect_length(layer$trainable_weights, 3L)
  frozen <- layer_dense(units = 2, trainable = FALSE)
  frozen$build(c(NA, 3))
  expect_identical(frozen$trainable_weights, list())
})

test_that("a layer survives being saved and read by another process", {
  layer <- layer_simple_rnn(units = 3, dropout = 0.5, seed = 1L,
                            kernel_regularizer = "l2")
  x <- waves(2, 4, 2)
  y <- layer(x)
  path <- withr::local_tempfile(fileext = ".rds")
  saveRDS(layer, path)
  again <- readRDS(path)
  expect_identical(again(x), y)
  expect_identical(get_weights(again), get_weights(layer))
  set_weights(again, lapply(get_weights(again), function(w) w * 0))
  expect_identical(layer(x), y)
})

test_that("own losses are noted for the call that made them", {
  layer <- layer_dense(units = 1)
  layer$build(c(NA, 2))
  layer$add_loss(op_sum(c(1, 2)))
  expect_identical(lapply(layer$losses, as.numeric), list(3))
})
