# The simple recurrent layer: Keras's own numbers, a plain-R reference with
# every flag, gradients by differences.

constant_rnn <- function(..., kernel = 0.01, recurrent = 0.02, bias = 0.03) {
  layer_simple_rnn(
    kernel_initializer = initializer_constant(kernel),
    recurrent_initializer = initializer_constant(recurrent),
    bias_initializer = initializer_constant(bias), ...
  )
}

# Keras's values are float32, printed with 8 digits.
expect_rows <- function(got, rows) {
  expect_equal(got, matrix(rows, length(rows), ncol(got)), tolerance = 1e-6)
}

test_that("constant weights give the numbers of Keras", {
  x <- row_major_seq(2, 3, 4)
  expect_rows(constant_rnn(units = 4)(x), c(0.405432, 0.73605347))
  expect_rows(constant_rnn(units = 4, unroll = TRUE)(x),
              c(0.405432, 0.73605347))
  expect_rows(constant_rnn(units = 4, go_backwards = TRUE)(x),
              c(0.11144729, 0.5528889))
  x <- row_major_seq(3, 6, 4)
  expect_rows(constant_rnn(units = 3)(x), c(0.72990966, 0.95678616, 0.99358434))
  expect_rows(constant_rnn(units = 3, go_backwards = TRUE)(x),
              c(0.1056971, 0.80090117, 0.9685685))
})

test_that("a given state gives the numbers of Keras", {
  x <- row_major_seq(2, 4, 3)
  state <- row_major_seq(2, 4)
  expect_rows(constant_rnn(units = 4)(x, initial_state = state),
              c(0.33621645, 0.6262637))
  backwards <- constant_rnn(units = 4, go_backwards = TRUE)
  expect_rows(backwards(x, initial_state = list(state)),
              c(0.07344437, 0.43043602))
})

test_that("a stateful layer goes on with the numbers of Keras", {
  x <- row_major_seq(2, 3, 4)
  layer <- constant_rnn(units = 4, stateful = TRUE)
  for (again in 1:2) {
    layer(x)
    expect_rows(layer(x), c(0.40559256, 0.7361247))
    layer$reset_state()
  }
})

test_that("masks give the numbers of Keras", {
  x <- row_major_seq(2, 4, 3)
  mask <- rbind(c(TRUE, TRUE, FALSE, TRUE), c(TRUE, FALSE, FALSE, TRUE))
  expect_rows(constant_rnn(units = 4)(x, mask = mask),
              c(0.32951632, 0.61799484))
  expect_rows(constant_rnn(units = 4, go_backwards = TRUE)(x, mask = mask),
              c(0.07376196, 0.43645123))
  y <- constant_rnn(units = 2, return_sequences = TRUE)(x, mask = mask)
  rows <- rbind(c(.0599281, .15122814, .15122814, .32394567),
                c(.3969304, .3969304, .3969304, .608085))
  expect_equal(y[, , 1], rows, tolerance = 1e-6)
  expect_equal(y[, , 2], rows, tolerance = 1e-6)
  zeroed <- constant_rnn(units = 2, return_sequences = TRUE,
                         zero_output_for_mask = TRUE)(x, mask = mask)
  expect_equal(zeroed[, , 1], rows * mask, tolerance = 1e-6)
})

test_that("masked steps, states and directions combine as in Keras", {
  x <- array(c(.1, .5, .2, .6, .3, .7, .4, .8), c(2, 4, 1))
  mask <- rbind(c(FALSE, TRUE, TRUE, FALSE), FALSE)
  ones <- matrix(1, 2, 2)
  # sequences, backwards, zero output, initial state; output of row 1, of row
  # 2, state of either row
  cases <- list(
    list(FALSE, FALSE, FALSE, NULL, .1075, 0, .1075, 0),
    list(FALSE, FALSE, FALSE, ones, .2499, 0, .2499, 1),
    list(FALSE, FALSE, TRUE, NULL, 0, 0, .1075, 0),
    list(FALSE, TRUE, FALSE, NULL, .1016, 0, .1016, 0),
    list(FALSE, TRUE, FALSE, ones, .2435, 0, .2435, 1),
    list(TRUE, FALSE, FALSE, NULL, c(0, .0699, .1075, .1075), 0, .1075, 0),
    list(TRUE, FALSE, FALSE, ones, c(0, .4382, .2499, .2499), 0, .2499, 1),
    list(TRUE, FALSE, TRUE, ones, c(0, .4382, .2499, 0), 0, .2499, 1),
    list(TRUE, TRUE, FALSE, NULL, c(0, .0798, .1016, .1016), 0, .1016, 0),
    list(TRUE, TRUE, TRUE, ones, c(0, .4462, .2435, 0), 0, .2435, 1)
  )
  for (case in cases) for (unroll in c(FALSE, TRUE)) {
    layer <- constant_rnn(
      units = 2, kernel = .1, recurrent = .2, bias = .05, unroll = unroll,
      return_sequences = case[[1]], go_backwards = case[[2]],
      zero_output_for_mask = case[[3]], return_state = TRUE
    )
    got <- layer(x, mask = mask, initial_state = case[[4]])
    row <- function(i) if (case[[1]]) got[[1]][i, , 1] else got[[1]][i, 1]
    # Keras's table has four digits.
    expect_lt(max(abs(row(1) - case[[5]])), 6e-5)
    expect_equal(row(2), rep(case[[6]], length(row(2))))
    expect_lt(max(abs(got[[2]][, 1] - c(case[[7]], case[[8]]))), 6e-5)
  }
})

test_that("all flags agree with the recurrence written out", {
  batch <- 3
  time <- 4
  features <- 2
  units <- 5
  x <- waves(batch, time, features)
  state <- waves(batch, units, shift = 3)
  mask <- matrix(c(TRUE, FALSE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, TRUE,
                   TRUE, FALSE, FALSE), batch)
  flags <- expand.grid(backwards = c(FALSE, TRUE), sequences = c(FALSE, TRUE),
                       zero = c(FALSE, TRUE), bias = c(FALSE, TRUE),
                       masked = c(FALSE, TRUE), started = c(FALSE, TRUE))
  for (i in seq_len(nrow(flags))) {
    f <- flags[i, ]
    w <- rnn_weights(features, units, f$bias)
    layer <- double_rnn(features, units, use_bias = f$bias,
                        go_backwards = f$backwards,
                        return_sequences = f$sequences, return_state = TRUE,
                        zero_output_for_mask = f$zero)
    got <- layer(x, mask = if (f$masked) mask,
                 initial_state = if (f$started) state)
    want <- reference_simple_rnn(
      x, w[[1]], w[[2]], if (f$bias) w[[3]] else 0,
      state = if (f$started) state, mask = if (f$masked) mask,
      go_backwards = f$backwards, return_sequences = f$sequences,
      zero_output_for_mask = f$zero
    )
    expect_equal(got, want, tolerance = 1e-14, label = toString(f))
  }
})

test_that("sizes around one and vector widths agree with the recurrence", {
  sizes <- rbind(c(1, 1, 1, 1), c(1, 5, 1, 3), c(2, 1, 3, 7), c(3, 2, 7, 8),
                 c(2, 3, 8, 9), c(5, 2, 9, 15), c(2, 4, 16, 16),
                 c(3, 3, 17, 17), c(1, 3, 33, 31), c(7, 2, 5, 33))
  for (i in seq_len(nrow(sizes))) {
    s <- sizes[i, ]
    x <- waves(s[1], s[2], s[3])
    w <- rnn_weights(s[3], s[4])
    want <- reference_simple_rnn(x, w[[1]], w[[2]], w[[3]])[[1]]
    got <- double_rnn(s[3], s[4])(x)
    expect_equal(got, want, tolerance = 1e-12, label = toString(s))
    single <- layer_simple_rnn(units = s[4], weights = w)
    # float32 rounding, grown over the steps
    expect_equal(single(x), want, tolerance = 1e-5, label = toString(s))
  }
})

test_that("no samples give no outputs", {
  expect_identical(dim(double_rnn(2, 3)(array(0, c(0, 4, 2)))), c(0L, 3L))
})

test_that("activations by name, object and own function agree", {
  x <- waves(2, 3, 2)
  relu <- double_rnn(2, 3, activation = "relu")(x)
  expect_identical(double_rnn(2, 3, activation = activation_relu)(x), relu)
  own <- double_rnn(2, 3, activation = function(z) op_maximum(z, 0))
  expect_equal(own(x), relu, tolerance = 1e-14)
  linear <- double_rnn(2, 3, activation = "linear")(x)
  expect_identical(double_rnn(2, 3, activation = NULL)(x), linear)
})

test_that("gradients hold for weights, input and state", {
  x <- waves(2, 3, 2)
  state <- waves(2, 4, shift = 3)
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, FALSE))
  for (flags in list(
    list(),
    list(use_bias = FALSE),
    list(go_backwards = TRUE, return_sequences = TRUE),
    list(return_sequences = TRUE, zero_output_for_mask = TRUE),
    list(activation = function(z) op_tanh(op_multiply(z, 0.9)))
  )) {
    layer <- do.call(double_rnn, c(list(2, 4), flags))
    layer(x)
    for (m in list(NULL, mask)) {
      expect_gradient(
        function(x, h) layer(x, mask = m, initial_state = h), x, state,
        variables = layer$trainable_weights
      )
    }
  }
})

test_that("the gradient passes through the returned state", {
  layer <- double_rnn(2, 3, return_state = TRUE, return_sequences = TRUE)
  x <- waves(2, 3, 2)
  layer(x)
  expect_gradient(function(x) layer(x)[[2]], x,
                  variables = layer$trainable_weights)
  expect_gradient(function(x) op_add(op_sum(layer(x)[[1]]), layer(x)[[2]]), x,
                  variables = layer$trainable_weights)
})

test_that("every activation has its gradient in the time loop", {
  names <- setdiff(sub("activation_", "", grep("^activation_",
    getNamespaceExports("elman"), value = TRUE)), c("glu", "threshold"))
  x <- waves(2, 3, 2) * 0.7
  for (name in names) {
    layer <- double_rnn(2, 3, activation = name)
    layer(x)
    expect_gradient(function(x) layer(x), x,
                    variables = layer$trainable_weights)
  }
})

test_that("padding and its mask change nothing", {
  x <- waves(3, 4, 2)
  padded <- array(7, c(3, 9, 2))
  mask <- matrix(FALSE, 3, 9)
  at <- c(2, 3, 6, 9)
  padded[, at, ] <- x
  mask[, at] <- TRUE
  for (backwards in c(FALSE, TRUE)) {
    layer <- double_rnn(2, 5, go_backwards = backwards)
    expect_equal(layer(padded, mask = mask), layer(x), tolerance = 1e-14)
  }
})

test_that("two halves with a carried state equal the whole", {
  x <- waves(2, 6, 3)
  whole <- double_rnn(3, 4, return_sequences = TRUE)(x)
  layer <- double_rnn(3, 4, return_sequences = TRUE, stateful = TRUE)
  first <- layer(x[, 1:2, , drop = FALSE])
  second <- layer(x[, 3:6, , drop = FALSE])
  expect_equal(first, whole[, 1:2, ], tolerance = 1e-14)
  expect_equal(second, whole[, 3:6, ], tolerance = 1e-14)
})

test_that("the order of the samples does not matter", {
  x <- waves(5, 4, 3)
  layer <- double_rnn(3, 4)
  order <- c(4, 1, 5, 2, 3)
  expect_identical(layer(x[order, , ]), layer(x)[order, ])
})

test_that("going backwards equals reversing the input", {
  x <- waves(2, 5, 3)
  back <- double_rnn(3, 4, return_sequences = TRUE, go_backwards = TRUE)
  forth <- double_rnn(3, 4, return_sequences = TRUE)
  expect_identical(back(x), forth(x[, 5:1, ]))
})

test_that("any number of threads gives the same bits", {
  x <- as_tensor(waves(37, 6, 9))
  layer <- layer_simple_rnn(units = 19, weights = rnn_weights(9, 19))
  layer(x)
  run <- function(threads) {
    with_threads(threads, {
      value_and_grad(function(x) op_sum(layer(x)), layer$weights)(x)
    })
  }
  one <- run(1)
  expect_identical(run(2), one)
  expect_identical(run(3), one)
})

test_that("dropout draws one mask for all steps of a call", {
  x <- array(1, c(4, 3, 5))
  layer <- layer_simple_rnn(
    units = 5, activation = NULL, use_bias = FALSE, dropout = 0.5, seed = 1,
    kernel_initializer = "identity", recurrent_initializer = "zeros",
    return_sequences = TRUE
  )
  first <- layer(x, training = TRUE)
  expect_setequal(first, c(0, 2))
  expect_identical(first[, 1, ], first[, 2, ])
  expect_identical(first[, 1, ], first[, 3, ])
  expect_false(identical(layer(x, training = TRUE), first))
  expect_true(all(layer(x) == 1))
})

test_that("dropout masks multiply the input and the state on their way in", {
  x <- waves(4, 3, 2)
  layer <- double_rnn(2, 3, dropout = 0.4, recurrent_dropout = 0.3, seed = 5)
  got <- layer(x, training = TRUE)
  # The seed and the number of draws fix the masks.
  seeds <- new_seed_generator(5)
  x_drop <- as.array(dropout_mask(c(4L, 2L), 0.4, "float64", next_key(seeds)))
  h_drop <- as.array(dropout_mask(c(4L, 3L), 0.3, "float64", next_key(seeds)))
  w <- rnn_weights(2, 3)
  want <- reference_simple_rnn(x, w[[1]], w[[2]], w[[3]], x_drop = x_drop,
                               h_drop = h_drop)[[1]]
  expect_equal(got, want, tolerance = 1e-14)
  own <- double_rnn(2, 3, dropout = 0.4, recurrent_dropout = 0.3, seed = 5,
                    activation = function(z) op_tanh(z))
  expect_equal(own(x, training = TRUE), want, tolerance = 1e-14)
})

test_that("rates of 1 drop all and give no NaN", {
  layer <- double_rnn(2, 3, dropout = 1, recurrent_dropout = 1,
                      use_bias = FALSE)
  expect_true(all(layer(waves(2, 3, 2), training = TRUE) == 0))
})

test_that("dropout follows R's generator unless it has a seed", {
  x <- waves(4, 3, 2)
  layer <- double_rnn(2, 3, dropout = 0.5)
  set.seed(1)
  first <- layer(x, training = TRUE)
  set.seed(1)
  expect_identical(layer(x, training = TRUE), first)
  set.seed(2)
  expect_false(identical(layer(x, training = TRUE), first))
  state <- .Random.seed
  layer(x)
  expect_identical(.Random.seed, state)
})

test_that("NaN flows through and stays in its sample", {
  x <- waves(2, 3, 2)
  x[1, 2, 1] <- NaN
  y <- double_rnn(2, 3)(x)
  expect_true(all(is.nan(y[1, ])))
  expect_false(anyNA(y[2, ]))
})
