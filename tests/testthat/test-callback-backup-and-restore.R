# Runs that are killed and resumed, against runs that are not.

resumable_model <- function(stateful = FALSE, ...) {
  set.seed(5)
  layers <- keras_model_sequential(input_shape = c(5, 2), input_batch_size = 4) |>
    layer_simple_rnn(3, stateful = stateful, dropout = 0.25) |>
    layer_dense(1)
  compile(layers, loss = "mse", metrics = "mae", ...)
}

# Ends at once, as if the process were gone, at a batch counted from 1.
stopper <- function(at) {
  count <- 0
  callback_lambda(on_train_batch_end = function(batch, logs) {
    count <<- count + 1
    if (count == at) stop("killed")
  })
}

run_training <- function(folder, extra = NULL, freq = "epoch", stateful = FALSE,
                         optimizer = optimizer_adam(0.01)) {
  data <- series_data(24)
  model <- resumable_model(stateful, optimizer = optimizer)
  callbacks <- list(
    callback_reduce_lr_on_plateau("loss", patience = 1, min_delta = 0.05),
    callback_early_stopping("loss", patience = 9),
    if (!is.null(folder)) callback_backup_and_restore(folder, freq)
  )
  history <- fit(model, data$x, data$y, batch_size = 4, epochs = 4,
                 shuffle = !stateful, verbose = 0,
                 validation_data = list(data$x[1:4, , ], data$y[1:4]),
                 callbacks = c(Filter(Negate(is.null), callbacks), extra))
  list(bits = weight_bits(model), metrics = history$metrics,
       optimizer = lapply(model$optimizer$variables, as.array),
       random = runif(1))
}

test_that("a run stopped at any batch and resumed ends with the same bits", {
  whole <- run_training(NULL)
  for (freq in list("epoch", 1L, 4L)) for (at in c(1, 6, 7, 15, 24)) {
    folder <- withr::local_tempdir()
    expect_error(run_training(folder, stopper(at), freq),
                 class = "elman_error_callback")
    expect_identical(run_training(folder, freq = freq), whole)
  }
})

test_that("states of stateful layers and of optimizers are resumed", {
  for (make in list(function() optimizer_sgd(0.01, momentum = 0.5),
                    function() optimizer_adam(0.01, use_ema = TRUE))) {
    whole <- run_training(NULL, stateful = TRUE, optimizer = make())
    folder <- withr::local_tempdir()
    expect_error(run_training(folder, stopper(9), 2L, TRUE, make()),
                 class = "elman_error_callback")
    again <- run_training(folder, NULL, 2L, TRUE, make())
    expect_identical(again, whole)
  }
})

test_that("a process killed at random moments resumes with the same bits", {
  skip_on_os("windows")
  whole <- run_training(NULL)
  folder <- withr::local_tempdir()
  set.seed(9)
  for (seconds in runif(6, 0.02, 0.4)) {
    in_child(run_training(folder, freq = 1L), stop_after = seconds)
  }
  expect_identical(run_training(folder, freq = 1L), whole)
})

test_that("a finished run leaves no backup, a damaged one is told", {
  folder <- file.path(withr::local_tempdir(), "backup")
  run_training(folder)
  expect_false(dir.exists(folder))
  dir.create(folder)
  writeLines("no", file.path(folder, "latest.rds"))
  expect_error(run_training(folder), class = "elman_error_file")
})

test_that("a backup of another model is refused and changes nothing", {
  folder <- withr::local_tempdir()
  expect_error(run_training(folder, stopper(7)))
  model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
  compile(model, loss = "mse")
  before <- weight_bits(model)
  expect_error(fit(model, matrix(0, 4, 2), numeric(4), verbose = 0,
                   callbacks = callback_backup_and_restore(folder)),
               class = "elman_error_state")
  expect_identical(weight_bits(model), before)
})
