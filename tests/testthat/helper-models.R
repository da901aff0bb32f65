# Small data and models for tests of training.

series_data <- function(n = 24, time = 5, features = 2, seed = 1) {
  withr::local_seed(seed)
  x <- array(stats::rnorm(n * time * features), c(n, time, features))
  list(x = x, y = x[, time, 1] - x[, 1, features])
}

small_model <- function(time = 5, features = 2, units = 3, ...) {
  keras_model_sequential(input_shape = c(time, features)) |>
    layer_simple_rnn(units = units, ...) |>
    layer_dense(units = 1)
}

compiled_model <- function(optimizer = optimizer_sgd(0.05), loss = "mse",
                           metrics = NULL, ...) {
  model <- small_model(...)
  compile(model, optimizer = optimizer, loss = loss, metrics = metrics)
}

# All numbers of a model, to compare before and after.
weight_bits <- function(model) unlist(lapply(get_weights(model), as.vector))

# Code that makes the package of this session available in another process.
load_code <- function() {
  path <- getNamespaceInfo("elman", "path")
  if (file.exists(file.path(path, "Meta"))) return("NULL")
  sprintf("pkgload::load_all('%s', quiet = TRUE)", path)
}
