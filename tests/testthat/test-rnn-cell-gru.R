# The cell of the GRU layer, its reset after the product and before.

test_that("a step of the cell is a step of its layer", {
  x <- waves(4, 2)
  h <- waves(4, 3, shift = 1)
  for (after in c(TRUE, FALSE)) {
    layer <- double_gru(2, 3, reset_after = after)
    cell <- rnn_cell_gru(units = 3, reset_after = after, dtype = "float64",
                         weights = gru_weights(2, 3, reset_after = after))
    want <- layer(array(x, c(4, 1, 2)), initial_state = h)
    expect_equal(cell(x, list(h)), list(want, list(want)), tolerance = 1e-14)
    expect_equal(cell(x, h), list(want, want), tolerance = 1e-14)
  }
})

test_that("the reset gate sees the state under its own mask", {
  cell <- rnn_cell_gru(units = 3, reset_after = FALSE, dtype = "float64",
                       recurrent_dropout = 0.5, seed = 1,
                       weights = gru_weights(2, 3, reset_after = FALSE))
  layer <- double_gru(2, 3, reset_after = FALSE, recurrent_dropout = 0.5,
                      seed = 1)
  x <- waves(4, 2)
  h <- waves(4, 3, shift = 1)
  expect_equal(
    cell(x, h, training = TRUE)[[1]],
    layer(array(x, c(4, 1, 2)), initial_state = h, training = TRUE),
    tolerance = 1e-14
  )
})

test_that("its configuration has Keras's entries in Keras's order", {
  config <- get_config(rnn_cell_gru(units = 3, reset_after = FALSE))
  expect_identical(tail(names(config), 4),
                   c("dropout", "recurrent_dropout", "reset_after", "seed"))
  expect_identical(get_config(from_config(config)), config)
})
