# Convolutional LSTMs: the equations, shapes, layouts, masks and gradients.

conv_lstm <- function(rank, ..., channels = 2, filters = 2) {
  make <- list(layer_conv_lstm_1d, layer_conv_lstm_2d, layer_conv_lstm_3d)
  layer <- make[[rank]](filters = filters, dtype = "float64", ...)
  window <- layer$kernel_size
  layer$build(c(2, 3, c(4, 3, 2)[seq_len(rank)], channels))
  set_weights(layer, list(waves(window, channels, 4 * filters) / 2,
                          waves(window, filters, 4 * filters, shift = 1) / 2,
                          waves(4 * filters, shift = 2) / 2))
  layer
}

input <- function(rank) waves(2, 3, c(4, 3, 2)[seq_len(rank)], 2)

test_that("with a window of 1 it is an LSTM at each place", {
  layer <- conv_lstm(1, kernel_size = 1, return_sequences = TRUE)
  w <- get_weights(layer)
  x <- input(1)
  sigmoid <- function(z) 1 / (1 + exp(-z))
  h <- c <- array(0, c(2, 4, 2))
  want <- array(0, c(2, 3, 4, 2))
  for (t in 1:3) for (p in 1:4) {
    z <- x[, t, p, ] %*% w[[1]][1, , ] + h[, p, ] %*% w[[2]][1, , ]
    z <- sweep(z, 2, w[[3]], `+`)
    c[, p, ] <- sigmoid(z[, 3:4]) * c[, p, ] +
      sigmoid(z[, 1:2]) * tanh(z[, 5:6])
    h[, p, ] <- sigmoid(z[, 7:8]) * tanh(c[, p, ])
    want[, t, p, ] <- h[, p, ]
  }
  expect_equal(layer(x), want, tolerance = 1e-14)
})

test_that("two halves with the state carried over equal the whole", {
  for (rank in 1:3) {
    layer <- conv_lstm(rank, kernel_size = 2, padding = "same",
                       return_state = TRUE)
    x <- as_tensor(input(rank), "float64")
    whole <- layer(x)
    first <- layer(slice_axis(x, 1L, 0L, 2L))
    second <- layer(slice_axis(x, 1L, 2L, 1L), initial_state = first[2:3])
    expect_equal(lapply(second, as.array), lapply(whole, as.array),
                 tolerance = 1e-14)
  }
})

test_that("shapes follow window, strides, padding and dilation", {
  shape_of_output <- function(...) {
    layer <- layer_conv_lstm_2d(filters = 3, ...)
    got <- layer$compute_output_shape(c(NA, 5, 9, 8, 2))
    expect_identical(dim(layer(keras_input(c(5, 9, 8, 2)))), as.integer(got))
    as.integer(got)[-1]
  }
  expect_identical(shape_of_output(kernel_size = 3), c(7L, 6L, 3L))
  expect_identical(shape_of_output(kernel_size = c(2, 3), strides = 2),
                   c(4L, 3L, 3L))
  expect_identical(shape_of_output(kernel_size = 3, dilation_rate = 2),
                   c(5L, 4L, 3L))
  expect_identical(shape_of_output(kernel_size = 3, padding = "SAME",
                                   strides = 2, return_sequences = TRUE),
                   c(5L, 5L, 4L, 3L))
  expect_identical(shape_of_output(kernel_size = 2,
                                   data_format = "channels_first"),
                   c(3L, 7L, 1L))
})

test_that("channels may come first", {
  last <- conv_lstm(2, kernel_size = 2, return_sequences = TRUE)
  first <- layer_conv_lstm_2d(filters = 2, kernel_size = 2, dtype = "float64",
                              return_sequences = TRUE,
                              data_format = "channels_first",
                              weights = get_weights(last))
  x <- input(2)
  expect_equal(first(aperm(x, c(1, 2, 5, 3, 4))),
               aperm(last(x), c(1, 2, 5, 3, 4)), tolerance = 1e-14)
})

test_that("gradients agree with differences, with masks and states", {
  layer <- conv_lstm(1, kernel_size = 2, return_state = TRUE)
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, TRUE))
  expect_gradient(
    function(x, h, c) layer(x, initial_state = list(h, c), mask = mask),
    input(1), waves(2, 3, 2), waves(2, 3, 2, shift = 1),
    variables = layer$trainable_weights
  )
})

test_that("the forget gate's bias starts at one", {
  layer <- layer_conv_lstm_1d(filters = 2, kernel_size = 2)
  layer$build(c(NA, 3, 4, 1))
  expect_identical(get_weights(layer)[[3]], array(c(0, 0, 1, 1, 0, 0, 0, 0)))
  plain <- layer_conv_lstm_1d(filters = 2, kernel_size = 2,
                              unit_forget_bias = FALSE)
  plain$build(c(NA, 3, 4, 1))
  expect_identical(get_weights(plain)[[3]], array(0, 8))
  expect_identical(layer$weights[[1]]$path,
                   paste0(layer$name, "/conv_lstm_cell/kernel"))
})

test_that("gates drop by themselves, in training only", {
  withr::local_seed(1)
  layer <- conv_lstm(1, kernel_size = 2, dropout = 0.5,
                     recurrent_dropout = 0.5)
  x <- input(1)
  expect_identical(layer(x), layer(x))
  expect_false(identical(layer(x, training = TRUE), layer(x)))
  never <- conv_lstm(1, kernel_size = 2, dropout = 1)
  expect_identical(never(x, training = TRUE), never(x))
  masks <- unwrap_layer(layer)$cell$draw_drops(2L, TRUE)
  expect_identical(lapply(masks, function(m) dim(m[[4]])),
                   list(c(2L, 4L, 2L), c(2L, 3L, 2L)))
})

test_that("stateful layers carry on, and directions can be both", {
  layer <- layer_conv_lstm_1d(filters = 2, kernel_size = 2, stateful = TRUE)
  layer$build(c(2, 3, 4, 2))
  x <- input(1)
  first <- layer(x)
  expect_equal(as.array(layer$states[[1]]), first)
  expect_false(identical(layer(x), first))
  reset_state(layer)
  expect_identical(layer(x), first)
  both <- layer_bidirectional(
    layer = layer_conv_lstm_1d(filters = 2, kernel_size = 2))
  expect_identical(dim(both(x)), c(2L, 3L, 4L))
})

test_that("a configuration makes the same layer again; steps are recorded", {
  layer <- layer_conv_lstm_2d(filters = 2, kernel_size = 2, seed = 3,
                              strides = 2, recurrent_activation = "relu",
                              kernel_regularizer = "l2")
  expect_identical(get_config(from_config(get_config(layer))),
                   get_config(layer))
  model <- keras_model_sequential(input_shape = c(3, 4, 2)) |>
    layer_conv_lstm_1d(2, 2, dropout = 0.5, return_sequences = TRUE) |>
    layer_conv_lstm_1d(1, 3)
  x <- input(1)
  expect_records(model, x, x + 0.5, array(waves(2, 1), c(2, 1, 1)))
})

test_that("what does not fit is refused", {
  layer <- conv_lstm(1, kernel_size = 2, name = "conv")
  expect_snapshot(error = TRUE, {
    layer_conv_lstm_2d(kernel_size = 3)
    layer_conv_lstm_2d(filters = 3)
    layer_conv_lstm_2d(filters = 3, kernel_size = c(1, 2, 3))
    layer_conv_lstm_1d(filters = 3, kernel_size = 2, padding = "causal")
    layer_conv_lstm_1d(filters = 3, kernel_size = 2, strides = 2,
                       dilation_rate = 2)
    layer(waves(2, 3, 4))
    layer(waves(2, 3, 5, 2))
    layer(input(1), initial_state = list(waves(2, 2), waves(2, 2)))
    layer_conv_lstm_1d(keras_input(c(3, NA, 2)), 3, 2, name = "conv")
    layer_conv_lstm_1d(keras_input(c(3, 2, 2)), 3, 5, name = "conv")
  })
})
