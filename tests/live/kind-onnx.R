# Models as ONNX files: what ONNX Runtime makes of them is held to predict().

onnx_folder <- tempfile("live-onnx-")

onnx_activations <- c("tanh", "relu", "sigmoid", "softsign", "elu", "gelu",
                      "hard_sigmoid", "silu", "softmax", "leaky_relu")

draw_onnx_recurrent <- function(units, sequences, alone) {
  if (draw_flag(0.2)) {
    return(layer_rnn(cell = list(
      rnn_cell_lstm(units = 2), rnn_cell_gru(units = 3),
      rnn_cell_simple(units = units)
    ), return_sequences = sequences))
  }
  activation <- sample(onnx_activations, 1)
  bias <- draw_flag(0.8)
  backwards <- alone && draw_flag(0.3)
  if (draw_flag(0.3)) {
    return(layer_simple_rnn(units = units, activation = activation,
                            use_bias = bias, go_backwards = backwards,
                            return_sequences = sequences))
  }
  gates <- sample(onnx_activations, 1)
  if (draw_flag()) {
    return(layer_lstm(units = units, activation = activation,
                      recurrent_activation = gates, use_bias = bias,
                      go_backwards = backwards, return_sequences = sequences))
  }
  layer_gru(units = units, activation = activation, use_bias = bias,
            recurrent_activation = gates, reset_after = draw_flag(),
            go_backwards = backwards, return_sequences = sequences)
}

draw_onnx <- function() {
  dir.create(onnx_folder, showWarnings = FALSE)
  old <- config_set_floatx("float32")
  on.exit(config_set_floatx(old))
  time <- draw_size(6)
  ids <- draw_flag(0.3)
  model <- keras_model_sequential(input_shape = if (ids) NA else c(NA, 3))
  if (ids) {
    layer_embedding(model, 5, 3, mask_zero = draw_flag())
    x <- matrix(sample(0:4, 2 * time, replace = TRUE), 2)
  } else {
    x <- draw_array(2, time, 3)
    if (draw_flag(0.3)) {
      x[1, 1, ] <- 0.5
      layer_masking(model, mask_value = 0.5)
    }
    if (draw_flag(0.3)) {
      layer_time_distributed(model, layer = layer_dense(units = 3))
    }
  }
  for (last in c(FALSE, TRUE)) {
    sequences <- !last || draw_flag(0.3)
    both <- draw_flag(0.4)
    recurrent <- draw_onnx_recurrent(draw_size(5), sequences, alone = !both)
    if (both) {
      layer_bidirectional(model, recurrent, merge_mode = sample(
        c("concat", "sum", "mul", "ave"), 1
      ))
    } else {
      recurrent(model)
    }
  }
  layer_dense(model, 2, activation = sample(onnx_activations, 1))
  set_weights(model, lapply(get_weights(model), function(w) {
    array(stats::rnorm(length(w), sd = 0.4), dim(w))
  }))
  path <- tempfile("case-", onnx_folder, ".onnx")
  export_onnx(model, path)
  list(path = path, x = x,
       found = list(y = predict_on_batch(model, x)))
}

live_kinds$onnx <- list(
  count = 40, draw = draw_onnx, answer = function(case) case$found,
  tolerance = function(case) 1e-5
)
