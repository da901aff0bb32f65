# Cells on top of each other.

two_cells <- function() {
  list(rnn_cell_simple(3, dtype = "float64"),
       rnn_cell_simple(2, activation = "relu", dtype = "float64"))
}

stack_weights <- function() c(rnn_weights(2, 3), rnn_weights(3, 2))

stacked_layer <- function(cells = two_cells(), ...) {
  layer_rnn(cell = cells, weights = stack_weights(), dtype = "float64", ...)
}

test_that("a step is the cells' steps one after the other", {
  cells <- two_cells()
  stack <- rnn_cells_stack(cells, dtype = "float64",
                           weights = stack_weights())
  x <- waves(4, 2)
  states <- list(list(waves(4, 3)), list(waves(4, 2, shift = 1)))
  got <- stack(x, states)
  low <- cells[[1]](x, states[[1]])
  top <- cells[[2]](low[[1]], states[[2]])
  expect_identical(got, list(top[[1]], list(low[[2]], top[[2]])))
  expect_identical(stack(x, list(states[[1]][[1]], states[[2]][[1]])), got)
  expect_identical(stack$state_size, list(3L, 2L))
  expect_identical(stack$output_size, 2L)
})

test_that("stacked cells equal stacked layers", {
  x <- waves(3, 4, 2)
  masks <- list(NULL, rbind(c(TRUE, FALSE, TRUE, FALSE),
                            c(FALSE, FALSE, TRUE, TRUE), rep(FALSE, 4)))
  w <- stack_weights()
  for (mask in masks) for (sequences in c(FALSE, TRUE)) {
    got <- stacked_layer(return_sequences = sequences)(x, mask = mask)
    low <- layer_simple_rnn(units = 3, return_sequences = TRUE,
                            dtype = "float64", weights = w[1:3])
    top <- layer_simple_rnn(units = 2, activation = "relu", dtype = "float64",
                            return_sequences = sequences, weights = w[4:6])
    expect_identical(got, top(low(x, mask = mask), mask = mask))
  }
})

test_that("cell by cell equals step by step, under all flags", {
  x <- waves(3, 4, 2)
  mask <- rbind(c(TRUE, FALSE, TRUE, FALSE), c(FALSE, FALSE, TRUE, TRUE),
                rep(FALSE, 4))
  states <- list(waves(3, 3), waves(3, 2, shift = 1))
  for (backwards in c(FALSE, TRUE)) for (zero in c(FALSE, TRUE)) {
    layer <- stacked_layer(go_backwards = backwards, return_state = TRUE,
                           zero_output_for_mask = zero,
                           return_sequences = TRUE)
    got <- layer(x, mask = mask, initial_state = states)
    stack <- unwrap_layer(layer)$cell
    want <- run_rnn_loop(
      function(x, states) call_cell(stack, x, states, FALSE),
      as_tensor(x, "float64"), lapply(states, as_tensor, "float64"),
      as_tensor(mask), backwards, TRUE, zero
    )
    expect_equal(got[[1]], as.array(want[[1]]), tolerance = 1e-12)
    expect_equal(got[[2]][[1]], as.array(want[[2]][[1]]), tolerance = 1e-12)
    expect_equal(got[[3]][[1]], as.array(want[[2]][[2]]), tolerance = 1e-12)
  }
})

test_that("states come in a list for each cell and go in as they come", {
  x <- waves(2, 3, 2)
  layer <- stacked_layer(return_state = TRUE)
  c(y, low, top) %<-% layer(x)
  expect_identical(lapply(list(low, top), function(s) dim(s[[1]])),
                   list(c(2L, 3L), c(2L, 2L)))
  again <- layer(x, initial_state = list(low, top))
  expect_identical(layer(x, initial_state = c(low, top)), again)
  symbolic <- layer(keras_input(c(3, 2)))
  expect_identical(dim(symbolic[[3]][[1]]), c(NA, 2L))
  expect_identical(layer$compute_mask(NULL, NULL),
                   list(NULL, list(NULL), list(NULL)))
})

test_that("cells of both kinds stack", {
  cells <- list(meter_cell(dtype = "float64"),
                rnn_cell_simple(3, dtype = "float64"))
  layer <- layer_rnn(cell = cells, return_state = TRUE, dtype = "float64")
  x <- waves(2, 4, 2)
  got <- layer(x)
  low <- layer_rnn(cell = cells[[1]], return_sequences = TRUE,
                   dtype = "float64")
  top <- layer_rnn(cell = cells[[2]], dtype = "float64")
  expect_identical(got[[1]], top(low(x)))
  expect_length(got[[2]], 2)
  expect_length(layer$get_weights(), 4)
})

test_that("a stateful stack carries the states of all cells", {
  x <- waves(2, 4, 2)
  layer <- stacked_layer(stateful = TRUE)
  layer(x[, 1:2, ])
  expect_equal(layer(x[, 3:4, ]), stacked_layer()(x), tolerance = 1e-12)
  expect_length(layer$states, 2)
})

test_that("gradients reach every cell", {
  layer <- stacked_layer(return_sequences = TRUE)
  layer$build(c(NA, NA, 2))
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, TRUE))
  expect_gradient(function(x) layer(x, mask = mask), waves(2, 3, 2),
                  variables = layer$trainable_weights)
})

test_that("cells may be named one by one, and options by name", {
  stack <- rnn_cells_stack(
    rnn_cell_simple(3),
    rnn_cell_simple(2),
    name = "pair",
  )
  expect_identical(stack$name, "pair")
  expect_length(stack$cells, 2)
  config <- get_config(stack)
  expect_identical(get_config(from_config(config)), config)
  layer <- layer_rnn(cell = stack, name = "rnn")
  layer$build(c(NA, NA, 2))
  expect_identical(layer$weights[[1]]$path,
                   paste0("rnn/pair/", stack$cells[[1]]$name, "/kernel"))
})

test_that("what is no stack is refused", {
  cell <- rnn_cell_simple(2)
  expect_snapshot(error = TRUE, {
    rnn_cells_stack()
    rnn_cells_stack(list())
    rnn_cells_stack(cell, cell)
    rnn_cells_stack(list(cell, "lstm"))
    rnn_cells_stack(cell, size = 3)
  })
})
