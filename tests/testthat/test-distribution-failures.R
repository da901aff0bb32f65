# What stops a training on several ranks, and how all of them hear of it.

rank_model <- function(units = 3) {
  set.seed(5)
  model <- keras_model_sequential(input_shape = c(6, 3)) |>
    layer_simple_rnn(units, name = "memory") |>
    layer_dense(2, name = "answer")
  compile(model, optimizer_adam(0.01), loss = "mse")
}

rank_data <- function() {
  set.seed(2)
  list(x = array(rnorm(16 * 6 * 3), c(16, 6, 3)), y = matrix(rnorm(32), 16))
}

helpers <- function(...) {
  list(rank_model = plain_function(rank_model),
       rank_data = plain_function(rank_data), ...)
}

messages_of <- function(run) vapply(run$values, `[[`, "", "error")

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
  }), helpers())
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
  }), helpers())
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
  }), helpers())
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
    Stepping <- Model(
      "Stepping",
      initialize = function(...) {
        super$initialize(...)
        self$memory <- layer_simple_rnn(units = 3)
        self$answer <- layer_dense(units = 2)
      },
      call = function(x, ...) self$answer(self$memory(x)),
      train_step = function(data) list(loss = 0)
    )
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
      step = wrong(loss = "mse", model = Stepping(name = "stepping"))
    )
  }), helpers())
  got <- run$values[[1]]
  patterns <- c(none = "must have a reduction", metric = "one of the package",
                penalty = "regularizer_l1", step = "`train_step\\(\\)`")
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
  run <- run_ranks(3, long_training, helpers(
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
    run <- run_ranks(2, long_training, helpers(
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

test_that("a full disk on rank 0 stops all, and the last backup goes on", {
  skip_without_ranks()
  disk <- withr::local_tempdir()
  mounted <- system2("mount", c("-t", "tmpfs", "-o", "size=64k", "tmpfs", disk),
                     stdout = FALSE, stderr = FALSE)
  skip_if(mounted != 0L, "no small file system can be mounted")
  withr::defer(system2("umount", c("-l", disk)))
  train <- quote({
    data <- rank_data()
    filler <- callback_lambda(on_epoch_end = function(epoch, logs) {
      if (epoch == 3 && full) {
        try(writeBin(raw(1e6), file.path(disk, "filler")), TRUE)
      }
    })
    set.seed(8)
    model <- rank_model()
    fit(model, data$x, data$y, batch_size = 6, epochs = 6, verbose = 0,
        callbacks = list(filler, callback_backup_and_restore(disk)),
        distribution = distribution_data_parallel(timeout = 20))
    get_weights(model)
  })
  run <- run_ranks(2, train, helpers(disk = disk, full = TRUE))
  expect_true("elman_error_file" %in% run$values[[1]]$class)
  expect_identical(run$values[[2]]$class[1], "elman_error_distribution")
  expect_match(run$values[[2]]$error, "Rank 0 has stopped: ")
  # With room on the disk, it goes on from the third epoch or the second.
  unlink(file.path(disk, "filler"))
  again <- run_ranks(2, train, helpers(disk = disk, full = FALSE))
  whole <- run_ranks(2, train, helpers(disk = withr::local_tempdir(),
                                       full = FALSE))
  expect_identical(again$status, 0L)
  expect_identical(again$values, whole$values)
})

test_that("a run whose rank was killed goes on from its backup", {
  skip_without_ranks()
  folder <- withr::local_tempfile()
  train <- quote({
    data <- rank_data()
    set.seed(8)
    model <- rank_model()
    death <- callback_lambda(on_train_batch_end = function(batch, logs) {
      count <<- count + 1
      if (count == dies) tools::pskill(Sys.getpid(), tools::SIGKILL)
    })
    count <- 0
    history <- fit(
      model, data$x, data$y, batch_size = 6, epochs = 6, verbose = 0,
      validation_split = 0.2,
      callbacks = list(death, callback_backup_and_restore(folder, save_freq)),
      distribution = distribution_data_parallel(timeout = 20)
    )
    list(get_weights(model), history$metrics, runif(1))
  })
  for (save_freq in list("epoch", 2)) {
    inputs <- helpers(folder = folder, save_freq = save_freq, dies = 10)
    killed <- run_ranks(2, train, inputs)
    expect_false(killed$status == 0L)
    inputs$dies <- 0
    again <- run_ranks(2, train, inputs)
    inputs$folder <- withr::local_tempfile()
    whole <- run_ranks(2, train, inputs)
    expect_identical(again$status, 0L)
    expect_identical(again$values, whole$values)
  }
})
