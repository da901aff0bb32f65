# Weights and optimizer states from HDF5 files in Keras 3's layout. Everything
# is read and compared first; then the values are put in place.

# ---- models whose weights a file holds ---------------------------------------

# Runs `make()`, in which weights are zeros in place of random numbers: the file
# will fill them. There can be no more of them than numbers in the file, and
# R's generator is left as it was.
making_from_file <- function(numbers, make) {
  old <- the$weights_in_file
  seed <- globalenv()[[".Random.seed"]]
  the$weights_in_file <- the$weights_allowed <- numbers
  on.exit({
    the$weights_in_file <- old
    if (is.null(seed)) {
      suppressWarnings(rm(".Random.seed", envir = globalenv()))
    } else {
      assign(".Random.seed", seed, envir = globalenv())
    }
  })
  make()
}

# Low-rank updates are not stored; they are no larger than what they belong to.
promised_value <- function(shape, dtype, name) {
  size <- prod(as.numeric(shape))
  stored <- !startsWith(name, "lora_")
  if (stored) the$weights_in_file <- the$weights_in_file - size
  if (the$weights_in_file < 0 || !stored && size > the$weights_allowed) {
    abort_damaged("its layers want more weights than there are numbers in it")
  }
  op_zeros(shape, dtype)
}

count_numbers <- function(index) {
  sum(vapply(index$arrays, function(a) prod(as.numeric(a$shape)), 0))
}

# ---- what goes where ---------------------------------------------------------

# For every layer with weights what compare_weights() says of it.
plan_weights <- function(index, self) {
  plan <- lapply(saved_parts(self), function(part) {
    plan_layer(index, part$layer, part$path)
  })
  Filter(Negate(is.null), plan)
}

plan_layer <- function(index, layer, path) {
  variables <- variables_to_load(layer)
  paths <- stored_paths(index, path)
  if (!length(variables) && !length(paths)) return(NULL)
  compare_weights(index, layer, variables, paths)
}

# list(layer, variables, paths), and the reason where they do not fit.
compare_weights <- function(index, layer, variables, paths) {
  fit <- list(layer = layer, variables = variables, paths = paths)
  if (length(variables) != length(paths)) {
    fit$reason <- sprintf("it has %d weights, the file %d", length(variables),
                          length(paths))
    return(fit)
  }
  for (k in seq_along(variables)) {
    have <- index$arrays[[paths[k]]]$shape
    if (!identical(have, as.integer(shape_of(variables[[k]])))) {
      fit$reason <- sprintf(
        "weight \"%s\" has shape %s, in the file %s",
        .subset2(variables[[k]], "name"),
        format_shape(shape_of(variables[[k]])), format_shape(have)
      )
    }
  }
  fit
}

# The arrays "vars/0", "vars/1", ... of the group at `path`. Keras 2.13 had
# another name for the list of layers.
stored_paths <- function(index, path) {
  group <- join_path(path, "vars")
  if (!group %in% index$groups) {
    group <- sub("^layers/", "_layer_checkpoint_dependencies/", group)
  }
  paths <- character()
  repeat {
    below <- paste0(group, "/", length(paths))
    if (is.null(index$arrays[[below]])) return(paths)
    paths <- c(paths, below)
  }
}

# Reads what a plan says: list(plan, values), for put_weights(). Layers that do
# not fit are an error, or with `skip` left out with a warning.
read_weights <- function(index, plan, skip = FALSE) {
  wrong <- Filter(function(fit) !is.null(fit$reason), plan)
  if (length(wrong)) {
    reason <- sprintf("layer `%s` does not fit: %s", wrong[[1]]$layer$name,
                      wrong[[1]]$reason)
    if (!skip) abort_damaged("%s", reason)
    warn_elman(sprintf("%d of the model's layers are left as they are: %s.",
                       length(wrong), reason))
    plan <- Filter(function(fit) is.null(fit$reason), plan)
  }
  values <- lapply(plan, function(fit) {
    Map(function(path, v) read_array(index, path, dtype_of(v)), fit$paths,
        fit$variables)
  })
  warn_not_finite(plan, values)
  list(plan = plan, values = values)
}

put_weights <- function(weights) {
  for (k in seq_along(weights$plan)) {
    Map(variable_assign, weights$plan[[k]]$variables, weights$values[[k]])
    reset_lora(weights$plan[[k]]$layer)
  }
}

warn_not_finite <- function(plan, values) {
  finite <- vapply(values, function(group) {
    all(vapply(group, function(v) all(is.finite(as.numeric(v))), NA))
  }, NA)
  if (all(finite)) return(invisible())
  warn_elman(sprintf(
    "The weights of layer `%s` in the file are not all finite numbers.",
    plan[[which(!finite)[1]]]$layer$name
  ))
}

# ---- the optimizer -----------------------------------------------------------

# The numbers of the optimizer's state at these paths, in Keras's order, for
# put_optimizer(); NULL where the model has no optimizer or the file no state.
read_optimizer <- function(index, self, paths = stored_paths(index,
                                                             "optimizer")) {
  if (!self$compiled || !self$built || !length(paths)) return(NULL)
  shapes <- lapply(paths, function(path) index$arrays[[path]]$shape)
  count <- if (!length(shapes[[1]])) {
    as.numeric(read_array(index, paths[1], "float64"))
  }
  if (is.null(count) || !is_whole(count) || count < 0) {
    abort_damaged("its count of updates is out of range")
  }
  # One that never trained has a count and a rate, and no state yet.
  if (length(paths) <= 2L && !self$optimizer$built && count == 0) return(NULL)
  self$optimizer$build(self$trainable_weights)
  wanted <- optimizer_values(self$optimizer)
  if (!identical(lapply(wanted, function(w) as.integer(shape_of(w))), shapes)) {
    warn_elman(paste(
      "The file's optimizer state does not fit the model's optimizer, which",
      "starts afresh."
    ))
    return(NULL)
  }
  Map(function(path, w) read_array(index, path, dtype_of(w)), paths, wanted)
}

put_optimizer <- function(self, values) {
  if (!is.null(values)) restore_optimizer(self$optimizer, unname(values))
}
