# Draws random cases, asks Keras, and holds elman to its answers in float64:
# outputs, states, gradients, and losses and weights of training.
#
#   Rscript tests/live/compare.R PYTHON FOLDER [SEED]
suppressPackageStartupMessages(library(elman))
source("tests/live/cases.R")

# Of the largest element; rounding alone gives some 1e-15. TensorFlow's gelu
# holds the root of two in float32 even where all else is float64.
tolerance_of <- function(case) {
  if (identical(case$arguments$activation, "gelu")) 1e-6 else 1e-8
}

# ---- JSON: an array is its shape and its values in row-major order ----------

pack <- function(x) {
  if (is.array(x)) {
    row_major <- aperm(x, rev(seq_along(dim(x))))
    list(shape = I(dim(x)), values = I(as.vector(row_major)))
  } else if (is.list(x)) {
    lapply(x, pack)
  } else {
    x
  }
}

unpack <- function(packed) {
  shape <- as.integer(packed$shape)
  values <- as.double(unlist(packed$values))
  if (length(shape) == 0) {
    return(values)
  }
  aperm(array(values, rev(shape)), rev(seq_along(shape)))
}

ask_keras <- function(cases, python, folder) {
  question <- file.path(folder, "live-cases.json")
  answer <- file.path(folder, "live-results.json")
  no_nulls <- lapply(cases, function(case) Filter(Negate(is.null), case))
  jsonlite::write_json(pack(no_nulls), question,
    digits = NA, auto_unbox = TRUE
  )
  # R's own library path would give Python another Python's libraries.
  status <- system2("env", c(
    "-u", "LD_LIBRARY_PATH", python, "tests/live/keras_truth.py", question,
    answer
  ))
  if (status != 0) {
    stop("Keras gave no answer: see the lines above.")
  }
  results <- jsonlite::read_json(answer)
  lapply(results, lapply, unpack)
}

# ---- elman's answers, by the names that keras_truth.py uses -----------------

weight_gradients <- function(found, use_bias) {
  names <- c("dW", if (length(found) - use_bias == 2) "dR", "db")
  stats::setNames(lapply(found, as.array), names[seq_along(found)])
}

simple_rnn_results <- function(case) {
  layer <- do.call(layer_simple_rnn, c(case$arguments, return_state = TRUE))
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  mask <- if (!is.null(case$mask)) case$mask > 0
  call_layer <- function(x, h0) layer(x, initial_state = h0, mask = mask)
  total <- function(x, h0) {
    result <- call_layer(x, h0)
    op_sum(result[[1]] * case$dy) + op_sum(result[[2]] * case$dh)
  }
  result <- call_layer(case$x, case$h0)
  slopes <- value_and_grad(total, layer$trainable_weights)(case$x, case$h0)
  c(
    list(
      output = result[[1]], state = result[[2]],
      dx = as.array(slopes$gradients[[1]]),
      dh0 = as.array(slopes$gradients[[2]])
    ),
    weight_gradients(slopes$variable_gradients, case$arguments$use_bias)
  )
}

dense_results <- function(case) {
  layer <- do.call(layer_dense, case$arguments)
  layer$build(dim(case$x))
  set_weights(layer, case$weights)
  total <- function(x) op_sum(layer(x) * case$dy)
  slopes <- value_and_grad(total, layer$trainable_weights)(case$x)
  c(
    list(output = layer(case$x), dx = as.array(slopes$gradients[[1]])),
    weight_gradients(slopes$variable_gradients, case$arguments$use_bias)
  )
}

model_results <- function(case) {
  model <- keras_model_sequential(input_shape = dim(case$x)[-1])
  for (arguments in case$recurrent) {
    do.call(layer_simple_rnn, c(list(model), arguments))
  }
  do.call(layer_dense, c(list(model), case$dense))
  set_weights(model, case$weights)
  optimizer <- switch(case$optimizer,
    SGD = optimizer_sgd,
    RMSprop = optimizer_rmsprop,
    Adam = optimizer_adam
  )
  compile(model,
    optimizer = do.call(optimizer, case$settings), loss = case$loss
  )
  losses <- vapply(seq_len(case$steps), function(i) {
    as.numeric(train_on_batch(model, case$x, case$y))
  }, 0)
  weights <- get_weights(model)
  names(weights) <- paste("weight", seq_along(weights))
  c(
    list(losses = losses, prediction = predict_on_batch(model, case$x)),
    weights
  )
}

elman_results <- function(case) {
  switch(case$kind,
    simple_rnn = simple_rnn_results(case),
    dense = dense_results(case),
    model = model_results(case)
  )
}

# ---- comparison -------------------------------------------------------------

array_difference <- function(name, found, expected, tolerance) {
  if (length(found) != length(expected)) {
    return(sprintf("%s: no result of that size", name))
  }
  error <- max(abs(as.vector(found) - as.vector(expected))) /
    max(1, abs(expected))
  if (!is.finite(error) || error > tolerance) {
    sprintf("%s: off by %.1e", name, error)
  }
}

# What is wrong with a case, in words; NULL where nothing is.
differences <- function(case, expected) {
  found <- tryCatch(elman_results(case), error = conditionMessage)
  if (is.character(found)) {
    return(found)
  }
  unlist(Map(
    function(name) {
      array_difference(
        name, found[[name]], expected[[name]], tolerance_of(case)
      )
    },
    names(expected)
  ))
}

describe <- function(case) {
  told <- case[setdiff(names(case), c("weights", "x", "y", "h0", "dy", "dh"))]
  told$mask <- !is.null(case$mask)
  told$input <- dim(case$x)
  jsonlite::toJSON(told, auto_unbox = TRUE)
}

compare <- function(python, folder, seed) {
  set.seed(seed)
  cases <- c(
    lapply(1:80, draw_simple_rnn), lapply(1:30, draw_dense),
    lapply(1:30, draw_model)
  )
  truth <- ask_keras(cases, python, folder)
  config_set_floatx("float64")
  failed <- 0
  for (i in seq_along(cases)) {
    wrong <- differences(cases[[i]], truth[[i]])
    if (length(wrong) > 0) {
      failed <- failed + 1
      cat("\nCase", i, "of seed", seed, describe(cases[[i]]), "\n")
      cat(paste0("  ", wrong, "\n"), sep = "")
    }
  }
  cat(sprintf("Live cases of seed %d against Keras\n", seed))
  cat(sprintf("%d passed, %d failed\n", length(cases) - failed, failed))
  failed == 0
}

arguments <- commandArgs(trailingOnly = TRUE)
seed <- if (length(arguments) > 2) arguments[3] else Sys.Date()
ok <- compare(arguments[1], arguments[2], as.integer(seed))
quit(status = if (ok) 0 else 1)
