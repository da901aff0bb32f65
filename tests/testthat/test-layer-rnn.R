# Any cell over a sequence: the package's own, stacks, and cells in R.

random_mask <- function(batch, time) {
  matrix(sin(seq_len(batch * time) * 2.3) > -0.5, batch, time)
}

test_that("over the simple cell it is the simple recurrent layer", {
  x <- waves(3, 4, 2)
  mask <- random_mask(3, 4)
  flags <- expand.grid(sequences = c(FALSE, TRUE), backwards = c(FALSE, TRUE),
                       zero = c(FALSE, TRUE))
  for (i in seq_len(nrow(flags))) {
    f <- flags[i, ]
    common <- list(return_sequences = f$sequences, return_state = TRUE,
                   go_backwards = f$backwards, zero_output_for_mask = f$zero,
                   dtype = "float64", weights = rnn_weights(2, 5))
    rnn <- do.call(layer_rnn, c(
      list(cell = rnn_cell_simple(5, dtype = "float64")), common))
    simple <- do.call(layer_simple_rnn, c(list(units = 5), common))
    expect_identical(rnn(x, mask = mask), simple(x, mask = mask))
    state <- list(waves(3, 5))
    expect_identical(rnn(x, initial_state = state),
                     simple(x, initial_state = state))
  }
})

test_that("a cell of the package runs in one op", {
  layer <- layer_rnn(cell = rnn_cell_simple(5))
  layer(waves(2, 3, 2))
  with_tape(function(first, close) {
    x <- watch_tensor(as_tensor(waves(2, 3, 2)))
    layer(x)
    # The leaf and the recurrent op.
    expect_identical(the$last_node, first + 1L)
  })
})

test_that("a cell written in R means what it says, under all flags", {
  x <- waves(3, 4, 2)
  mask <- random_mask(3, 4)
  want <- function(backwards, zero) {
    times <- if (backwards) 4:1 else 1:4
    all <- array(0, c(3, 4, 2))
    total <- matrix(1, 3, 2)
    count <- matrix(0, 3, 1)
    y <- matrix(0, 3, 2)
    for (k in 1:4) {
      on <- mask[, times[k]]
      total[on, ] <- total[on, ] + x[on, times[k], ]
      count[on] <- count[on] + 1
      y[on, ] <- total[on, ] * count[on]
      if (zero) y[!on, ] <- 0
      all[, k, ] <- y
    }
    list(all, total, count)
  }
  for (backwards in c(FALSE, TRUE)) for (zero in c(FALSE, TRUE)) {
    layer <- layer_rnn(cell = meter_cell(1, dtype = "float64"),
                       return_sequences = TRUE, return_state = TRUE,
                       go_backwards = backwards, zero_output_for_mask = zero,
                       dtype = "float64")
    got <- layer(x, mask = mask)
    expect_equal(got, want(backwards, zero), tolerance = 1e-14)
    last <- layer_rnn(cell = meter_cell(1, dtype = "float64"),
                      go_backwards = backwards, zero_output_for_mask = zero,
                      dtype = "float64")
    expect_equal(last(x, mask = mask), want(backwards, zero)[[1]][, 4, ],
                 tolerance = 1e-14)
  }
  expect_identical(layer$compute_output_shape(c(NA, 4, 2)),
                   list(shape(NA, 4, 2), shape(NA, 2), shape(NA, 1)))
})

test_that("gradients pass through a cell written in R", {
  layer <- layer_rnn(cell = meter_cell(0.5, dtype = "float64"),
                     dtype = "float64", return_state = TRUE)
  layer$build(c(NA, NA, 2))
  mask <- random_mask(2, 3)
  expect_gradient(
    function(x, a, b) layer(x, initial_state = list(a, b), mask = mask),
    waves(2, 3, 2), waves(2, 2, shift = 1), waves(2, 1, shift = 2),
    variables = layer$trainable_weights
  )
})

test_that("a stateful layer starts with the cell's own state and carries on", {
  layer <- layer_rnn(cell = meter_cell(1, dtype = "float64"), stateful = TRUE,
                     dtype = "float64")
  x <- waves(2, 3, 2)
  whole <- layer_rnn(cell = meter_cell(1, dtype = "float64"),
                     dtype = "float64")
  layer(x)
  expect_equal(layer(x), whole(array(x[, c(1:3, 1:3), ], c(2, 6, 2))),
               tolerance = 1e-14)
  reset_state(layer)
  # As in Keras, resetting puts zeros, not the cell's own start.
  expect_equal(as.array(layer$states[[1]]), matrix(0, 2, 2))
})

test_that("a cell in R sees training and may drop", {
  seen <- NULL
  Watching <- R6::R6Class("Watching", inherit = MeterCell,
                          lock_objects = FALSE, public = list(
    call = function(inputs, states, training = FALSE) {
      seen <<- training
      super$call(inputs, states)
    }
  ))
  layer <- layer_rnn(cell = wrap_layer(Watching$new()))
  layer(waves(2, 3, 2), training = TRUE)
  expect_true(seen)
  layer(waves(2, 3, 2))
  expect_false(seen)
})

test_that("steps may have more axes than one", {
  Field <- R6::R6Class("Field", inherit = LayerBase,
                       lock_objects = FALSE, public = list(
    state_size = 2L,
    get_initial_state = function(batch_size) {
      op_zeros(c(batch_size, 3L, 2L), self$dtype)
    },
    call = function(inputs, states) {
      y <- op_add(inputs, states[[1]])
      list(y, y)
    }
  ))
  x <- waves(2, 4, 3, 2)
  mask <- random_mask(2, 4)
  layer <- layer_rnn(cell = wrap_layer(Field$new(dtype = "float64")),
                     dtype = "float64")
  want <- array(0, c(2, 3, 2))
  for (b in 1:2) want[b, , ] <- apply(x[b, mask[b, ], , ], 2:3, sum)
  expect_equal(layer(x, mask = mask), want, tolerance = 1e-14)
})

test_that("a configuration makes the same layer again", {
  layer <- layer_rnn(cell = list(rnn_cell_simple(3), rnn_cell_simple(2)),
                     return_sequences = TRUE, go_backwards = TRUE)
  config <- get_config(layer)
  expect_identical(config$cell$class_name, "StackedRNNCells")
  expect_identical(get_config(from_config(config)), config)
})

test_that("variables are named by layer and cell", {
  layer <- layer_rnn(cell = rnn_cell_simple(3, name = "cell"), name = "rnn")
  layer$build(c(NA, NA, 2))
  expect_identical(layer$weights[[1]]$path, "rnn/cell/kernel")
})

test_that("it trains inside a model", {
  withr::local_seed(1)
  data <- series_data()
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_rnn(cell = meter_cell()) |>
    layer_dense(1)
  compile(model, optimizer_sgd(0.001), "mse")
  before <- weight_bits(model)
  history <- fit(model, data$x, data$y, epochs = 3, verbose = 0)
  expect_lt(history$metrics$loss[3], history$metrics$loss[1])
  expect_false(any(weight_bits(model)[1:2] == before[1:2]))
})

test_that("what is no cell is refused", {
  Bad <- R6::R6Class("Bad", inherit = LayerBase, lock_objects = FALSE,
                     public = list(
    state_size = 2L, call = function(inputs, states, ...) inputs
  ))
  Many <- R6::R6Class("Many", inherit = Bad, lock_objects = FALSE,
                      public = list(
    call = function(inputs, states) list(inputs, list(inputs, inputs))
  ))
  x <- waves(2, 3, 2)
  expect_snapshot(error = TRUE, {
    layer_rnn()
    layer_rnn(cell = "simple")
    layer_rnn(cell = layer_dense(units = 2, name = "dense"))
    layer_rnn(cell = list())
    layer_rnn(cell = list(rnn_cell_simple(2), 3))
    layer_rnn(cell = wrap_layer(Bad$new(name = "bad")))(x)
    layer_rnn(cell = wrap_layer(Many$new(name = "many")))(x)
    layer_rnn(cell = rnn_cell_simple(2), name = "rnn")(matrix(0, 2, 3))
    layer_rnn(cell = rnn_cell_simple(2), name = "rnn", stateful = TRUE)(
      keras_input(c(3, 2)))
  })
})

test_that("a step over any cell can be recorded, states included", {
  for (cell in list(meter_cell(1), list(rnn_cell_simple(3, dropout = 0.5),
                                        rnn_cell_simple(2)))) {
    model <- keras_model_sequential(input_batch_shape = c(4, 5, 2)) |>
      layer_masking() |>
      layer_rnn(cell = cell, stateful = TRUE)
    expect_records(model, waves(4, 5, 2), waves(4, 5, 2, shift = 1),
                   waves(4, 2))
  }
})
