# The simple recurrent layer: output, state and all gradients.

draw_simple_rnn <- function() {
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
    arguments = arguments,
    x = draw_array(batch, time, features), h0 = draw_array(batch, units),
    mask = if (draw_flag(0.6)) {
      array(as.double(runif(batch * time) < 0.6), c(batch, time))
    },
    weights = draw_rnn_weights(features, units, arguments$use_bias),
    dy = draw_array(batch, steps, units), dh = draw_array(batch, units)
  )
}

simple_rnn_results <- function(case) {
  layer <- do.call(layer_simple_rnn, c(case$arguments, return_state = TRUE))
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  mask <- if (!is.null(case$mask)) case$mask > 0
  call_layer <- function(x, h0) layer(x, initial_state = h0, mask = mask)
  total <- function(x, h0) {
    result <- call_layer(x, h0)
    op_sum(result[[1]] * case$dy) + op_sum(result[[2]] * case$dh)
  }
  result <- call_layer(case$x, case$h0)
  slopes <- value_and_grad(total, layer$trainable_weights)(case$x, case$h0)
  c(
    list(
      output = result[[1]], state = result[[2]],
      dx = as.array(slopes$gradients[[1]]),
      dh0 = as.array(slopes$gradients[[2]])
    ),
    weight_gradients(slopes$variable_gradients, case$arguments$use_bias)
  )
}

live_kinds$simple_rnn <- list(
  count = 80, draw = draw_simple_rnn, answer = simple_rnn_results
)
