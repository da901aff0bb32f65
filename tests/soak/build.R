# Makes models and data of recipes.

make_layer <- function(x, spec) {
  fn <- getExportedValue("elman", spec$fn)
  cell <- function(one) {
    make <- switch(one$kind, simple_rnn = rnn_cell_simple,
                   lstm = rnn_cell_lstm, gru = rnn_cell_gru)
    do.call(make, one$args)
  }
  if (spec$type == "cells") {
    cells <- lapply(spec$cells, cell)
    return(do.call(fn, c(list(x, cell = cells), spec$args)))
  }
  if (spec$type == "bidirectional") {
    inner <- do.call(getExportedValue("elman", paste0("layer_",
                                                      spec$inner$kind)),
                     spec$inner$args)
    return(do.call(fn, c(list(x, layer = inner), spec$args)))
  }
  if (spec$type == "time_distributed") {
    return(do.call(fn, c(list(x, layer = do.call(layer_dense, spec$inner)),
                         spec$args)))
  }
  if (spec$type == "conv_lstm") return(conv_lstm(x, spec))
  do.call(fn, c(list(x), spec$args))
}

# [batch, time, features] is seen as rows of `features` places with one channel.
conv_lstm <- function(x, spec) {
  name <- spec$args$name
  x |>
    layer_time_distributed(
      layer_reshape(target_shape = c(spec$features, 1)),
      name = paste0(name, "_rows")
    ) |>
    (function(x) do.call(layer_conv_lstm_1d, c(list(x), spec$args)))() |>
    (function(x) {
      flat <- paste0(name, "_flat")
      if (!spec$args$return_sequences) return(layer_flatten(x, name = flat))
      layer_time_distributed(x, layer_flatten(), name = flat)
    })()
}

input_shape <- function(branch) {
  if (branch$kind == "ids") branch$time else c(branch$time, branch$features)
}

make_optimizer <- function(name) {
  # Rates that float32 holds, in which files keep them.
  rate <- 2^-7
  switch(name, momentum = optimizer_sgd(rate, momentum = 0.5),
         lion = optimizer_lion(rate / 8),
         do.call(getExportedValue("elman", paste0("optimizer_", name)),
                 list(learning_rate = rate)))
}

build_model <- function(recipe) {
  config_set_floatx(recipe$floatx)
  batch <- if (recipe$stateful) recipe$batch
  first <- recipe$branches[[1]]
  if (recipe$sequential) {
    model <- keras_model_sequential(
      input_shape = input_shape(first), input_batch_size = batch,
      input_dtype = if (first$kind == "ids") "int32"
    )
    for (spec in c(first$layers, recipe$head)) model <- make_layer(model, spec)
  } else {
    inputs <- lapply(recipe$branches, function(branch) {
      keras_input(input_shape(branch), batch_size = batch,
                  dtype = if (branch$kind == "ids") "int32")
    })
    ends <- Map(function(x, branch) Reduce(make_layer, branch$layers, x),
                inputs, recipe$branches)
    y <- if (length(ends) > 1) layer_concatenate(ends) else ends[[1]]
    y <- Reduce(make_layer, recipe$head, y)
    model <- keras_model(if (length(inputs) > 1) inputs else inputs[[1]], y)
  }
  compile(model, make_optimizer(recipe$optimizer), loss = recipe$loss)
  model
}

# ---- data --------------------------------------------------------------------

draw_input <- function(branch, n) {
  types <- vapply(branch$layers, `[[`, "", "type")
  if (branch$kind == "ids") {
    size <- n * branch$time
    x <- array(sample.int(branch$vocabulary, size, replace = TRUE) - 1L,
               c(n, branch$time))
    # The mean of no step is no number.
    if ("mean" %in% types) x[, 1] <- 1L
    return(x)
  }
  x <- array(stats::rnorm(n * branch$time * branch$features),
             c(n, branch$time, branch$features))
  if ("masking" %in% types && branch$time > 1) {
    for (i in seq_len(n)) x[i, sample.int(branch$time, 1), ] <- 0
  }
  x
}

draw_data <- function(recipe, batches = recipe$batches) {
  n <- recipe$batch * batches
  x <- lapply(recipe$branches, draw_input, n)
  time <- recipe$branches[[1]]$out$time
  size <- n * recipe$units * if (recipe$ends) 1 else time
  shape <- c(n, if (!recipe$ends) time, recipe$units)
  classes <- sample.int(recipe$units, n, replace = TRUE) - 1L
  y <- switch(recipe$loss,
    binary_crossentropy = array(stats::rbinom(size, 1, 0.5), shape),
    sparse_categorical_crossentropy = classes,
    categorical_crossentropy = diag(recipe$units)[classes + 1L, , drop = FALSE],
    array(stats::rnorm(size), shape)
  )
  list(x = if (length(x) > 1) x else x[[1]], all = x, y = y, n = n)
}
