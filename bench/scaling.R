# How time and memory grow, written as a section of bench/RESULTS.md (see
# bench/scaling).
#
#   Rscript bench/scaling.R PICTURE [MEBIBYTES]
#
# Two threads against one; the cost of a step by batch and by steps, and of
# fit() by epochs; the resident memory of a training on so many mebibytes of
# data.
suppressPackageStartupMessages(library(elman))

seconds <- function(code) {
  start <- Sys.time()
  force(code)
  as.numeric(Sys.time() - start, units = "secs")
}

draw <- function(...) array(stats::rnorm(prod(...)), c(...))

make_model <- function(time, features, units) {
  set.seed(1)
  keras_model_sequential(input_shape = c(time, features)) |>
    layer_simple_rnn(units) |>
    layer_dense(1) |>
    compile(optimizer_adam(1e-7), loss = "mse")
}

# ---- threads -----------------------------------------------------------------

# One over two threads within a round; the median of the rounds.
speedup <- function(call, rounds = 7) {
  at <- function(threads) {
    options(elman.threads = threads)
    call()
    seconds(call())
  }
  for (k in 1:3) call()
  ratios <- vapply(seq_len(rounds), function(r) at(1) / at(2), 0)
  options(elman.threads = NULL)
  stats::median(ratios)
}

show_threads <- function() {
  cat(sprintf("## Two threads against one\n\n%s, %s.\n\n", Sys.Date(),
              "median of 7 interleaved rounds"))
  cat("| B,T,F,U | predict_on_batch() | train_on_batch() |\n|---|---|---|\n")
  for (size in list(c(32, 200, 64, 128), c(64, 100, 128, 256),
                    c(128, 50, 256, 512), c(256, 20, 512, 1024))) {
    x <- draw(size[1:3])
    y <- draw(size[1], 1)
    model <- make_model(size[2], size[3], size[4])
    cat(sprintf("| %s | %.2fx | %.2fx |\n", paste(size, collapse = ","),
                speedup(function() predict_on_batch(model, x)),
                speedup(function() train_on_batch(model, x, y))))
  }
}

# ---- linear cost -------------------------------------------------------------

step_time <- function(batch, time) {
  x <- draw(batch, time, 16)
  y <- draw(batch, 1)
  model <- make_model(time, 16, 32)
  for (k in 1:3) train_on_batch(model, x, y)
  calls <- max(1, 20000 %/% (batch * time))
  min(vapply(1:7, function(round) {
    seconds(for (k in seq_len(calls)) train_on_batch(model, x, y)) / calls
  }, 0))
}

fit_time <- function(epochs) {
  x <- draw(640, 20, 16)
  y <- draw(640, 1)
  model <- make_model(20, 16, 32)
  train <- function(n) fit(model, x, y, epochs = n, verbose = 0)
  train(2)
  min(vapply(1:3, function(round) seconds(train(epochs)), 0))
}

show_linear <- function(picture) {
  sizes <- list(
    batch = 2^(4:12), steps = 2^(4:12), epochs = 2^(1:8)
  )
  times <- list(
    batch = vapply(sizes$batch, step_time, 0, time = 20),
    steps = vapply(sizes$steps, function(n) step_time(8, n), 0),
    epochs = vapply(sizes$epochs, fit_time, 0)
  )
  grDevices::png(picture, 900, 350, type = "cairo")
  graphics::par(mfrow = c(1, 3), mar = c(4, 4, 1, 1))
  for (axis in names(sizes)) {
    graphics::plot(sizes[[axis]], times[[axis]], log = "xy", type = "b",
                   pch = 19, xlab = axis, ylab = "seconds")
    last <- length(sizes[[axis]])
    graphics::abline(log10(times[[axis]][last]) - log10(sizes[[axis]][last]),
                     1, lty = 2)
  }
  grDevices::dev.off()
  cat("\n## Cost by batch, steps and epochs\n\n")
  cat("SimpleRNN(32) on 16 features, Dense(1), Adam. The slope of log time on",
      "log size over the upper half: 1 is linear.\n\n")
  cat("![time against size](pictures/scaling.png)\n\n")
  cat("| | from | to | slope |\n|---|---|---|---|\n")
  for (axis in names(sizes)) {
    upper <- utils::tail(seq_along(sizes[[axis]]), 5)
    slope <- stats::coef(stats::lm(log(times[[axis]][upper]) ~
                                     log(sizes[[axis]][upper])))[[2]]
    cat(sprintf("| %s | %d | %d | %.2f |\n", axis, sizes[[axis]][upper[1]],
                max(sizes[[axis]]), slope))
  }
}

# ---- memory ------------------------------------------------------------------

status <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"),
               value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) * 1024
}

# What fit() needs beside the user's array, which is there before.
show_memory <- function(mebibytes) {
  time <- 20
  features <- 16
  units <- 32
  batch <- 256
  train <- function(n) {
    x <- stats::runif(n * time * features)
    dim(x) <- c(n, time, features)
    y <- x[, 1, 1]
    invisible(gc(full = TRUE))
    writeLines("5", "/proc/self/clear_refs")
    before <- status("VmRSS")
    model <- make_model(time, features, units)
    spent <- seconds(
      fit(model, x, y, batch_size = batch, epochs = 1, verbose = 0)
    )
    c(object.size(x) + object.size(y), status("VmHWM") - before, spent)
  }
  train(1024)
  found <- train(mebibytes * 2^20 %/% (8 * time * features))
  data <- found[1]
  floats <- data / 2
  # Weights, gradients and two moments; states, gradients of states and inputs.
  weights <- 4 * 4 * (features * units + units^2 + 2 * units + 1)
  activations <- 4 * batch * time * (4 * units + 2 * features)
  cat(sprintf(paste0(
    "\n## Memory of fit()\n\n%.0f MiB of R's doubles, which become %.0f MiB ",
    "of float32; weights and one batch's activations are %.1f MiB. fit() took ",
    "%.0f MiB beside the user's array at its peak, in %.1f s: %.2f times ",
    "the float32 data, weights and activations; in all, with the user's ",
    "array, %.2f times the data, weights and activations.\n"
  ), data / 2^20, floats / 2^20, (weights + activations) / 2^20,
  found[2] / 2^20, found[3], found[2] / (floats + weights + activations),
  (data + found[2]) / (data + weights + activations)))
}

arguments <- c(commandArgs(trailingOnly = TRUE), "2048")[1:2]
show_threads()
show_linear(arguments[1])
show_memory(as.numeric(arguments[2]))
