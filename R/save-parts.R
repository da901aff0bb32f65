# What of a model is saved and under which name: Keras's walk over layers, the
# layers inside them and the optimizer. A group is named after the attribute
# that holds a layer, and within a list of layers after the layer's class.

# The parts of `self`, each list(path, name, layer), models and layers in
# Keras's order; a part met twice has the first of its paths.
saved_parts <- function(self) {
  parts <- list()
  met <- list()
  visit <- function(layer, path) {
    if (!is.na(index_of(layer, met))) return()
    met <<- c(met, list(layer))
    parts <<- c(parts, list(list(path = path, name = layer$name,
                                 layer = layer)))
    inner <- inner_parts(layer)
    for (field in names(inner)) {
      below <- inner[[field]]
      if (is_layer_instance(below)) {
        visit(below, join_path(path, field))
      } else {
        names <- list_names(below)
        for (k in seq_along(below)) {
          visit(below[[k]], join_path(path, field, names[k]))
        }
      }
    }
  }
  visit(self, "")
  parts
}

join_path <- function(...) {
  parts <- c(...)
  paste(parts[nzchar(parts)], collapse = "/")
}

# "dense", "dense_1", ...: the class, and a number from its second layer on.
list_names <- function(layers) {
  stems <- vapply(layers, function(layer) snake_case(layer$classes[1]), "")
  counts <- stats::ave(seq_along(stems), stems, FUN = seq_along) - 1L
  ifelse(counts == 0L, stems, paste0(stems, "_", counts))
}

# The layers that a layer holds, by attribute: instances or lists of them. A
# layer with other names inside than Keras has a method `saved_parts()`; else
# its fields are looked through.
inner_parts <- function(layer) {
  if (is.function(layer$saved_parts)) return(layer$saved_parts())
  if ("elman_model" %in% layer$classes) {
    return(list(layers = layer$listed_layers()))
  }
  inner <- layer$sublayers()
  if (!length(inner)) return(list())
  fields <- sort(ls(layer), method = "radix")
  fields <- fields[!vapply(fields, bindingIsActive, NA, env = layer)]
  found <- lapply(setdiff(fields, c("wrapper", "calls")), function(field) {
    value <- layer[[field]]
    if (is_layer(value)) value <- unwrap_layer(value)
    if (is_layer_instance(value)) return(value)
    if (!is.list(value) || !length(value)) return(NULL)
    value <- lapply(value, function(v) if (is_layer(v)) unwrap_layer(v) else v)
    if (all(vapply(value, is_layer_instance, NA))) value
  })
  names(found) <- setdiff(fields, c("wrapper", "calls"))
  Filter(Negate(is.null), found)
}

# ---- a part's variables ------------------------------------------------------

# What is written for a layer: its own variables, with a low-rank update added
# to the matrix that it belongs to.
values_to_save <- function(layer) {
  if (!isTRUE(layer$lora_enabled)) return(layer$own_weights)
  whole <- layer$kernel %||% layer$embeddings
  c(list(whole), if (!is.null(layer$bias)) list(layer$bias))
}

# Where that goes when it is read.
variables_to_load <- function(layer) {
  variables <- layer$own_weights
  if (!isTRUE(layer$lora_enabled)) return(variables)
  Filter(function(v) !startsWith(.subset2(v, "name"), "lora_"), variables)
}

# Low-rank updates start anew: what they had learned is in the matrix.
reset_lora <- function(layer) {
  if (!isTRUE(layer$lora_enabled)) return()
  for (v in layer$own_weights) {
    if (startsWith(.subset2(v, "name"), "lora_")) {
      variable_assign(v, op_zeros(shape_of(v), dtype_of(v)))
    }
  }
}

# ---- the optimizer's ---------------------------------------------------------

# In Keras's order, the learning rate in float32 as Keras stores it.
optimizer_values <- function(optimizer) {
  lapply(optimizer$variables, function(v) {
    rate <- identical(.subset2(v, "name"), "learning_rate")
    as_tensor(v, if (rate) "float32")
  })
}

# Takes the values over, one tensor each for what optimizer_values() gives.
restore_optimizer <- function(optimizer, values) {
  Map(variable_assign, optimizer$variables, values)
  invisible(optimizer)
}
