# Ids, numbers and padding before a recurrent layer: embeddings and masking,
# with the masks that they give.

draw_embedding <- function() {
  ids <- draw_size(8)
  width <- draw_size(5)
  units <- draw_size(5)
  list(
    arguments = list(input_dim = ids, output_dim = width,
                     mask_zero = draw_flag()),
    units = units, x = array(sample(ids, 20, TRUE) - 1, c(4, 5)),
    weights = c(list(draw_array(ids, width)),
                draw_rnn_weights(width, units, TRUE))
  )
}

embedding_results <- function(case) {
  embedding <- do.call(layer_embedding, case$arguments)
  rnn <- layer_simple_rnn(units = case$units, return_sequences = TRUE)
  rnn$build(c(NA, NA, case$arguments$output_dim))
  embedding$build()
  set_weights(embedding, case$weights[1])
  set_weights(rnn, case$weights[-1])
  answers(function() rnn(embedding(as_tensor(case$x))), list(),
          c(embedding$weights, rnn$weights))
}

draw_masking <- function() {
  batch <- draw_size(4)
  time <- draw_size(6)
  features <- draw_size(3)
  value <- sample(c(0, -1, 0.5), 1)
  x <- draw_array(batch, time, features)
  # Some steps hold the value alone, others in part.
  for (b in seq_len(batch)) for (t in seq_len(time)) {
    if (draw_flag(0.3)) x[b, t, ] <- value
    if (draw_flag(0.3)) x[b, t, 1] <- value
  }
  list(value = value, x = x)
}

masking_results <- function(case) {
  layer <- layer_masking(mask_value = case$value)
  answers(layer, list(case$x))
}

live_kinds$embedding <- list(
  count = 25, draw = draw_embedding, answer = embedding_results
)
live_kinds$masking <- list(
  count = 15, draw = draw_masking, answer = masking_results
)
