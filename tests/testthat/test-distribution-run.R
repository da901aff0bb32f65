# What ranks do together besides steps: callbacks, data of their own, steps
# apart.

run_model <- function() {
  set.seed(5)
  model <- keras_model_sequential(input_shape = c(6, 3)) |>
    layer_simple_rnn(3, dropout = 0.2) |>
    layer_dense(2)
  compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
}

run_data <- function() {
  set.seed(2)
  list(x = array(rnorm(16 * 6 * 3), c(16, 6, 3)), y = matrix(rnorm(32), 16))
}

# A training under many callbacks, and where it ended.
called_back <- function(distribution = NULL, file = tempfile()) {
  data <- run_data()
  model <- run_model()
  calls <- 0
  set.seed(4)
  history <- fit(
    model, data$x, data$y, batch_size = 6, epochs = 12, verbose = 0,
    validation_split = 0.25, distribution = distribution,
    callbacks = list(
      callback_early_stopping("loss", patience = 20,
                              restore_best_weights = TRUE),
      callback_reduce_lr_on_plateau("loss", factor = 0.5, patience = 1,
                                    min_delta = 0.05),
      callback_learning_rate_scheduler(function(epoch, lr) lr * 0.9),
      callback_model_checkpoint(file, save_best_only = TRUE,
                                save_weights_only = TRUE),
      callback_lambda(on_train_batch_end = function(batch, logs) {
        calls <<- calls + 1
        if (calls == 5) model$optimizer$learning_rate <- 0.004
        # 2 batches an epoch: in the middle of the ninth.
        if (calls == 17) model$stop_training <- TRUE
      })
    )
  )
  list(weights = get_weights(model), metrics = history$metrics,
       rate = model$optimizer$learning_rate, random = runif(1),
       steps = model$optimizer$iterations, calls = calls)
}

inputs_of_run <- function(...) {
  list(run_model = plain_function(run_model),
       run_data = plain_function(run_data),
       called_back = plain_function(called_back), ...)
}

test_that("what callbacks do on rank 0 reaches all ranks", {
  skip_without_ranks()
  skip_without_files()
  alone <- called_back(file = withr::local_tempfile(fileext = ".weights.h5"))
  expect_equal(alone$steps, 17)
  run <- run_ranks(2, quote({
    file <- file.path(tempdir(), "model.weights.h5")
    c(called_back(distribution_data_parallel(timeout = 30), file),
      files = file.exists(file))
  }), inputs_of_run())
  for (rank in 0:1) {
    got <- run$values[[rank + 1]]
    expect_identical(got$files, rank == 0)
    expect_identical(got$calls, if (rank == 0) 17 else 0)
    for (name in c("weights", "metrics", "rate", "random", "steps")) {
      # float32, and rates that follow losses.
      expect_equal(got[[name]], alone[[name]], tolerance = 2e-5, label = name)
    }
  }
})

test_that("early stopping stops all ranks where it stops one process", {
  skip_without_ranks()
  code <- quote({
    config_set_floatx("float64")
    data <- run_data()
    model <- run_model()
    set.seed(4)
    stopping <- callback_early_stopping("val_loss", patience = 1,
                                        restore_best_weights = TRUE)
    history <- fit(model, data$x, data$y, batch_size = 6, epochs = 200,
                   verbose = 0, validation_split = 0.25, callbacks = stopping,
                   distribution = distribution)
    list(get_weights(model), history$metrics, model$optimizer$iterations)
  })
  here <- run_ranks(1, code, inputs_of_run(distribution = NULL))$values[[1]]
  expect_lt(length(here[[2]]$loss), 200)
  run <- run_ranks(3, code, inputs_of_run(
    distribution = distribution_data_parallel(timeout = 30)
  ))
  expect_identical(run$status, 0L)
  for (got in run$values) {
    expect_length(got[[2]]$loss, length(here[[2]]$loss))
    expect_lt(max(abs(unlist(got) - unlist(here))), 1e-10)
  }
})

test_that("ranks with other seeds and weights begin where rank 0 does", {
  skip_without_ranks()
  code <- quote({
    config_set_floatx("float64")
    data <- run_data()
    set.seed(100 + rank)
    model <- keras_model_sequential(input_shape = c(6, 3)) |>
      layer_simple_rnn(3, dropout = 0.2) |> layer_dense(2)
    compile(model, optimizer_adam(0.01), loss = "mse")
    fit(model, data$x, data$y, batch_size = 6, epochs = 2, verbose = 0,
        distribution = distribution)
    list(get_weights(model), runif(1))
  })
  here <- run_ranks(1, code, inputs_of_run(distribution = NULL))
  run <- run_ranks(3, code, inputs_of_run(
    distribution = distribution_data_parallel(timeout = 30)
  ))
  for (got in run$values) {
    expect_lt(max(abs(unlist(got) - unlist(here$values[[1]]))), 1e-10)
  }
})

test_that("ranks on one machine share its processors, where nobody says how", {
  skip_without_ranks()
  run <- run_ranks(2, quote({
    elman:::cpp_threads_default(6L)
    Sys.unsetenv("ELMAN_NUM_THREADS")
    elman:::mpi_ranks()
    elman_threads()
  }))
  expect_identical(run$values, list(3L, 3L))
  given <- run_ranks(2, quote({
    options(elman.threads = 5)
    elman:::mpi_ranks()
    elman_threads()
  }))
  expect_identical(given$values, list(5L, 5L))
})

test_that("only rank 0 prints", {
  skip_without_ranks()
  run <- run_ranks(2, quote({
    data <- run_data()
    set_distribution(distribution_data_parallel(timeout = 30))
    fit(run_model(), data$x, data$y, epochs = 2, verbose = 2)
    NULL
  }), inputs_of_run())
  expect_identical(sum(grepl("^Epoch", run$output)), 2L)
})

test_that("data that ranks have of their own make up joint batches", {
  skip_without_ranks()
  alone <- quote({
    config_set_floatx("float64")
    data <- run_data()
    model <- run_model()
    set.seed(4)
    # Batches of 7, 7 and 2.
    rows <- list(1:7, 8:14, 15:16)
    fit(model, function_of(rows), steps_per_epoch = 3, epochs = 3, verbose = 0,
        distribution = distribution)
    get_weights(model)
  })
  function_of <- function(rows) {
    k <- 0
    function() {
      k <<- k %% 3 + 1
      at <- rows[[k]]
      list(data$x[at, , , drop = FALSE], data$y[at, , drop = FALSE])
    }
  }
  own_data <- quote({
    config_set_floatx("float64")
    data <- run_data()
    model <- run_model()
    set.seed(4)
    rows <- list(list(1:4, 8:9), list(5:7, 10:14, 15:16))[[rank + 1]]
    k <- 0
    give <- function() {
      k <<- k + 1
      if (k > length(rows)) {
        k <<- 0
        return(NULL)
      }
      at <- rows[[k]]
      list(data$x[at, , , drop = FALSE], data$y[at, , drop = FALSE])
    }
    fit(model, give, epochs = 3, verbose = 0,
        distribution = distribution_data_parallel(auto_shard_dataset = FALSE,
                                                  timeout = 30))
    get_weights(model)
  })
  here <- run_ranks(1, alone, inputs_of_run(
    function_of = plain_function(function_of), distribution = NULL
  ))
  run <- run_ranks(2, own_data, inputs_of_run())
  expect_identical(run$status, 0L)
  for (got in run$values) {
    expect_lt(max(abs(unlist(got) - unlist(here$values[[1]]))), 1e-10)
  }
})

test_that("datasets are shared like arrays", {
  skip_without_ranks()
  code <- quote({
    config_set_floatx("float64")
    series <- sin(1:60)
    data <- timeseries_dataset_from_array(
      matrix(series[1:59]), series[2:60], sequence_length = 5, batch_size = 8,
      shuffle = TRUE
    )
    set.seed(5)
    model <- keras_model_sequential(input_shape = c(5, 1)) |>
      layer_simple_rnn(3) |> layer_dense(1)
    compile(model, optimizer_adam(0.01), loss = "mse")
    set.seed(4)
    fit(model, data, epochs = 3, verbose = 0, distribution = distribution)
    get_weights(model)
  })
  here <- run_ranks(1, code, list(distribution = NULL))
  run <- run_ranks(3, code, list(distribution = distribution_data_parallel()))
  for (got in run$values) {
    expect_lt(max(abs(unlist(got) - unlist(here$values[[1]]))), 1e-10)
  }
})

# The mean of two trainings apart, in plain R: sgd on one weight matrix.
apart <- function(data, sync_every) {
  weights <- rep(list(matrix(0.1, 2, 1)), 2)
  since <- 0
  for (epoch in 1:2) {
    for (k in 1:4) {
      for (rank in 1:2) {
        rows <- (k - 1) * 4 + (rank - 1) * 2 + 1:2
        x <- data$x[rows, ]
        error <- x %*% weights[[rank]] - data$y[rows]
        weights[[rank]] <- weights[[rank]] - 0.1 * crossprod(x, error)
      }
      since <- since + 1
      if (since == sync_every || k == 4) {
        weights <- rep(list((weights[[1]] + weights[[2]]) / 2), 2)
        since <- 0
      }
    }
  }
  weights[[1]]
}

test_that("with sync_every ranks step apart and go on from their mean", {
  skip_without_ranks()
  set.seed(1)
  data <- list(x = matrix(rnorm(32), 16), y = rnorm(16))
  for (sync_every in c(2, 3)) {
    run <- run_ranks(2, quote({
      config_set_floatx("float64")
      model <- keras_model_sequential(input_shape = 2) |>
        layer_dense(1, use_bias = FALSE,
                    kernel_initializer = initializer_constant(0.1))
      compile(model, optimizer_sgd(0.1), loss = "mse", metrics = "mse")
      history <- fit(
        model, data$x, data$y, batch_size = 4, epochs = 2, shuffle = FALSE,
        verbose = 0, distribution = distribution_data_parallel(
          sync_every = sync_every, timeout = 30
        )
      )
      list(get_weights(model)[[1]], history$metrics)
    }), list(data = data, sync_every = sync_every))
    expect_identical(run$status, 0L)
    for (got in run$values) {
      expect_equal(got[[1]], apart(data, sync_every), tolerance = 1e-12)
      expect_equal(got[[2]]$loss, got[[2]]$mse, tolerance = 1e-12)
    }
    expect_identical(run$values[[1]], run$values[[2]])
  }
})

test_that("averaged weights are those that a validation sees on all ranks", {
  skip_without_ranks()
  code <- quote({
    config_set_floatx("float64")
    data <- run_data()
    set.seed(5)
    model <- keras_model_sequential(input_shape = c(6, 3)) |>
      layer_simple_rnn(3) |> layer_dense(2)
    compile(model, optimizer_adam(0.01, use_ema = TRUE, ema_momentum = 0.9),
            loss = "mse")
    set.seed(4)
    history <- fit(model, data$x, data$y, batch_size = 6, epochs = 3,
                   verbose = 0, validation_split = 0.25,
                   callbacks = callback_swap_ema_weights(),
                   distribution = distribution)
    list(get_weights(model), history$metrics)
  })
  here <- run_ranks(1, code, inputs_of_run(distribution = NULL))
  run <- run_ranks(2, code, inputs_of_run(
    distribution = distribution_data_parallel()
  ))
  for (got in run$values) {
    expect_lt(max(abs(unlist(got) - unlist(here$values[[1]]))), 1e-10)
  }
})

# ---- sums and messages -------------------------------------------------------

test_that("sums over 2 to 5 ranks are right and alike at any length", {
  skip_without_ranks()
  for (n in 2:5) {
    run <- run_ranks(n, quote({
      comm <- elman:::new_communicator(30)
      lapply(c(1, 3, 2047, 2048, 2053), function(length) {
        elman:::sum_ranks(comm, sin(seq_len(length) + rank))
      })
    }))
    want <- lapply(c(1, 3, 2047, 2048, 2053), function(length) {
      Reduce(`+`, lapply(seq_len(n) - 1, function(r) sin(seq_len(length) + r)))
    })
    for (got in run$values) {
      expect_equal(got, want, tolerance = 1e-14)
      expect_identical(got, run$values[[1]])
    }
  }
})
