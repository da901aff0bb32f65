# What R costs beside the kernels: a step of a small model through the public
# API, and fit() beside its own kernels at a middle size.
#
#   Rscript bench/overhead.R
#
# Medians and the fastest of blocks of calls, in microseconds. An epoch of fit()
# is the difference between 25 and 5 of them, because data are converted once;
# its kernels are the recorded step on tensors that are there already.
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
  cat(sprintf("%-52s %8.1f %8.1f\n", what, time[["median"]], time[["least"]]))
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
for (size in list(c(1, 1, 1, 1), c(1, 100, 8, 32), c(32, 10, 8, 4))) {
  x <- draw(size[1:3])
  y <- draw(c(size[1], 1))
  small <- make_model(size[2], size[3], size[4])
  layer <- layer_simple_rnn(units = size[4])
  calls <- list(
    train_on_batch = function() train_on_batch(small, x, y),
    test_on_batch = function() test_on_batch(small, x, y),
    predict_on_batch = function() predict_on_batch(small, x),
    `layer(x)` = function() layer(x)
  )
  for (name in names(calls)) {
    # Recorded on the way.
    for (k in 1:3) calls[[name]]()
    show(sprintf("%s, (%s), SimpleRNN(%d)", name,
                 paste(size[1:3], collapse = ", "), size[4]),
         time_call(calls[[name]], 2000))
  }
}
stream <- keras_model_sequential(input_shape = c(1, 8), input_batch_size = 1) |>
  layer_simple_rnn(32, stateful = TRUE)
x <- draw(c(1, 1, 8))
for (k in 1:3) predict_on_batch(stream, x)
show("one step of a stateful SimpleRNN(32), batch 1",
     time_call(function() predict_on_batch(stream, x), 20000))

# fit() beside its kernels: batch 32, 100 steps, 32 features, 32 units.
batches <- 50
x <- draw(c(32 * batches, 100, 32))
y <- draw(c(32 * batches, 1))
middle <- make_model(100, 32, 32)
train <- function(epochs) {
  fit(middle, x, y, batch_size = 32, epochs = epochs, verbose = 0)
}
train(5)
internal <- asNamespace("elman")
self <- internal$unwrap_layer(middle)
program <- self$plan$step_log$programs$train[[1]]
held <- lapply(seq_len(batches), function(k) {
  rows <- 32 * (k - 1) + 1:32
  list(as_tensor(x[rows, , ]), as_tensor(y[rows, , drop = FALSE]))
})
kernels <- function() {
  for (data in held) {
    internal$cpp_program_run(program$pointer, data, NULL, FALSE)
  }
}
elapsed <- function(code) system.time(code)[["elapsed"]]
# Interleaved, so that all see the same machine.
times <- vapply(seq_len(15), function(round) {
  short <- elapsed(train(5))
  kernel <- elapsed(for (k in 1:20) kernels())
  1e6 / (20 * batches) * c(elapsed(train(25)) - short, kernel)
}, numeric(2))
summarise <- function(t) c(median = stats::median(t), least = min(t))
show("an epoch of fit(), per batch, (32, 100, 32), 32 units",
     summarise(times[1, ]))
show("its kernels on the same batches, gathered before", summarise(times[2, ]))
show("conversion of the data, once per fit()",
     time_call(function() as_tensor(x, "float32"), 1))
cat(sprintf("overhead of fit over its kernels: %.1f %% (median of %d rounds)\n",
            100 * (stats::median(times[1, ] / times[2, ]) - 1), ncol(times)))
