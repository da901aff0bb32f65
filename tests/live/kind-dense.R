# The dense layer: output and gradients.

draw_dense <- function() {
  leading <- vapply(seq_len(draw_size(3)), function(i) draw_size(5), 1L)
  features <- draw_size(7)
  units <- draw_size(9)
  arguments <- list(
    units = units, activation = draw_activation(), use_bias = draw_flag(0.8)
  )
  list(
    arguments = arguments, x = draw_array(leading, features),
    weights = draw_dense_weights(features, units, arguments$use_bias),
    dy = draw_array(leading, units)
  )
}

dense_results <- function(case) {
  layer <- do.call(layer_dense, case$arguments)
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  total <- function(x) op_sum(layer(x) * case$dy)
  slopes <- value_and_grad(total, layer$trainable_weights)(case$x)
  c(
    list(output = layer(case$x), dx = as.array(slopes$gradients[[1]])),
    weight_gradients(slopes$variable_gradients, case$arguments$use_bias)
  )
}

live_kinds$dense <- list(
  count = 30, draw = draw_dense, answer = dense_results
)
