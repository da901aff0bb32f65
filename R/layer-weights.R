# The variables of a layer: making, listing, reading and setting them.

add_layer_weight <- function(self, private, shape, initializer, dtype,
                             trainable, regularizer, constraint, name) {
  name <- name %||% "variable"
  shape <- shape %||% integer()
  if (is.null(initializer) && !is_float(dtype)) initializer <- "zeros"
  value <- if (is.null(the$weights_in_file)) {
    initial_value(get_initializer(initializer), shape, dtype,
                  paste0(self$path, "/", name))
  } else {
    promised_value(shape, dtype, name)
  }
  variable <- new_variable(
    value, name, trainable = trainable && self$trainable,
    path = paste0(self$path, "/", name),
    regularizer = get_regularizer(regularizer),
    constraint = get_constraint(constraint), initializer = initializer
  )
  if (trainable) {
    private$own_trainable <- c(private$own_trainable, list(variable))
  } else {
    private$own_frozen <- c(private$own_frozen, list(variable))
  }
  variable
}

# Own variables, then those of the layers inside, each once.
all_weights <- function(self) {
  weights <- self$own_weights
  inner <- self$sublayers()
  if (!length(inner)) return(weights)
  for (layer in inner) weights <- c(weights, layer$weights)
  unique(weights)
}

# TRUE: what training changes; FALSE: the rest; NA: all.
chosen_weights <- function(self, trainable = NA) {
  if (is.na(trainable)) return(self$weights)
  if (!self$trainable) return(if (trainable) list() else self$weights)
  Filter(function(v) v$trainable == trainable, self$weights)
}

# A layer inside another one names its variables by both.
place_inside <- function(layer, outer) {
  if (!layer$built) layer$path <- paste0(outer$path, "/", layer$name)
}

# All values are looked at before the first one is set.
set_layer_weights <- function(self, weights) {
  variables <- self$weights
  if (!is.list(weights)) {
    must_be(weights, "weights", "a list of arrays")
  }
  if (length(weights) != length(variables)) {
    built <- if (self$built) "" else "; it is not built yet"
    abort_shape(sprintf(
      "`weights` must have %d arrays for layer `%s`, not %d%s.",
      length(variables), self$name, length(weights), built), "weights")
  }
  values <- Map(weight_value, variables, weights)
  for (k in seq_along(variables)) variable_assign(variables[[k]], values[[k]])
  invisible(self)
}

weight_value <- function(variable, value) {
  shape <- shape_of(variable)
  # An R vector has no dim; a single number is a vector of one, too.
  if (!is_tensor(value) && is.null(dim(value)) && length(shape) == 1L &&
        length(value) == shape) {
    value <- array(value, shape)
  }
  value <- as_tensor(value, dtype_of(variable))
  if (!identical(tensor_shape(value), shape)) {
    abort_shape(sprintf("Weight `%s` must have shape %s, not %s.",
                        .subset2(variable, "path"), format_shape(shape),
                        format_shape(tensor_shape(value))), "weights")
  }
  value
}

count_layer_params <- function(self) {
  if (!self$built) {
    abort_state(sprintf(
      "Layer `%s` must be built before its parameters can be counted.",
      self$name))
  }
  as.integer(sum(vapply(self$weights, function(v) prod(shape_of(v)), 0)))
}

#' Weights of layers and models
#'
#' @param object A layer or model.
#' @param trainable `TRUE` for what training changes, `FALSE` for the rest, `NA`
#'   for all.
#' @param weights A list of arrays in the order and of the shapes of
#'   `get_weights()`.
#' @return `get_weights()` an unnamed list of R arrays, copies that later
#'   training does not change; before the layer is built it is empty.
#'   `set_weights()` and `reset_state()` give `object`, invisibly.
#'   `count_params()` a whole number.
#' @details `reset_state()` puts zeros into the states of stateful layers;
#'   `reset_states()` is its older name.
#' @section Errors: `elman_error_shape` where the number of arrays or a shape
#'   does not fit, before any is set; `elman_error_state` where a layer without
#'   weights yet is asked for their number.
#' @examples
#' layer <- layer_dense(units = 2)
#' layer$build(shape(NA, 3))
#' count_params(layer)
#' set_weights(layer, list(diag(1, 3, 2), c(0, 1)))
#' get_weights(layer)
#' @export
get_weights <- function(object, trainable = NA) UseMethod("get_weights")

#' @export
get_weights.default <- function(object, trainable = NA) must_be_layer(object)

#' @export
get_weights.elman_layer <- function(object, trainable = NA) {
  unwrap_layer(object)$get_weights(trainable)
}

#' @rdname get_weights
#' @export
set_weights <- function(object, weights) UseMethod("set_weights")

#' @export
set_weights.default <- function(object, weights) must_be_layer(object)

#' @export
set_weights.elman_layer <- function(object, weights) {
  unwrap_layer(object)$set_weights(weights)
  invisible(object)
}

#' @rdname get_weights
#' @export
count_params <- function(object) UseMethod("count_params")

#' @export
count_params.default <- function(object) must_be_layer(object)

#' @export
count_params.elman_layer <- function(object) {
  unwrap_layer(object)$count_params()
}

#' @rdname get_weights
#' @export
reset_state <- function(object) UseMethod("reset_state")

#' @export
reset_state.default <- function(object) must_be_layer(object)

#' @export
reset_state.elman_layer <- function(object) {
  unwrap_layer(object)$reset_state()
  invisible(object)
}

#' @rdname get_weights
#' @export
reset_states <- function(object) reset_state(object)

must_be_layer <- function(object) {
  must_be(object, "object", "a layer or a model")
}
