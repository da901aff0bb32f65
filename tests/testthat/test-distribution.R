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
  new <- function(build, ...) {
    function(optimizer) {
      set.seed(5)
      compile(build(), optimizer, ...)
    }
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
    two_outputs = list(new(outputs, loss = "mse",
                           loss_weights = list(1, 0.5)),
    list(padded, list(steps, y), batch_size = 5))
  )
}

# What 20 steps at least make of every case, with two optimizers.
train_cases <- function(cases, dtype, distribution = NULL) {
  old <- config_set_floatx(dtype)
  on.exit(config_set_floatx(old))
  optimizers <- list(sgd = function() optimizer_sgd(0.05, momentum = 0.9),
                     adam = function() optimizer_adam(0.01))
  out <- list()
  for (name in names(cases)) for (rule in names(optimizers)) {
    model <- cases[[name]][[1]](optimizers[[rule]]())
    data <- cases[[name]][[2]]
    set.seed(3)
    arguments <- utils::modifyList(list(
      epochs = 7, verbose = 0, distribution = distribution
    ), data[-(1:2)])
    history <- do.call(fit, c(list(model), data[1:2], arguments))
    out[[paste(name, rule)]] <- list(
      weights = get_weights(model), metrics = history$metrics,
      predicted = predict(model, data[[1]], batch_size = data$batch_size,
                          verbose = 0),
      next_random = runif(1),
      refused = model$plan$step_log$refused
    )
  }
  out
}

distance <- function(a, b) max(abs(unlist(a) - unlist(b)))

same_on_ranks <- function(ranks, dtype, tolerance) {
  skip_without_ranks()
  inputs <- list(rank_cases = plain_function(rank_cases), dtype = dtype,
                 train_cases = plain_function(train_cases))
  alone <- train_cases(rank_cases(), dtype)
  for (n in ranks) {
    run <- run_ranks(n, quote(train_cases(
      rank_cases(), dtype, distribution_data_parallel(timeout = 60)
    )), inputs)
    expect_identical(run$status, 0L)
    for (rank in seq_len(n)) for (name in names(alone)) {
      got <- run$values[[rank]][[name]]
      # The order of additions is all that differs.
      expect_lt(distance(got, alone[[name]]), tolerance,
                label = paste(name, "on rank", rank - 1, "of", n))
      expect_length(got$refused, 0L)
    }
    # Ranks agree to the bit.
    for (rank in seq_len(n)[-1]) {
      expect_identical(run$values[[rank]], run$values[[1]])
    }
  }
}

test_that("1 to 4 ranks train to the numbers of one process in float64", {
  same_on_ranks(1:4, "float64", 1e-10)
})

test_that("3 ranks train to the numbers of one process in float32", {
  same_on_ranks(3, "float32", 2e-5)
})
