# The graph behind a functional model: nodes (calls of layers and ops) between
# its inputs and outputs, in an order in which they can be run.

# list(nodes, operations): nodes from inputs to outputs; operations (layers and
# ops) in Keras's order, by depth, which is the order of the weights.
map_graph <- function(inputs, outputs) {
  found <- walk_graph(inputs, outputs)
  nodes <- found$nodes
  depth_of_node <- integer(length(nodes))
  depth_of_operation <- integer(length(found$operations))
  for (k in rev(seq_along(nodes))) {
    node <- nodes[[k]]
    at <- index_of(node$operation, found$operations)
    # A shared layer has the depth of its deepest call.
    depth <- max(depth_of_node[k], depth_of_operation[at])
    depth_of_node[k] <- depth
    depth_of_operation[at] <- depth
    for (input in node$inputs) {
      parent <- index_of(.subset2(input, "node"), nodes)
      if (!is.na(parent)) {
        depth_of_node[parent] <- max(depth + 1L, depth_of_node[parent])
      }
    }
  }
  order <- order(-depth_of_operation, seq_along(found$operations))
  operations <- found$operations[order]
  check_operation_names(operations)
  list(nodes = nodes, operations = operations,
       depths = depth_of_node)
}

# Nodes in the order of a depth-first walk from the outputs; operations in the
# order in which they are first met.
walk_graph <- function(inputs, outputs) {
  nodes <- list()
  operations <- list()
  open <- list()
  visit <- function(tensor, user = NULL) {
    node <- .subset2(tensor, "node")
    given <- !is.na(index_of(tensor, inputs))
    if (is.null(node)) {
      if (!given) abort_disconnected(tensor, user)
      return(invisible())
    }
    if (!is.na(index_of(node, nodes)) || !is.na(index_of(node, open)) ||
          given && length(node$inputs)) {
      return(invisible())
    }
    if (!length(node$inputs) && !given) abort_disconnected(tensor, user)
    if (is.na(index_of(node$operation, operations))) {
      operations <<- c(operations, list(node$operation))
    }
    open <<- c(open, list(node))
    for (input in node$inputs) visit(input, node$operation)
    nodes <<- c(nodes, list(node))
  }
  for (output in outputs) visit(output)
  # Inputs that no output depends on belong to the model all the same.
  for (input in inputs) {
    node <- .subset2(input, "node")
    if (is.null(node) || length(node$inputs)) next
    if (is.na(index_of(node$operation, operations))) {
      operations <- c(operations, list(node$operation))
      nodes <- c(list(node), nodes)
    }
  }
  list(nodes = nodes, operations = operations)
}

# `user` is the layer or op that takes the tensor.
abort_disconnected <- function(tensor, user) {
  taker <- if (!is.null(user)) {
    sprintf(", which %s \"%s\" takes,",
            if (is_instance(user)) "layer" else "operation", user$name)
  }
  abort_argument(sprintf(
    "`outputs` must depend on `inputs` alone, but %s%s comes from elsewhere.",
    format(tensor), taker %||% ""), "outputs")
}

# Two inputs are two tensors.
check_different_inputs <- function(inputs) {
  for (k in seq_along(inputs)) {
    at <- index_of(inputs[[k]], inputs)
    if (at < k) {
      abort_argument(sprintf(
        "`inputs` must be different tensors, but %s comes %s and %s.",
        format(inputs[[k]]), ordinal(at), ordinal(k)), "inputs")
    }
  }
}

ordinal <- function(k) {
  if (k <= 3L) c("first", "second", "third")[k] else paste0(k, "th")
}

# Layers by name; ops have none of their own and may repeat.
check_operation_names <- function(operations) {
  layers <- Filter(function(o) !inherits(o, "elman_op"), operations)
  names <- vapply(layers, function(layer) layer$name, "")
  twice <- names[duplicated(names)]
  if (length(twice)) {
    kinds <- vapply(layers[names == twice[1]], function(layer) {
      layer$classes[1]
    }, "")
    abort_argument(sprintf(
      "The layers of a model must have different names: \"%s\" is used by %s.",
      twice[1], paste("a", kinds, collapse = " and ")), "outputs")
  }
}

index_of <- function(x, list) {
  for (k in seq_along(list)) if (identical(x, list[[k]])) return(k)
  NA_integer_
}

# ---- running it --------------------------------------------------------------

# The nodes as instructions over numbered slots: what to call, on which slots,
# giving which.
compile_graph <- function(inputs, outputs, nodes) {
  tensors <- inputs
  slot <- function(tensor) {
    at <- index_of(tensor, tensors)
    if (is.na(at)) {
      tensors <<- c(tensors, list(tensor))
      at <- length(tensors)
    }
    at
  }
  steps <- list()
  for (node in nodes) {
    if (!length(node$inputs)) next
    template <- replace_symbolic(node$arguments, function(tensor) {
      structure(slot(tensor), class = "elman_slot")
    })
    plain <- length(node$inputs) == 1L && length(node$outputs) == 1L &&
      length(node$arguments) == 1L && is_symbolic(node$arguments[[1]])
    steps <- c(steps, list(list(
      operation = node$operation,
      arguments = template,
      from = if (plain) slot(node$inputs[[1]]),
      to = vapply(node$outputs, slot, 1L)
    )))
  }
  list(steps = steps, size = length(tensors),
       outputs = vapply(outputs, slot, 1L))
}

# The outputs' values for these values of the inputs.
run_graph <- function(graph, inputs) {
  values <- vector("list", graph$size)
  values[seq_along(inputs)] <- inputs
  for (step in graph$steps) {
    result <- if (is.null(step$from)) {
      run_operation(step$operation, fill_slots(step$arguments, values))
    } else {
      step$operation$invoke(values[[step$from]])
    }
    if (length(step$to) == 1L) {
      values[[step$to]] <- if (is.list(result)) result[[1]] else result
    } else {
      values[step$to] <- flat_values(result)
    }
  }
  values[graph$outputs]
}

fill_slots <- function(x, values) {
  if (inherits(x, "elman_slot")) return(values[[x]])
  if (is.list(x)) {
    at <- which(!vapply(x, is.null, NA))
    x[at] <- lapply(x[at], fill_slots, values)
  }
  x
}

flat_values <- function(x) {
  if (!is.list(x)) return(list(x))
  unlist(lapply(unname(x), flat_values), recursive = FALSE)
}
