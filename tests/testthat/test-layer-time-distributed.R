# One layer at each step.

by_loop <- function(layer, x) {
  steps <- lapply(seq_len(dim(x)[2]), function(t) {
    d <- dim(x)
    layer(array(asub_step(x, t), d[-2]))
  })
  simplify2array(steps)
}

asub_step <- function(x, t) {
  switch(as.character(length(dim(x))),
    "3" = x[, t, ], "4" = x[, t, , ], "5" = x[, t, , , ]
  )
}

test_that("it is a loop over the steps, all at once or one by one", {
  cases <- list(
    list(layer_dense(units = 3, activation = "tanh"), waves(2, 4, 3)),
    list(layer_dense(units = 3, activation = function(x) op_tanh(x)),
         waves(2, 4, 3)),
    list(layer_simple_rnn(units = 3), waves(2, 4, 3, 2)),
    list(layer_simple_rnn(units = 3, return_sequences = TRUE),
         waves(2, 4, 3, 2)),
    list(layer_rnn(cell = rnn_cell_simple(units = 3)), waves(2, 4, 3, 2)),
    list(layer_bidirectional(layer = layer_simple_rnn(units = 3)),
         waves(2, 4, 3, 2)),
    list(layer_embedding(input_dim = 5, output_dim = 2),
         array(rep_len(0:4, 24), c(2, 4, 3))),
    list(keras_model_sequential() |> layer_dense(3) |> layer_dense(2),
         waves(2, 4, 3))
  )
  for (case in cases) {
    layer <- layer_time_distributed(layer = case[[1]])
    got <- layer(case[[2]])
    want <- by_loop(case[[1]], case[[2]])
    n <- length(dim(want))
    expect_equal(got, aperm(want, c(1, n, seq_len(n)[-c(1, n)])),
                 tolerance = 1e-6)
    expect_identical(as.integer(layer$compute_output_shape(dim(case[[2]]))),
                     dim(got))
  }
})

test_that("layers that look at whole batches go step by step", {
  expect_true(works_by_row(unwrap_layer(layer_dense(units = 2))))
  expect_true(works_by_row(unwrap_layer(layer_simple_rnn(units = 2))))
  expect_false(works_by_row(unwrap_layer(layer_simple_rnn(
    units = 2, stateful = TRUE))))
  expect_false(works_by_row(unwrap_layer(layer_dense(
    units = 2, activation = function(x) x))))
  expect_false(works_by_row(unwrap_layer(keras_model_sequential())))
})

test_that("gradients reach the layer inside", {
  layer <- layer_time_distributed(
    layer = layer_simple_rnn(units = 2, dtype = "float64"), dtype = "float64")
  layer$build(c(NA, 3, 2, 2))
  expect_gradient(layer, waves(2, 3, 2, 2), variables = layer$weights)
})

test_that("a mask of steps is handed on, one with more axes goes inside", {
  x <- as_tensor(waves(2, 3, 4, 2))
  inner <- layer_simple_rnn(units = 2)
  layer <- layer_time_distributed(layer = inner)
  mask <- array(rep(c(TRUE, TRUE, FALSE), 8), c(2, 3, 4))
  y <- as.array(layer(x, mask = mask))
  for (t in 1:3) {
    expect_equal(y[, t, ], as.array(inner(x[, t, , ], mask = mask[, t, ])),
                 tolerance = 1e-6)
  }
  outer <- as_tensor(matrix(c(TRUE, FALSE), 2, 3))
  expect_identical(get_mask(layer(set_mask(x, outer))), outer)
  expect_equal(as.array(layer(set_mask(x, outer))), as.array(layer(x)))
})

test_that("each step drops by itself, in training only", {
  layer <- layer_time_distributed(layer = layer_dropout(rate = 0.5))
  x <- array(1, c(4, 6, 5))
  expect_identical(layer(x), x)
  y <- layer(x, training = TRUE)
  expect_setequal(y, c(0, 2))
  expect_false(identical(y[, 1, ], y[, 2, ]))
})

test_that("names, configuration and weights go by both layers", {
  layer <- time_distributed(layer = layer_dense(units = 2, name = "inner"),
                            name = "outer")
  layer$build(c(NA, 3, 4))
  expect_identical(layer$weights[[1]]$path, "outer/inner/kernel")
  config <- get_config(layer)
  expect_identical(get_config(from_config(config)), config)
})

test_that("what does not fit is refused", {
  dense <- layer_dense(units = 2, name = "dense")
  layer <- layer_time_distributed(layer = dense, name = "steps")
  two <- layer_time_distributed(layer = layer_simple_rnn(
    units = 2, return_state = TRUE), name = "two")
  expect_snapshot(error = TRUE, {
    layer_time_distributed(layer = 3)
    layer_time_distributed()
    layer(matrix(0, 4, 3))
    layer(waves(2, 3, 4), mask = matrix(TRUE, 2, 4))
    layer(waves(2, 3, 4), mask = array(TRUE, 2))
    layer(waves(2, 3, 5))
    two(waves(2, 3, 4, 2))
  })
})

test_that("a step can be recorded, at once and step by step", {
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_masking() |>
    layer_time_distributed(layer_dense(units = 3)) |>
    layer_time_distributed(layer_dense(units = 2, activation = function(x) {
      op_tanh(x)
    })) |>
    layer_simple_rnn(1)
  expect_records(model, waves(4, 5, 2), waves(4, 5, 2, shift = 1), waves(4, 1))
})
