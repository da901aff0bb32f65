# Convolutional LSTM layers of one to three axes.

draw_conv_lstm <- function() {
  rank <- draw_size(3)
  batch <- draw_size(3)
  time <- draw_size(4)
  channels <- draw_size(3)
  filters <- draw_size(3)
  window <- vapply(seq_len(rank), function(i) draw_size(3), 1L)
  stretched <- draw_flag(0.4)
  dilation <- if (stretched) vapply(window, function(i) draw_size(2), 1L) else
    rep(1L, rank)
  size <- (window - 1L) * dilation +
    vapply(window, function(i) draw_size(3), 1L)
  first <- draw_flag(0.3)
  use_bias <- draw_flag(0.8)
  list(
    rank = rank, first = first,
    arguments = list(
      filters = filters, kernel_size = I(window),
      strides = if (stretched) I(rep(1L, rank)) else
        I(vapply(window, function(i) draw_size(2), 1L)),
      dilation_rate = I(dilation), padding = sample(c("valid", "same"), 1),
      activation = sample(c("tanh", "relu", "softsign"), 1),
      recurrent_activation = sample(c("sigmoid", "hard_sigmoid"), 1),
      use_bias = use_bias, return_sequences = draw_flag(),
      go_backwards = draw_flag(0.3)
    ),
    x = draw_array(batch, time, size, channels),
    mask = if (draw_flag()) draw_mask(c(batch, time)),
    weights = c(
      list(
        draw_array(window, channels, 4L * filters, scale = 0.5),
        draw_array(window, filters, 4L * filters, scale = 0.3)
      ),
      if (use_bias) list(draw_array(4L * filters, scale = 0.3))
    )
  )
}

conv_lstm_results <- function(case) {
  make <- list(layer_conv_lstm_1d, layer_conv_lstm_2d, layer_conv_lstm_3d)
  arguments <- lapply(case$arguments, unclass)
  layer <- do.call(make[[case$rank]], c(arguments, list(
    return_state = TRUE,
    data_format = if (case$first) "channels_first" else "channels_last"
  )))
  # The truth is told with the channels last.
  n <- case$rank + 3L
  back <- function(x) {
    if (!case$first) return(x)
    r <- length(dim(x))
    lead <- r - case$rank - 1L
    op_transpose(x, c(seq_len(lead), lead + 1L + seq_len(case$rank), lead + 1L))
  }
  forth <- function(x) {
    if (case$first) op_transpose(x, c(1:2, n, 2L + seq_len(case$rank))) else x
  }
  d <- dim(case$x)
  layer$build(if (case$first) d[c(1:2, n, 2L + seq_len(case$rank))] else d)
  set_weights(layer, case$weights)
  mask <- if (!is.null(case$mask)) case$mask > 0
  answers(function(x) {
    y <- lapply(layer(forth(x), mask = mask), back)
    if (!is.null(mask) && case$arguments$return_sequences) {
      attr(y[[1]], "mask") <- as_tensor(mask)
    }
    y
  }, list(case$x), layer$trainable_weights)
}

live_kinds$conv_lstm <- list(
  count = 20, draw = draw_conv_lstm, answer = conv_lstm_results
)
