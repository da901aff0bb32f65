# What stops a training on several ranks, and how all of them hear of it.

# ---- before the first step ---------------------------------------------------

test_that("ranks with other models, data or arguments are found at once", {
  skip_without_ranks()
  run <- run_ranks(3, quote({
    wrong <- function(model = rank_model(), data = rank_data(), ...) {
      before <- get_weights(model)
      error <- tryCatch(
        fit(model, data$x, data$y, verbose = 0, ...,
            distribution = distribution_data_parallel(timeout = 20)),
        error = identity
      )
      stopifnot(identical(get_weights(model), before))
      list(class = class(error)[1], text = conditionMessage(error))
    }
    data <- rank_data()
    odd <- rank == 2
    part <- list(x = data$x[seq_len(16 - 4 * odd), , ],
                 y = data$y[seq_len(16 - 4 * odd), ])
    generator <- function() {
      list(data$x, if (odd) data$y[, 1, drop = FALSE] else data$y)
    }
    list(
      weights = wrong(rank_model(if (odd) 4 else 3)),
      optimizer = wrong(compile(rank_model(), if (odd) "sgd" else "adam",
                                loss = "mse")),
      data = wrong(data = part),
      losses = wrong(compile(rank_model(), "adam",
                             loss = if (odd) "mae" else "mse")),
      epochs = wrong(epochs = if (odd) 2 else 3)
    )
  }), rank_inputs())
  expect_identical(run$status, 0L)
  for (name in names(run$values[[1]])) {
    for (rank in 0:2) {
      got <- run$values[[rank + 1]][[name]]
      expect_identical(got$class, "elman_error_argument")
      expect_match(got$text, paste("rank 2 has other", name))
    }
  }
  expect_match(run$values[[3]]$weights$text, "[3, 4]", fixed = TRUE)
})

test_that("batches of other shapes are found before the first step", {
  skip_without_ranks()
  run <- run_ranks(2, quote({
    data <- rank_data()
    weight <- rep(1, 16)
    generator <- function() {
      c(list(data$x, data$y), if (rank == 1) list(weight))
    }
    fit(rank_model(), generator, steps_per_epoch = 2, verbose = 0,
        distribution = distribution_data_parallel(timeout = 20))
  }), rank_inputs())
  for (got in run$values) {
    expect_identical(got$class[1], "elman_error_argument")
    expect_match(got$error, "rank 1 has other shapes")
  }
})

test_that("batches need a sample for each rank", {
  skip_without_ranks()
  run <- run_ranks(3, quote({
    data <- rank_data()
    fit(rank_model(), data$x, data$y, batch_size = 2, verbose = 0,
        distribution = distribution_data_parallel(timeout = 20))
  }), rank_inputs())
  for (got in run$values) {
    expect_identical(got$class[1], "elman_error_argument")
    expect_match(got$error, "`batch_size` must be at least 3")
  }
})

test_that("what does not add up over samples is refused", {
  skip_without_ranks()
  run <- run_ranks(1, quote({
    data <- rank_data()
    Own <- Metric("Own", update_state = function(...) NULL,
                  result = function() 0)
    with_own <- function(...) {
      own <- Model(
        "Stepping",
        initialize = function(...) {
          super$initialize(...)
          self$memory <- layer_simple_rnn(units = 3)
          self$answer <- layer_dense(units = 2)
        },
        call = function(x, ...) self$answer(self$memory(x)), ...
      )
      own(name = "stepping")
    }
    wrong <- function(..., build = identity, model = NULL, sync_every = 1) {
      if (is.null(model)) {
        model <- keras_model_sequential(input_shape = c(6, 3)) |>
          layer_simple_rnn(3)
        model <- layer_dense(build(model), 2)
      }
      model <- compile(model, "sgd", ...)
      error <- tryCatch(
        fit(model, data$x, data$y, verbose = 0,
            distribution = distribution_data_parallel(sync_every = sync_every)),
        error = identity
      )
      c(class(error)[1], conditionMessage(error))
    }
    list(
      none = wrong(loss = loss_mean_squared_error(reduction = "none")),
      metric = wrong(loss = "mse", metrics = list(Own()), sync_every = 2),
      penalty = wrong(loss = "mse", build = function(m) {
        layer_dense(m, 3, activity_regularizer = function(x) op_mean(x))
      }),
      step = wrong(loss = "mse", model = with_own(
        train_step = function(data) list(loss = 0)
      )),
      own_loss = wrong(model = with_own(
        compute_loss = function(x, y, y_pred, ...) op_mean(y_pred)
      ))
    )
  }), rank_inputs())
  got <- run$values[[1]]
  patterns <- c(none = "must have a reduction", metric = "one of the package",
                penalty = "regularizer_l1", step = "`train_step\\(\\)`",
                own_loss = "`compute_loss\\(\\)`")
  for (name in names(patterns)) {
    expect_identical(got[[name]][1], "elman_error_argument", label = name)
    expect_match(got[[name]][2], patterns[[name]])
  }
})

test_that("without MPI the error says how to start the script", {
  skip_without_ranks()
  withr::local_envvar(OMPI_COMM_WORLD_SIZE = NA, PMI_SIZE = NA, PMI_RANK = NA,
                      PMIX_RANK = NA, MPI_LOCALNRANKS = NA)
  data <- rank_data()
  error <- expect_error(
    fit(rank_model(), data$x, data$y, verbose = 0,
        distribution = distribution_data_parallel()),
    class = "elman_error_state"
  )
  expect_match(conditionMessage(error), "mpirun -n 4 Rscript train.R")
})

test_that("arguments of distributions are checked", {
  expect_error(distribution_data_parallel(sync_every = 0),
               class = "elman_error_argument")
  expect_error(distribution_data_parallel(timeout = 0),
               class = "elman_error_argument")
  expect_error(distribution_data_parallel(devices = "gpu"),
               class = "elman_error_argument")
  expect_error(distribution_data_parallel(auto_shard_dataset = NA),
               class = "elman_error_argument")
  expect_error(distribution_data_parallel(sync = 2),
               class = "elman_error_argument")
  expect_error(set_distribution("mpi"), class = "elman_error_argument")
  expect_error(set_distribution(), class = "elman_error_argument")
  expect_null(set_distribution(distribution_data_parallel(sync_every = 4)))
  old <- set_distribution(NULL)
  expect_identical(old$sync_every, 4L)
  expect_output(print(old), "sync_every = 4")
})

# ---- ranks that fail, die or hang --------------------------------------------

# A long training whose steps take a moment, and that says when it has begun.
long_training <- quote({
  data <- rank_data()
  started <- callback_lambda(on_train_batch_end = function(batch, logs) {
    file.create(begun)
    Sys.sleep(0.01)
  })
  fit(rank_model(), data$x, data$y, batch_size = 4, epochs = epochs,
      verbose = 0, callbacks = started,
      distribution = distribution_data_parallel(timeout = timeout))
  get_weights(rank_model())
})

wait_for_file <- function(path, seconds = 60) {
  for (k in seq_len(seconds * 20)) {
    if (file.exists(path)) return(TRUE)
    Sys.sleep(0.05)
  }
  FALSE
}

test_that("the others stop with an error when a rank is killed", {
  skip_without_ranks()
  begun <- withr::local_tempfile()
  time <- NULL
  run <- run_ranks(3, long_training, rank_inputs(
    begun = begun, epochs = 1e6, timeout = 3
  ), options = "--enable-recovery", start = function(pids) {
    pids <- pids()
    expect_true(wait_for_file(begun))
    tools::pskill(pids[3], tools::SIGKILL)
    ended <- system.time(for (pid in pids[1:2]) {
      expect_true(wait_for_end(pid, 30))
    })[[3]]
    expect_lt(ended, 15)
  })
  expect_null(run$values[[3]])
  for (got in run$values[1:2]) {
    expect_identical(got$class[1], "elman_error_distribution")
  }
  expect_match(messages_of(list(values = run$values[1:2])),
               "within 3 seconds", all = FALSE)
})

test_that("a rank that hangs is given up after the timeout, not before", {
  skip_without_ranks()
  for (timeout in c(2, 60)) {
    begun <- withr::local_tempfile()
    run <- run_ranks(2, long_training, rank_inputs(
      begun = begun, epochs = if (timeout == 2) 1e6 else 60, timeout = timeout
    ), options = "--enable-recovery", start = function(pids) {
      pids <- pids()
      expect_true(wait_for_file(begun))
      tools::pskill(pids[2], tools::SIGSTOP)
      if (timeout == 2) expect_true(wait_for_end(pids[1], 30)) else
        Sys.sleep(4)
      tools::pskill(pids[2], tools::SIGCONT)
      for (pid in pids) expect_true(wait_for_end(pid, 60))
    })
    if (timeout == 2) {
      for (got in run$values) {
        expect_identical(got$class[1], "elman_error_distribution")
      }
      expect_match(run$values[[1]]$error, "rank 1 within 2 seconds")
    } else {
      for (got in run$values) expect_length(got, 5)
    }
  }
})
