# The cells of the gated layers: one step, alone, in stacks and configurations.

test_that("a step of the LSTM's cell is a step of its layer", {
  x <- waves(4, 2)
  states <- list(waves(4, 3, shift = 1), waves(4, 3, shift = 2))
  layer <- double_lstm(2, 3, return_state = TRUE)
  cell <- rnn_cell_lstm(units = 3, dtype = "float64",
                        weights = lstm_weights(2, 3))
  want <- layer(array(x, c(4, 1, 2)), initial_state = states)
  got <- cell(x, states)
  expect_equal(got, list(want[[1]], want[2:3]), tolerance = 1e-14)
  expect_error(cell(x, states[1]), class = "elman_error_shape")
  expect_identical(cell$state_size, c(3L, 3L))
})

test_that("its configuration has Keras's entries in Keras's order", {
  config <- get_config(rnn_cell_lstm(units = 3, seed = 4))
  expect_identical(names(config)[-(1:3)], c(
    "units", "activation", "recurrent_activation", "use_bias",
    "unit_forget_bias", "kernel_initializer", "recurrent_initializer",
    "bias_initializer", "kernel_regularizer", "recurrent_regularizer",
    "bias_regularizer", "kernel_constraint", "recurrent_constraint",
    "bias_constraint", "dropout", "recurrent_dropout", "seed"
  ))
  expect_identical(get_config(from_config(config)), config)
})

test_that("a layer over the cell is the layer of its name", {
  x <- waves(2, 4, 2)
  weights <- lstm_weights(2, 3)
  cell <- rnn_cell_lstm(units = 3, dtype = "float64", weights = weights)
  over <- layer_rnn(cell = cell, return_state = TRUE, dtype = "float64")
  expect_identical(over(x), double_lstm(2, 3, return_state = TRUE)(x))
})

test_that("stacked cells equal stacked layers", {
  x <- waves(2, 4, 2)
  lower <- double_lstm(2, 3, return_sequences = TRUE)
  upper <- double_gru(3, 4)
  stack <- layer_rnn(dtype = "float64", cell = list(
    rnn_cell_lstm(units = 3, dtype = "float64", weights = lstm_weights(2, 3)),
    rnn_cell_gru(units = 4, dtype = "float64", weights = gru_weights(3, 4))
  ))
  expect_equal(stack(x), upper(lower(x)), tolerance = 1e-14)
})
