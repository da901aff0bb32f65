# Which layers of a model are trained.

#' Freeze and unfreeze weights
#'
#' `freeze_weights()` keeps layers of a model as they are while it is trained,
#' `unfreeze_weights()` lets them be trained again. The layers that are not
#' named get the opposite.
#'
#' @param object A model, or a layer (for which only the whole can be frozen).
#' @param from,to First and last layer of a range: a name, a place (from the end
#'   where negative), or a layer. `NULL` is the first or last layer of all.
#' @param which Layers, in place of a range: names, places, a list of these or
#'   of layers, a logical vector with one value per layer, or a function (or
#'   formula of `.x`) of a layer that gives `TRUE` or `FALSE`.
#' @return `object`, invisibly; it is changed in place.
#' @details Weights that are not trained count as such in [summary()], and
#'   training leaves them bit for bit. As in Keras, which weights are trained is
#'   settled by [compile()]: compile again after freezing. A model inside a
#'   model is frozen with all its layers.
#' @section Errors: `elman_error_argument` where there is no such layer, or both
#'   `which` and a range are given.
#' @section Compatibility: keras3 takes `which` together with one of `from` and
#'   `to`, and ignores the range; here that is refused.
#' @family models
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(3, name = "memory") |>
#'   layer_dense(4) |>
#'   layer_dense(1)
#' freeze_weights(model, to = "memory")
#' sapply(model$layers, function(layer) layer$trainable)
#' unfreeze_weights(model, which = c(1, 3))
#' sapply(model$layers, function(layer) layer$trainable)
#' unfreeze_weights(model)
#' @export
freeze_weights <- function(object, from = NULL, to = NULL, which = NULL) {
  set_trainable(object, from, to, which, FALSE)
}

#' @rdname freeze_weights
#' @export
unfreeze_weights <- function(object, from = NULL, to = NULL, which = NULL) {
  set_trainable(object, from, to, which, TRUE)
}

# The chosen layers get `value`, the others the opposite.
set_trainable <- function(object, from, to, which, value) {
  self <- unwrap_layer(object, "object")
  ranged <- !is.null(from) || !is.null(to)
  if (!is.null(which) && ranged) {
    abort_argument("`which` and a range by `from` and `to` exclude each other.",
                   "which")
  }
  if (!ranged && is.null(which)) {
    self$trainable <- value
    return(invisible(object))
  }
  layers <- as_model(object)$listed_layers()
  at <- if (ranged) {
    layer_range(layers, from, to)
  } else {
    chosen_layers(layers, which)
  }
  self$trainable <- TRUE
  for (k in seq_along(layers)) {
    layers[[k]]$trainable <- if (k %in% at) value else !value
  }
  invisible(object)
}

layer_range <- function(layers, from, to) {
  first <- if (is.null(from)) 1L else layer_place(layers, from, "from")
  last <- if (is.null(to)) length(layers) else layer_place(layers, to, "to")
  if (first > last) {
    abort_argument(sprintf(
      "`from` must not come after `to`, but it is layer %d and `to` layer %d.",
      first, last), "from")
  }
  first:last
}

chosen_layers <- function(layers, which) {
  if (inherits(which, "formula")) which <- rlang::as_function(which)
  if (is.function(which) && !is_layer(which)) {
    answers <- lapply(layers, function(layer) which(wrap_layer(layer)))
    return(base::which(vapply(answers, check_flag, NA, arg = "which")))
  }
  if (is.logical(which)) {
    if (length(which) != length(layers) || anyNA(which)) {
      must_be(which, "which", sprintf("TRUE or FALSE for each of %d layers",
                                      length(layers)))
    }
    return(base::which(which))
  }
  if (is_layer(which)) which <- list(which)
  vapply(as.list(which), layer_place, 1L, layers = layers, arg = "which")
}

# A layer's place by its name, by its place (also from the end), or by itself.
layer_place <- function(layers, x, arg) {
  if (is_layer(x)) {
    at <- index_of(unwrap_layer(x), layers)
    if (is.na(at)) must_be(x, arg, "a layer of the model")
    return(at)
  }
  if (is.character(x)) {
    names <- vapply(layers, function(layer) layer$name, "")
    return(match(match_name(x, names, "layer"), names))
  }
  at <- check_whole(x, arg)
  if (at < 0L) at <- length(layers) + 1L + at
  if (at < 1L || at > length(layers)) {
    must_be(x, arg, sprintf("a layer's name or place, 1 to %d",
                            length(layers)))
  }
  at
}
