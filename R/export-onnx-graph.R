# ONNX graphs: nodes and constants, and how they are written as messages. The
# numbers of the fields are those of onnx.proto.

onnx_types <- c(float = 1, int32 = 6, int64 = 7, bool = 9)

# A graph under construction. Graphs inside of nodes share the constants and the
# count of names with the one around them.
new_onnx_graph <- function(around = NULL) {
  graph <- new.env(parent = emptyenv())
  graph$nodes <- list()
  graph$root <- if (is.null(around)) graph else around$root
  if (is.null(around)) {
    graph$constants <- list()
    graph$count <- 0L
    # Names of inputs and outputs.
    graph$taken <- character()
  }
  graph
}

onnx_name <- function(graph, stem) {
  root <- graph$root
  repeat {
    root$count <- root$count + 1L
    name <- sprintf("%s_%d", stem, root$count)
    if (!name %in% root$taken) return(name)
  }
}

# Adds a node and gives the names of its outputs. `inputs` are names, "" where
# an input is left out; attributes are numbers (whole ones as integers), texts,
# graphs, or onnx_list() of them where ONNX wants a list.
onnx_node <- function(graph, operator, inputs, ..., outputs = 1L) {
  names <- vapply(seq_len(outputs), function(k) {
    onnx_name(graph, tolower(operator))
  }, "")
  node <- pb_message(
    pb_bytes(1, inputs), pb_bytes(2, names), pb_bytes(3, names[1]),
    pb_bytes(4, operator), onnx_attributes(list(...))
  )
  graph$nodes <- c(graph$nodes, list(node))
  names
}

onnx_list <- function(x) structure(list(x), class = "elman_onnx_list")

onnx_attributes <- function(attributes) {
  attributes <- Filter(Negate(is.null), attributes)
  unlist(Map(function(name, value) {
    pb_bytes(5, pb_message(pb_bytes(1, name), onnx_attribute(value)))
  }, names(attributes), attributes), use.names = FALSE)
}

onnx_attribute <- function(value) {
  if (is.raw(value)) return(c(pb_bytes(6, value), pb_int(20, 5)))
  many <- inherits(value, "elman_onnx_list")
  if (many) value <- unclass(value)[[1]]
  if (is.character(value)) {
    return(if (many) c(pb_bytes(9, value), pb_int(20, 8)) else
      c(pb_bytes(4, value), pb_int(20, 3)))
  }
  if (is.integer(value)) {
    return(if (many) c(pb_int(8, value), pb_int(20, 7)) else
      c(pb_int(3, value), pb_int(20, 2)))
  }
  if (many) c(pb_float(7, value), pb_int(20, 6)) else
    c(pb_float(2, value), pb_int(20, 1))
}

# ---- constants ---------------------------------------------------------------

# Numbers in row-major order under a new name. `shape` integer() is a scalar.
onnx_constant <- function(graph, values, shape = length(values),
                          type = "float") {
  name <- onnx_name(graph, "constant")
  graph$root$constants <- c(graph$root$constants,
                            list(onnx_tensor(values, shape, type, name)))
  name
}

onnx_tensor <- function(values, shape, type = "float", name = NULL) {
  bytes <- if (type == "float") {
    writeBin(as.double(values), raw(), size = 4L, endian = "little")
  } else {
    little(values, c(int32 = 4, int64 = 8, bool = 1)[[type]])
  }
  pb_message(pb_int(1, shape), pb_int(2, onnx_types[[type]]),
             if (!is.null(name)) pb_bytes(8, name), pb_bytes(9, bytes))
}

onnx_scalar <- function(graph, value) onnx_constant(graph, value, integer())

onnx_int64 <- function(graph, values) {
  onnx_constant(graph, values, type = "int64")
}

# ---- messages ----------------------------------------------------------------

# An input or output; sizes are numbers, names where they are open, or NULL
# where nothing is said of the shape.
onnx_value <- function(name, shape, type = "float") {
  sizes <- lapply(shape, function(size) {
    if (is.character(size)) pb_bytes(2, size) else pb_int(1, size)
  })
  tensor <- pb_message(
    pb_int(1, onnx_types[[type]]),
    if (!is.null(shape)) {
      pb_bytes(2, pb_message(unlist(lapply(sizes, pb_bytes, field = 1))))
    }
  )
  pb_message(pb_bytes(1, name), pb_bytes(2, pb_bytes(1, tensor)))
}

onnx_graph_message <- function(graph, name, inputs, outputs) {
  pb_message(
    pb_bytes(1, graph$nodes), pb_bytes(2, name),
    if (identical(graph, graph$root)) pb_bytes(5, graph$constants),
    pb_bytes(11, inputs), pb_bytes(12, outputs)
  )
}

# Version 8 of the format, version 17 of the operators.
onnx_model_message <- function(graph_message) {
  pb_message(
    pb_int(1, 8), pb_bytes(2, "elman"), pb_bytes(7, graph_message),
    pb_bytes(8, pb_message(pb_bytes(1, ""), pb_int(2, 17)))
  )
}
