# Random cases for Keras and elman. Numbers are multiples of 1/1024, so that
# they are the same on both sides of a JSON file.

draw_array <- function(..., scale = 1) {
  dim <- c(...)
  array(round(rnorm(prod(dim), sd = scale) * 1024) / 1024, dim)
}

draw_size <- function(largest) sample(largest, 1)
draw_flag <- function(chance = 0.5) runif(1) < chance

# Those without arguments that keep the width (not glu, not threshold). Not
# sparsemax: Keras 3.15.1 adds up the partial sums of the support, and its
# outputs then do not sum to one, where elman's do.
activation_names <- c(
  "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid",
  "hard_silu", "hard_tanh", "leaky_relu", "linear", "log_sigmoid",
  "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
  "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus",
  "sparse_sigmoid", "squareplus", "tanh", "tanh_shrink"
)

# Fed back into itself, the exponential overflows within some steps.
recurrent_names <- setdiff(activation_names, "exponential")

draw_activation <- function(names = activation_names) {
  if (draw_flag(0.3)) "tanh" else sample(names, 1)
}

# W, R and b, small enough that no activation runs away.
draw_rnn_weights <- function(features, units, use_bias) {
  c(
    list(
      draw_array(features, units, scale = 0.5 / sqrt(features)),
      draw_array(units, units, scale = 0.5 / sqrt(units))
    ),
    if (use_bias) list(draw_array(units, scale = 0.3))
  )
}

draw_dense_weights <- function(features, units, use_bias) {
  c(
    list(draw_array(features, units, scale = 1 / sqrt(features))),
    if (use_bias) list(draw_array(units, scale = 0.3))
  )
}

draw_simple_rnn <- function(index) {
  batch <- draw_size(5)
  time <- draw_size(7)
  features <- draw_size(6)
  units <- draw_size(9)
  arguments <- list(
    units = units, activation = draw_activation(recurrent_names),
    use_bias = draw_flag(0.8), return_sequences = draw_flag(),
    go_backwards = draw_flag(), zero_output_for_mask = draw_flag()
  )
  steps <- if (arguments$return_sequences) time
  list(
    kind = "simple_rnn", arguments = arguments,
    x = draw_array(batch, time, features), h0 = draw_array(batch, units),
    mask = if (draw_flag(0.6)) {
      array(as.double(runif(batch * time) < 0.6), c(batch, time))
    },
    weights = draw_rnn_weights(features, units, arguments$use_bias),
    dy = draw_array(batch, steps, units), dh = draw_array(batch, units)
  )
}

draw_dense <- function(index) {
  leading <- vapply(seq_len(draw_size(3)), function(i) draw_size(5), 1L)
  features <- draw_size(7)
  units <- draw_size(9)
  arguments <- list(
    units = units, activation = draw_activation(), use_bias = draw_flag(0.8)
  )
  list(
    kind = "dense", arguments = arguments, x = draw_array(leading, features),
    weights = draw_dense_weights(features, units, arguments$use_bias),
    dy = draw_array(leading, units)
  )
}

# TensorFlow rounds rates, momentum and decay to float32: these it cannot.
optimizer_settings <- function(name) {
  switch(name,
    SGD = {
      momentum <- sample(c(0, 0.875), 1)
      list(
        learning_rate = 0.0625, momentum = momentum,
        nesterov = momentum > 0 && draw_flag()
      )
    },
    RMSprop = list(
      learning_rate = 0.0078125, rho = 0.875, momentum = sample(c(0, 0.5), 1),
      centered = draw_flag()
    ),
    Adam = list(
      learning_rate = 0.0078125, beta_1 = 0.875, beta_2 = 0.984375,
      amsgrad = draw_flag()
    )
  )
}

# Targets that fit the loss: classes for the crossentropies.
draw_targets <- function(loss, batch, units) {
  switch(loss,
    categorical_crossentropy =
      diag(units)[sample(units, batch, replace = TRUE), , drop = FALSE],
    binary_crossentropy =
      array(as.double(runif(batch * units) < 0.5), c(batch, units)),
    draw_array(batch, units)
  )
}

draw_model <- function(index) {
  batch <- draw_size(5)
  time <- draw_size(6)
  features <- draw_size(5)
  widths <- vapply(seq_len(draw_size(2)), function(i) draw_size(6), 1L)
  loss <- sample(c(
    "mse", "mae", "binary_crossentropy", "categorical_crossentropy"
  ), 1)
  outputs <- if (loss == "categorical_crossentropy") 3L else draw_size(3)
  optimizer <- sample(c("SGD", "RMSprop", "Adam"), 1)
  recurrent <- lapply(seq_along(widths), function(i) {
    c(
      list(
        units = widths[i], return_sequences = i < length(widths),
        go_backwards = draw_flag(0.3)
      ),
      if (draw_flag()) list(kernel_regularizer = "l2"),
      if (draw_flag(0.3)) list(recurrent_regularizer = "l1")
    )
  })
  inputs <- c(features, widths)
  weights <- Map(
    function(from, to) draw_rnn_weights(from, to, TRUE),
    inputs[-length(inputs)], widths
  )
  list(
    kind = "model", recurrent = recurrent,
    dense = list(units = outputs, activation = switch(loss,
      binary_crossentropy = "sigmoid",
      categorical_crossentropy = "softmax",
      "linear"
    )),
    weights = c(
      do.call(c, unname(weights)),
      draw_dense_weights(inputs[length(inputs)], outputs, TRUE)
    ),
    optimizer = optimizer, settings = optimizer_settings(optimizer),
    loss = loss, steps = 4L,
    x = draw_array(batch, time, features),
    y = draw_targets(loss, batch, outputs)
  )
}
