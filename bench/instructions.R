# One of the reference calls of bench/instructions, so many times:
#   Rscript bench/instructions.R CASE CALLS
suppressPackageStartupMessages(library(elman))

make_model <- function(time, features, layer, units) {
  set.seed(1)
  keras_model_sequential(input_shape = c(time, features)) |>
    layer(units) |>
    layer_dense(1) |>
    compile(optimizer_adam(1e-5), loss = "mse")
}
draw <- function(...) array(stats::rnorm(prod(...)), c(...))

cases <- list(
  train_smallest = function() {
    model <- make_model(1, 1, layer_simple_rnn, 1)
    x <- draw(1, 1, 1)
    y <- draw(1, 1)
    function() train_on_batch(model, x, y)
  },
  predict_32_units = function() {
    model <- make_model(100, 8, layer_simple_rnn, 32)
    x <- draw(1, 100, 8)
    function() predict_on_batch(model, x)
  },
  train_lstm = function() {
    model <- make_model(10, 8, layer_lstm, 16)
    x <- draw(8, 10, 8)
    y <- draw(8, 1)
    function() train_on_batch(model, x, y)
  }
)

arguments <- commandArgs(trailingOnly = TRUE)
call <- cases[[arguments[1]]]()
for (k in seq_len(10)) call() # recorded on the way
for (k in seq_len(as.integer(arguments[2]))) call()
