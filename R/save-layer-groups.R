# Writing Keras 2's layout of HDF5 files.

# A whole model: its configuration as JSON in attributes, then the weights.
fill_whole_hdf5 <- function(h5, self, optimizer = TRUE) {
  record <- model_record(self)
  write_text(h5, "keras_version", keras_version)
  write_text(h5, "backend", "tensorflow")
  write_text(h5, "model_config", json_text(record[c("class_name", "config")]))
  if (self$compiled && optimizer) {
    training <- spelled_out(record$compile_config)
    training$optimizer_config <- training$optimizer[c("class_name", "config")]
    training$optimizer <- NULL
    write_text(h5, "training_config", json_text(training))
  }
  fill_layer_groups(make_group(h5, "model_weights"), self)
  if (self$compiled && optimizer) fill_named_optimizer(h5, self$optimizer)
}

# Keras 3 cannot read names of losses and metrics back from this format: they
# become objects, but for those that are chosen by shapes.
spelled_out <- function(training) {
  object <- function(resolve) {
    function(name) {
      made <- if (!plain_name(name) %in% c("accuracy", "acc", "crossentropy",
                                           "ce")) resolve(name)()
      if (is.null(made)) return(name)
      if (inherits(made, "elman_metric")) attr(made, "self")$name <- name
      serialize_compiled(made)[c("class_name", "config")]
    }
  }
  training["loss"] <- list(each_name(training$loss, object(named_loss)))
  for (kind in c("metrics", "weighted_metrics")) {
    training[kind] <- list(each_name(training[[kind]], object(named_metric)))
  }
  training
}

# Applies `f` to the names in nested lists, not to what objects are made of.
each_name <- function(x, f) {
  if (is.character(x)) return(f(x))
  if (!is.list(x) || !is.null(x$class_name)) return(x)
  keep_nulls(x, each_name, f)
}

# Layers in the order of their names, as Keras writes them.
fill_layer_groups <- function(group, self) {
  layers <- self$listed_layers()
  names <- vapply(layers, function(layer) layer$name, "")
  write_names(group, "layer_names", names)
  write_text(group, "backend", "tensorflow")
  write_text(group, "keras_version", keras_version)
  for (k in order(names, method = "radix")) {
    variables <- weights_by_kind(layers[[k]])
    fill_named_group(group, names[k], variables,
                     vapply(variables, function(v) .subset2(v, "path"), ""))
  }
  fill_named_group(group, "top_level_model_weights", list(), character())
}

fill_named_optimizer <- function(h5, optimizer) {
  values <- optimizer_values(optimizer)
  names <- paste0(optimizer$name, "/", optimizer_value_names(optimizer))
  fill_named_group(h5, "optimizer_weights", values, names, counts = TRUE)
}

# Each variable's own path with what it is.
optimizer_value_names <- function(optimizer) {
  vapply(optimizer$variables, function(v) {
    gsub("/", "_", .subset2(v, "path"), fixed = TRUE)
  }, "")
}

fill_named_group <- function(h5, path, variables, names, counts = FALSE) {
  names <- make.unique(names, sep = "_")
  group <- make_group(h5, path)
  write_names(group, "weight_names", names)
  for (k in seq_along(variables)) {
    type <- if (counts && dtype_of(variables[[k]]) == "int32") "int64"
    below <- make_group(group, dirname(names[k]))
    write_array(below, basename(names[k]), variables[[k]], type)
  }
}

# A list of names; a long one is spread over several attributes, because one
# takes no more than 64 kB.
write_names <- function(group, name, names) {
  pieces <- ceiling(sum(nchar(names, "bytes") + 16) / 60000)
  if (pieces <= 1) return(write_text(group, name, names, many = TRUE))
  piece <- (seq_along(names) - 1L) %/% ceiling(length(names) / pieces)
  for (k in unique(piece)) {
    write_text(group, paste0(name, k), names[piece == k], many = TRUE)
  }
}
