# A small model for every layer and every optimizer, to be sent to other
# processes.

# `middle` from [batch, 4, 2] to anything, on the symbolic input.
layer_model <- function(middle, shape = c(4, 2)) {
  x <- keras_input(shape)
  y <- middle(x)
  if (length(shape_of(y)) > 2L) y <- layer_flatten(y)
  model <- keras_model(x, layer_dense(y, 2))
  compile(model, optimizer_adam(0.0625), loss = "mse")
}

merging <- function(merge, ...) {
  layer_model(function(x) merge(layer_lstm(x, 3), layer_gru(x, 3), ...))
}

attending <- function(attend) {
  layer_model(function(x) {
    attend(list(layer_gru(x, 3, return_sequences = TRUE), layer_dense(x, 3)))
  })
}

# By the name of the layer's function.
layer_models <- function() {
  of <- function(layer, ...) layer_model(function(x) layer(x, ...))
  images <- function(layer, shape, ...) {
    layer_model(function(x) layer(x, ...), shape)
  }
  list(
    layer_activation = of(layer_activation, "tanh"),
    layer_activation_elu = of(layer_activation_elu),
    layer_activation_leaky_relu = of(layer_activation_leaky_relu),
    layer_activation_parametric_relu = of(layer_activation_parametric_relu),
    layer_activation_relu = of(layer_activation_relu, max_value = 1),
    layer_activation_softmax = of(layer_activation_softmax),
    layer_activity_regularization = of(layer_activity_regularization, 0.1, 0.1),
    layer_add = merging(layer_add),
    layer_additive_attention = attending(layer_additive_attention()),
    layer_alpha_dropout = of(layer_alpha_dropout, 0.2),
    layer_attention = attending(layer_attention(use_scale = TRUE)),
    layer_average = merging(layer_average),
    layer_average_pooling_1d = of(layer_average_pooling_1d, 2),
    layer_batch_normalization = of(layer_batch_normalization),
    layer_bidirectional = of(layer_bidirectional, layer_gru(units = 2)),
    layer_concatenate = merging(layer_concatenate),
    layer_conv_1d = of(layer_conv_1d, 3, 2, padding = "causal"),
    layer_conv_1d_transpose = of(layer_conv_1d_transpose, 3, 2),
    layer_conv_lstm_1d = images(layer_conv_lstm_1d, c(4, 3, 1), 2, 2),
    layer_conv_lstm_2d = images(layer_conv_lstm_2d, c(4, 3, 3, 1), 2, 2),
    layer_conv_lstm_3d = images(layer_conv_lstm_3d, c(2, 2, 2, 2, 1), 2, 2),
    layer_cropping_1d = of(layer_cropping_1d, 1),
    layer_dense = of(layer_dense, 3, activation = "relu", lora_rank = 1),
    layer_depthwise_conv_1d = of(layer_depthwise_conv_1d, 2),
    layer_dot = merging(layer_dot, axes = 2),
    layer_dropout = of(layer_dropout, 0.2),
    layer_embedding = layer_model(function(x) {
      layer_gru(layer_embedding(x, 5, 3, mask_zero = TRUE), 2)
    }, 4),
    layer_flatten = of(layer_flatten),
    layer_gaussian_dropout = of(layer_gaussian_dropout, 0.2),
    layer_gaussian_noise = of(layer_gaussian_noise, 0.2, seed = 3),
    layer_global_average_pooling_1d = of(layer_global_average_pooling_1d),
    layer_global_max_pooling_1d = of(layer_global_max_pooling_1d),
    layer_group_normalization = of(layer_group_normalization, 2),
    layer_gru = of(layer_gru, 3, dropout = 0.2, recurrent_dropout = 0.2),
    layer_identity = of(layer_identity),
    layer_input = of(layer_identity),
    layer_lambda = of(layer_lambda, function(x) x * 2),
    layer_layer_normalization = of(layer_layer_normalization),
    layer_lstm = of(layer_lstm, 3, dropout = 0.2, seed = 1),
    layer_masking = layer_model(function(x) {
      layer_lstm(layer_masking(x, 0.5), 2)
    }),
    layer_max_pooling_1d = of(layer_max_pooling_1d, 2),
    layer_maximum = merging(layer_maximum),
    layer_minimum = merging(layer_minimum),
    layer_multi_head_attention = layer_model(function(x) {
      layer_multi_head_attention(num_heads = 2, key_dim = 2,
                                 dropout = 0.2)(x, x)
    }),
    layer_multiply = merging(layer_multiply),
    layer_normalization = of(layer_normalization, mean = 0.5, variance = 2),
    layer_permute = of(layer_permute, c(2, 1)),
    layer_repeat_vector = layer_model(function(x) {
      layer_repeat_vector(layer_simple_rnn(x, 2), 3)
    }),
    layer_reshape = of(layer_reshape, c(2, 4)),
    layer_rnn = of(layer_rnn, list(rnn_cell_lstm(units = 3, dropout = 0.2),
                                   rnn_cell_gru(units = 2),
                                   rnn_cell_simple(units = 2))),
    layer_separable_conv_1d = of(layer_separable_conv_1d, 3, 2),
    layer_simple_rnn = of(layer_simple_rnn, 3, dropout = 0.2, seed = 1),
    layer_spatial_dropout_1d = of(layer_spatial_dropout_1d, 0.2),
    layer_spatial_dropout_2d = images(layer_spatial_dropout_2d, c(2, 2, 3),
                                      0.2),
    layer_spatial_dropout_3d = images(layer_spatial_dropout_3d,
                                      c(2, 2, 2, 3), 0.2),
    layer_subtract = merging(layer_subtract),
    layer_text_vectorization = local({
      layer <- layer_text_vectorization(output_mode = "count")
      adapt(layer, c("a b", "a c"))
    }),
    layer_time_distributed = of(layer_time_distributed, layer_dense(units = 3)),
    layer_unit_normalization = of(layer_unit_normalization),
    layer_upsampling_1d = of(layer_upsampling_1d, 2),
    layer_zero_padding_1d = of(layer_zero_padding_1d, 1)
  )
}

# By the name of the optimizer's function.
optimizer_models <- function() {
  rules <- every_optimizer()
  names(rules) <- paste0("optimizer_", names(rules))
  lapply(rules, function(rule) {
    compile(keras_model_sequential(input_shape = c(4, 2)) |>
              layer_simple_rnn(3) |> layer_dense(2), rule, loss = "mse")
  })
}

# Two steps of training, in any process, and the weights after them; of the
# layer that is for texts, what it learns from them.
step_on <- function(model) {
  if (!inherits(model, "elman_model")) {
    adapt(model, c("b a", "c d"))
    return(list(get_vocabulary(model), model(c("a d", "b"))))
  }
  shape <- unlist(model$input_shape)[-1]
  x <- array(1 + sin(seq_len(3 * prod(shape))), c(3, shape))
  y <- matrix(cos(1:6), 3)
  set.seed(9)
  for (k in 1:2) train_on_batch(model, x, y)
  get_weights(model)
}

all_steps <- function(models) lapply(models, step_on)

# Models in the middle of their training.
trained_models <- function() {
  set.seed(3)
  models <- c(layer_models(), optimizer_models())
  all_steps(models)
  models
}

# step_on() as a process without this test's environment has it.
free_steps <- function() {
  one <- step_on
  environment(one) <- globalenv()
  many <- eval(bquote(function(models) lapply(models, .(one))))
  environment(many) <- globalenv()
  many
}

# all_steps() in another process, which loads the package before it meets a
# model.
steps_elsewhere <- function(code, bytes) {
  if (!"elman" %in% loadedNamespaces()) eval(parse(text = code))
  library(elman)
  sent <- unserialize(bytes)
  sent$steps(sent$models)
}
environment(steps_elsewhere) <- globalenv()

# What it is called with.
travel_arguments <- function(models) {
  list(load_code(), serialize(list(steps = free_steps(), models = models),
                              NULL))
}

expect_same_steps <- function(there, here) {
  testthat::expect_identical(names(there), names(here))
  for (name in names(here)) {
    testthat::expect_identical(there[[name]], here[[name]], label = name)
  }
}
