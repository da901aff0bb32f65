# What training on several ranks costs, and the figures behind the vignette
# "Past one machine":
#
#   Rscript bench/distribution.R              all of them, some minutes
#   Rscript bench/distribution.R 0 2          a process alone, and two ranks
#
# needs Rmpi and mpirun, and writes vignettes/past-one-machine.csv. Every figure
# is the least of several rounds, because other work on the machine only adds,
# and of what the file has already: run it several times, on a quiet machine, so
# that a slow minute does not tell against some of the figures. Remove the file
# where the code has changed. A rank of it is this script again, started by
# mpirun.

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

# What a rank does in a step, by the function that does it: from its rows to
# gradients, the sum over ranks (waiting for the others included), the update,
# and all that is inside a step, which is all but making the batch.
parts <- c(inside = "shared_step", shard = "shard_tensors",
           sum = "sum_in_place", update = "finish_step")
clock <- new.env()

start_clock <- function() {
  clock$spent <- vapply(parts, function(part) 0, 0)
  clock$in_step <- FALSE
}

# Replaces a function of the package by `around(it)`.
wrap <- function(name, around) {
  own <- getFromNamespace(name, "elman")
  utils::assignInNamespace(name, around(own), "elman")
}

watch_parts <- function() {
  for (part in names(parts)) wrap(parts[[part]], timed(part))
}

# Only what runs in a step counts, and not the sums by which ranks are compared.
timed <- function(part) {
  force(part)
  function(run) {
    force(run)
    function(...) {
      outermost <- part == "inside"
      if (outermost) clock$in_step <- TRUE
      begun <- now()
      value <- run(...)
      if (clock$in_step) {
        clock$spent[part] <- clock$spent[part] + now() - begun
      }
      if (outermost) clock$in_step <- FALSE
      value
    }
  }
}

# Seconds per step of fit(), the least of `rounds`, without what begins and ends
# a fit(), and of the parts in the round where the inside took least. What comes
# before the first recorded step is left out.
step_seconds <- function(units, batch, steps, distribution = NULL,
                         rounds = 5) {
  set.seed(2)
  x <- array(stats::rnorm(batch * time_steps * features),
             c(batch, time_steps, features))
  y <- stats::rnorm(batch)
  give <- function() list(x, y)
  model <- new_model(units)
  seconds <- function(k) {
    start_clock()
    whole <- seconds_of(fit(model, give, steps_per_epoch = k, epochs = 1,
                            verbose = 0, distribution = distribution))
    c(step = whole, clock$spent / k)
  }
  seconds(3)
  several <- function(k) {
    vapply(seq_len(rounds), function(r) seconds(k), numeric(5))
  }
  many <- several(steps + 1)
  step <- (min(many["step", ]) - min(several(1)["step", ])) / steps
  c(step = step, many[-1, which.min(many["inside", ])])
}

row <- function(what, seconds, ranks, units = NA, batch = NA, threads = 1,
                bytes = NA) {
  data.frame(what = what, units = units, batch = batch, ranks = ranks,
             threads = threads, bytes = bytes, seconds = unname(seconds))
}

# ---- a rank ------------------------------------------------------------------

rank_figures <- function(file) {
  comm <- getFromNamespace("new_communicator", "elman")(120)
  alone <- c(list(sum_figures(comm)),
             if (comm$size == 2L) lapply(sizes, overlap_figures, comm = comm))
  watch_parts()
  figures <- do.call(rbind, c(alone, lapply(sizes, step_figures, comm = comm)))
  if (comm$rank == 0L) utils::write.csv(figures, file, row.names = FALSE)
}

sum_figures <- function(comm) {
  sum_in_place <- getFromNamespace("sum_in_place", "elman")
  do.call(rbind, lapply(c(1, 1e3, 1e4, 1e5, 1e6), function(count) {
    x <- numeric(count)
    times <- if (count < 1e5) 200 else 10
    best <- min(vapply(1:7, function(round) {
      seconds_of(for (k in seq_len(times)) sum_in_place(comm, x))
    }, 0)) / times
    row("allreduce", best, comm$size, bytes = 8 * count)
  }))
}

# Each rank's rows of a batch are as many as a process alone has had.
step_figures <- function(size, comm) {
  units <- size[["units"]]
  by_ranks <- list(c(1, 2, 4, 8, 64), c(1, 2, 4), NULL, 1)
  distribution <- distribution_data_parallel(timeout = 120)
  rows <- lapply(size[["batch"]] / by_ranks[[comm$size]], function(batch) {
    seconds <- step_seconds(units, batch, size[["steps"]], distribution)
    row(names(seconds), seconds, comm$size, units, batch)
  })
  if (comm$size != 2L) return(do.call(rbind, rows))
  # The same without a word between ranks: what the machine has for them.
  apart <- distribution_data_parallel(sync_every = 1e6, timeout = 120)
  seconds <- step_seconds(units, size[["batch"]], size[["steps"]], apart)
  do.call(rbind, c(rows, list(
    row("apart", seconds[["step"]], comm$size, units, size[["batch"]])
  )))
}

# Would an exchange of the gradients be over sooner if it went on during other
# work? In turn: the exchange, then work of about a backward pass. At once: the
# messages begin, and between ten parts of the work MPI gets to move them on.
overlap_figures <- function(size, comm) {
  of_package <- function(name) getFromNamespace(name, "elman")
  exchange <- of_package("exchange")
  receive <- of_package("start_receiving")
  send <- of_package("start_sending")
  wait_for <- of_package("wait_for")
  put <- of_package("cpp_piece_put")
  peer <- 1L - comm$rank
  units <- size[["units"]]
  x <- numeric((features * units + units^2 + 2 * units + 2) %/% 2)
  got <- numeric(length(x))
  m <- matrix(stats::runif((units %/% 6)^2), units %/% 6)
  # Fresh numbers, as gradients are.
  renew <- function() put(x, 0, got, FALSE, 0)
  in_turn <- function() {
    renew()
    exchange(comm, x, got, peer)
    for (k in 1:10) m %*% m
  }
  at_once <- function() {
    renew()
    receive(got, peer)
    send(x, peer)
    for (k in 1:10) {
      m %*% m
      Rmpi::mpi.test(0L, 0L)
      Rmpi::mpi.test(1L, 0L)
    }
    wait_for(comm, 0L, peer, got)
    wait_for(comm, 1L, peer, x)
  }
  only_work <- function() for (k in 1:10) m %*% m
  times <- max(2, 10000 %/% units^1.2)
  ways <- list("in turn" = in_turn, "at once" = at_once, work = only_work)
  # Turn by turn, so that a slow moment meets all three.
  rounds <- vapply(1:25, function(round) {
    vapply(ways, function(way) {
      exchange(comm, x, got, peer)
      seconds_of(for (k in seq_len(times)) way())
    }, 0)
  }, numeric(3))
  row(names(ways), apply(rounds, 1, min) / times, 2, units)
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

alone_figures <- function() {
  rows <- list()
  for (threads in 1:2) {
    options(elman.threads = threads)
    for (size in sizes) for (batch in size[["batch"]] / c(1, 2, 4, 8, 64)) {
      if (threads == 2 && batch < size[["batch"]]) next
      seconds <- step_seconds(size[["units"]], batch, size[["steps"]])
      rows[[length(rows) + 1L]] <- row("step", seconds[["step"]], 0,
                                       size[["units"]], batch, threads)
    }
  }
  do.call(rbind, rows)
}

# The least of each figure; parts stay with the inside that they are of.
merge_figures <- function(figures) {
  whole <- replace(figures$what, figures$what %in% names(parts), "inside")
  key <- paste(whole, figures$units, figures$batch, figures$ranks,
               figures$threads, figures$bytes)
  run <- paste(key, figures$run)
  total <- ifelse(whole == figures$what, figures$seconds, NA)
  best <- tapply(total, run, min, na.rm = TRUE)[run]
  least <- best == tapply(best, key, min)[key] &
    !duplicated(data.frame(key, figures$what, best))
  figures <- figures[least, ]
  figures[order(match(key[least], unique(key))), names(figures) != "run"]
}

all_figures <- function(script, out, ranks) {
  new <- lapply(ranks, function(n) {
    if (n == 0) alone_figures() else run_ranks(n, script)
  })
  new <- do.call(rbind, new)
  new$seconds <- signif(new$seconds, 4)
  new$run <- "new"
  old <- if (file.exists(out)) cbind(utils::read.csv(out), run = "old")
  figures <- merge_figures(rbind(old, new))
  utils::write.csv(figures, out, row.names = FALSE, na = "")
  print(new)
}

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) && arguments[1] == "rank") {
  rank_figures(arguments[2])
} else {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  folder <- file.path(dirname(dirname(normalizePath(script))), "vignettes")
  ranks <- if (length(arguments)) as.numeric(arguments) else c(0, 1, 2, 4)
  all_figures(normalizePath(script), file.path(folder, "past-one-machine.csv"),
              ranks)
}
