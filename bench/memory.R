# Resident memory over 1,000 fits of small models and 10,000 predicts in one
# process: flat within 5 %. Rscript bench/memory.R [fits] [predicts]; needs
# Linux's /proc. Stops with an error where memory grows by more.

library(elman)

resident <- function() {
  gc()
  status <- readLines("/proc/self/status")
  as.numeric(gsub("\\D", "", grep("^VmRSS", status, value = TRUE))) / 1024
}

counts <- as.integer(c(commandArgs(TRUE), "1000", "10000")[1:2])
set.seed(1)
x <- array(rnorm(64 * 5 * 2), c(64, 5, 2))
y <- x[, 5, 1]

new_model <- function() {
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_simple_rnn(4) |>
    layer_dense(1)
  compile(model, loss = "mse")
}
train <- function() fit(new_model(), x, y, epochs = 1, verbose = 0)

# Memory after a tenth of the work, when all is loaded, and at its end.
grows <- function(what, n, work) {
  for (k in seq_len(n %/% 10L)) work()
  before <- resident()
  for (k in seq_len(n - n %/% 10L)) work()
  after <- resident()
  cat(sprintf("%-16s %7.1f MiB, then %7.1f MiB (%+.1f %%)\n", what, before,
              after, 100 * (after / before - 1)))
  after > 1.05 * before
}

model <- new_model()
failed <- c(
  grows(sprintf("%d fits", counts[1]), counts[1], train),
  grows(sprintf("%d predicts", counts[2]), counts[2],
        function() predict(model, x, verbose = 0))
)
if (any(failed)) stop("Resident memory grows by more than 5 %.")
