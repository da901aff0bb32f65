# What users hold: a function that calls the layer and answers `$`.

# One function per instance, so that a layer is identical to itself.
wrap_layer <- function(instance) {
  if (is_layer(instance)) return(instance)
  if (is.null(instance$wrapper)) {
    classes <- unique(c(instance$classes, "elman_layer"))
    instance$wrapper <- structure(layer_function(instance), class = classes,
                                  self = instance)
  }
  instance$wrapper
}

layer_function <- function(self) {
  force(self)
  function(object, ...) {
    if (missing(object)) return(self$invoke(...))
    if (!...length()) {
      # As in train_on_batch().
      y <- .Call(step_at_once, self, "call", object, NULL, the)
      if (is.character(y)) abort_state(y)
      if (!is.null(y)) return(y)
    }
    # A Sequential model on the left of a pipe gets the layer.
    if (is_sequential(object)) return(compose_layer(object, function() self))
    self$invoke(object, ...)
  }
}

is_layer <- function(x) is.function(x) && inherits(x, "elman_layer")

is_sequential <- function(x) is_layer(x) && inherits(x, "Sequential")

is_model_instance <- function(self) "elman_model" %in% self$classes

is_layer_instance <- function(x) {
  is.environment(x) && !is.object(x) && !is.null(x$classes)
}

# The instance behind a layer as users hold it, or the instance itself.
unwrap_layer <- function(x, arg = "layer") {
  if (is_layer(x)) return(attr(x, "self", exact = TRUE))
  if (is_layer_instance(x)) return(x)
  must_be(x, arg, "a layer")
}

# Instances inside what a layer answers are wrapped on their way out.
wrap_inside <- function(x) {
  if (is_layer_instance(x)) return(wrap_layer(x))
  if (is.list(x) && !is.object(x)) return(lapply(x, wrap_inside))
  x
}

user_shape <- function(x) {
  if (is.list(x)) lapply(x, user_shape) else new_shape(x)
}

#' @export
`$.elman_layer` <- function(x, name) {
  self <- attr(x, "self", exact = TRUE)
  if (name == "compute_output_shape") {
    return(function(input_shape) {
      user_shape(self$compute_output_shape(as_input_shape(input_shape)))
    })
  }
  value <- self[[name]]
  if (is.null(value) && !exists(name, envir = self, inherits = FALSE)) {
    known <- setdiff(ls(self), c("wrapper", "calls"))
    near <- nearest_name(name, known)
    hint <- if (is.null(near)) "" else sprintf(" Did you mean `$%s`?", near)
    abort_argument(sprintf("Layer `%s` has no `$%s`.%s", self$name, name, hint),
                   name)
  }
  wrap_inside(value)
}

#' @export
`$<-.elman_layer` <- function(x, name, value) {
  self <- attr(x, "self", exact = TRUE)
  if (is_layer(value)) value <- unwrap_layer(value)
  # A recorded step may no longer be what this layer does.
  if (name != "stop_training") note_edit()
  tryCatch(
    assign(name, value, envir = self),
    # Methods are locked, and what is computed takes no value.
    error = function(e) {
      if (inherits(e, "elman_error")) stop(e)
      abort_argument(sprintf("`$%s` of layer `%s` cannot be set.", name,
                             self$name), name)
    }
  )
  x
}

#' @export
`[[.elman_layer` <- function(x, i) `$.elman_layer`(x, i)

#' @exportS3Method utils::.DollarNames
.DollarNames.elman_layer <- function(x, pattern = "") {
  names <- setdiff(ls(attr(x, "self")), c("wrapper", "calls"))
  grep(pattern, names, value = TRUE)
}

#' @export
format.elman_layer <- function(x, ...) {
  self <- unwrap_layer(x)
  sprintf("<%s name=%s, built=%s>", self$classes[1], self$name, self$built)
}

#' @export
print.elman_layer <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}
