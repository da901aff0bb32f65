# A dense or a recurrent layer at each step.

draw_time_distributed <- function() {
  batch <- draw_size(4)
  time <- draw_size(5)
  features <- draw_size(4)
  cell <- draw_cell()
  recurrent <- draw_flag()
  steps <- if (recurrent) draw_size(4)
  list(
    inner = if (recurrent) "SimpleRNN" else "Dense", arguments = cell,
    x = draw_array(batch, time, steps, features),
    mask = if (recurrent && draw_flag()) draw_mask(c(batch, time, steps)),
    weights = if (recurrent) {
      draw_rnn_weights(features, cell$units, cell$use_bias)
    } else {
      draw_dense_weights(features, cell$units, cell$use_bias)
    }
  )
}

time_distributed_results <- function(case) {
  make <- if (case$inner == "Dense") layer_dense else layer_simple_rnn
  layer <- layer_time_distributed(layer = do.call(make, case$arguments))
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  mask <- if (!is.null(case$mask)) case$mask > 0
  answers(function(x) layer(x, mask = mask), list(case$x),
          layer$trainable_weights)
}

live_kinds$time_distributed <- list(
  count = 25, draw = draw_time_distributed, answer = time_distributed_results
)
