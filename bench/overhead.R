# What R costs beside the kernels: a step of a small model through the public
# API, and fit() beside its own kernels at a middle size.
#
#   Rscript bench/overhead.R
#
# fit() converts its data once and then trains; so it is timed over ten epochs,
# and the conversion besides.
#
# Medians and the fastest of blocks of calls, in microseconds. "kernels alone"
# runs the recorded step on tensors that are there already.
suppressPackageStartupMessages(library(elman))

time_call <- function(f, calls, blocks = 15) {
  f()
  seconds <- vapply(seq_len(blocks), function(b) {
    start <- proc.time()[["elapsed"]]
    for (k in seq_len(calls)) f()
    (proc.time()[["elapsed"]] - start) / calls
  }, 0)
  1e6 * c(median = stats::median(seconds), least = min(seconds))
}

show <- function(what, time) {
  cat(sprintf("%-52s %8.0f %8.0f\n", what, time[["median"]], time[["least"]]))
}

make_model <- function(time, features, units, metrics = "mae") {
  set.seed(1)
  keras_model_sequential(input_shape = c(time, features)) |>
    layer_simple_rnn(units) |>
    layer_dense(1) |>
    compile(optimizer_adam(1e-5), loss = "mse", metrics = metrics)
}

draw <- function(...) array(rnorm(prod(...)), c(...))

cat(sprintf("%-52s %8s %8s\n", "microseconds", "median", "least"))
x <- draw(c(32, 10, 8))
y <- draw(c(32, 1))
small <- make_model(10, 8, 4)
show("train_on_batch, SimpleRNN(4) + Dense(1), (32, 10, 8)",
     time_call(function() train_on_batch(small, x, y), 400))
show("test_on_batch, the same",
     time_call(function() test_on_batch(small, x, y), 400))
show("predict_on_batch, the same",
     time_call(function() predict_on_batch(small, x), 400))

# fit() beside its kernels: batch 32, 100 steps, 32 features, 32 units.
batches <- 50
x <- draw(c(32 * batches, 100, 32))
y <- draw(c(32 * batches, 1))
middle <- make_model(100, 32, 32)
epochs <- 10
train <- function() {
  fit(middle, x, y, batch_size = 32, epochs = epochs, verbose = 0)
}
train()
internal <- asNamespace("elman")
self <- internal$unwrap_layer(middle)
program <- self$plan$step_log$programs$train[[1]]
data <- list(as_tensor(x[1:32, , ]), as_tensor(y[1:32, , drop = FALSE]))
live <- lapply(program$live, function(attributes) attributes())
kernels <- function() {
  internal$cpp_program_run(program$pointer, data, list(), live, FALSE)
}
# Interleaved, so that both see the same machine.
times <- vapply(seq_len(15), function(round) {
  c(time_call(train, 1, 1)[["least"]] / (epochs * batches),
    time_call(kernels, 5 * batches, 1)[["least"]])
}, numeric(2))
whole <- c(median = stats::median(times[1, ]), least = min(times[1, ]))
alone <- c(median = stats::median(times[2, ]), least = min(times[2, ]))
show("fit(), per batch, (32, 100, 32), 32 units", whole)
show("kernels alone", alone)
show("conversion of its data, once per fit()",
     time_call(function() as_tensor(x, "float32"), 1))
cat(sprintf("overhead of fit over the kernels: %.1f %% (medians), %.1f %% (least)\n",
            100 * (whole[["median"]] / alone[["median"]] - 1),
            100 * (whole[["least"]] / alone[["least"]] - 1)))
