# Draws models from the family of recurrent networks as recipes: plain lists
# that build_model() makes a model of and reference_outputs() answers for.

pick <- function(...) {
  choices <- c(...)
  choices[[sample.int(length(choices), 1L)]]
}
chance <- function(p) stats::runif(1) < p

# Units around the widths of vectors.
draw_units <- function() pick(1, 2, 3, 4, 5, 7, 8, 9, 16, 17)

layer_spec <- function(type, fn, ...) {
  list(type = type, fn = fn, args = list(...))
}

draw_activation <- function() {
  pick("tanh", "tanh", "relu", "sigmoid", "softsign", "elu", "linear")
}

# ---- recurrent layers --------------------------------------------------------

cell_arguments <- function(kind) {
  c(list(units = draw_units(), activation = draw_activation(),
         use_bias = chance(0.8), dropout = pick(0, 0, 0.3),
         recurrent_dropout = pick(0, 0, 0.2)),
    if (kind != "simple_rnn") {
      list(recurrent_activation = pick("sigmoid", "hard_sigmoid"))
    },
    if (kind == "gru") list(reset_after = chance(0.7)))
}

draw_kind <- function() pick("simple_rnn", "lstm", "gru")

draw_recurrent <- function(at, sequences) {
  kind <- draw_kind()
  loop <- list(return_sequences = sequences, stateful = at$stateful,
               go_backwards = chance(0.2), unroll = chance(0.1))
  wrapped <- pick("no", "no", "no", "cells", "bidirectional")
  if (wrapped == "cells") {
    kinds <- replicate(pick(1, 2, 3), draw_kind())
    cells <- lapply(kinds, function(kind) {
      list(kind = kind, args = cell_arguments(kind))
    })
    units <- cells[[length(cells)]]$args$units
    spec <- layer_spec("cells", "layer_rnn")
    spec$cells <- cells
    spec$args <- loop
  } else if (wrapped == "bidirectional") {
    spec <- layer_spec("bidirectional", "layer_bidirectional",
                       merge_mode = pick("concat", "sum", "mul", "ave"))
    loop$go_backwards <- FALSE
    spec$inner <- list(kind = kind, args = c(cell_arguments(kind), loop))
    units <- spec$inner$args$units
    if (spec$args$merge_mode == "concat") units <- 2 * units
  } else {
    spec <- layer_spec(kind, paste0("layer_", kind))
    spec$args <- c(cell_arguments(kind), loop)
    units <- spec$args$units
  }
  list(spec = spec, features = units)
}

# A row of cells per step, seen by a convolution with memory.
draw_conv_lstm <- function(at, sequences) {
  spec <- layer_spec(
    "conv_lstm", "layer_conv_lstm_1d", filters = pick(1, 2, 3),
    kernel_size = pick(1, 2), padding = "same", stateful = at$stateful,
    return_sequences = sequences, use_bias = chance(0.8),
    dropout = pick(0, 0.2)
  )
  spec$features <- at$features
  list(spec = spec, features = at$features * spec$args$filters)
}

# ---- layers over sequences ---------------------------------------------------

draw_between <- function(at) {
  f <- at$features
  kind <- pick("recurrent", "recurrent", "recurrent", "dense",
               "time_distributed", "conv", "batch_normalization",
               "layer_normalization", "dropout", "noise", "pool", "conv_lstm")
  if (at$masked && kind %in% c("conv", "pool")) kind <- "dense"
  if (kind == "conv_lstm" && f > 8) kind <- "recurrent"
  of <- function(spec, features = f, time = at$time) {
    list(spec = spec, features = features, time = time)
  }
  units <- draw_units()
  switch(kind,
    recurrent = c(draw_recurrent(at, TRUE), time = at$time),
    conv_lstm = c(draw_conv_lstm(at, TRUE), time = at$time),
    dense = of(layer_spec("dense", "layer_dense", units = units,
                          activation = draw_activation(),
                          use_bias = chance(0.8)), units),
    time_distributed = {
      spec <- layer_spec("time_distributed", "layer_time_distributed")
      spec$inner <- list(units = units, activation = draw_activation())
      of(spec, units)
    },
    conv = {
      padding <- pick("same", "causal")
      of(layer_spec("conv", "layer_conv_1d", filters = units,
                    kernel_size = pick(1, 2, 3), padding = padding,
                    activation = draw_activation()), units)
    },
    batch_normalization = of(layer_spec("batch_normalization",
                                        "layer_batch_normalization")),
    layer_normalization = of(layer_spec("layer_normalization",
                                        "layer_layer_normalization")),
    dropout = of(if (chance(0.5)) {
      layer_spec("same", "layer_dropout", rate = 0.3)
    } else {
      layer_spec("same", "layer_spatial_dropout_1d", rate = 0.3)
    }),
    noise = of(layer_spec("same", "layer_gaussian_noise", stddev = 0.1)),
    pool = {
      if (at$time < 2) return(draw_between(at))
      of(layer_spec("max_pool", "layer_max_pooling_1d", pool_size = 2),
         time = at$time %/% 2)
    }
  )
}

draw_end <- function(at) {
  kind <- pick("recurrent", "recurrent", "recurrent", "mean", "max", "flatten",
               "conv_lstm")
  if (at$masked && kind %in% c("max", "flatten")) kind <- "recurrent"
  if (kind == "conv_lstm" && at$features > 8) kind <- "recurrent"
  switch(kind,
    recurrent = draw_recurrent(at, FALSE),
    conv_lstm = draw_conv_lstm(at, FALSE),
    mean = list(spec = layer_spec("mean", "layer_global_average_pooling_1d"),
                features = at$features),
    max = list(spec = layer_spec("max", "layer_global_max_pooling_1d"),
               features = at$features),
    flatten = list(spec = layer_spec("flatten", "layer_flatten"),
                   features = at$features * at$time)
  )
}

# ---- branches and whole models -----------------------------------------------

draw_branch <- function(stateful, ends) {
  at <- list(time = pick(1, 2, 3, 5, 8), features = pick(1, 2, 3, 5),
             stateful = stateful, masked = FALSE)
  branch <- list(kind = pick("series", "series", "ids"), time = at$time,
                 features = at$features, vocabulary = pick(2, 5, 11),
                 layers = list())
  if (branch$kind == "ids") {
    at$masked <- chance(0.5)
    at$features <- draw_units()
    branch$layers <- list(layer_spec(
      "embedding", "layer_embedding", input_dim = branch$vocabulary,
      output_dim = at$features, mask_zero = at$masked
    ))
  } else if (chance(0.25)) {
    at$masked <- TRUE
    branch$layers <- list(layer_spec("masking", "layer_masking"))
  }
  for (k in seq_len(pick(0, 1, 1, 2))) {
    one <- draw_between(at)
    at$features <- one$features
    at$time <- one$time
    branch$layers <- c(branch$layers, list(one$spec))
  }
  if (ends) {
    one <- draw_end(at)
    at$features <- one$features
    branch$layers <- c(branch$layers, list(one$spec))
    at$masked <- FALSE
  }
  branch$out <- at
  branch
}

draw_head <- function(recipe) {
  loss <- pick("mse", "mae", "log_cosh", "huber", "binary_crossentropy",
               "categorical_crossentropy", "sparse_categorical_crossentropy")
  if (!recipe$ends) loss <- pick("mse", "mae")
  classes <- grepl("categorical", loss)
  units <- if (classes) pick(2, 3, 5) else pick(1, 2, 3)
  activation <- if (classes) "softmax" else
    if (loss == "binary_crossentropy") "sigmoid" else "linear"
  hidden <- if (chance(0.3)) list(
    layer_spec("dense", "layer_dense", units = draw_units(),
               activation = draw_activation()),
    layer_spec("batch_normalization", "layer_batch_normalization"),
    layer_spec("same", "layer_dropout", rate = 0.2)
  )[seq_len(pick(1, 2, 3))]
  recipe$head <- c(hidden, list(layer_spec("dense", "layer_dense",
                                           units = units,
                                           activation = activation)))
  recipe$loss <- loss
  recipe$units <- units
  recipe
}

draw_recipe <- function() {
  stateful <- chance(0.15)
  ends <- chance(0.85)
  branches <- if (ends && chance(0.3)) pick(2, 3) else 1
  recipe <- list(stateful = stateful, ends = ends, batch = pick(1, 3, 4),
                 batches = pick(2, 3, 4), floatx = pick("float32", "float64"),
                 branches = replicate(branches, draw_branch(stateful, ends),
                                      simplify = FALSE))
  recipe$sequential <- branches == 1 && chance(0.5)
  recipe$optimizer <- pick("sgd", "adam", "rmsprop", "adagrad", "nadam",
                           "adam_w", "momentum", "lion", "adadelta", "ftrl",
                           "adamax", "lamb")
  name_layers(draw_head(recipe))
}

name_layers <- function(recipe) {
  named <- function(specs, stem) {
    Map(function(spec, k) {
      spec$args$name <- paste0(stem, k)
      spec
    }, specs, seq_along(specs))
  }
  for (b in seq_along(recipe$branches)) {
    recipe$branches[[b]]$layers <- named(recipe$branches[[b]]$layers,
                                         paste0("b", b, "_"))
  }
  recipe$head <- named(recipe$head, "head_")
  recipe
}

# A line to tell a recipe by.
recipe_text <- function(recipe) {
  types <- function(specs) {
    paste(vapply(specs, `[[`, "", "type"), collapse = ">")
  }
  paste0(paste(vapply(recipe$branches, function(b) {
    paste0(b$kind, ":", types(b$layers))
  }, ""), collapse = " + "), " | ", types(recipe$head), " ", recipe$loss, " ",
  recipe$optimizer, " ", recipe$floatx, if (recipe$stateful) " stateful")
}
