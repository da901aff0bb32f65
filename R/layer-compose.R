# The first argument of every layer_*() function says what becomes of the layer.
# This is the only place that asks what it is.

# `create()` makes the instance. With no object the layer is given; a sequential
# model gets it, in place; anything else is what the layer is called on. The
# object is looked at first, so that automatic names follow the order of a pipe.
compose_layer <- function(object, create) {
  if (missing(object) || is.null(object)) return(wrap_layer(create()))
  if (is_sequential(object)) {
    unwrap_layer(object)$add(wrap_layer(create()))
    return(invisible(object))
  }
  force(object)
  create()$invoke(object)
}
