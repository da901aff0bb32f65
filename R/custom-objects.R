# Names of users' own classes and functions, by which configurations and files
# find them again.

#' Own objects by name
#'
#' A configuration, and so a saved model, names the classes and functions that
#' are not the package's. These functions say what the names mean.
#' `register_keras_serializable()` registers one object for the session,
#' `with_custom_object_scope()` makes names known while `expr` runs;
#' `get_custom_objects()` lists what is registered and `set_custom_objects()`
#' changes it.
#'
#' @param object,obj A class made by [Layer()] and its like, or a function.
#' @param name Name to register it under; that of the class, or the expression
#'   given as `object`. For `get_registered_object()` the name to look up.
#' @param package First part of the registered name, `"package>name"`: the
#'   package that calls, or `"Custom"`.
#' @param objects A named list of objects; classes need no name.
#' @param clear Whether what was registered before is forgotten.
#' @param expr Code to run.
#' @param custom_objects,module_objects More objects by name, looked at after
#'   those that are registered.
#' @return `register_keras_serializable()` gives `object`, invisibly;
#'   `get_registered_name()` the registered name, or else the plain one;
#'   `get_registered_object()` the object, `NULL` where the name is unknown;
#'   `get_custom_objects()` a named list; `set_custom_objects()` the list
#'   before, invisibly; `with_custom_object_scope()` the value of `expr`.
#' @section Errors: `elman_error_argument` for what is no function or class, or
#'   a function without a name.
#' @family classes
#' @examples
#' layer_half <- Layer("Half", call = function(inputs) inputs / 2)
#' register_keras_serializable(layer_half, package = "examples")
#' get_registered_name(layer_half)
#' identical(get_registered_object("examples>Half"), layer_half)
#' set_custom_objects()
#' @export
register_keras_serializable <- function(object, name = NULL, package = NULL) {
  check_custom_object(object, "object")
  if (is.null(name)) {
    name <- own_object_name(object) %||% deparse1(substitute(object))
  }
  name <- check_string(name, "name")
  package <- check_string(package, "package", null_ok = TRUE)
  if (is.null(package)) {
    package <- environmentName(topenv(parent.frame()))
    if (package %in% c("", "base", "R_GlobalEnv")) package <- "Custom"
  }
  the$custom_objects[[paste0(package, ">", name)]] <- object
  invisible(object)
}

#' @rdname register_keras_serializable
#' @export
get_registered_name <- function(obj) {
  check_custom_object(obj, "obj")
  for (name in names(the$custom_objects)) {
    if (identical(the$custom_objects[[name]], obj)) return(name)
  }
  own_object_name(obj) %||% abort_argument(
    "`obj` must be a class, or a function that is registered.", "obj")
}

#' @rdname register_keras_serializable
#' @export
get_registered_object <- function(name, custom_objects = NULL,
                                  module_objects = NULL) {
  name <- check_string(name, "name")
  the$custom_scope[[name]] %||% the$custom_objects[[name]] %||%
    named_objects(custom_objects, "custom_objects")[[name]] %||%
    named_objects(module_objects, "module_objects")[[name]]
}

#' @rdname register_keras_serializable
#' @export
get_custom_objects <- function() the$custom_objects

#' @rdname register_keras_serializable
#' @export
set_custom_objects <- function(objects = named_list(), clear = TRUE) {
  objects <- named_objects(objects, "objects")
  before <- the$custom_objects
  if (check_flag(clear, "clear")) the$custom_objects <- list()
  the$custom_objects[names(objects)] <- objects
  invisible(before)
}

#' @rdname register_keras_serializable
#' @export
with_custom_object_scope <- function(objects, expr) {
  objects <- named_objects(objects, "objects")
  before <- the$custom_scope
  on.exit(the$custom_scope <- before)
  the$custom_scope[names(objects)] <- objects
  expr
}

# The object that a record list(class_name, registered_name) means, or NULL.
find_custom_object <- function(record, custom_objects = NULL) {
  custom_objects <- named_objects(custom_objects, "custom_objects")
  for (name in c(record$registered_name, record$class_name)) {
    found <- custom_objects[[name]] %||% get_registered_object(name)
    if (!is.null(found)) return(found)
  }
  attr(record, "constructor", exact = TRUE)
}

# One object or a list of them as a list with names.
named_objects <- function(objects, arg) {
  if (is.null(objects)) return(list())
  if (!is.list(objects)) objects <- list(objects)
  names <- rlang::names2(objects)
  for (k in seq_along(objects)) {
    check_custom_object(objects[[k]], arg)
    if (!nzchar(names[k])) names[k] <- own_object_name(objects[[k]]) %||% ""
    if (!nzchar(names[k])) {
      abort_argument(sprintf("All functions in `%s` must be named.", arg), arg)
    }
  }
  stats::setNames(objects, names)
}

check_custom_object <- function(x, arg) {
  if (is.function(x) || inherits(x, "R6ClassGenerator")) return(invisible())
  must_be(x, arg, "a function or a class made by Layer() and its like")
}

own_object_name <- function(x) {
  definition <- class_definition(x)
  if (!is.null(definition)) return(definition$classname)
  if (inherits(x, "R6ClassGenerator")) return(x$classname)
  function_name(x)
}
