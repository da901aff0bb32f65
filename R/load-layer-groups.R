# Keras 2's layout of HDF5 files: a group per layer with its weights by name,
# the names in attributes; in whole models the configuration too.

has_layer_groups <- function(index) !is.na(layer_root(index))

# The group that lists layers: the file itself or "model_weights"; NA where
# there is none.
layer_root <- function(index) {
  for (group in c("", "model_weights")) {
    if (group %in% index$groups &&
          !is.null(read_names(index, group, "layer_names"))) {
      return(group)
    }
  }
  NA_character_
}

# A list of names, which long ones spread over several attributes.
read_names <- function(index, group, name) {
  names <- read_text(index, group, name)
  if (!is.null(names)) return(names)
  for (k in seq_len(1000L) - 1L) {
    more <- read_text(index, group, paste0(name, k))
    if (is.null(more)) break
    names <- c(names, more)
  }
  names
}

# Trained weights first, then the others.
weights_by_kind <- function(layer) {
  c(chosen_weights(layer, TRUE), chosen_weights(layer, FALSE))
}

# What goes where, as plan_weights() says it, by order or by name.
plan_layer_groups <- function(index, self, by_name = FALSE) {
  root <- layer_root(index)
  if (is.na(root)) abort_damaged("it lists no layers")
  groups <- layer_groups(index, root)
  layers <- Filter(function(layer) length(layer$weights) > 0L,
                   self$listed_layers())
  if (by_name) {
    names <- vapply(layers, function(layer) layer$name, "")
    layers <- layers[names %in% names(groups)]
    groups <- groups[match(vapply(layers, function(layer) layer$name, ""),
                           names(groups))]
  } else if (length(layers) != length(groups)) {
    abort_damaged("it has %d layers with weights, the model %d",
                  length(groups), length(layers))
  }
  Map(function(layer, paths) {
    compare_weights(index, layer, weights_by_kind(layer), paths)
  }, layers, unname(groups))
}

# The paths of every layer's weights, by the layer's name; layers without
# weights are left out.
layer_groups <- function(index, root) {
  names <- read_names(index, root, "layer_names")
  groups <- lapply(names, function(name) {
    group <- join_path(root, name)
    if (!group %in% index$groups) {
      abort_damaged("it has no group for layer %s", quote_all(name))
    }
    named_arrays(index, group)
  })
  names(groups) <- names
  groups[lengths(groups) > 0L]
}

named_arrays <- function(index, group) {
  names <- read_names(index, group, "weight_names")
  paths <- if (length(names)) paste0(group, "/", names) else character()
  absent <- paths[!paths %in% names(index$arrays)]
  if (length(absent)) {
    abort_damaged("it has no array %s", quote_all(absent[1]))
  }
  paths
}

# ---- whole models ------------------------------------------------------------

load_whole_hdf5 <- function(bytes, custom_objects, compile) {
  with_hdf5(bytes, function(index) {
    text <- read_text(index, "", "model_config")
    if (!length(text)) {
      abort_damaged(paste("it holds weights but no model: make the model and",
                          "call load_model_weights()"))
    }
    record <- parse_json(text[1], "its configuration")
    training <- read_text(index, "", "training_config")
    if (length(training)) {
      record$compile_config <- older_training(
        parse_json(training[1], "its training configuration")
      )
    }
    record <- checked_record(record, custom_objects, compile)
    model <- making_from_file(count_numbers(index), function() {
      model_from_record(record, custom_objects)
    })
    self <- unwrap_layer(model)
    put_weights(read_weights(index, plan_layer_groups(index, self)))
    if ("optimizer_weights" %in% index$groups) {
      paths <- named_arrays(index, "optimizer_weights")
      put_optimizer(self, read_optimizer(index, self, paths))
    }
    model
  })
}

older_training <- function(training) {
  training$optimizer <- training$optimizer_config
  training$optimizer_config <- NULL
  training
}
