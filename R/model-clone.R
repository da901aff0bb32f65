# Copies of models: new layers, and so fresh weights, in the same places.

#' Clone a model
#'
#' Makes a model with the same layers and connections, and with weights of its
#' own that start afresh; copy them by [set_weights()] where they should not. A
#' layer that is used several times stays one layer.
#'
#' @param model A model.
#' @param input_tensors Symbolic tensors (a list for several inputs) to build
#'   the clone on, in place of new inputs like the model's.
#' @param clone_function A function of a layer that gives the layer to use in
#'   its place; `NULL` makes one from the layer's configuration. Inputs are not
#'   passed to it.
#' @param call_function A function of `(layer, ...)` that calls a cloned layer
#'   and gives its output, for functional models; `NULL` calls it.
#' @param recursive Whether models inside the model are cloned layer by layer,
#'   by the same functions, or as one layer.
#' @param ... None.
#' @return A model, compiled as `model` is, with an optimizer of its own.
#' @section Errors: `elman_error_argument` for a `clone_function` that gives no
#'   layer, or for functions and tensors with a model whose `call` is written by
#'   hand, whose inner layers are not known.
#' @family models
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(3) |>
#'   layer_dense(1)
#' twin <- clone_model(model)
#' set_weights(twin, get_weights(model))
#'
#' # Dropout after every dense layer of a functional model.
#' inputs <- keras_input(shape = 4)
#' net <- keras_model(inputs, inputs |> layer_dense(3) |> layer_dense(1))
#' clone_model(net, call_function = function(layer, ...) {
#'   layer(...) |> layer_dropout(rate = 0.5)
#' })
#' @export
clone_model <- function(model, input_tensors = NULL, clone_function = NULL,
                        call_function = NULL, recursive = FALSE, ...) {
  self <- as_model(model, "model")
  check_dots(...)
  check_function(clone_function, "clone_function", null_ok = TRUE)
  check_function(call_function, "call_function", null_ok = TRUE)
  recursive <- check_flag(recursive, "recursive")
  clone <- clone_any(self, input_tensors, clone_function, call_function,
                     recursive, new.env(parent = emptyenv()))
  if (self$compiled) copy_compilation(self, unwrap_layer(clone))
  clone
}

clone_any <- function(self, input_tensors, clone_function, call_function,
                      recursive, cache) {
  if (!is.null(self$stack)) {
    if (!is.null(call_function)) {
      abort_argument(paste("`call_function` needs a functional model: the",
                           "layers of a sequential one are called in a row."),
                     "call_function")
    }
    make <- layer_cloner(clone_function, NULL, recursive, cache)
    return(clone_sequential(self, input_tensors, make))
  }
  if (!is.null(self$graph) && (is.null(self$own$methods$get_config) ||
                                 !is.null(clone_function) ||
                                 !is.null(input_tensors))) {
    make <- layer_cloner(clone_function, call_function, recursive, cache)
    return(clone_functional(self, input_tensors, make, call_function))
  }
  given <- c(input_tensors = !is.null(input_tensors),
             clone_function = !is.null(clone_function),
             call_function = !is.null(call_function))
  if (any(given)) {
    arg <- names(given)[given][1]
    abort_argument(sprintf(paste(
      "`%s` must be NULL for a model whose `call` is written by hand: its",
      "inner layers are not known."), arg), arg)
  }
  from_config(self$get_config())
}

# A function that gives the clone of a layer, always the same for the same one.
layer_cloner <- function(clone_function, call_function, recursive, cache) {
  cache$from <- cache$from %||% list()
  cache$to <- cache$to %||% list()
  function(layer) {
    at <- index_of(layer, cache$from)
    if (!is.na(at)) return(cache$to[[at]])
    clone <- if (recursive && is_model_instance(layer)) {
      inner <- if (is.null(layer$stack)) call_function
      clone_any(layer, NULL, clone_function, inner, TRUE, cache)
    } else if (is.null(clone_function)) {
      from_config(layer$get_config())
    } else {
      clone_function(wrap_layer(layer))
    }
    if (!is_layer(clone)) {
      must_be(clone, "clone_function", "a function that gives a layer")
    }
    cache$from <- c(cache$from, list(layer))
    cache$to <- c(cache$to, list(clone))
    clone
  }
}

clone_sequential <- function(self, input_tensors, make) {
  constructor <- own_constructor(self)
  clone <- if (is.null(constructor)) {
    wrap_layer(SequentialModel$new(name = self$name,
                                   trainable = self$trainable))
  } else {
    constructor(name = self$name)
  }
  instance <- unwrap_layer(clone)
  input <- if (is.null(input_tensors)) {
    if (!is.null(self$given_input)) like_input(self$given_input)
  } else {
    clone_inputs(list(self$given_input), input_tensors)[[1]]
  }
  if (!is.null(input)) instance$set_input(input)
  for (layer in self$stack) instance$add(make(layer))
  clone
}

like_input <- function(tensor) {
  keras_input(batch_shape = shape_of(tensor), dtype = dtype_of(tensor),
              name = source_name(tensor))
}

# The given symbolic tensors, as many as the model has inputs.
clone_inputs <- function(inputs, given) {
  given <- check_symbolic(given, "input_tensors")
  if (length(given) != length(inputs)) {
    abort_argument(sprintf(
      "`input_tensors` must be one per input of the model, %d, not %d.",
      length(inputs), length(given)), "input_tensors")
  }
  given
}

# The nodes are walked as the model runs them, on new inputs and layers.
clone_functional <- function(self, input_tensors, make, call_function) {
  inputs <- if (is.null(input_tensors)) {
    lapply(self$inputs, like_input)
  } else {
    clone_inputs(self$inputs, input_tensors)
  }
  graph <- self$graph
  graph$steps <- lapply(graph$steps, function(step) {
    if (!is_instance(step$operation)) return(step)
    layer <- make(step$operation)
    invoke <- if (is.null(call_function)) {
      unwrap_layer(layer)$invoke
    } else {
      function(...) call_function(layer, ...)
    }
    step$operation <- list(invoke = invoke)
    step
  })
  outputs <- run_graph(graph, inputs)
  names(inputs) <- self$given_input_names
  names(outputs) <- names(self$output_form)
  if (self$input_alone) inputs <- inputs[[1]]
  if (is.null(self$output_form)) outputs <- outputs[[1]]
  create <- own_constructor(self) %||% keras_model
  create(inputs, outputs, name = self$name, trainable = self$trainable)
}

# Compiled alike, with an optimizer that knows no weights yet.
copy_compilation <- function(from, to) {
  to$compile_arguments <- from$compile_arguments
  to$optimizer <- from_config(from$optimizer$get_config())
  to$compiled <- TRUE
  to$plan <- NULL
}
