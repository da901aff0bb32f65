# Laws that hold between layers: a padded, masked batch is its rows alone, a
# stack of cells is a stack of layers, and the like, each for all kinds of
# cells.

kinds <- list(simple = layer_simple_rnn, lstm = layer_lstm, gru = layer_gru)
cells <- list(simple = rnn_cell_simple, lstm = rnn_cell_lstm,
              gru = rnn_cell_gru)

# A sequence for each length, and the batch of them, padded by zeros.
padded_rows <- function(lengths = c(4, 2, 1), features = 2) {
  rows <- lapply(lengths, function(n) {
    array(stats::rnorm(n * features), c(1, n, features))
  })
  batch <- array(0, c(length(rows), max(lengths), features))
  for (k in seq_along(rows)) batch[k, seq_len(lengths[k]), ] <- rows[[k]]
  list(rows = rows, batch = batch)
}

# Layers that hand a mask on, as functions of a masked sequence.
carriers <- list(
  simple_rnn = function(x) layer_simple_rnn(x, 3, return_sequences = TRUE),
  lstm = function(x) layer_lstm(x, 3, return_sequences = TRUE),
  gru = function(x) layer_gru(x, 3, return_sequences = TRUE),
  rnn = function(x) {
    layer_rnn(x, cell = list(rnn_cell_lstm(3), rnn_cell_simple(2)),
              return_sequences = TRUE)
  },
  bidirectional = function(x) {
    layer_bidirectional(x, layer = layer_gru(units = 2,
                                             return_sequences = TRUE))
  },
  time_distributed = function(x) {
    layer_time_distributed(x, layer = layer_dense(units = 3))
  },
  conv_lstm_1d = function(x) {
    layer_time_distributed(x, layer_reshape(target_shape = c(2, 1))) |>
      layer_conv_lstm_1d(2, 2, return_sequences = TRUE) |>
      layer_time_distributed(layer_flatten())
  },
  dense = function(x) layer_dense(x, 3, activation = "tanh"),
  dropout = function(x) layer_dropout(x, rate = 0.5),
  spatial_dropout_1d = function(x) layer_spatial_dropout_1d(x, 0.5),
  gaussian_noise = function(x) layer_gaussian_noise(x, 0.5),
  gaussian_dropout = function(x) layer_gaussian_dropout(x, 0.5),
  alpha_dropout = function(x) layer_alpha_dropout(x, 0.5),
  activation = function(x) layer_activation(x, "tanh"),
  relu = function(x) layer_activation_relu(x),
  leaky_relu = function(x) layer_activation_leaky_relu(x),
  parametric_relu = function(x) {
    layer_activation_parametric_relu(x, shared_axes = 2)
  },
  elu = function(x) layer_activation_elu(x),
  softmax = function(x) layer_activation_softmax(x),
  activity_regularization = function(x) layer_activity_regularization(x, 0.1),
  batch_normalization = function(x) layer_batch_normalization(x),
  layer_normalization = function(x) layer_layer_normalization(x),
  unit_normalization = function(x) layer_unit_normalization(x),
  normalization = function(x) {
    layer_normalization(x, mean = c(0.5, 1), variance = c(2, 3))
  },
  identity = function(x) layer_identity(x),
  add = function(x) layer_add(x, layer_dense(x, 2)),
  subtract = function(x) layer_subtract(x, layer_dense(x, 2)),
  multiply = function(x) layer_multiply(x, layer_dense(x, 2)),
  average = function(x) layer_average(x, layer_dense(x, 2)),
  maximum = function(x) layer_maximum(x, layer_dense(x, 2)),
  minimum = function(x) layer_minimum(x, layer_dense(x, 2)),
  concatenate = function(x) layer_concatenate(x, layer_dense(x, 2)),
  masking = function(x) layer_masking(x),
  attention = function(x) layer_attention(list(x, x)),
  additive_attention = function(x) layer_additive_attention(list(x, x)),
  multi_head_attention = function(x) {
    layer_multi_head_attention(list(x, x), num_heads = 2, key_dim = 3)
  }
)

# Layers at which a mask ends.
consumers <- list(
  simple_rnn = function(x) layer_simple_rnn(x, 2),
  lstm = function(x) layer_lstm(x, 2),
  gru = function(x) layer_gru(x, 2),
  rnn = function(x) layer_rnn(x, cell = rnn_cell_gru(2)),
  bidirectional = function(x) {
    layer_bidirectional(x, layer = layer_lstm(units = 2))
  },
  pooling = function(x) layer_global_average_pooling_1d(x)
)

expect_rows_alone <- function(carry, consume, data, label) {
  input <- keras_input(c(NA, 2))
  model <- keras_model(input, layer_masking(input) |> carry() |> consume())
  want <- do.call(rbind, lapply(data$rows, function(x) {
    predict(model, x, verbose = 0)
  }))
  expect_equal(predict(model, data$batch, verbose = 0), want,
               tolerance = 1e-5, label = label)
}

test_that("a padded, masked batch equals its rows alone, through all layers", {
  withr::local_seed(2)
  data <- padded_rows()
  for (name in names(carriers)) {
    expect_no_warning(expect_rows_alone(carriers[[name]], consumers$gru, data,
                                        name))
  }
  for (name in names(consumers)) {
    expect_rows_alone(carriers$lstm, consumers[[name]], data, name)
  }
})

test_that("so does one of ids, whose padding is id 0", {
  withr::local_seed(3)
  input <- keras_input(c(NA), dtype = "int32")
  output <- layer_embedding(input, 5, 3, mask_zero = TRUE) |> layer_lstm(2)
  model <- keras_model(input, output)
  rows <- list(c(1, 4, 2), 3, c(2, 2))
  alone <- lapply(rows, function(ids) predict(model, t(ids), verbose = 0))
  expect_equal(predict(model, pad_sequences(rows, padding = "post")),
               do.call(rbind, alone), tolerance = 1e-5)
})

test_that("every layer that carries a mask is held to this", {
  namespace <- own_namespace()
  classes <- Filter(R6::is.R6Class, mget(ls(namespace), envir = namespace))
  carry <- vapply(classes, function(class) {
    any(grepl("supports_masking <- ", deparse(class$public_methods$initialize)))
  }, NA)
  held <- lapply(c(carriers, consumers), function(carry) {
    input <- keras_input(c(3, 2))
    model <- keras_model(input, carry(input))
    lapply(all_layers(unwrap_layer(model)), function(layer) layer$classes)
  })
  missing <- setdiff(vapply(classes[carry], `[[`, "", "classname"),
                     unlist(held))
  # Embedding has its own test; Lambda carries what its function says.
  expect_setequal(missing, c("Embedding", "Lambda"))
})

test_that("the second half of a bidirectional layer reads backwards", {
  withr::local_seed(4)
  x <- array(stats::rnorm(24), c(2, 4, 3))
  for (kind in kinds) {
    layer <- bidirectional(layer = kind(units = 2, return_sequences = TRUE))
    both <- as.array(layer(x))
    weights <- get_weights(layer)
    alone <- kind(units = 2, return_sequences = TRUE)
    alone(x)
    set_weights(alone, weights[length(weights) / 2 + seq_len(length(weights) /
                                                               2)])
    expect_equal(as.array(alone(x[, 4:1, ]))[, 4:1, ], both[, , 3:4],
                 tolerance = 1e-6)
  }
})

test_that("stacked cells equal stacked layers", {
  withr::local_seed(5)
  x <- array(stats::rnorm(24), c(2, 4, 3))
  for (first in names(kinds)) for (second in names(kinds)) {
    stack <- layer_rnn(cell = list(cells[[first]](3), cells[[second]](2)))
    lower <- kinds[[first]](units = 3, return_sequences = TRUE)
    upper <- kinds[[second]](units = 2)
    one_by_one <- upper(lower(x))
    stack(x)
    set_weights(stack, c(get_weights(lower), get_weights(upper)))
    expect_equal(as.array(stack(x)), as.array(one_by_one), tolerance = 1e-6)
  }
})

test_that("a time-distributed layer equals a loop over the steps", {
  withr::local_seed(6)
  x <- array(stats::rnorm(48), c(2, 3, 4, 2))
  layers <- list(layer_dense(units = 3), layer_lstm(units = 2),
                 layer_conv_1d(filters = 2, kernel_size = 2),
                 layer_layer_normalization(), layer_flatten(),
                 layer_max_pooling_1d())
  for (layer in layers) {
    every <- as.array(time_distributed(layer = layer)(x))
    for (step in 1:3) {
      here <- as.array(layer(array(x[, step, , ], c(2, 4, 2))))
      index <- c(list(every, TRUE, step),
                 rep(list(TRUE), length(dim(every)) - 2))
      expect_equal(array(do.call(`[`, index), dim(here)), here,
                   tolerance = 1e-6)
    }
  }
})

test_that("a step through any of them is recorded, and runs to the same bits", {
  withr::local_seed(7)
  draw <- function() array(stats::rnorm(24), c(4, 3, 2))
  others <- list(
    group_normalization = function(x) layer_group_normalization(x, groups = 2),
    conv_1d = function(x) layer_conv_1d(x, 3, 2, padding = "causal"),
    separable_conv_1d = function(x) layer_separable_conv_1d(x, 3, 2),
    depthwise_conv_1d = function(x) layer_depthwise_conv_1d(x, 2),
    conv_1d_transpose = function(x) layer_conv_1d_transpose(x, 3, 2),
    max_pooling_1d = function(x) layer_max_pooling_1d(x),
    average_pooling_1d = function(x) layer_average_pooling_1d(x, 2),
    upsampling_1d = function(x) layer_upsampling_1d(x),
    zero_padding_1d = function(x) layer_zero_padding_1d(x),
    cropping_1d = function(x) layer_cropping_1d(x),
    permute = function(x) layer_permute(x, c(2, 1)),
    reshape = function(x) layer_reshape(x, c(2, 3)),
    repeat_vector = function(x) layer_flatten(x) |> layer_repeat_vector(2),
    global_max_pooling_1d = function(x) layer_global_max_pooling_1d(x)
  )
  for (carry in c(carriers, consumers, others)) {
    input <- keras_input(c(3, 2))
    output <- carry(input) |> layer_flatten() |> layer_dense(1)
    suppressWarnings(
      expect_records(keras_model(input, output), draw(), draw(), matrix(0, 4))
    )
  }
})
