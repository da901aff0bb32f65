# Recurrent layers over a cell or several: outputs, states and all gradients.

draw_cell <- function() {
  list(units = draw_size(6), activation = draw_activation(recurrent_names),
       use_bias = draw_flag(0.8))
}

draw_cells_weights <- function(features, cells) {
  weights <- list()
  for (cell in cells) {
    weights <- c(weights, draw_rnn_weights(features, cell$units,
                                           cell$use_bias))
    features <- cell$units
  }
  weights
}

draw_rnn <- function() {
  batch <- draw_size(4)
  time <- draw_size(6)
  features <- draw_size(5)
  cells <- lapply(seq_len(draw_size(3)), function(i) draw_cell())
  list(
    cells = cells, stacked = length(cells) > 1 || draw_flag(0.2),
    arguments = list(
      return_sequences = draw_flag(), go_backwards = draw_flag(0.3),
      zero_output_for_mask = draw_flag(0.3), unroll = FALSE
    ),
    x = draw_array(batch, time, features),
    states = lapply(cells, function(cell) draw_array(batch, cell$units)),
    mask = if (draw_flag(0.6)) draw_mask(c(batch, time)),
    weights = draw_cells_weights(features, cells)
  )
}

# Keras holds some constants of gelu and leaky_relu in float32.
cells_tolerance <- function(case) {
  names <- vapply(case$cells, `[[`, "", "activation")
  if ("gelu" %in% names) 1e-5 else if ("leaky_relu" %in% names) 1e-6 else 1e-8
}

rnn_results <- function(case) {
  cells <- lapply(case$cells, function(a) do.call(rnn_cell_simple, a))
  layer <- do.call(layer_rnn, c(
    list(cell = if (case$stacked) cells else cells[[1]], return_state = TRUE),
    case$arguments
  ))
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  mask <- if (!is.null(case$mask)) case$mask > 0
  answers(
    function(x, ...) layer(x, initial_state = list(...), mask = mask),
    c(list(case$x), case$states), layer$trainable_weights
  )
}

live_kinds$rnn <- list(
  count = 60, draw = draw_rnn, answer = rnn_results,
  tolerance = cells_tolerance
)
