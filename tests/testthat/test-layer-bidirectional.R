# Two directions, every way of merging them, states, masks and gradients.

sequences <- function(b = 3, t = 5, f = 2) {
  array(sin(seq_len(b * t * f)), c(b, t, f))
}

built <- function(...) {
  layer <- layer_bidirectional(...)
  layer$build(c(3, 5, 2))
  n <- 0
  set_weights(layer, lapply(get_weights(layer), function(w) {
    n <<- n + 1
    array(cos(seq_along(w) * n) / 2, dim(w))
  }))
  layer
}

# The two layers inside, run alone.
alone <- function(layer, x, ...) {
  list(layer$forward_layer(x, ...), layer$backward_layer(x, ...))
}

test_that("outputs are merged as the mode says", {
  x <- sequences()
  merges <- list(
    concat = function(a, b) cbind(a, b), sum = `+`, mul = `*`,
    ave = function(a, b) (a + b) / 2
  )
  for (mode in names(merges)) {
    layer <- built(layer = layer_simple_rnn(units = 4), merge_mode = mode)
    sides <- alone(layer, x)
    expect_equal(layer(x), merges[[mode]](sides[[1]], sides[[2]]),
                 tolerance = 1e-6)
    expect_true(layer$compute_output_shape(c(NA, 5, 2)) ==
                  c(NA, if (mode == "concat") 8 else 4))
  }
  layer <- built(layer = layer_simple_rnn(units = 4), merge_mode = NULL)
  expect_equal(layer(x), alone(layer, x))
})

test_that("the backward layer on a reversed sequence is a forward layer", {
  x <- sequences()
  layer <- built(layer = layer_simple_rnn(units = 4, return_sequences = TRUE))
  w <- get_weights(layer)
  swapped <- built(layer = layer_simple_rnn(units = 4,
                                            return_sequences = TRUE))
  set_weights(swapped, w[c(4:6, 1:3)])
  y <- layer(x)
  reversed <- swapped(x[, 5:1, ])[, 5:1, c(5:8, 1:4)]
  expect_equal(reversed, y, tolerance = 1e-6)
})

test_that("masked steps of a sequence give zeros, in both directions", {
  rnn <- layer_simple_rnn(units = 1, return_sequences = TRUE,
                          activation = NULL)
  layer <- layer_bidirectional(layer = rnn)
  layer$build(c(4, 5, 1))
  one <- list(matrix(1, 1, 1), matrix(1, 1, 1), 0)
  set_weights(layer, c(one, one))
  mask <- matrix(c(TRUE, TRUE, TRUE, FALSE, FALSE), 4, 5, byrow = TRUE)
  y <- layer(array(1, c(4, 5, 1)), mask = mask)
  expect_equal(y[1, , ], cbind(c(1, 2, 3, 0, 0), c(3, 2, 1, 0, 0)))
})

test_that("states go in and come out, forward ones first", {
  x <- sequences()
  layer <- built(layer = layer_simple_rnn(units = 4, return_state = TRUE))
  s <- list(array(0.1, c(3, 4)), array(-0.2, c(3, 4)))
  out <- layer(x, initial_state = s)
  expect_length(out, 3)
  sides <- list(layer$forward_layer(x, initial_state = s[1]),
                layer$backward_layer(x, initial_state = s[2]))
  expect_equal(out[2:3], list(sides[[1]][[2]], sides[[2]][[2]]))
})

test_that("gradients reach both directions", {
  layer <- with_floatx("float64", {
    built(layer = layer_simple_rnn(units = 3, return_sequences = TRUE),
          merge_mode = "mul")
  })
  mask <- matrix(c(TRUE, TRUE, FALSE, TRUE, TRUE), 3, 5, byrow = TRUE)
  expect_gradient(function(x) layer(x, mask = mask), sequences(),
                  variables = layer$trainable_weights)
})

test_that("a configuration makes the same layer again", {
  layer <- built(layer = layer_simple_rnn(units = 4, name = "rnn"),
                 merge_mode = NULL, name = "bi")
  again <- from_config(get_config(layer))
  expect_identical(get_config(again), get_config(layer))
  expect_identical(again$forward_layer$name, "forward_rnn")
  expect_identical(again$backward_layer$name, "backward_rnn")
})

test_that("layers that do not fit together are refused", {
  rnn <- layer_simple_rnn(units = 2)
  expect_snapshot(error = TRUE, {
    layer_bidirectional(layer = layer_dense(units = 2))
    layer_bidirectional(layer = rnn, merge_mode = "cat")
    layer_bidirectional(layer = rnn, backward_layer = rnn)
    layer_bidirectional(layer = rnn, backward_layer = layer_simple_rnn(
      units = 2, go_backwards = TRUE, return_sequences = TRUE))
    layer_bidirectional()
    layer_bidirectional(layer = layer_simple_rnn(units = 2,
                                                 go_backwards = TRUE))
    layer_bidirectional(layer = rnn)(sequences(), initial_state = list(1))
  })
})

test_that("a backward layer of one's own is used as it is", {
  back <- layer_simple_rnn(units = 2, go_backwards = TRUE, name = "mine",
                           return_sequences = TRUE)
  layer <- built(layer = layer_simple_rnn(units = 4, return_sequences = TRUE,
                                          name = "rnn"),
                 backward_layer = back)
  expect_identical(layer$backward_layer, back)
  x <- sequences()
  expect_equal(layer(x)[, , 5:6], back(x)[, 5:1, ], tolerance = 1e-6)
  expect_identical(dim(layer(x)), c(3L, 5L, 6L))
  expect_identical(get_config(from_config(get_config(layer))),
                   get_config(layer))
})

test_that("states of stacked cells go in and come out, cell by cell", {
  cells <- list(rnn_cell_simple(3), rnn_cell_simple(2))
  layer <- layer_bidirectional(
    layer = layer_rnn(cell = cells, return_state = TRUE))
  x <- sequences()
  out <- layer(x)
  expect_length(out, 5)
  expect_identical(lapply(out[2:5], function(s) dim(s[[1]])),
                   list(c(3L, 3L), c(3L, 2L), c(3L, 3L), c(3L, 2L)))
  again <- layer(x, initial_state = out[2:5])
  side <- layer$forward_layer(x, initial_state = out[2:3])
  expect_equal(again[[1]][, 1:2], side[[1]])
  symbolic <- layer(keras_input(c(5, 2)))
  expect_identical(dim(symbolic[[5]][[1]]), c(NA, 2L))
  expect_identical(layer$compute_mask(NULL, NULL),
                   c(list(NULL), rep(list(list(NULL)), 4)))
})

test_that("stateful directions carry their own states", {
  layer <- built(layer = layer_simple_rnn(units = 4, stateful = TRUE))
  x <- sequences()
  first <- layer(x)
  expect_length(layer$states, 2)
  expect_equal(as.array(layer$states[[2]]), first[, 5:8])
  expect_false(identical(layer(x), first))
  reset_state(layer)
  expect_identical(layer(x), first)
})

test_that("weights given are those of both directions", {
  w <- get_weights(built(layer = layer_simple_rnn(units = 4)))
  layer <- bidirectional(layer = layer_simple_rnn(units = 4), weights = w,
                         name = "bi")
  layer$build(c(NA, 5, 2))
  expect_identical(get_weights(layer), w)
  expect_identical(layer$weights[[4]]$path, paste0(
    "bi/", layer$backward_layer$name, "/simple_rnn_cell/kernel"))
})

test_that("LSTM and GRU run in both directions, with their states", {
  x <- sequences()
  for (make in list(layer_lstm, layer_gru)) {
    layer <- built(layer = make(units = 4, return_sequences = TRUE,
                                return_state = TRUE))
    n <- if (identical(make, layer_lstm)) 2L else 1L
    states <- lapply(seq_len(2L * n), function(k) array(sin(k + 1:12), c(3, 4)))
    got <- layer(x, initial_state = states)
    forward <- layer$forward_layer(x, initial_state = states[seq_len(n)])
    backward <- layer$backward_layer(x, initial_state = states[n + seq_len(n)])
    expect_length(got, 1L + 2L * n)
    # Both ways are the same arithmetic, in float32.
    expect_equal(got[[1]][, , 1:4], forward[[1]], tolerance = 1e-6)
    expect_equal(got[[1]][, , 5:8], backward[[1]][, 5:1, ], tolerance = 1e-6)
    expect_equal(got[-1], c(forward[-1], backward[-1]), tolerance = 1e-6)
  }
})

test_that("gradients reach both directions of an LSTM and a GRU", {
  for (make in list(layer_lstm, layer_gru)) {
    layer <- layer_bidirectional(
      layer = make(units = 2, dtype = "float64"), dtype = "float64")
    mask <- matrix(c(TRUE, TRUE, FALSE, TRUE), 2, 4, byrow = TRUE)
    x <- array(sin(1:16), c(2, 4, 2))
    layer(x)
    expect_gradient(function(x) layer(x, mask = mask), x,
                    variables = layer$trainable_weights)
  }
})
