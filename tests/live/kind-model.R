# Recurrent models in training: losses, predictions and weights of some steps.

# TensorFlow rounds rates, momentum, decay and epsilon to float32: these it
# cannot.
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
      centered = draw_flag(), epsilon = 2^-23
    ),
    Adam = list(
      learning_rate = 0.0078125, beta_1 = 0.875, beta_2 = 0.984375,
      amsgrad = draw_flag(), epsilon = 2^-23
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

draw_model <- function() {
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
    recurrent = recurrent,
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

model_results <- function(case) {
  model <- keras_model_sequential(input_shape = dim(case$x)[-1])
  for (arguments in case$recurrent) {
    do.call(layer_simple_rnn, c(list(model), arguments))
  }
  do.call(layer_dense, c(list(model), case$dense))
  set_weights(model, case$weights)
  optimizer <- switch(case$optimizer,
    SGD = optimizer_sgd,
    RMSprop = optimizer_rmsprop,
    Adam = optimizer_adam
  )
  compile(model,
    optimizer = do.call(optimizer, case$settings), loss = case$loss
  )
  losses <- vapply(seq_len(case$steps), function(i) {
    as.numeric(train_on_batch(model, case$x, case$y))
  }, 0)
  weights <- get_weights(model)
  names(weights) <- paste("weight", seq_along(weights))
  c(
    list(losses = losses, prediction = predict_on_batch(model, case$x)),
    weights
  )
}

# TensorFlow holds the regularizers' factor 0.01 in float32, which misses it by
# 2e-8 of it; an update divided by a small spread hands that on.
model_tolerance <- function(case) {
  penalties <- c("kernel_regularizer", "recurrent_regularizer")
  has_penalty <- any(vapply(case$recurrent, function(arguments) {
    any(penalties %in% names(arguments))
  }, NA))
  if (has_penalty) 1e-7 else 1e-8
}

live_kinds$model <- list(
  count = 30, draw = draw_model, answer = model_results,
  tolerance = model_tolerance
)
