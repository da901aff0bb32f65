# Models as files, both ways: what elman saves Keras loads, asks and trains a
# step on, saves again and trains another step on; elman loads that file and
# takes the same step. Files lie in a folder of this session.

file_folder <- tempfile("live-files-")

draw_file_recurrent <- function(units, sequences, alone) {
  if (draw_flag(0.2)) {
    cells <- list(rnn_cell_simple(units = 2), rnn_cell_simple(units = units))
    return(layer_rnn(cell = cells, return_sequences = sequences))
  }
  maker <- sample(c(layer_simple_rnn, layer_lstm, layer_gru), 1)[[1]]
  maker(
    units = units, return_sequences = sequences,
    activation = sample(c("tanh", "relu", "sigmoid"), 1),
    use_bias = draw_flag(0.8), go_backwards = alone && draw_flag(0.3),
    kernel_regularizer = if (draw_flag(0.3)) regularizer_l2(0.0625),
    recurrent_constraint = if (draw_flag(0.3)) constraint_maxnorm(2, axis = 1)
  )
}

# Layers of sequences that have variables or sublayers, as functions of a model.
file_layers <- list(
  function(m) layer_time_distributed(m, layer = layer_dense(units = 3)),
  function(m) layer_batch_normalization(m, momentum = 0.75),
  function(m) layer_layer_normalization(m),
  function(m) layer_group_normalization(m, groups = 1),
  function(m) layer_unit_normalization(m),
  function(m) layer_activation_parametric_relu(m),
  function(m) layer_conv_1d(m, 3, 2, padding = "causal"),
  function(m) layer_separable_conv_1d(m, 3, 2, padding = "same"),
  function(m) layer_depthwise_conv_1d(m, 2, padding = "same"),
  function(m) layer_conv_1d_transpose(m, 3, 2, padding = "same"),
  function(m) layer_gaussian_noise(m, 0),
  function(m) layer_spatial_dropout_1d(m, 0),
  function(m) layer_activity_regularization(m, l2 = 0.0625),
  function(m) layer_upsampling_1d(m),
  function(m) layer_max_pooling_1d(m, 1)
)

# Layers before the first recurrent one.
draw_file_steps <- function(model) {
  if (draw_flag(0.3)) layer_masking(model, mask_value = 0.5)
  for (add in sample(file_layers, draw_size(3) - 1L)) {
    suppressWarnings(add(model))
  }
}

draw_file_layers <- function(model, time) {
  draw_file_steps(model)
  units <- vapply(seq_len(draw_size(2)), function(i) draw_size(5), 1L)
  for (i in seq_along(units)) {
    sequences <- i < length(units)
    both <- draw_flag(0.4)
    recurrent <- draw_file_recurrent(units[i], sequences, alone = !both)
    if (both) {
      layer_bidirectional(model, recurrent, merge_mode = sample(
        c("concat", "sum", "mul", "ave"), 1
      ))
    } else {
      recurrent(model)
    }
    if (draw_flag(0.3)) layer_dropout(model, rate = 0)
    if (draw_flag(0.3)) layer_activation(model, "softsign")
  }
  layer_dense(model, units = 2, activation = "softmax", name = "answer")
}

# Two inputs, a state that is given, operations in between.
draw_file_graph <- function(time, features) {
  units <- draw_size(4)
  x <- keras_input(c(time, features), name = "sequence")
  h <- keras_input(units, name = "state")
  attended <- switch(draw_size(4), x, layer_attention(
    list(x, x), use_scale = TRUE, score_mode = "concat"
  ), layer_additive_attention(list(x, x)), layer_multi_head_attention(
    list(x, x), num_heads = 2, key_dim = 3
  ))
  last <- layer_simple_rnn(units = units, name = "memory")(
    attended, initial_state = h
  )
  mixed <- op_tanh(op_add(last, op_multiply(h, 0.5)))
  keras_model(list(x, h), layer_dense(mixed, 2, activation = "softmax"))
}

# One of those whose constants TensorFlow does not round, or of the others,
# which are held to float32. Keras 3.15.1 can neither write a whole .h5 with
# Adafactor nor read its own one with Lamb.
draw_file_optimizer <- function(floatx, format) {
  if (floatx == "float64") {
    name <- sample(c("SGD", "RMSprop", "Adam"), 1)
    make <- list(SGD = optimizer_sgd, RMSprop = optimizer_rmsprop,
                 Adam = optimizer_adam)[[name]]
    return(do.call(make, optimizer_settings(name)))
  }
  makers <- c(
    optimizer_adam_w, optimizer_nadam, optimizer_adamax, optimizer_adagrad,
    optimizer_adadelta, optimizer_ftrl, optimizer_lion, optimizer_muon,
    optimizer_adam, optimizer_sgd,
    if (format != "h5") c(optimizer_adafactor, optimizer_lamb)
  )
  make <- sample(makers, 1)[[1]]
  optimizer <- make(learning_rate = 0.0078125)
  if (draw_flag(0.2)) optimizer_loss_scale(optimizer) else optimizer
}

draw_file <- function() {
  dir.create(file_folder, showWarnings = FALSE)
  format <- sample(c("keras", "keras", "keras", "h5", "weights"), 1)
  floatx <- sample(c("float32", "float64"), 1)
  old <- config_set_floatx(floatx)
  on.exit(config_set_floatx(old))
  time <- draw_size(4)
  features <- draw_size(4)
  graph <- draw_flag(0.3)
  model <- if (graph) draw_file_graph(time, features) else
    keras_model_sequential(input_shape = c(time, features))
  if (!graph) draw_file_layers(model, time)
  x <- draw_array(3, time, features)
  if (graph) x <- list(x, draw_array(3, dim(model$inputs[[2]])[2]))
  y <- diag(2)[c(1, 2, 1), ]
  compile(model, draw_file_optimizer(floatx, format),
    loss = if (draw_flag()) "mse" else loss_categorical_crossentropy(),
    metrics = if (draw_flag()) list("accuracy", "mae")
  )
  for (i in seq_len(draw_size(3) - 1)) train_on_batch(model, x, y)
  path <- tempfile("case-", file_folder)
  if (format == "weights") {
    save_model_config(model, paste0(path, ".json"))
    save_model_weights(model, paste0(path, ".weights.h5"))
  } else {
    save_model(model, paste0(path, ".", format))
  }
  found <- list(prediction = predict_on_batch(model, x))
  if (format == "keras") found$loss <- file_step(model, x, y)
  list(format = format, floatx = floatx, graph = graph, path = path,
       x = if (graph) x[[1]] else x, h = if (graph) x[[2]], y = y,
       found = found)
}

file_step <- function(model, x, y) {
  logs <- train_on_batch(model, x, y)
  if (is.list(logs)) logs$loss else logs
}

# The results of the model that was saved, then of the one that Keras saved.
file_results <- function(case) {
  x <- if (case$graph) list(case$x, case$h) else case$x
  found <- case$found
  path <- paste0(case$path, "-keras.", if (case$format == "weights")
    "weights.h5" else case$format)
  if (case$format == "weights") {
    model <- load_model_config(paste0(case$path, ".json"))
    load_model_weights(model, path)
  } else {
    model <- load_model(path)
  }
  found$again <- predict_on_batch(model, x)
  if (case$format == "keras") {
    found$next_loss <- file_step(model, x, case$y)
    found$after <- predict_on_batch(model, x)
  }
  found
}

live_kinds$file <- list(
  count = 100, draw = draw_file, answer = file_results,
  tolerance = function(case) if (case$floatx == "float32") 2e-5 else 1e-7
)
