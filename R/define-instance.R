# Instances of the classes that define-class.R describes: the user's methods are
# bound to an instance of the package's R6 class, and constructors make it.

# ---- binding -----------------------------------------------------------------

# Binds the methods of the whole line to an instance `self`; `object` is what
# methods know as `self`. `native(name)` gives what stands behind the oldest
# class: the package's own method.
bind_class <- function(self, object, native, definition) {
  own <- new.env(parent = emptyenv())
  own$definition <- definition
  own$methods <- list()
  own$active <- list()
  own$fields <- list()
  own$started <- FALSE
  private <- new.env(parent = emptyenv())
  for (class in lineage(definition)) {
    scope <- new.env(parent = class$parent_env)
    scope$self <- object
    scope$private <- private
    scope$super <- new_super(own$methods, native)
    assign("__class__", class$constructor, envir = scope)
    bind <- function(f) {
      environment(f) <- scope
      f
    }
    own$methods[names(class$methods)] <- lapply(class$methods, bind)
    own$active[names(class$active)] <- lapply(class$active, bind)
    own$fields[names(class$fields)] <- class$fields
    place_members(private, lapply(class$private, function(member) {
      if (is_method(member)) bind(member) else member
    }))
  }
  own
}

# Puts members into an environment, active ones as bindings.
place_members <- function(envir, members) {
  for (name in names(members)) {
    member <- members[[name]]
    if (exists(name, envir = envir, inherits = FALSE)) {
      rm(list = name, envir = envir)
    }
    if (is_active(member)) {
      makeActiveBinding(name, plain_function(member), envir)
    } else {
      assign(name, member, envir = envir)
    }
  }
}

plain_function <- function(f) {
  attributes(f) <- NULL
  f
}

# What methods know as `super`: super$method(...), or super()$method(...).
new_super <- function(methods, native) {
  force(methods)
  force(native)
  find <- function(name) {
    name <- sub("^__init__$", "initialize", name)
    methods[[name]] %||% native(name)
  }
  super <- structure(function(...) super, class = "elman_super", find = find)
  super
}

#' @export
`$.elman_super` <- function(x, name) attr(x, "find", exact = TRUE)(name)

#' @export
`[[.elman_super` <- function(x, i) attr(x, "find", exact = TRUE)(i)

# Runs the user's initialize(), or the package's where there is none.
run_initialize <- function(own, arguments, native) {
  initialize <- own$methods$initialize %||% native("initialize")
  do.call(initialize, arguments, quote = TRUE)
  if (!own$started && own$definition$kind$needs_super) {
    abort_state(sprintf(
      "`initialize` of class \"%s\" must call `super$initialize()`.",
      own$definition$classname))
  }
}

# ---- constructors ------------------------------------------------------------

# What a maker returns: a function with the arguments of initialize().
new_constructor <- function(definition, parent = NULL) {
  arguments <- constructor_formals(definition, parent)
  if (definition$kind$composing) {
    others <- setdiff(names(arguments), "object")
    arguments <- c(list(object = rlang::missing_arg()), arguments[others])
  }
  body <- quote(make_own(.class_definition, environment()))
  home <- new.env(parent = own_namespace())
  home$.class_definition <- definition
  constructor <- as.function(c(arguments, body), envir = home)
  structure(constructor, class = c("elman_class", "function"),
            definition = definition)
}

constructor_formals <- function(definition, parent) {
  for (class in rev(lineage(definition))) {
    initialize <- class$methods$initialize
    if (!is.null(initialize)) return(formals(initialize) %||% list())
  }
  if (is.null(parent)) return(formals(definition$kind$formals))
  while (!is.null(parent) && !is.null(class_definition(parent))) {
    definition <- class_definition(parent)
    if (is.null(definition$parent)) return(formals(definition$kind$formals))
    parent <- definition$parent$constructor
  }
  formals(parent)
}

make_own <- function(definition, frame) {
  create <- function() {
    new_own(definition, given_arguments(frame, definition$kind$composing))
  }
  if (!definition$kind$composing) return(definition$kind$finish(create()))
  if (eval(quote(missing(object)), frame)) return(wrap_layer(create()))
  compose_layer(get("object", frame), create)
}

new_own <- function(definition, arguments) {
  definition$generator$new(definition, arguments)
}

# ---- objects that are no layers ----------------------------------------------

# Callbacks, losses, metrics and schedules are their own `self`.
own_object_host <- function(definition) {
  list(initialize = function(definition, arguments) {
    start_own_object(self, super, definition, arguments)
  })
}

# Those that are written down in configurations.
own_described_host <- function(definition) {
  c(own_object_host(definition), list(get_config = function() {
    own_config(self, super$get_config)
  }))
}

start_own_object <- function(self, native, definition, arguments) {
  class(self) <- own_classes(definition, class(self))
  find <- native_object_method(self, native)
  self$own <- bind_class(self, self, find, definition)
  self$own$arguments <- arguments
  taken <- ls(self, all.names = TRUE)
  methods <- self$own$methods
  place_members(self, methods[setdiff(names(methods),
                                      c("initialize", "from_config", taken))])
  active <- self$own$active
  for (name in setdiff(names(active), taken)) {
    makeActiveBinding(name, plain_function(active[[name]]), self)
  }
  for (name in names(self$own$fields)) self[[name]] <- self$own$fields[[name]]
  run_initialize(self$own, arguments, find)
}

native_object_method <- function(self, native) {
  force(native)
  function(name) {
    if (name == "initialize") {
      return(function(...) {
        self$own$started <- TRUE
        if (is.function(native$initialize)) return(native$initialize(...))
        check_dots(...)
        invisible(NULL)
      })
    }
    get0(name, envir = native, inherits = FALSE) %||% self[[name]]
  }
}

# The arguments that the caller of a constructor gave; those it did not give are
# left to initialize()'s own defaults.
given_arguments <- function(frame, composing) {
  names <- names(formals(sys.function(frame_number(frame))))
  if (composing) names <- setdiff(names, "object")
  arguments <- list()
  for (name in names) {
    if (name == "...") {
      dots <- eval(quote(rlang::dots_list(..., .ignore_empty = "trailing")),
                   frame, own_namespace())
      arguments <- c(arguments, dots)
    } else if (!eval(call("missing", as.name(name)), frame)) {
      arguments[name] <- list(get(name, frame))
    }
  }
  arguments
}

frame_number <- function(frame) {
  for (k in rev(seq_len(sys.nframe()))) {
    if (identical(sys.frame(k), frame)) return(k)
  }
}

#' @export
print.elman_class <- function(x, ...) {
  definition <- class_definition(x)
  arguments <- paste(names(formals(x)), collapse = ", ")
  cat(sprintf("<%s class \"%s\": function(%s)>\n", definition$kind$what,
              definition$classname, arguments))
  invisible(x)
}
