# LSTM and GRU layers, in one direction or both: outputs, states and all
# gradients.

# W, R and b of `gates` gates; `rows` of the bias.
draw_gated_weights <- function(features, units, gates, rows, use_bias) {
  columns <- gates * units
  c(
    list(draw_array(features, columns, scale = 0.5 / sqrt(features)),
         draw_array(units, columns, scale = 0.5 / sqrt(units))),
    if (use_bias) list(draw_array(if (rows > 1) rows, columns, scale = 0.3))
  )
}

draw_gated <- function(gates, states) {
  batch <- draw_size(5)
  time <- draw_size(7)
  features <- draw_size(6)
  units <- draw_size(9)
  arguments <- list(
    units = units, activation = draw_activation(recurrent_names),
    recurrent_activation = if (draw_flag()) "sigmoid" else
      draw_activation(recurrent_names),
    use_bias = draw_flag(0.8), return_sequences = draw_flag(),
    zero_output_for_mask = draw_flag()
  )
  if (gates == 3) arguments$reset_after <- draw_flag()
  rows <- if (isTRUE(arguments$reset_after)) 2 else 1
  both <- draw_flag(0.3)
  if (!both) arguments$go_backwards <- draw_flag()
  sides <- if (both) 1:2 else 1
  list(
    arguments = arguments, both = both, x = draw_array(batch, time, features),
    states = if (draw_flag(0.7)) {
      lapply(seq_len(states * length(sides)),
             function(k) draw_array(batch, units))
    },
    mask = if (draw_flag(0.6)) draw_mask(c(batch, time)),
    weights = do.call(c, lapply(sides, function(side) {
      draw_gated_weights(features, units, gates, rows, arguments$use_bias)
    }))
  )
}

# Keras holds some constants of gelu and leaky_relu in float32.
gated_tolerance <- function(case) {
  names <- unlist(case$arguments[c("activation", "recurrent_activation")])
  if ("gelu" %in% names) 1e-5 else if ("leaky_relu" %in% names) 1e-6 else 1e-8
}

gated_results <- function(make) {
  function(case) {
    layer <- do.call(make, c(case$arguments, return_state = TRUE))
    if (case$both) layer <- layer_bidirectional(layer = layer)
    layer$build(dim(case$x))
    set_weights(layer, case$weights)
    mask <- if (!is.null(case$mask)) case$mask > 0
    answers(
      function(x, ...) {
        states <- if (...length()) list(...)
        layer(x, initial_state = states, mask = mask)
      },
      c(list(case$x), case$states), layer$trainable_weights
    )
  }
}

live_kinds$lstm <- list(
  count = 25, draw = function() draw_gated(4, 2),
  answer = gated_results(layer_lstm), tolerance = gated_tolerance
)
live_kinds$gru <- list(
  count = 25, draw = function() draw_gated(3, 1),
  answer = gated_results(layer_gru), tolerance = gated_tolerance
)
