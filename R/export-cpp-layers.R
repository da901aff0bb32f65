# How export_cpp() writes each layer: as types of inst/cpp/exported_layers.h.

# The parts that a layer becomes, each a list of its `type`, the `width` of what
# it gives, the `value` it is made with, whether it `recurs` and gives the
# `last_only`, and how to `run` it where it cannot go step by step ("%1$d"
# stands for the number of the sequence that it takes).
# `width` is the size of what the layer takes.
cpp_parts <- function(layer, width, weights, what) {
  switch(layer$classes[1],
    Dense = cpp_dense(layer, weights, what),
    Activation = cpp_activation_layer(layer, width, what),
    Embedding = cpp_embedding(layer, weights, what),
    Masking = list(cpp_masking(layer, width)),
    TimeDistributed = cpp_time_distributed(layer, width, weights, what),
    Bidirectional = list(cpp_bidirectional(layer, weights, what)),
    SimpleRNN = , LSTM = , GRU = , RNN =
      list(cpp_recurrent(layer, weights, what)),
    refuse_export(layer, what)
  )
}

# Of layers in a row.
cpp_all_parts <- function(layers, width, weights, what) {
  parts <- list()
  for (layer in layers) {
    parts <- c(parts, cpp_parts(layer, width, weights, what))
    width <- parts[[length(parts)]]$width
  }
  parts
}

# ---- pieces of C++ -----------------------------------------------------------

# Puts numbers among the weights and gives their name.
cpp_weight <- function(weight, weights, layer, what) {
  numbers <- export_numbers(weight, layer, what)
  if (is.null(numbers)) return("nullptr")
  name <- paste0("kWeights", length(weights$text))
  literals <- paste0(sprintf("%a", numbers),
                     if (weights$real == "float") "f")
  lines <- tapply(literals, (seq_along(literals) - 1L) %/% 5L, paste,
                  collapse = ", ")
  weights$text <- c(weights$text, paste0(
    sprintf("inline constexpr Real %s[%d] = {\n    ", name, length(numbers)),
    paste(lines, collapse = ",\n    "), "};\n"
  ))
  name
}

cpp_activation <- function(f, layer, what) {
  name <- export_activation(f, layer, what)
  switch(name,
    softmax = "Softmax", log_softmax = "LogSoftmax", sparsemax = "Sparsemax",
    # By its name alone, the function is that of the numbers above 0.
    threshold = "Each<activation::relu>",
    glu = refuse_export(layer, what, "its activation is \"glu\""),
    sprintf("Each<activation::%s>", name)
  )
}

cpp_type <- function(name, ...) {
  sprintf("%s<%s>", name, paste(c(...), collapse = ", "))
}

# ---- layers ------------------------------------------------------------------

cpp_dense <- function(layer, weights, what) {
  size <- shape_of(layer$kernel)
  halves <- identical(activation_name(layer$activation), "glu")
  f <- if (halves) activation_linear else layer$activation
  dense <- list(width = size[2], type = cpp_type(
    "Dense", size, cpp_weight(layer$kernel, weights, layer, what),
    cpp_weight(layer$bias, weights, layer, what),
    cpp_activation(f, layer, what)
  ))
  c(list(dense), if (halves) list(cpp_glu(size[2])))
}

cpp_glu <- function(width) {
  list(width = width %/% 2L, type = cpp_type("Glu", width %/% 2L))
}

cpp_activation_layer <- function(layer, width, what) {
  if (identical(activation_name(layer$activation), "glu")) {
    return(list(cpp_glu(width)))
  }
  list(list(width = width, type = cpp_type(
    "Activation", width, cpp_activation(layer$activation, layer, what)
  )))
}

cpp_masking <- function(layer, width) {
  list(width = width, type = cpp_type("Masking", width),
       value = sprintf("{Real(%a)}", layer$mask_value))
}

cpp_embedding <- function(layer, weights, what) {
  size <- shape_of(layer$embeddings)
  list(list(width = size[2], type = cpp_type(
    "Embedding", size, cpp_weight(layer$embeddings, weights, layer, what),
    cpp_flag(layer$mask_zero)
  )))
}

# A layer applied to each step is the layer itself.
cpp_time_distributed <- function(layer, width, weights, what) {
  inner <- layer$layer
  within <- if (is_model_instance(inner)) flat_layers(inner, what) else
    if (!inner$classes[1] %in% training_layers) list(inner)
  allowed <- vapply(within, function(l) {
    l$classes[1] %in% c("Dense", "Activation")
  }, NA)
  if (!all(allowed)) refuse_export(within[[which(!allowed)[1]]], what)
  cpp_all_parts(within, width, weights, what)
}

cpp_cell <- function(cell, layer, weights, what) {
  size <- c(shape_of(cell$kernel)[1], cell$units)
  name <- switch(cell$classes[1],
    SimpleRNNCell = "SimpleCell", LSTMCell = "LstmCell",
    GRUCell = if (cell$reset_after) "GruCell" else "GruResetBeforeCell"
  )
  cpp_type(
    name, size, cpp_weight(cell$kernel, weights, layer, what),
    cpp_weight(cell$recurrent_kernel, weights, layer, what),
    cpp_weight(cell$bias, weights, layer, what),
    cpp_activation(cell$activation, layer, what),
    if (name != "SimpleCell") {
      cpp_activation(cell$recurrent_activation, layer, what)
    }
  )
}

cpp_recurrent <- function(layer, weights, what) {
  if (!layer$classes[1] %in% recurrent_classes) refuse_export(layer, what)
  cells <- export_cells(layer, what)
  types <- vapply(cells, cpp_cell, "", layer, weights, what)
  one <- Reduce(function(a, b) cpp_type("Stacked", a, b), types)
  type <- cpp_type("Recurrent", one, cpp_flag(layer$zero_output_for_mask))
  part <- list(width = cells[[length(cells)]]$units, type = type,
               recurs = TRUE, last_only = !layer$return_sequences)
  if (layer$go_backwards) {
    part$run <- sprintf("recur(%s(), true, %s, x%%1$d)", type,
                        cpp_flag(layer$return_sequences))
  }
  part
}

cpp_bidirectional <- function(layer, weights, what) {
  if (is.null(layer$merge_mode)) {
    refuse_export(layer, what, "it gives two outputs (`merge_mode = NULL`)")
  }
  sides <- lapply(layer$sublayers(), cpp_recurrent, weights, what)
  runs <- Map(function(side, one) {
    sprintf("recur(%s(), %s, %s, x%%1$d)", one$type,
            cpp_flag(side$go_backwards), cpp_flag(side$return_sequences))
  }, layer$sublayers(), sides)
  concat <- layer$merge_mode == "concat"
  merge <- if (concat) "merge_concat(" else
    sprintf("merge(merge_%s, ", layer$merge_mode)
  list(
    type = "", recurs = TRUE, last_only = !layer$return_sequences,
    width = sides[[1]]$width + if (concat) sides[[2]]$width else 0L,
    run = sprintf("%s%s,\n              %s)", merge, runs[[1]], runs[[2]])
  )
}
