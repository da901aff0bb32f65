# Configurations from files: looked through before anything is made of them.
# What older versions of Keras spell otherwise stands in load-older-config.R.

# What a file says of a model, looked through: list(model, shape, compile). No
# code is in it, only names of what elman or `custom_objects` have.
checked_record <- function(record, custom_objects, compile) {
  if (!is.list(record) || is.null(record$class_name)) {
    abort_damaged("its configuration is not that of a model")
  }
  check_object_count(record)
  model <- present_config(record, "", custom_objects)
  # Some classes stand for values.
  if (!is.character(entry_of(model, "class_name"))) {
    abort_damaged("its configuration is not that of a model")
  }
  training <- if (compile && length(record$compile_config)) {
    if (is.null(names(record$compile_config))) {
      abort_damaged("what it says of compiling has no names")
    }
    present_fields(record$compile_config, custom_objects)
  }
  list(model = model[c("module", "class_name", "config")],
       shape = entry_of(record$build_config, "input_shape"),
       compile = training)
}

# Layers, initializers and all else that a file says to make.
most_objects <- 2000L

check_object_count <- function(record) {
  if (count_objects(record) > most_objects) {
    abort_damaged("it describes more than %d objects", most_objects)
  }
}

count_objects <- function(x) {
  if (!is.list(x) || !length(x)) return(0L)
  nested <- x[vapply(x, is.list, NA)]
  ("class_name" %in% names(x)) + sum(vapply(nested, count_objects, 0L))
}

# An entry by name of what should be a list with names, and may be anything.
entry_of <- function(x, name) if (is.list(x)) x[[name]]

# The model of a checked record, compiled where the record says how.
model_from_record <- function(record, custom_objects) {
  model <- in_file_terms(deserialize_object(record$model, custom_objects))
  if (!inherits(model, "elman_model")) {
    abort_damaged("it describes a %s, not a model", record$model$class_name)
  }
  self <- unwrap_layer(model)
  if (!self$built && is.list(record$shape)) {
    in_file_terms(self$build(record$shape))
  }
  if (!is.null(record$compile)) {
    compile_from_record(self, record$compile, custom_objects)
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

# ---- looking through ---------------------------------------------------------

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
  if (x$class_name %in% c("Sequential", "Functional")) check_layer_list(x)
  check_vocabulary_inside(x, custom_objects)
  if (is.list(x$config)) {
    x$config <- present_fields(old_fields(x$config, class), custom_objects)
  }
  if (!is.null(x$inbound_nodes)) {
    x$inbound_nodes <- present_nodes(x$inbound_nodes, custom_objects)
  }
  x
}

# A vocabulary that is one string would be the path of another file.
check_vocabulary_inside <- function(x, custom_objects) {
  if (!is.character(entry_of(x$config, "vocabulary"))) return(invisible())
  if (is.null(own_object(x, custom_objects))) {
    abort_damaged("its class \"%s\" would read another file", x$class_name)
  }
}

check_layer_list <- function(x) {
  layers <- if (is.list(x$config)) x$config$layers
  ok <- is.list(layers) && is.null(names(layers)) &&
    all(vapply(layers, function(l) is.list(l) && !is.null(l$class_name), NA))
  if (!ok) abort_damaged("a model in it has no list of layers")
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
  name <- entry_of(x$config, "name") %||% x$config
  if (!is.character(name) || length(name) != 1L) {
    abort_damaged("a type in it has no name")
  }
  name
}

# A symbolic tensor: only the place where it comes from matters.
present_tensor <- function(x) {
  history <- entry_of(x$config, "keras_history")
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

# ---- classes -----------------------------------------------------------------

# The entry with the module that deserialize_object() asks for, or an error.
present_class <- function(x, key, custom_objects) {
  if (!is.null(own_object(x, custom_objects))) return(x)
  class <- x$class_name
  if (class %in% c("__lambda__", "Lambda")) refuse_code(class)
  operation <- read_operation_part(x)
  if (!is.null(operation)) return(operation)
  if (identical(class, "Model")) x$class_name <- class <- "Functional"
  given <- x$module
  x$module <- given %||% module_of_key(key)
  if (is_known_class(x$module, class)) return(x)
  refuse_class(given, class, "class")
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

# What the user gives for this class or function, or has registered for it,
# under its registered name or its own.
own_object <- function(x, custom_objects) {
  names <- c(if (is.character(x$registered_name)) x$registered_name,
             if (is.character(x$class_name)) x$class_name)
  for (name in names) {
    own <- custom_objects[[name]] %||% the$custom_scope[[name]] %||%
      the$custom_objects[[name]]
    if (!is.null(own)) return(own)
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
