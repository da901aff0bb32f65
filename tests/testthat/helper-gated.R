# The LSTM and the GRU in plain R, with every flag, and what any recurrent layer
# must do.

# `step(x_t, states)` gives the new states, the first of which is the output;
# the other arguments are those of reference_simple_rnn(). Gives c(list(output),
# states).
reference_loop <- function(step, x, states, mask = NULL, go_backwards = FALSE,
                           return_sequences = FALSE,
                           zero_output_for_mask = FALSE) {
  batch <- dim(x)[1]
  times <- seq_len(dim(x)[2])
  if (go_backwards) times <- rev(times)
  y <- 0 * states[[1]]
  all <- array(0, c(batch, length(times), ncol(y)))
  for (k in seq_along(times)) {
    t <- times[k]
    new <- step(matrix(x[, t, ], batch), states)
    use <- if (is.null(mask)) rep(TRUE, batch) else mask[, t]
    y[use, ] <- new[[1]][use, ]
    if (zero_output_for_mask) y[!use, ] <- 0
    for (s in seq_along(states)) states[[s]][use, ] <- new[[s]][use, ]
    all[, k, ] <- y
  }
  c(list(if (return_sequences) all else y), states)
}

sigmoid <- function(z) 1 / (1 + exp(-z))

# x W + b of gate g; `drops` are arrays [gates, batch, features], or NULL.
reference_gate <- function(x, w, b, g, gates, drops) {
  units <- ncol(w) / gates
  at <- (g - 1) * units + seq_len(units)
  if (!is.null(drops)) x <- x * matrix(drops[g, , ], nrow(x))
  sweep(x %*% w[, at, drop = FALSE], 2, if (length(b) > 1) b[at] else b, `+`)
}

reference_lstm <- function(x, weights, states = NULL, activation = tanh,
                           gate = sigmoid, x_drops = NULL, h_drops = NULL,
                           ...) {
  units <- nrow(weights[[2]])
  if (is.null(states)) states <- rep(list(matrix(0, dim(x)[1], units)), 2)
  bias <- if (length(weights) > 2) weights[[3]] else 0
  reference_loop(function(x_t, s) {
    z <- lapply(1:4, function(g) {
      reference_gate(x_t, weights[[1]], bias, g, 4, x_drops) +
        reference_gate(s[[1]], weights[[2]], 0, g, 4, h_drops)
    })
    carry <- gate(z[[2]]) * s[[2]] + gate(z[[1]]) * activation(z[[3]])
    list(gate(z[[4]]) * activation(carry), carry)
  }, x, states, ...)
}

reference_gru <- function(x, weights, states = NULL, activation = tanh,
                          gate = sigmoid, x_drops = NULL, h_drops = NULL,
                          reset_after = TRUE, ...) {
  units <- nrow(weights[[2]])
  if (is.null(states)) states <- list(matrix(0, dim(x)[1], units))
  bias <- list(0, 0)
  if (length(weights) > 2) {
    bias <- if (reset_after) list(weights[[3]][1, ], weights[[3]][2, ]) else
      list(weights[[3]], 0)
  }
  reference_loop(function(x_t, s) {
    h <- s[[1]]
    of_x <- function(g) {
      reference_gate(x_t, weights[[1]], bias[[1]], g, 3, x_drops)
    }
    of_h <- function(g, h, drops = h_drops) {
      reference_gate(h, weights[[2]], bias[[2]], g, 3, drops)
    }
    z <- gate(of_x(1) + of_h(1, h))
    r <- gate(of_x(2) + of_h(2, h))
    seen <- if (is.null(h_drops)) h else h * matrix(h_drops[3, , ], nrow(h))
    kept <- if (reset_after) r * of_h(3, seen, NULL) else
      of_h(3, r * seen, NULL)
    list(z * h + (1 - z) * activation(of_x(3) + kept))
  }, x, states, ...)
}

gated_weights <- function(features, units, gates, bias) {
  c(list(waves(features, gates * units) * 0.5,
         waves(units, gates * units, shift = 1) * 0.5),
    if (!is.null(bias)) list(waves(bias, shift = 2) * 0.3))
}

lstm_weights <- function(features, units, use_bias = TRUE) {
  gated_weights(features, units, 4, if (use_bias) 4 * units)
}

gru_weights <- function(features, units, use_bias = TRUE, reset_after = TRUE) {
  gated_weights(features, units, 3,
                if (use_bias) c(if (reset_after) 2, 3 * units))
}

# Built layers in float64 with those weights.
double_lstm <- function(features, units, ..., use_bias = TRUE) {
  layer_lstm(units = units, use_bias = use_bias, dtype = "float64",
             weights = lstm_weights(features, units, use_bias), ...)
}

double_gru <- function(features, units, ..., use_bias = TRUE,
                       reset_after = TRUE) {
  layer_gru(units = units, use_bias = use_bias, reset_after = reset_after,
            dtype = "float64", ...,
            weights = gated_weights(features, units, 3, if (use_bias) {
              c(if (reset_after) 2, 3 * units)
            }))
}

# Every combination of flags, sizes one and around vector widths:
# `make(features, units, ...)` builds the layer, `reference(x, use_bias, states,
# ...)` answers.
expect_reference <- function(make, reference, states = 1) {
  x <- waves(3, 4, 2)
  start <- lapply(seq_len(states), function(k) waves(3, 5, shift = 2 + k))
  mask <- matrix(c(TRUE, FALSE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, TRUE,
                   TRUE, FALSE, FALSE), 3)
  flags <- expand.grid(
    go_backwards = c(FALSE, TRUE), return_sequences = c(FALSE, TRUE),
    zero_output_for_mask = c(FALSE, TRUE), use_bias = c(FALSE, TRUE),
    masked = c(FALSE, TRUE), started = c(FALSE, TRUE)
  )
  for (i in seq_len(nrow(flags))) {
    f <- as.list(flags[i, ])
    loop <- f[c("go_backwards", "return_sequences", "zero_output_for_mask")]
    layer <- do.call(make, c(list(2, 5, use_bias = f$use_bias,
                                  return_state = TRUE), loop))
    m <- if (f$masked) mask
    s <- if (f$started) start
    want <- do.call(reference, c(list(x, f$use_bias, states = s, mask = m),
                                 loop))
    expect_equal(layer(x, mask = m, initial_state = s), want,
                 tolerance = 1e-13, label = toString(f))
  }
}

expect_reference_sizes <- function(make, single, reference) {
  sizes <- rbind(c(1, 1, 1, 1), c(1, 5, 1, 3), c(2, 1, 3, 7), c(3, 2, 7, 8),
                 c(2, 3, 8, 9), c(5, 2, 9, 15), c(2, 4, 16, 16),
                 c(3, 3, 17, 17), c(1, 70, 5, 9), c(1, 3, 33, 31),
                 c(7, 2, 5, 33))
  for (i in seq_len(nrow(sizes))) {
    s <- sizes[i, ]
    x <- waves(s[1], s[2], s[3])
    want <- reference(x, s[4])[[1]]
    expect_equal(make(s[3], s[4])(x), want, tolerance = 1e-12,
                 label = toString(s))
    # float32 rounding, grown over the steps
    expect_equal(single(s[3], s[4])(x), want, tolerance = 2e-5,
                 label = toString(s))
  }
}

# Gradients of weights, input and states, with masks and without.
expect_layer_gradients <- function(layer, states = 1, masked = c(FALSE, TRUE)) {
  x <- waves(2, 3, 2)
  start <- lapply(seq_len(states), function(k) waves(2, 3, shift = 2 + k))
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, FALSE))
  layer(x)
  for (use in masked) {
    m <- if (use) mask
    do.call(expect_gradient, c(
      list(function(x, ...) layer(x, mask = m, initial_state = list(...)), x),
      start, list(variables = layer$trainable_weights)
    ))
  }
}

# Laws of every recurrent layer; `make(...)` builds one of 3 features in
# float64.
expect_recurrent_laws <- function(make) {
  x <- waves(4, 6, 3)
  whole <- make(return_sequences = TRUE)(x)

  parts <- make(return_sequences = TRUE, stateful = TRUE)
  first <- parts(x[, 1:2, , drop = FALSE])
  expect_equal(first, whole[, 1:2, ], tolerance = 1e-13)
  second <- parts(x[, 3:6, , drop = FALSE])
  expect_equal(second, whole[, 3:6, ], tolerance = 1e-13)
  reset_state(parts)
  expect_equal(parts(x), whole, tolerance = 1e-13)

  padded <- array(7, c(4, 9, 3))
  mask <- matrix(FALSE, 4, 9)
  at <- c(2, 3, 5, 6, 8, 9)
  padded[, at, ] <- x
  mask[, at] <- TRUE
  for (backwards in c(FALSE, TRUE)) {
    layer <- make(go_backwards = backwards, return_state = TRUE)
    expect_equal(layer(padded, mask = mask), layer(x), tolerance = 1e-13)
  }

  order <- c(4, 1, 3, 2)
  expect_identical(make()(x[order, , ]), make()(x)[order, ])
  expect_identical(make(return_sequences = TRUE, go_backwards = TRUE)(x),
                   make(return_sequences = TRUE)(x[, 6:1, ]))
}

# `layer` takes 9 features.
expect_same_bits <- function(layer) {
  x <- as_tensor(waves(37, 6, 9))
  layer(x)
  run <- function(threads) {
    with_threads(threads, {
      value_and_grad(function(x) op_sum(layer(x)), layer$weights)(x)
    })
  }
  one <- run(1)
  expect_identical(run(2), one)
  expect_identical(run(3), one)
}
