# Configurations from files: looked through before anything is made of them, and
# brought from the spellings of all Keras versions into the present one.

# The model that `config` (class_name, config, ...) describes. No code is in a
# configuration, only names of what elman or `custom_objects` have.
model_from_file <- function(config, custom_objects = NULL) {
  if (!is.list(config) || is.null(config$class_name)) {
    abort_damaged("its configuration is not that of a model")
  }
  config <- present_config(config, "", custom_objects)
  model <- in_file_terms(deserialize_object(
    config[c("module", "class_name", "config")], custom_objects
  ))
  if (!inherits(model, "elman_model")) {
    abort_damaged("it describes a %s, not a model", config$class_name)
  }
  model
}

# Arguments in a file that do not hold are the file's fault.
in_file_terms <- function(expr) {
  value <- tryCatch(expr, error = function(e) e)
  if (!inherits(value, "error")) return(value)
  if (inherits(value, "elman_error_file")) stop(value)
  abort_damaged("what it describes cannot be made: %s",
                sub("\\.$", "", conditionMessage(value)))
}

# ---- looking through -----------------------------------------------------------

# `key` is the name under which `x` stands.
present_config <- function(x, key, custom_objects) {
  if (is.character(x)) return(present_name(x, key, custom_objects))
  if (!is.list(x)) return(x)
  if (is.null(names(x))) {
    return(keep_nulls(x, present_config, key, custom_objects))
  }
  if (!"class_name" %in% names(x)) return(present_fields(x, custom_objects))
  class <- x$class_name
  if (!is.character(class) || length(class) != 1L) {
    abort_damaged("a class in it has no name")
  }
  switch(class,
    `__tuple__` = , TensorShape = return(present_config(
      x$items, key, custom_objects)),
    `__keras_tensor__` = return(present_tensor(x)),
    DTypePolicy = , Policy = return(policy_name(x)),
    `function` = return(present_function(x, custom_objects))
  )
  x <- present_class(x, key, custom_objects)
  x$build_config <- NULL
  if (is.list(x$config)) {
    x$config <- present_fields(old_fields(x$config, class), custom_objects)
  }
  if (!is.null(x$inbound_nodes)) {
    x$inbound_nodes <- present_nodes(x$inbound_nodes, custom_objects)
  }
  x
}

# lapply() that keeps elements that are, or become, NULL.
keep_nulls <- function(x, f, ...) {
  at <- which(!vapply(x, is.null, NA))
  for (k in at) x[k] <- list(f(x[[k]], ...))
  x
}

present_fields <- function(x, custom_objects) {
  for (name in names(x)) {
    if (is.null(x[[name]])) next
    x[name] <- list(present_config(x[[name]], name, custom_objects))
  }
  x
}

# Functions of yours may stand where Keras writes a bare name.
present_name <- function(x, key, custom_objects) {
  if (!grepl("activation$|^loss$|metrics$", key)) return(x)
  own <- own_object(list(class_name = x), custom_objects)
  if (is.function(own)) own else x
}

policy_name <- function(x) {
  name <- x$config$name %||% x$config
  if (!is.character(name)) abort_damaged("a type in it has no name")
  name
}

# A symbolic tensor: only the place where it comes from matters.
present_tensor <- function(x) {
  history <- x$config$keras_history
  ok <- is.list(history) && length(history) == 3L &&
    is.character(history[[1]]) && is.numeric(history[[2]]) &&
    is.numeric(history[[3]])
  if (!ok) abort_damaged("a tensor in it comes from nowhere")
  list(class_name = "__keras_tensor__",
       config = list(keras_history = history))
}

# A function by name: one of the package's losses, metrics and activations, or
# of `custom_objects`. Code is never in a file.
present_function <- function(x, custom_objects) {
  name <- x$config
  if (!is.character(name) || length(name) != 1L) refuse_code("function")
  own <- own_object(list(class_name = name,
                         registered_name = x$registered_name),
                    custom_objects)
  if (!is.null(own)) return(own)
  for (prefix in c("activation_", "loss_", "metric_")) {
    known <- paste0(prefix, snake_case(name))
    if (is_keras_module(x$module) && exists(known, own_namespace())) {
      return(name)
    }
  }
  refuse_class(x$module, name, "function")
}

is_keras_module <- function(module) {
  is.null(module) || identical(module, "builtins") ||
    is.character(module) && grepl("^keras($|\\.)", module)
}

# ---- classes -------------------------------------------------------------------

# The entry with the module that deserialize_object() asks for, or an error.
present_class <- function(x, key, custom_objects) {
  if (!is.null(own_object(x, custom_objects))) return(x)
  class <- x$class_name
  if (class %in% c("__lambda__", "Lambda")) refuse_code(class)
  operation <- read_operation_part(x)
  if (!is.null(operation)) return(operation)
  if (identical(class, "Model")) x$class_name <- class <- "Functional"
  x$module <- x$module %||% module_of_key(key)
  if (is_known_class(x$module, class)) return(x)
  refuse_class(x$module, class, "class")
}

# Files of older versions name classes without their module.
module_of_key <- function(key) {
  ends <- c(initializer = "initializers", regularizer = "regularizers",
            constraint = "constraints", loss = "losses", metrics = "metrics",
            optimizer = "optimizers", learning_rate = "optimizers.schedules")
  for (end in names(ends)) {
    if (endsWith(key, end)) return(paste0("keras.", ends[[end]]))
  }
  "keras.layers"
}

is_known_class <- function(module, class) {
  if (!is_keras_module(module) || !grepl("^[A-Z][A-Za-z0-9]*$", class)) {
    return(FALSE)
  }
  prefix <- constructor_prefixes[module]
  if (!is.na(prefix)) {
    known <- tryCatch(find_named(class, prefix), elman_error = function(e) NULL)
    return(!is.null(known))
  }
  space <- own_namespace()
  if (exists(paste0("from_config_", snake_case(class)), space,
             inherits = FALSE)) {
    return(TRUE)
  }
  generator <- get0(class, space, inherits = FALSE)
  inherits(generator, "R6ClassGenerator") && is_layer_class(generator) &&
    identical(generator$classname, class)
}

find_named <- function(class, prefix) {
  what <- sub("_$", "", prefix)
  resolve <- get0(paste0("named_", what), own_namespace(), mode = "function")
  if (is.null(resolve)) named_constructor(class, prefix, what) else
    resolve(class)
}

is_layer_class <- function(generator) {
  while (!is.null(generator)) {
    if (identical(generator$classname, "Layer")) return(TRUE)
    generator <- generator$get_inherit()
  }
  FALSE
}

# What the user gives for this class or function, under its registered name or
# its own.
own_object <- function(x, custom_objects) {
  names <- c(if (is.character(x$registered_name)) x$registered_name,
             if (is.character(x$class_name)) x$class_name)
  for (name in names) {
    if (!is.null(custom_objects[[name]])) return(custom_objects[[name]])
  }
  NULL
}

refuse_class <- function(module, name, what) {
  place <- if (is.character(module)) paste0(" of \"", module, "\"") else ""
  abort_damaged(paste0(
    "it names the %s \"%s\"%s, which is not known here. One of your own can ",
    "be given by `custom_objects = list(%s = ...)`"
  ), what, name, place, if (grepl("^[A-Za-z.][A-Za-z0-9._]*$", name)) name else
    paste0("`", gsub("`", "", name), "`"))
}

refuse_code <- function(class) {
  abort_damaged(paste0(
    "it holds code (\"%s\"), and code from files never runs. Write it as a ",
    "layer or function of your own and give that by `custom_objects`"
  ), class)
}

# ---- older spellings -----------------------------------------------------------

# Arguments that Keras had once and that change nothing here.
gone_fields <- c("time_major", "implementation", "quantization_config", "sparse",
                 "ragged", "optional", "is_legacy_optimizer", "jit_compile")

old_fields <- function(config, class) {
  if (identical(class, "InputLayer")) {
    if (isTRUE(config$sparse) || isTRUE(config$ragged)) {
      abort_damaged("an input of it is sparse or ragged")
    }
    config$batch_shape <- config$batch_shape %||% config$batch_input_shape
    config$batch_input_shape <- NULL
    check_stored_batch(config$batch_shape)
  }
  if (!is.null(config$batch_input_shape)) {
    check_stored_batch(config$batch_input_shape)
  }
  if (!is.null(config$lr)) {
    config$learning_rate <- config$learning_rate %||% config$lr
    config$lr <- NULL
  }
  if (identical(config$reduction, "auto")) {
    config$reduction <- "sum_over_batch_size"
  }
  config[setdiff(names(config), gone_fields)]
}

# States of stateful layers have this size; no model trains with more at once.
check_stored_batch <- function(shape) {
  size <- if (length(shape)) shape[[1]]
  if (is.numeric(size) && size > 65536) {
    abort_damaged("it has batches of %.0f samples, at most 65536 are allowed",
                  size)
  }
}

# Calls of layers: list(args, kwargs), or of older versions a list of the
# tensors' places, each with further arguments.
present_nodes <- function(nodes, custom_objects) {
  lapply(nodes, function(node) {
    if (is.null(names(node)) && length(node)) node <- older_node(node)
    present_fields(node, custom_objects)
  })
}

older_node <- function(node) {
  tensors <- lapply(node, function(place) written_place(place[1:3]))
  further <- if (length(node[[1]]) > 3L) node[[1]][[4]]
  list(args = list(one_or_all(tensors)),
       kwargs = older_places(further) %||% list())
}

written_place <- function(place) {
  list(class_name = "__keras_tensor__", config = list(keras_history = place))
}

# Tensors among the further arguments are bare places.
older_places <- function(x) {
  if (!is.list(x)) return(x)
  is_place <- is.null(names(x)) && length(x) >= 3L && is.character(x[[1]]) &&
    is.numeric(x[[2]]) && is.numeric(x[[3]])
  if (is_place) return(written_place(x[1:3]))
  keep_nulls(x, older_places)
}
