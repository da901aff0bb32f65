# Both directions: every merge mode, own backward layers, masks and states.

draw_bidirectional <- function() {
  batch <- draw_size(4)
  time <- draw_size(6)
  features <- draw_size(5)
  mode <- sample(c("concat", "sum", "mul", "ave", "none"), 1)
  forward <- draw_cell()
  own <- draw_flag()
  backward <- if (own) draw_cell() else forward
  if (!mode %in% c("concat", "none")) backward$units <- forward$units
  common <- list(return_sequences = draw_flag(), return_state = draw_flag())
  list(
    mode = mode, own = own, cells = list(forward, backward), common = common,
    x = draw_array(batch, time, features),
    states = if (draw_flag()) {
      list(draw_array(batch, forward$units), draw_array(batch, backward$units))
    },
    mask = if (draw_flag(0.6)) draw_mask(c(batch, time)),
    weights = c(
      draw_rnn_weights(features, forward$units, forward$use_bias),
      draw_rnn_weights(features, backward$units, backward$use_bias)
    )
  )
}

bidirectional_results <- function(case) {
  side <- function(k, ...) {
    do.call(layer_simple_rnn, c(case$cells[[k]], case$common, list(...)))
  }
  layer <- layer_bidirectional(
    layer = side(1), merge_mode = if (case$mode != "none") case$mode,
    backward_layer = if (case$own) side(2, go_backwards = TRUE)
  )
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  mask <- if (!is.null(case$mask)) case$mask > 0
  answers(
    function(x, ...) {
      if (!...length()) return(layer(x, mask = mask))
      layer(x, initial_state = list(...), mask = mask)
    },
    c(list(case$x), case$states), layer$trainable_weights
  )
}

live_kinds$bidirectional <- list(
  count = 50, draw = draw_bidirectional, answer = bidirectional_results,
  tolerance = function(case) cells_tolerance(case)
)
