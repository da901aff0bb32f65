# Configurations: what it takes to make an object again, as a named list in the
# form of Keras. Names find things: "Orthogonal" in module "keras.initializers"
# is initializer_orthogonal(), "SimpleRNN" in "keras.layers" the class of that
# name.

# ---- from names to functions -------------------------------------------------

own_namespace <- function() topenv(environment(own_namespace))

# The function `prefix` + `name`, the name spelled in snake or camel case or as
# one of `aliases` (c(other_spelling = "own_name")).
named_constructor <- function(name, prefix, what, aliases = character()) {
  if (is.character(name) && length(name) == 1L && !is.na(name)) {
    key <- snake_case(name)
    if (key %in% names(aliases)) key <- aliases[[key]]
    found <- get0(paste0(prefix, key), own_namespace(), mode = "function",
                  inherits = FALSE)
    if (!is.null(found)) return(found)
  }
  known <- ls(own_namespace(), pattern = paste0("^", prefix))
  known <- c(substring(known, nchar(prefix) + 1L), names(aliases))
  abort_unknown_name(name, known, what)
}

# Is `x` one of the package's own constructors, given without calling it?
is_uncalled <- function(x, prefix) {
  if (!is.function(x) || inherits(x, "elman_object")) return(FALSE)
  home <- environment(x)
  if (is.null(home) || !identical(topenv(home), own_namespace())) return(FALSE)
  !is.null(own_function_name(x, prefix))
}

# The name, less `prefix`, under which the package knows a function.
own_function_name <- function(f, prefix) {
  for (name in ls(own_namespace(), pattern = paste0("^", prefix))) {
    if (identical(get(name, own_namespace()), f)) {
      return(substring(name, nchar(prefix) + 1L))
    }
  }
  NULL
}

# ---- small objects: initializers, regularizers, constraints ------------------

# A function with a class, a configuration and a place in Keras's modules.
# `arguments` are what its constructor takes, `config` what is written down.
new_object <- function(fn, module, class, config = list(),
                       arguments = config) {
  structure(fn, class = c(class, "elman_object"), module = module,
            config = config, arguments = arguments)
}

#' @export
`$.elman_object` <- function(x, name) {
  switch(name,
    get_config = function() get_config(x),
    call = x,
    attr(x, "arguments")[[name]]
  )
}

#' @export
format.elman_object <- function(x, ...) {
  values <- attr(x, "arguments")
  values <- sprintf("%s=%s", names(values), vapply(values, describe, ""))
  sprintf("<%s(%s)>", class(x)[1], paste(values, collapse = ", "))
}

#' @export
print.elman_object <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

# ---- writing and reading -----------------------------------------------------

#' Configurations
#'
#' `get_config()` gives what it takes to make a layer, model, initializer,
#' regularizer or constraint again: its arguments, not its weights.
#' `from_config()` makes it, with fresh weights.
#'
#' @param object A layer, model, initializer, regularizer or constraint.
#' @param config A list from `get_config()`, or one of `class_name` and
#'   `config`, as nested objects are written.
#' @param custom_objects A named list of classes made by [Layer()] and its like,
#'   or of functions that are called with the configuration's entries: what the
#'   names of classes mean that are not the package's. See also
#'   [register_keras_serializable()].
#' @return `get_config()` a named list in the order and spelling of Keras: its
#'   own functions by name, other objects as lists of `module`, `class_name`,
#'   `config` and `registered_name`, functions of yours as they are. Axes count
#'   from 0 in it, as Keras's do. `from_config()` gives the object.
#' @section Errors: `elman_error_argument` where `config` does not say of which
#'   class it is.
#' @examples
#' layer <- layer_simple_rnn(units = 4, activation = "relu")
#' config <- get_config(layer)
#' config$activation
#' from_config(config)
#' @export
get_config <- function(object) UseMethod("get_config")

#' @export
get_config.default <- function(object) {
  must_be(object, "object", "a layer, a model or another object of the package")
}

#' @export
get_config.elman_object <- function(object) {
  structure(attr(object, "config"), `__class__` = class_path(object))
}

#' @export
get_config.elman_layer <- function(object) unwrap_layer(object)$get_config()

class_path <- function(object) {
  paste0(attr(object, "module"), ".", class(object)[1])
}

#' @rdname get_config
#' @export
from_config <- function(config, custom_objects = NULL) {
  in_config_terms(object_from_config(config, custom_objects))
}

object_from_config <- function(config, custom_objects) {
  path <- attr(config, "__class__", exact = TRUE)
  if (is.null(path) && is.list(config) && !is.null(config$class_name)) {
    return(deserialize_object(config, custom_objects))
  }
  if (is.null(path)) {
    abort_argument(paste0("`config` must be a list from get_config(), or one ",
                          "with `class_name` and `config`."), "config")
  }
  if (is.function(path)) return(own_from_config(path, config, custom_objects))
  if (inherits(path, "R6ClassGenerator")) {
    return(wrap_layer(construct(path$new, config)))
  }
  deserialize_object(list(
    module = sub("\\.[^.]*$", "", path),
    class_name = sub("^.*\\.", "", path),
    config = config
  ), custom_objects)
}

# What comes of a list that nothing can be made of is its fault. R gives classes
# of their own to two of its errors.
in_config_terms <- function(code) {
  blame <- function(e) {
    abort_argument(paste("`config` must describe what can be made, but:",
                         conditionMessage(e)), "config")
  }
  tryCatch(code, simpleError = blame, notSubsettableError = blame,
           subscriptOutOfBoundsError = blame)
}

construct <- function(constructor, config) {
  attributes(config) <- list(names = names(config))
  do.call(constructor, as.list(config), quote = TRUE)
}

# As one entry of another object's configuration.
serialize_object <- function(x) {
  constructor <- own_constructor(x)
  if (!is.null(constructor)) return(serialize_own(x, constructor))
  if (is_layer(x)) {
    self <- unwrap_layer(x)
    module <- self$module
    config <- self$get_config()
  } else if (inherits(x, c("elman_object", "elman_optimizer"))) {
    config <- get_config(x)
    module <- sub("\\.[^.]*$", "", attr(config, "__class__"))
  } else {
    return(x)
  }
  class_name <- sub("^.*\\.", "", attr(config, "__class__"))
  attr(config, "__class__") <- NULL
  list(module = module, class_name = class_name, config = config,
       registered_name = NULL)
}

# The class of the user's that an object is of, or NULL.
own_constructor <- function(x) {
  self <- if (is.function(x)) attr(x, "self", exact = TRUE) else x
  if (is.environment(self)) .subset2(self, "own")$definition$constructor
}

# Within a session the record also knows the class itself.
serialize_own <- function(x, constructor) {
  self <- if (is.function(x)) attr(x, "self", exact = TRUE) else x
  config <- self$get_config()
  attr(config, "__class__") <- NULL
  structure(
    list(module = NULL,
         class_name = class_definition(constructor)$classname,
         config = config,
         registered_name = get_registered_name(constructor)),
    constructor = constructor
  )
}

constructor_prefixes <- c(
  keras.initializers = "initializer_",
  keras.regularizers = "regularizer_",
  keras.constraints = "constraint_",
  keras.losses = "loss_",
  keras.metrics = "metric_",
  keras.optimizers = "optimizer_",
  keras.optimizers.schedules = "learning_rate_schedule_"
)

# The object that list(module, class_name, config) describes. Layers come
# wrapped, as users hold them.
deserialize_object <- function(x, custom_objects = NULL) {
  if (!is.list(x) || is.null(x$class_name)) return(x)
  own <- find_custom_object(x, custom_objects)
  if (!is.null(own)) {
    if (!is.null(class_definition(own))) {
      return(own_from_config(own, x$config, custom_objects))
    }
    if (inherits(own, "R6ClassGenerator")) own <- own$new
    return(construct(own, x$config))
  }
  prefix <- constructor_prefixes[x$module %||% ""]
  if (!is.na(prefix)) return(deserialize_named(x, prefix, custom_objects))
  # Models and wrappers read their configurations themselves.
  read <- get0(paste0("from_config_", snake_case(x$class_name)),
               own_namespace(), mode = "function", inherits = FALSE)
  if (!is.null(read)) return(read(x$config, custom_objects))
  generator <- get0(x$class_name, own_namespace(), inherits = FALSE)
  if (!inherits(generator, "R6ClassGenerator")) {
    known <- Filter(
      function(name) inherits(get(name, own_namespace()), "R6ClassGenerator"),
      ls(own_namespace(), pattern = "^[A-Z]")
    )
    abort_unknown_name(x$class_name, known, "class")
  }
  wrap_layer(construct(generator$new, x$config))
}

deserialize_named <- function(x, prefix, custom_objects = NULL) {
  what <- sub("_$", "", prefix)
  resolve <- get0(paste0("named_", what), own_namespace(), mode = "function")
  constructor <- if (is.null(resolve)) {
    named_constructor(x$class_name, prefix, what)
  } else {
    resolve(x$class_name)
  }
  # Optimizers hold schedules and other optimizers.
  config <- lapply(x$config, deserialize_object, custom_objects)
  # Axes are written counted from 0.
  if (!is.null(config$axis)) {
    axis <- as.integer(unlist(config$axis))
    config$axis <- ifelse(axis < 0L, axis, axis + 1L)
  }
  taken <- intersect(names(config), names(formals(constructor)))
  construct(constructor, config[taken])
}
