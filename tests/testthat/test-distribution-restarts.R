# What is left of a training on several ranks that has failed: checkpoints that
# load, and backups from which it goes on to the same numbers.

# How rank 0 comes to where it cannot write: a file system of 64 KB is full, or
# its process may write no larger files.
full_disk <- function() {
  disk <- tempfile("disk")
  dir.create(disk)
  mounted <- system2("mount", c("-t", "tmpfs", "-o", "size=64k", "tmpfs", disk),
                     stdout = FALSE, stderr = FALSE)
  if (mounted == 0L) disk
}

training_without_room <- quote({
  data <- rank_data()
  filler <- callback_lambda(on_epoch_end = function(epoch, logs) {
    if (epoch < 3) return()
    if (how == "disk") {
      try(writeBin(raw(1e6), file.path(disk, "filler")), TRUE)
    } else if (how == "limit") {
      system2("prlimit", c("--pid", Sys.getpid(), "--fsize=1000:"))
    }
  })
  set.seed(8)
  model <- rank_model()
  fit(model, data$x, data$y, batch_size = 6, epochs = 6, verbose = 0,
      callbacks = list(filler, callback_backup_and_restore(disk)),
      distribution = distribution_data_parallel(timeout = 20))
  get_weights(model)
})

# All stop; with room again, training goes on from the last backup.
expect_to_go_on <- function(how, disk) {
  inputs <- rank_inputs(disk = disk, how = how)
  run <- run_ranks(2, training_without_room, inputs)
  expect_true("elman_error_file" %in% run$values[[1]]$class)
  expect_identical(run$values[[2]]$class[1], "elman_error_distribution")
  expect_match(run$values[[2]]$error, "Rank 0 has stopped: ")
  unlink(file.path(disk, "filler"))
  inputs$how <- ""
  again <- run_ranks(2, training_without_room, inputs)
  inputs$disk <- withr::local_tempdir()
  whole <- run_ranks(2, training_without_room, inputs)
  expect_identical(again$status, 0L)
  expect_identical(again$values, whole$values)
}

test_that("a full disk on rank 0 stops all, and the last backup goes on", {
  skip_without_ranks()
  disk <- full_disk()
  skip_if(is.null(disk), "no small file system can be mounted")
  withr::defer(system2("umount", c("-l", disk)))
  expect_to_go_on("disk", disk)
})

test_that("so does a limit on the size of files", {
  skip_without_ranks()
  skip_if(!nzchar(Sys.which("prlimit")), "there is no prlimit")
  expect_to_go_on("limit", withr::local_tempdir())
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
    inputs <- rank_inputs(folder = folder, save_freq = save_freq, dies = 10)
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

# Rank 1 sends itself `signal` when it is asked for a batch the `fails`-th time.
checked_training <- quote({
  data <- rank_data()
  set.seed(8)
  model <- rank_model()
  asked <- 0
  give <- function() {
    asked <<- asked + 1
    if (asked == fails && rank == 1) tools::pskill(Sys.getpid(), signal)
    list(data$x, data$y)
  }
  fit(model, give, steps_per_epoch = 3, epochs = epochs, verbose = 0,
      callbacks = list(callback_model_checkpoint(checkpoint),
                       callback_backup_and_restore(folder)),
      distribution = distribution_data_parallel(timeout = timeout))
  get_weights(model)
})

# Rank 1 sleeps until rank 0 has given it up, and for `seconds` at least.
expect_checkpoint_after <- function(signal, timeout, seconds = 0) {
  folder <- withr::local_tempdir()
  inputs <- rank_inputs(
    signal = signal, timeout = timeout, fails = 10, epochs = 6,
    folder = file.path(folder, "backup"),
    checkpoint = file.path(folder, "model.keras")
  )
  run <- run_ranks(3, checked_training, inputs, options = "--enable-recovery",
                   start = function(pids) {
    pids <- pids()
    begun <- proc.time()[[3]]
    for (pid in pids[-2]) expect_true(wait_for_end(pid, timeout + 120))
    Sys.sleep(max(0, seconds - (proc.time()[[3]] - begun)))
    tools::pskill(pids[2], tools::SIGCONT)
    expect_true(wait_for_end(pids[2], 30))
  })
  for (got in run$values[-2]) {
    expect_identical(got$class[1], "elman_error_distribution")
  }
  expect_match(messages_of(list(values = run$values[-2])),
               sprintf("within %d seconds", timeout), all = FALSE)
  # What three epochs make, in the file of the third.
  first <- inputs
  first[c("fails", "epochs", "timeout")] <- list(0, 3, 120)
  first$folder <- withr::local_tempfile()
  first$checkpoint <- file.path(withr::local_tempdir(), "model.keras")
  three <- run_ranks(3, checked_training, first)$values[[1]]
  expect_identical(get_weights(load_model(inputs$checkpoint)), three)
  # Started again, all six epochs come out as without a failure.
  inputs[c("fails", "timeout")] <- list(0, 120)
  again <- run_ranks(3, checked_training, inputs)
  first[c("epochs", "folder")] <- list(6, withr::local_tempfile())
  whole <- run_ranks(3, checked_training, first)
  expect_identical(again$status, 0L)
  expect_identical(again$values, whole$values)
}

test_that("checkpoints load after a rank stood still for a minute, and a restart
           goes on", {
  skip_without_ranks()
  skip_without_files()
  expect_checkpoint_after(tools::SIGSTOP, 2, seconds = 60)
})

test_that("checkpoints load after a rank was killed, and a restart goes on", {
  skip_without_ranks()
  skip_without_files()
  expect_checkpoint_after(tools::SIGKILL, 2)
})
