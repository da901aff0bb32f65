# Configurations of users' own layers and models, and making them again.

own_config <- function(self, native) {
  user <- self$own$methods$get_config
  config <- if (is.null(user)) automatic_config(self, native) else user()
  if (!is.list(config)) {
    abort_argument(sprintf(
      "`get_config` of class \"%s\" must give a named list, not %s.",
      self$own$definition$classname, describe(config)), "get_config")
  }
  attr(config, "__class__") <- self$own$definition$constructor
  config
}

# The arguments that the constructor was given, after what the base writes down
# as far as initialize() takes it.
automatic_config <- function(self, native) {
  own <- self$own
  base <- native()
  attr(base, "__class__") <- NULL
  initialize <- own$methods$initialize
  if (!is.null(initialize)) {
    base <- base[intersect(names(base), base_arguments)]
    taken <- names(formals(initialize))
    if (!"..." %in% taken) base <- base[intersect(names(base), taken)]
  }
  arguments <- lapply(own$arguments, written_argument)
  base[names(arguments)] <- arguments
  base
}

# What the package's base classes take.
base_arguments <- c("name", "trainable", "dtype", "reduction")

written_argument <- function(x) {
  if (is_layer(x) || inherits(x, "elman_object")) return(serialize_object(x))
  if (is.list(x) && !is.object(x)) return(lapply(x, written_argument))
  x
}

read_argument <- function(x, custom_objects) {
  if (!is.list(x) || is.object(x)) return(x)
  if (!is.null(x$class_name) && !is.null(x$config)) {
    return(deserialize_object(x, custom_objects))
  }
  x[] <- lapply(x, read_argument, custom_objects = custom_objects)
  x
}

# The instance that a configuration of this class describes, as users hold it.
own_from_config <- function(constructor, config, custom_objects = NULL) {
  attributes(config) <- list(names = names(config))
  definition <- class_definition(constructor)
  if (defines(definition, "from_config")) {
    return(bound_from_config(definition)(config))
  }
  if (is_functional_config(config)) {
    return(read_functional(config, custom_objects, constructor))
  }
  if (!defines(definition, "get_config")) {
    at <- setdiff(names(config), "dtype")
    config[at] <- read_argument(config[at], custom_objects)
  }
  do.call(constructor, as.list(config), quote = TRUE)
}

is_functional_config <- function(config) {
  all(c("layers", "input_layers", "output_layers") %in% names(config))
}

# A from_config() is called without an instance: its `self` is the class.
bound_from_config <- function(definition) {
  plain <- function(config) {
    attributes(config) <- list(names = names(config))
    do.call(definition$constructor, as.list(config), quote = TRUE)
  }
  native <- function(name) if (name == "from_config") plain
  own <- bind_class(NULL, definition$constructor, native, definition)
  read <- own$methods$from_config
  if (identical(names(formals(read))[1], "cls")) {
    return(function(config) read(definition$constructor, config))
  }
  read
}
