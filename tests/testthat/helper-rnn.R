# The recurrence in plain R, with every flag, to hold the layers to.

# x [batch, time, features]; mask, if any, a logical matrix [batch, time];
# x_drop [batch, features] and h_drop [batch, units] multipliers. Gives
# list(output, state).
reference_simple_rnn <- function(x, kernel, recurrent_kernel, bias = 0,
                                 activation = tanh, state = NULL, mask = NULL,
                                 go_backwards = FALSE,
                                 return_sequences = FALSE,
                                 zero_output_for_mask = FALSE,
                                 x_drop = 1, h_drop = 1) {
  batch <- dim(x)[1]
  units <- ncol(kernel)
  h <- if (is.null(state)) matrix(0, batch, units) else state
  times <- seq_len(dim(x)[2])
  if (go_backwards) times <- rev(times)
  y <- matrix(0, batch, units)
  all <- array(0, c(batch, length(times), units))
  for (k in seq_along(times)) {
    t <- times[k]
    x_t <- matrix(x[, t, ], batch)
    z <- (x_t * x_drop) %*% kernel + (h * h_drop) %*% recurrent_kernel
    new <- activation(sweep(z, 2, bias, `+`))
    use <- if (is.null(mask)) rep(TRUE, batch) else mask[, t]
    y[use, ] <- new[use, ]
    if (zero_output_for_mask) y[!use, ] <- 0
    h[use, ] <- new[use, ]
    all[, k, ] <- y
  }
  list(if (return_sequences) all else y, h)
}

# Numbers that repeat: no test depends on R's generator.
waves <- function(..., shift = 0) {
  d <- c(...)
  array(sin(seq_len(prod(d)) * 1.7 + shift), d)
}

# Weights for `features` inputs and `units` units.
rnn_weights <- function(features, units, bias = TRUE) {
  c(list(waves(features, units) * 0.5, waves(units, units, shift = 1) * 0.5),
    if (bias) list(waves(units, shift = 2) * 0.3))
}

# A built simple recurrent layer in float64 with those weights.
double_rnn <- function(features, units, ..., use_bias = TRUE) {
  layer_simple_rnn(units = units, use_bias = use_bias, dtype = "float64",
                   weights = rnn_weights(features, units, use_bias), ...)
}

# seq(a, b, c) of the fixtures: 0, 1, 2, ... in row-major order.
row_major_seq <- function(...) {
  d <- c(...)
  aperm(array(seq_len(prod(d)) - 1, rev(d)), rev(seq_along(d)))
}
