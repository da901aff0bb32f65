# Classes that users write in plain R: Layer(), Model(), Callback(), Loss(),
# Metric() and LearningRateSchedule() share the mechanism in this file. A class
# is a definition: its members, its parent, and the R6 class of the package at
# the root of its line. An instance is an instance of that R6 class, with the
# user's methods bound to it.

# ---- definitions -------------------------------------------------------------

# `kind` says what is made, a list of
#   what        the maker's name
#   native      the name of the R6 class at the root where `inherit` is NULL
#   root        the R6 class that every parent must descend from
#   host()      methods of the R6 class of a definition
#   managed     the user's methods that these call, besides those named alike
#   composing   does the constructor take `object`?
#   needs_super must initialize() call super$initialize()?
#   formals     its arguments where nobody defines initialize()
#   finish()    makes an instance what users hold
define_class <- function(kind, classname, members, private, inherit,
                         parent_env) {
  definition <- new.env(parent = emptyenv())
  definition$kind <- kind
  definition$classname <- check_class_name(classname)
  members <- check_members(members, "public")
  private <- check_members(private, "private")
  active <- vapply(members, is_active, NA)
  methods <- vapply(members, is_method, NA) & !active
  definition$active <- lapply(members[active], without_self)
  definition$methods <- lapply(members[methods], without_self)
  definition$fields <- members[!active & !methods]
  definition$private <- private
  definition$parent_env <- parent_env
  parent <- resolve_parent(inherit, kind)
  definition$parent <- parent$definition
  definition$native <- parent$native
  definition$generator <- native_subclass(definition)
  definition$constructor <- new_constructor(definition, parent$constructor)
  definition$constructor
}

check_class_name <- function(classname) {
  if (missing(classname)) must_be_given("classname", "a string")
  classname <- check_string(classname, "classname")
  if (!grepl("^[A-Za-z._][A-Za-z0-9._]*$", classname)) {
    must_be(classname, "classname",
            "a name of letters, digits, dots and underscores")
  }
  classname
}

check_members <- function(members, arg) {
  if (!is.list(members)) must_be(members, arg, "a named list")
  if (length(members) && !all(nzchar(names(members) %||% ""))) {
    abort_argument(sprintf("All members in `%s` must be named.", arg), arg)
  }
  names(members) <- sub("^__init__$", "initialize", names(members))
  members
}

# The members that a maker was given: those behind named arguments, those in
# `...`, and `public`, later ones before earlier ones.
gather_members <- function(named, ..., public) {
  dots <- rlang::list2(...)
  if (length(dots) && !all(nzchar(names(dots) %||% ""))) {
    abort_argument("All members in `...` must be named.", "...")
  }
  members <- Filter(Negate(is.null), named)
  for (name in names(named)) {
    member <- members[[name]]
    if (!is.null(member) && !is.function(member)) {
      must_be(member, name, "a function")
    }
  }
  members[names(dots)] <- dots
  check_members(public, "public")
  members[names(public)] <- public
  members
}

is_method <- function(x) is.function(x) && !is_layer(x) && !is.object(x)

is_active <- function(x) is.function(x) && isTRUE(attr(x, "active_property"))

# Methods may name `self` as their first argument, as in Python; here they find
# it where they are defined.
without_self <- function(f) {
  if (identical(names(formals(f))[1], "self")) {
    kept <- attributes(f)
    formals(f) <- formals(f)[-1]
    attributes(f) <- kept[setdiff(names(kept), "srcref")]
  }
  f
}

# The definition and all it inherits from, the oldest first.
lineage <- function(definition) {
  line <- list()
  while (!is.null(definition)) {
    line <- c(list(definition), line)
    definition <- definition$parent
  }
  line
}

# The names of all members of a group along the line.
member_names <- function(definition, group) {
  unique(unlist(lapply(lineage(definition), function(class) {
    names(class[[group]])
  })))
}

defines <- function(definition, name) {
  name %in% member_names(definition, "methods")
}

# ---- what a class inherits from ----------------------------------------------

# list(definition, native, constructor) of the parent.
resolve_parent <- function(inherit, kind) {
  if (is.null(inherit)) return(list(native = kind$native))
  parent <- class_definition(inherit)
  native <- if (is.null(parent)) constructed_class(inherit) else parent$native
  if (is.null(native) || !descends_from(native, kind$root)) {
    must_be(inherit, "inherit", sprintf(
      "a class made by %s() or a constructor of the package", kind$what))
  }
  list(definition = parent, native = native, constructor = inherit)
}

class_definition <- function(x) {
  if (is.function(x)) attr(x, "definition", exact = TRUE)
}

# The name of the R6 class whose `$new` a constructor of the package calls.
constructed_class <- function(f) {
  home <- if (is.function(f)) environment(f)
  if (is.null(home) || !identical(topenv(home), own_namespace())) return(NULL)
  find_class <- function(x) {
    if (!is.call(x)) return(NULL)
    head <- x[[1]]
    if (is.call(head) && identical(head[[1]], quote(`$`)) &&
          identical(head[[3]], quote(new)) && is.symbol(head[[2]])) {
      name <- as.character(head[[2]])
      found <- get0(name, own_namespace(), inherits = FALSE)
      if (inherits(found, "R6ClassGenerator")) return(name)
    }
    for (part in as.list(x)) {
      if (missing(part)) next
      found <- find_class(part)
      if (!is.null(found)) return(found)
    }
    NULL
  }
  find_class(body(f))
}

r6_class <- function(name) get(name, own_namespace())

# The R6 class `name` and its parents, the youngest first.
r6_lineage <- function(name) {
  line <- list(r6_class(name))
  while (!is.null(parent <- line[[length(line)]]$get_inherit())) {
    line <- c(line, list(parent))
  }
  line
}

descends_from <- function(name, root) {
  any(vapply(r6_lineage(name), identical, NA, r6_class(root)))
}

# ---- the R6 class behind a definition ----------------------------------------

# The native class with the kind's own methods, and a stub for every method or
# active binding of it that the user overrides, so that the package's code calls
# the user's.
native_subclass <- function(definition) {
  line <- r6_lineage(definition$native)
  host <- definition$kind$host(definition)
  taken <- unlist(lapply(line, function(class) names(class$public_methods)))
  methods <- setdiff(intersect(member_names(definition, "methods"), taken),
                     c(names(host), "initialize", definition$kind$managed))
  bound <- unlist(lapply(line, function(class) names(class$active)))
  active <- intersect(member_names(definition, "active"), bound)
  stubs <- lapply(stats::setNames(nm = methods), function(name) {
    eval(bquote(function(...) self$own$methods[[.(name)]](...)))
  })
  shown <- lapply(stats::setNames(nm = active), function(name) {
    eval(bquote(function(value) {
      property <- self$own$active[[.(name)]]
      if (missing(value)) property() else property(value)
    }))
  })
  eval(bquote(R6::R6Class(
    .(definition$classname),
    inherit = .(as.name(definition$native)),
    lock_objects = FALSE, cloneable = FALSE,
    public = .(c(list(own = NULL), host, stubs)), active = .(shown),
    parent_env = own_namespace()
  )))
}

# Class names of an instance: those along the line, then the package's.
own_classes <- function(definition, native) {
  names <- vapply(rev(lineage(definition)), function(class) class$classname,
                  "")
  unique(c(names, setdiff(native, c(names, "R6"))))
}

#' Properties that are computed
#'
#' Marks a function of a class made by [Layer()], [Model()] or their like as a
#' property: `self$name` calls it, `self$name <- value` calls it with the value.
#'
#' @param fn A function without arguments, or of one argument, the value to set.
#' @return The function, marked.
#' @section Errors: `elman_error_argument` where `fn` is no function.
#' @examples
#' layer_double <- Layer(
#'   "Double",
#'   call = function(inputs) inputs * self$factor,
#'   factor = active_property(function() 2)
#' )
#' layer_double()(c(1, 2))
#' @export
active_property <- function(fn) {
  if (!is.function(fn)) must_be(fn, "fn", "a function")
  structure(fn, active_property = TRUE)
}

#' @rdname active_property
#' @export
mark_active <- active_property
