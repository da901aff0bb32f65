# What the simple recurrent layer shows of itself: weights, shapes,
# configuration, signature, and what it refuses.

test_that("weights have Keras's names, order, shapes and starting values", {
  layer <- layer_simple_rnn(units = 4, name = "rnn")
  layer$build(shape(NA, NA, 3))
  expect_identical(
    vapply(layer$weights, function(v) v$path, ""),
    paste0("rnn/simple_rnn_cell/", c("kernel", "recurrent_kernel", "bias"))
  )
  w <- get_weights(layer)
  expect_identical(lapply(w, dim), list(c(3L, 4L), c(4L, 4L), 4L))
  expect_lte(max(abs(w[[1]])), sqrt(6 / 7))
  expect_equal(crossprod(w[[2]]), diag(4), tolerance = 1e-6)
  expect_identical(as.vector(w[[3]]), numeric(4))
  expect_identical(count_params(layer), 32L)
})

test_that("shapes follow the flags", {
  shape_of_flags <- function(...) {
    layer_simple_rnn(units = 4, ...)$compute_output_shape(c(NA, 5, 3))
  }
  expect_true(shape_of_flags() == shape(NA, 4))
  expect_true(shape_of_flags(return_sequences = TRUE) == shape(NA, 5, 4))
  both <- shape_of_flags(return_state = TRUE, return_sequences = TRUE)
  expect_true(both[[1]] == shape(NA, 5, 4))
  expect_true(both[[2]] == shape(NA, 4))
  y <- layer_simple_rnn(keras_input(c(NA, 3)), units = 4,
                        return_sequences = TRUE)
  expect_identical(y$shape, shape(NA, NA, 4))
})

test_that("the configuration has Keras's entries in Keras's order", {
  layer <- layer_simple_rnn(units = 4, name = "rnn", activation = NULL,
                            kernel_regularizer = "l2",
                            kernel_constraint = constraint_maxnorm(0.5))
  config <- get_config(layer)
  expect_identical(names(config), c(
    "name", "trainable", "dtype", "return_sequences", "return_state",
    "go_backwards", "stateful", "unroll", "zero_output_for_mask", "units",
    "activation", "use_bias", "kernel_initializer", "recurrent_initializer",
    "bias_initializer", "kernel_regularizer", "recurrent_regularizer",
    "bias_regularizer", "activity_regularizer", "kernel_constraint",
    "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout"
  ))
  expect_identical(config$activation, "linear")
  expect_identical(config$kernel_initializer, list(
    module = "keras.initializers", class_name = "GlorotUniform",
    config = list(seed = NULL, input_axes = NULL, output_axes = NULL),
    registered_name = NULL
  ))
  expect_identical(config$kernel_constraint$config,
                   list(max_value = 0.5, axis = 0L))
  again <- from_config(config)
  expect_identical(get_config(again), config)
})

test_that("a configuration keeps the seed and functions of the user's own", {
  own <- function(z) op_tanh(z)
  layer <- layer_simple_rnn(units = 2, activation = own, seed = 3L,
                            kernel_regularizer = function(w) op_sum(w))
  config <- get_config(layer)
  expect_identical(config$seed, 3L)
  expect_identical(config$activation, own)
  expect_identical(get_config(from_config(config)), config)
})

test_that("the signature is that of keras3", {
  expect_identical(names(formals(layer_simple_rnn)), c(
    "object", "units", "activation", "use_bias", "kernel_initializer",
    "recurrent_initializer", "bias_initializer", "kernel_regularizer",
    "recurrent_regularizer", "bias_regularizer", "activity_regularizer",
    "kernel_constraint", "recurrent_constraint", "bias_constraint", "dropout",
    "recurrent_dropout", "return_sequences", "return_state", "go_backwards",
    "stateful", "unroll", "seed", "..."
  ))
})

test_that("bad input is refused before anything changes", {
  x <- waves(2, 3, 2)
  layer <- double_rnn(2, 3, name = "rnn", return_sequences = TRUE)
  layer(x)
  before <- get_weights(layer)
  fixed <- layer_simple_rnn(units = 3, stateful = TRUE, name = "fixed")
  fixed(x)
  expect_snapshot(error = TRUE, {
    layer_simple_rnn(units = 0)
    layer_simple_rnn(units = -3)
    layer_simple_rnn(units = 2.5)
    layer_simple_rnn(units = NA)
    layer_simple_rnn(units = "a")
    layer_simple_rnn(units = c(1, 2))
    layer_simple_rnn(units = NULL)
    layer_simple_rnn()
    layer_simple_rnn(units = 3, activation = "tahn")
    layer_simple_rnn(units = 3, activation = "glu")
    layer_simple_rnn(units = 3, activation = 5)
    layer_simple_rnn(units = 3, kernel_initializer = "glorot")
    layer_simple_rnn(units = 3, recurrent_regularizer = "l3")
    layer_simple_rnn(units = 3, bias_constraint = "max_nrom")
    layer_simple_rnn(units = 3, dropout = 1.5)
    layer_simple_rnn(units = 3, recurrent_dropout = -0.5)
    layer_simple_rnn(units = 3, use_bias = "yes")
    layer_simple_rnn(units = 3, return_sequences = NA)
    layer_simple_rnn(units = 3, seed = 1.5)
    layer_simple_rnn(units = 3, dtype = "float16")
    layer_simple_rnn(units = 3, dtype = "mixed_bfloat16")
    layer_simple_rnn(units = 3, name = "a/b")
    layer_simple_rnn(units = 3, trainable = "no")
    layer_simple_rnn(units = 3, time_major = TRUE)
    layer_simple_rnn(units = 3, nmae = "a")
    layer(waves(2, 3))
    layer(waves(2, 3, 4, 5))
    layer(waves(2, 3, 5))
    layer(waves(2, 0, 2))
    layer("text")
    layer(list(x, x))
    layer()
    layer(x, mask = matrix(TRUE, 2, 4))
    layer(x, mask = list(TRUE, FALSE))
    layer(x, initial_state = matrix(0, 2, 4))
    layer(x, initial_state = matrix(0, 3, 3))
    layer(x, initial_state = list(matrix(0, 2, 3), matrix(0, 2, 3)))
    layer(x, initial_state = list())
    layer(x, initial_sate = matrix(0, 2, 3))
    layer(x, training = "yes")
    fixed(waves(3, 3, 2))
    layer_simple_rnn(keras_input(c(3, 2)), units = 3, stateful = TRUE,
                     name = "rnn")
    layer_simple_rnn(keras_input(5), units = 3, name = "rnn")
    layer_simple_rnn(keras_input(c(3, NA)), units = 3, name = "rnn")
    layer(keras_input(c(3, 2)), initial_state = keras_input(4))
    layer_simple_rnn(units = 3, activation = function(z) op_sum(z))(x)
    set_weights(layer, before[1:2])
    set_weights(layer, list(before[[1]], before[[2]], 1:4))
    set_weights(layer, 5)
    count_params(layer_simple_rnn(units = 3, name = "unbuilt"))
    layer$output
  })
  expect_identical(get_weights(layer), before)
})
