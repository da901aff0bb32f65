# fit() of a classifier of 500 words with elman; the protocol is told in
# bench/imdb.py.
suppressPackageStartupMessages(library(elman))
arguments <- as.integer(commandArgs(trailingOnly = TRUE))
n <- arguments[1]
time <- arguments[2]
words <- arguments[3]
set.seed(1)
x <- matrix(sample.int(words, n * time, replace = TRUE) - 1L, n, time)
y <- stats::rbinom(n, 1, 0.5)

model <- keras_model_sequential(input_shape = time) |>
  layer_embedding(words, 32) |>
  layer_simple_rnn(32) |>
  layer_dense(1, activation = "sigmoid") |>
  compile(optimizer_adam(1e-4), loss = "binary_crossentropy")

train <- function(epochs) {
  fit(model, x, y, batch_size = 128, epochs = epochs, verbose = 0)
}
questions <- file("stdin", "r")
cat("elman ", format(packageVersion("elman")), "\n", sep = "")
flush(stdout())
while (length(line <- readLines(questions, 1)) && line != "quit") {
  start <- Sys.time()
  train(as.integer(line))
  cat(sprintf("%.6f\n", as.numeric(Sys.time() - start, units = "secs")))
  flush(stdout())
}
