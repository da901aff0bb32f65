# Weights and optimizer states from HDF5 files in Keras 3's layout. Everything
# is read and compared first; then the values are put in place.

# ---- models whose weights a file holds ---------------------------------------

# Runs `make()`, in which weights are zeros in place of random numbers: the file
# will fill them. There can be no more of them than numbers in the file, and
# R's generator is left as it was.
making_from_file <- function(numbers, make) {
  old <- the$weights_in_file
  seed <- globalenv()[[".Random.seed"]]
  the$weights_in_file <- numbers
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

promised_value <- function(shape, dtype) {
  the$weights_in_file <- the$weights_in_file - prod(as.numeric(shape))
  if (the$weights_in_file < 0) {
    abort_damaged("its layers want more weights than there are numbers in it")
  }
  op_zeros(shape, dtype)
}

count_numbers <- function(index) {
  sum(vapply(index$arrays, function(a) prod(as.numeric(a$shape)), 0))
}

# ---- what goes where -----------------------------------------------------------

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
        .subset2(variables[[k]], "name"), format_shape(shape_of(variables[[k]])),
        format_shape(have)
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

# Puts the weights of a plan in place; layers that do not fit are an error, or
# with `skip` a warning.
load_plan <- function(index, plan, skip = FALSE) {
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
  for (k in seq_along(plan)) {
    Map(variable_assign, plan[[k]]$variables, values[[k]])
    reset_lora(plan[[k]]$layer)
  }
  warn_not_finite(plan, values)
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

# ---- the optimizer -------------------------------------------------------------

# The state of a compiled model's optimizer, where the file holds one. One that
# does not fit leaves the optimizer as it is, with a warning, as in Keras.
load_optimizer <- function(index, self) {
  paths <- stored_paths(index, "optimizer")
  if (!self$compiled || !length(paths) || !self$built) return(invisible())
  restore_from(self, stored_arrays(index, paths))
}

stored_arrays <- function(index, paths) {
  lapply(paths, function(path) {
    list(shape = index$arrays[[path]]$shape,
         read = function(dtype) read_array(index, path, dtype))
  })
}

# `stored` are list(shape, read(dtype)) in Keras's order.
restore_from <- function(self, stored) {
  optimizer <- self$optimizer
  # Never trained: a count and a rate, and no state yet.
  if (length(stored) <= 2L && !optimizer$built &&
        all(lengths(lapply(stored, `[[`, "shape")) == 0L)) {
    values <- lapply(stored, function(s) s$read("float64"))
    optimizer$iterations <- as.numeric(values[[1]])
    return(invisible())
  }
  optimizer$build(self$trainable_weights)
  wanted <- optimizer_values(optimizer)
  fits <- length(wanted) == length(stored) && all(mapply(function(w, s) {
    identical(as.integer(shape_of(w)), as.integer(s$shape))
  }, wanted, stored))
  if (!fits) {
    warn_elman(paste(
      "The file's optimizer state does not fit the model's optimizer, which",
      "starts afresh."
    ))
    return(invisible())
  }
  values <- Map(function(w, s) {
    s$read(if (dtype_of(w) == "int32") "float64" else dtype_of(w))
  }, wanted, stored)
  restore_optimizer(optimizer, values)
}
