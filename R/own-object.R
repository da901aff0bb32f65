# What users see as `self` of their layers and models: the layer as everybody
# holds it. Its own fields lie beside the package's; where a name is taken
# there, the user's value is hidden behind the same name and the package's code
# keeps its own. Layers, weights and metrics in fields belong to the layer.

# Fields of the package's base classes that users set through `self`.
base_settings <- c(
  "name", "dtype", "trainable", "built", "supports_masking", "autocast",
  "activity_regularizer", "stop_training", "optimizer", "compiled"
)

# Fields that may be set: the base's settings, and the fields of the class that
# is inherited from.
settable_fields <- function(definition) {
  line <- r6_lineage(definition$native)
  base <- vapply(line, function(class) {
    identical(class, LayerBase) || identical(class, ModelBase) ||
      identical(class, FunctionalModel)
  }, NA)
  c(base_settings, unlist(lapply(line[!base], function(class) {
    names(class$public_fields)
  })))
}

#' @export
`$.elman_own` <- function(x, name) {
  self <- attr(x, "self", exact = TRUE)
  hidden <- .subset2(self, "own")$hidden
  if (exists(name, envir = hidden, inherits = FALSE)) {
    return(wrap_inside(get(name, envir = hidden)))
  }
  `$.elman_layer`(x, name)
}

#' @export
`[[.elman_own` <- function(x, i) `$.elman_own`(x, i)

#' @export
`$<-.elman_own` <- function(x, name, value) {
  self <- attr(x, "self", exact = TRUE)
  set_own(self, name, value, function(value) {
    `$<-.elman_layer`(x, name, value)
  })
  x
}

#' @export
`[[<-.elman_own` <- function(x, i, value) `$<-.elman_own`(x, i, value)

set_own <- function(self, name, value, set_base) {
  own <- self$own
  if (exists(name, envir = own$hidden, inherits = FALSE)) {
    assign(name, value, envir = own$hidden)
  } else if (name %in% own$settable) {
    set_base(value)
  } else if (name %in% own$taken) {
    assign(name, value, envir = own$hidden)
  } else {
    assign(name, if (is_layer(value)) unwrap_layer(value) else value,
           envir = self)
  }
  track_own(self, name, value)
}

# ---- what fields hold --------------------------------------------------------

# Keeps layers, metrics and variables in the order in which they were assigned;
# what no field holds any more is forgotten.
track_own <- function(self, name, value) {
  own <- self$own
  known <- name %in% names(own$held)
  if (!known && !may_hold(value)) return(invisible())
  found <- held_by(value)
  for (layer in found$layers) check_holds(self, layer)
  own$held[[name]] <- found
  for (group in c("layers", "metrics")) {
    all <- unlist(lapply(unname(own$held), `[[`, group), recursive = FALSE)
    before <- own[[group]]
    kept <- Filter(function(x) !is.na(index_of(x, all)), before)
    for (x in found[[group]]) {
      if (is.na(index_of(x, kept))) kept <- c(kept, list(x))
    }
    own[[group]] <- kept
  }
  self$adopt_variables(found$variables)
  invisible()
}

may_hold <- function(value) {
  is.list(value) && length(value) || is.environment(value) ||
    is.function(value) && is.object(value)
}

# list(layers, metrics, variables) in a value, in order.
held_by <- function(value) {
  found <- list(layers = list(), metrics = list(), variables = list())
  visit <- function(x) {
    if (is_layer(x) || is_layer_instance(x)) {
      found$layers <<- c(found$layers, list(unwrap_layer(x)))
    } else if (is_variable(x)) {
      found$variables <<- c(found$variables, list(x))
    } else if (is_metric(x)) {
      found$metrics <<- c(found$metrics, list(x))
    } else if (is.list(x) && (!is.object(x) || is.data.frame(x))) {
      for (part in x) visit(part)
    }
  }
  visit(value)
  found
}

is_metric <- function(x) inherits(x, c("elman_metric", "Metric"))

check_holds <- function(self, layer) {
  if (!is.na(index_of(self, all_layers(layer)))) {
    abort_argument(sprintf(
      "Layer `%s` cannot hold `%s`: that would be a circle.", self$name,
      layer$name), "layer")
  }
}
