# Training on several ranks is training in one process.

# Models and data, each as a function of the optimizer. Batches divide by no
# number of ranks above 1, and last ones have fewer samples than some.
rank_cases <- function() {
  set.seed(11)
  x <- array(rnorm(14 * 6 * 3), c(14, 6, 3))
  y <- matrix(rnorm(28), 14)
  steps <- array(rnorm(14 * 6 * 2), c(14, 6, 2))
  weight <- runif(14)
  padded <- x
  for (i in 1:14) padded[i, seq_len(i %% 6), ] <- 0
  new <- function(build, ..., settings = list()) {
    function(optimizer) {
      set.seed(5)
      compile(build(), do.call(optimizer, settings), ...)
    }
  }
  # Words and numbers in, steps in one vector.
  joined <- function() {
    words <- keras_input(4, dtype = "int32")
    series <- keras_input(c(6, 3))
    a <- words |> layer_embedding(7, 3, mask_zero = TRUE) |> layer_gru(3)
    b <- series |> layer_conv_1d(3, 2) |> layer_layer_normalization() |>
      layer_simple_rnn(3)
    keras_model(list(words, series), list(a, b) |> layer_concatenate() |>
                  layer_dense(2))
  }
  sequence <- function() keras_model_sequential(input_shape = c(6, 3))
  outputs <- function() {
    input <- keras_input(c(6, 3))
    h <- input |> layer_masking(0) |>
      layer_gru(4, return_sequences = TRUE)
    keras_model(input, list(
      h |> layer_dense(2), h |> layer_global_average_pooling_1d() |>
        layer_dense(2, activity_regularizer = regularizer_l2(0.1))
    ))
  }
  list(
    plain = list(new(function() {
      sequence() |> layer_simple_rnn(4) |> layer_dense(2)
    }, loss = "mse", metrics = c("mae", "mse")),
    list(x, y, batch_size = 5, validation_split = 0.2)),
    masked = list(new(function() {
      sequence() |> layer_masking(0) |>
        layer_lstm(4, return_sequences = TRUE) |> layer_dense(2)
    }, loss = "mse", metrics = "mae"),
    list(padded, steps, batch_size = 5)),
    weighted = list(new(function() {
      sequence() |> layer_gru(4, kernel_regularizer = regularizer_l2(0.01),
                              activity_regularizer = regularizer_l1(0.01)) |>
        layer_dense(2)
    }, loss = "mse", weighted_metrics = "mae"),
    list(x, y, batch_size = 5, sample_weight = weight)),
    weighted_mean = list(new(function() {
      sequence() |> layer_masking(0) |>
        layer_gru(4, return_sequences = TRUE) |> layer_dense(2)
    }, loss = loss_mean_squared_error(reduction = "mean_with_sample_weight")),
    list(padded, steps, batch_size = 5, sample_weight = weight)),
    classes = list(new(function() {
      sequence() |> layer_gru(4) |> layer_dense(1, activation = "sigmoid")
    }, loss = "binary_crossentropy", metrics = list("accuracy", metric_auc())),
    list(x, as.numeric(y[, 1] > 0), batch_size = 6,
         class_weight = c("0" = 1, "1" = 3))),
    bidirectional = list(new(function() {
      sequence() |> layer_masking(0) |>
        layer_bidirectional(layer_lstm(units = 3)) |>
        layer_dense(2, kernel_constraint = constraint_maxnorm(1))
    }, loss = "huber"),
    list(padded, y, batch_size = 5)),
    stateful = list(new(function() {
      keras_model_sequential(batch_input_shape = c(7, 6, 3)) |>
        layer_simple_rnn(4, stateful = TRUE) |> layer_dense(2)
    }, loss = "mse"),
    list(x, y, batch_size = 7, shuffle = FALSE, epochs = 10)),
    dropout = list(new(function() {
      sequence() |>
        layer_lstm(4, dropout = 0.3, recurrent_dropout = 0.2, seed = 1,
                   implementation = 1, return_sequences = TRUE) |>
        layer_time_distributed(layer = layer_dropout(rate = 0.3)) |>
        layer_gaussian_noise(0.1) |> layer_gru(3) |> layer_dense(2)
    }, loss = "mse"),
    list(x, y, batch_size = 5)),
    two_inputs = list(new(joined, loss = "mse", metrics = "mae",
                          settings = list(global_clipnorm = 0.05)),
    list(list(matrix(c(1:6, 0), 14, 4), x), y, batch_size = 5)),
    accumulated = list(new(function() {
      sequence() |> layer_lstm(3) |> layer_dense(2)
    }, loss = "mse", settings = list(
      clipvalue = 0.02, gradient_accumulation_steps = 3
    )), list(x, y, batch_size = 6, epochs = 20)),
    averaged = list(new(function() {
      sequence() |> layer_gru(3) |> layer_dense(2)
    }, loss = "mae", settings = list(
      clipnorm = 0.1, weight_decay = 0.01, use_ema = TRUE
    )), list(x, y, batch_size = 6)),
    two_outputs = list(new(outputs, loss = "mse",
                           loss_weights = list(1, 0.5)),
    list(padded, list(steps, y), batch_size = 5))
  )
}

test_that("1 to 4 ranks train to the numbers of one process in float64", {
  same_on_ranks(rank_cases, 1:4, "float64", 1e-10)
})

test_that("1 to 4 ranks train to the numbers of one process in float32", {
  same_on_ranks(rank_cases, 1:4, "float32", 2e-5)
})
