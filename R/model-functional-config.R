# The configuration of a functional model, in the form of Keras: its layers and
# ops, each with its calls, and which tensors go in and come out. A tensor is
# written as its history: the name of what made it, in which call, as which
# output, both counted from 0.

functional_config <- function(self) {
  parts <- model_parts(self$nodes)
  written <- lapply(parts, function(part) {
    # What a record knows besides its entries is kept.
    record <- written_operation(part$operation)
    record$name <- part$name
    record$inbound_nodes <- lapply(
      Filter(function(n) length(n$inputs), part$nodes), written_call,
      parts = parts)
    record
  })
  ends <- function(tensors, single) {
    places <- lapply(tensors, tensor_place, parts = parts)
    if (single) places[[1]] else places
  }
  config <- list(
    name = self$name,
    trainable = self$trainable,
    layers = written,
    input_layers = ends(stats::setNames(self$inputs, self$given_input_names),
                        self$input_alone),
    output_layers = ends(stats::setNames(self$outputs,
                                         names(self$output_form)),
                         is.null(self$output_form))
  )
  structure(config, `__class__` = "keras.models.Functional")
}

# Layers with all their calls, and ops, each of which is a part of its own.
model_parts <- function(nodes) {
  parts <- list()
  for (node in nodes) {
    layer <- is_instance(node$operation)
    at <- if (layer) index_of(node$operation, lapply(parts, `[[`, "operation"))
    if (layer && !is.na(at)) {
      parts[[at]]$nodes <- c(parts[[at]]$nodes, list(node))
      next
    }
    name <- node$operation$name
    taken <- vapply(parts, `[[`, "", "name")
    if (!layer) name <- utils::tail(make.unique(c(taken, name), sep = "_"), 1L)
    parts <- c(parts, list(list(name = name, operation = node$operation,
                                nodes = list(node))))
  }
  parts
}

written_operation <- function(operation) {
  if (is_instance(operation)) return(serialize_object(wrap_layer(operation)))
  list(module = "elman.ops", class_name = operation$name, config = list(),
       registered_name = NULL)
}

written_call <- function(node, parts) {
  arguments <- replace_symbolic(node$arguments, function(tensor) {
    list(class_name = "__keras_tensor__", config = list(
      shape = as.list(new_shape(shape_of(tensor))), dtype = dtype_of(tensor),
      keras_history = tensor_place(tensor, parts)
    ))
  })
  named <- names(arguments) %||% character(length(arguments))
  list(args = unname(arguments[named == ""]),
       kwargs = arguments[named != ""])
}

tensor_place <- function(tensor, parts) {
  node <- .subset2(tensor, "node")
  for (part in parts) {
    at <- index_of(node, part$nodes)
    if (!is.na(at)) {
      return(list(part$name, at - 1L, .subset2(tensor, "index") - 1L))
    }
  }
}

# ---- making it again ---------------------------------------------------------

from_config_functional <- function(config, custom_objects = NULL) {
  read_functional(config, custom_objects, keras_model)
}

# `create(inputs, outputs, name, trainable)` makes the model.
read_functional <- function(config, custom_objects, create) {
  tensors <- new.env(parent = emptyenv())
  key <- function(place) paste(unlist(place), collapse = "/")
  keep <- function(name, call, outputs) {
    outputs <- flat_values(outputs)
    for (k in seq_along(outputs)) {
      assign(key(list(name, call, k - 1L)), outputs[[k]], envir = tensors)
    }
  }
  calls <- list()
  for (layer in config$layers) {
    if (identical(layer$class_name, "InputLayer")) {
      keep(layer$name, 0L, keras_input(
        batch_shape = layer$config$batch_shape, dtype = layer$config$dtype,
        name = layer$name))
      next
    }
    run <- restored_operation(layer, custom_objects)
    for (k in seq_along(layer$inbound_nodes)) {
      calls <- c(calls, list(c(layer$inbound_nodes[[k]],
                               list(run = run, name = layer$name,
                                    call = k - 1L))))
    }
  }
  # A call waits until its inputs are there; a round without any is a circle.
  while (length(calls)) {
    ready <- vapply(calls, function(call) {
      all(vapply(histories(call[c("args", "kwargs")]),
                 function(place) exists(key(place), tensors), NA))
    }, NA)
    if (!any(ready)) {
      abort_argument(paste("`config` must describe calls whose inputs come",
                           "from other calls, without a circle."), "config")
    }
    for (call in calls[ready]) {
      given <- restore_tensors(call[c("args", "kwargs")],
                               function(place) get(key(place), tensors))
      keep(call$name, call$call, do.call(call$run, c(given$args,
                                                     given$kwargs)))
    }
    calls <- calls[!ready]
  }
  ends <- function(places) {
    if (is.character(places[[1]])) return(get(key(places), tensors))
    lapply(places, function(place) get(key(place), tensors))
  }
  create(ends(config$input_layers), ends(config$output_layers),
         name = config$name, trainable = config$trainable %||% TRUE)
}

restored_operation <- function(layer, custom_objects) {
  if (identical(layer$module, "elman.op_functions")) {
    return(operation_function(layer$class_name, layer$config))
  }
  if (!identical(layer$module, "elman.ops")) {
    return(deserialize_object(layer, custom_objects))
  }
  op <- find_op(layer$class_name)
  function(inputs, attributes = NULL) run_op(op, inputs, attributes)
}

# Ops lie in the package by themselves, or in the closure of an op_ function.
find_op <- function(name) {
  space <- own_namespace()
  for (known in ls(space, pattern = "(^op_|_op$)")) {
    op <- get(known, space)
    if (is.function(op)) op <- get0("op", environment(op), inherits = FALSE)
    if (inherits(op, "elman_op") && identical(op$name, name)) return(op)
  }
  abort_argument(sprintf("`config` must name known operations, not \"%s\".",
                         name), "config")
}

is_written_tensor <- function(x) {
  is.list(x) && identical(x$class_name, "__keras_tensor__")
}

histories <- function(x) {
  if (is_written_tensor(x)) return(list(x$config$keras_history))
  if (!is.list(x)) return(list())
  unlist(lapply(unname(x), histories), recursive = FALSE)
}

restore_tensors <- function(x, value) {
  if (is_written_tensor(x)) return(value(x$config$keras_history))
  if (!is.list(x) || is.object(x)) return(x)
  at <- !vapply(x, is.null, NA)
  x[at] <- lapply(x[at], restore_tensors, value = value)
  x
}
