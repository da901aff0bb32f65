# Every C++ function that R can call, called at least once by small models,
# files and bad arguments, and what came of it:
#
#   Rscript tests/boundary/calls.R           once
#   Rscript tests/boundary/calls.R STEP      and again with a garbage collection
#                                            at every STEP-th allocation
#
# Memory that is not protected is then gone or another's, so that the process
# dies or the numbers differ.
suppressPackageStartupMessages(library(elman))
step <- as.integer(commandArgs(trailingOnly = TRUE))

# ---- who was called ----------------------------------------------------------

space <- asNamespace("elman")
is_entry <- function(name) {
  is.function(space[[name]]) &&
    any(grepl(paste0("_elman_", name), deparse(body(space[[name]]))))
}
entries <- Filter(is_entry, grep("^cpp_", ls(space), value = TRUE))
called <- new.env()
for (name in entries) local({
  name <- name
  entry <- get(name, space)
  body(entry) <- call("{", substitute(assign(NAME, TRUE, WHERE), list(
    NAME = name, WHERE = called
  )), body(entry))
  unlockBinding(name, space)
  assign(name, entry, space)
})

# ---- cases -------------------------------------------------------------------

x <- array(sin(1:60), c(5, 4, 3))
y <- matrix(cos(1:5))
file <- tempfile(fileext = ".keras")

network <- function() {
  model <- keras_model_sequential(input_shape = c(4, 3)) |>
    layer_lstm(units = 2, recurrent_initializer = "orthogonal") |>
    layer_dropout(0.5, seed = 3) |>
    layer_dropout(0.25) |>
    layer_dense(1)
  compile(model, "adam", "mse", metrics = "mae")
  model
}

# Steps as R runs them, as they are recorded, as they are replayed one by one
# and in stretches.
trains <- function() {
  set.seed(1)
  model <- network()
  history <- fit(model, x, y, batch_size = 2, epochs = 4, verbose = 0)
  logs <- lapply(1:3, function(k) train_on_batch(model, x, y))
  tests <- lapply(1:3, function(k) test_on_batch(model, x, y))
  list(history$metrics, logs, tests, evaluate(model, x, y, verbose = 0),
       predict(model, x, verbose = 0), predict_on_batch(model, x),
       get_weights(model))
}

schedules <- function() {
  set.seed(2)
  model <- keras_model_sequential(input_shape = c(4, 3)) |>
    layer_gru(units = 2) |> layer_dense(1)
  rate <- learning_rate_schedule_exponential_decay(0.1, 2, 0.5)
  compile(model, optimizer_sgd(rate, momentum = 0.5), "mse")
  list(fit(model, x, y, epochs = 4, verbose = 0)$metrics, get_weights(model))
}

calls_layer <- function() {
  layer <- layer_simple_rnn(units = 2, kernel_initializer = "ones")
  lapply(1:3, function(k) as.array(layer(x)))
}

differentiates <- function() {
  layer <- layer_simple_rnn(units = 2, kernel_initializer = "ones",
                            recurrent_initializer = "ones")
  layer$build(dim(x))
  g <- value_and_grad(function(x) op_sum(layer(x)), layer$trainable_weights,
                      jit_compile = TRUE)
  by_call <- lapply(1:3, function(k) g(x))
  at_once <- .Call(elman:::gradients_at_once, environment(g)$programs, list(x),
                   elman:::the)
  rapply(c(by_call, list(at_once)), as.array, how = "list")
}

# A loss of the user's own reads numbers, so that there is no recording.
reads_numbers <- function() {
  set.seed(3)
  model <- keras_model_sequential(input_shape = 1) |> layer_dense(1)
  own <- function(y_true, y_pred) {
    op_mean((y_true - y_pred)^2) * max(1, as.numeric(op_mean(y_pred)))
  }
  compile(model, "sgd", own)
  fit(model, y, y, epochs = 4, verbose = 0)$metrics
}

travels <- function() {
  set.seed(4)
  model <- network()
  save_model(model, file, overwrite = TRUE)
  list(predict(load_model(file), x, verbose = 0),
       predict(model, x, verbose = 0))
}

refuses <- function() {
  message_of <- function(code) {
    tryCatch(code, elman_error = conditionMessage, error = conditionMessage)
  }
  list(
    message_of(op_matmul(matrix(1, 2, 3), matrix(1, 2, 3))),
    message_of(load_model(charToRaw("no file"))),
    message_of(load_model(as.raw(c(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10)))),
    elman:::cpp_kernel_call("none", list(), 1L, "float32", NULL)
  )
}

# Those that only special situations need.
looks_round <- function() {
  elman:::cpp_recording_start(list(as_tensor(1)))
  elman:::cpp_recording_refuse("a reason")
  refused <- elman:::cpp_recording_end(list())
  elman:::cpp_threads_default(2L)
  elman:::cpp_threads_shutdown()
  elman:::cpp_workspace_free()
  elman:::cpp_isa(elman:::cpp_isa(""))
  elman:::cpp_yield()
  sums <- c(1, 2, 3)
  taken <- numeric(2)
  elman:::cpp_piece_put(sums, 1, c(5, 6), FALSE, 0)
  elman:::cpp_piece_take(sums, 1, taken)
  flat <- numeric(31)
  elman:::cpp_pack(flat, list(as_tensor(x)), 30, FALSE)
  logs <- .Call(elman:::step_at_once, new.env(), "train", x, y, elman:::the)
  list(refused, sums, taken, flat, logs, elman:::cpp_isas(),
       elman:::cpp_threads(), as.array(op_copy(as_tensor(x))))
}

cases <- list(trains, schedules, calls_layer, differentiates, reads_numbers,
              travels, refuses, looks_round)
names(cases) <- c("training", "a schedule", "a layer", "gradients",
                  "a loss that reads", "files", "bad arguments", "the rest")

# ---- the run -----------------------------------------------------------------

passed <- 0
failed <- 0
claim <- function(ok, text) {
  if (ok) passed <<- passed + 1 else failed <<- failed + 1
  if (!ok) cat("FAILED", text, "\n")
}

# Every compiled function is compiled before: that allocates most.
expected <- lapply(cases, function(case) case())
claim(all(vapply(expected, function(values) {
  all(is.finite(as.numeric(unlist(Filter(is.numeric, unlist(
    list(values), recursive = TRUE
  ))))))
}, NA)), "numbers are finite")
missing <- setdiff(entries, ls(called))
for (name in entries) claim(!name %in% missing, paste(name, "is called"))
for (name in names(cases)) {
  if (length(step)) gctorture2(step, 0, FALSE)
  again <- cases[[name]]()
  if (length(step)) gctorture2(0)
  claim(identical(again, expected[[name]]), paste("the same again:", name))
}
cat(sprintf("%d passed, %d failed\n", passed, failed))
quit(status = as.integer(failed > 0))
