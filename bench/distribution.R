# What training on several ranks costs, and the figures behind the vignette "Past
# one machine":
#
#   Rscript bench/distribution.R
#
# needs Rmpi and mpirun, and writes vignettes/past-one-machine.csv. Every figure
# is the least of several rounds, because other work on the machine only adds.
# Ranks that share a processor with others wait for each other: run it on a quiet
# machine.
# A rank of it is this script again, started by mpirun.

library(elman)

sizes <- list(
  c(units = 32, batch = 64, steps = 60),
  c(units = 256, batch = 64, steps = 12),
  c(units = 1024, batch = 64, steps = 3)
)
time_steps <- 20
features <- 16

# Finer than proc.time().
now <- function() as.numeric(Sys.time())

seconds_of <- function(code) {
  begun <- now()
  force(code)
  now() - begun
}

new_model <- function(units) {
  set.seed(1)
  model <- keras_model_sequential(input_shape = c(time_steps, features)) |>
    layer_simple_rnn(units) |>
    layer_dense(1)
  compile(model, optimizer_adam(1e-7), loss = "mse")
}

# Seconds per step of fit(), the least of `rounds`; what comes before the first
# recorded step is left out.
step_seconds <- function(units, batch, steps, distribution = NULL,
                         rounds = 5) {
  set.seed(2)
  x <- array(stats::rnorm(batch * time_steps * features),
             c(batch, time_steps, features))
  y <- stats::rnorm(batch)
  give <- function() list(x, y)
  model <- new_model(units)
  train <- function() {
    fit(model, give, steps_per_epoch = steps, epochs = 1, verbose = 0,
        distribution = distribution)
  }
  # Beginning and ending a fit() is measured apart.
  seconds <- function(k) {
    steps <<- k
    seconds_of(train())
  }
  many <- steps + 1
  seconds(3)
  least <- function(k) min(vapply(seq_len(rounds), function(r) seconds(k), 0))
  (least(many) - least(1)) / (many - 1)
}

# ---- a rank ------------------------------------------------------------------

rank_figures <- function(file) {
  distribution <- distribution_data_parallel(timeout = 120)
  comm <- getFromNamespace("new_communicator", "elman")(120)
  sum_in_place <- getFromNamespace("sum_in_place", "elman")
  spent <- 0
  timed <- function(comm, x, pairs = 0) {
    force(x)
    begun <- now()
    x <- sum_in_place(comm, x, pairs)
    spent <<- spent + now() - begun
    x
  }
  rows <- list()
  note <- function(...) rows[[length(rows) + 1L]] <<- data.frame(...)
  for (count in c(1, 1e3, 1e4, 1e5, 1e6)) {
    x <- numeric(count)
    times <- if (count < 1e5) 200 else 10
    best <- min(vapply(1:7, function(round) {
      seconds_of(for (k in seq_len(times)) sum_in_place(comm, x))
    }, 0)) / times
    note(what = "allreduce", units = NA, batch = NA, ranks = comm$size,
         threads = 1, bytes = 8 * count, seconds = best)
  }
  for (size in sizes) {
    seconds <- step_seconds(size[["units"]], size[["batch"]], size[["steps"]],
                            distribution)
    note(what = "step", units = size[["units"]], batch = size[["batch"]],
         ranks = comm$size, threads = 1, bytes = NA, seconds = seconds)
    # The same without a word between ranks: what the machine has for them.
    if (comm$size > 1L) {
      seconds <- step_seconds(size[["units"]], size[["batch"]],
                              size[["steps"]],
                              distribution_data_parallel(sync_every = 1e6))
      note(what = "apart", units = size[["units"]], batch = size[["batch"]],
           ranks = comm$size, threads = 1, bytes = NA, seconds = seconds)
    }
    # The share of the sum, waiting for the other ranks included.
    environment(timed) <- environment()
    utils::assignInNamespace("sum_in_place", timed, "elman")
    steps <- size[["steps"]] + 1
    model <- new_model(size[["units"]])
    x <- array(0.1, c(size[["batch"]], time_steps, features))
    train <- function(steps) {
      fit(model, function() list(x, rep(1, size[["batch"]])), verbose = 0,
          steps_per_epoch = steps, distribution = distribution)
    }
    train(3)
    spent <- 0
    whole <- seconds_of(train(steps))
    note(what = "share", units = size[["units"]], batch = size[["batch"]],
         ranks = comm$size, threads = 1, bytes = NA, seconds = spent / whole)
    utils::assignInNamespace("sum_in_place", sum_in_place, "elman")
  }
  if (comm$rank == 0L) {
    utils::write.csv(do.call(rbind, rows), file, row.names = FALSE)
  }
}

# ---- all of them -------------------------------------------------------------

run_ranks <- function(ranks, script) {
  file <- tempfile(fileext = ".csv")
  status <- system2("mpirun", c(
    if (Sys.info()[["user"]] == "root") "--allow-run-as-root",
    # It makes ranks yield: slower where each has a processor.
    if (ranks > parallel::detectCores()) "--oversubscribe", "-n", ranks,
    file.path(R.home("bin"), "Rscript"), script, "rank", file
  ), env = "ELMAN_NUM_THREADS=1", stdout = FALSE)
  if (status != 0L) stop("mpirun failed")
  utils::read.csv(file)
}

all_figures <- function(script, out) {
  rows <- list()
  for (threads in 1:2) {
    options(elman.threads = threads)
    for (size in sizes) for (batch in size[["batch"]] / c(1, 2, 4, 8, 64)) {
      if (threads == 2 && batch < size[["batch"]]) next
      seconds <- step_seconds(size[["units"]], batch, size[["steps"]])
      rows[[length(rows) + 1L]] <- data.frame(
        what = "step", units = size[["units"]], batch = batch, ranks = 0,
        threads = threads, bytes = NA, seconds = seconds
      )
    }
  }
  for (ranks in c(1, 2, 4)) {
    rows[[length(rows) + 1L]] <- run_ranks(ranks, script)
  }
  figures <- do.call(rbind, rows)
  figures$seconds <- signif(figures$seconds, 4)
  utils::write.csv(figures, out, row.names = FALSE, na = "")
  print(figures)
}

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) && arguments[1] == "rank") {
  rank_figures(arguments[2])
} else {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  folder <- file.path(dirname(dirname(normalizePath(script))), "vignettes")
  all_figures(normalizePath(script), file.path(folder, "past-one-machine.csv"))
}
