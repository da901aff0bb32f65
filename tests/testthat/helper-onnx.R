# Reading back what export_onnx() wrote, by the wire format alone.

# The fields of a message: list of list(field, value), value a number, or a raw
# vector for texts, arrays and messages.
read_message <- function(bytes) {
  fields <- list()
  at <- 1L
  varint <- function() {
    value <- 0
    k <- 0
    repeat {
      byte <- as.integer(bytes[at])
      at <<- at + 1L
      value <- value + (byte %% 128) * 128^k
      k <- k + 1
      if (byte < 128L) break
    }
    if (k == 10) value - 2^64 else value
  }
  while (at <= length(bytes)) {
    key <- varint()
    value <- switch(as.character(key %% 8),
      "0" = varint(),
      "2" = {
        n <- varint()
        at <- at + n
        bytes[at - n - 1 + seq_len(n)]
      },
      "5" = {
        at <- at + 4L
        readBin(bytes[at - 4:1], "double", size = 4L, endian = "little")
      },
      stop("no such kind of field")
    )
    fields <- c(fields, list(list(field = key %/% 8, value = value)))
  }
  fields
}

values_of <- function(message, field) {
  lapply(Filter(function(f) f$field == field, message), `[[`, "value")
}

texts_of <- function(message, field) {
  vapply(values_of(message, field), rawToChar, "")
}

# list(operators, nodes, constants, inputs, outputs) of a graph; a node is
# list(operator, inputs, outputs, attributes).
read_onnx_graph <- function(bytes) {
  graph <- read_message(bytes)
  nodes <- lapply(values_of(graph, 1), function(node) {
    node <- read_message(node)
    attributes <- lapply(values_of(node, 5), read_message)
    names(attributes) <- vapply(attributes, texts_of, "", 1)
    list(operator = texts_of(node, 4), inputs = texts_of(node, 1),
         outputs = texts_of(node, 2), attributes = attributes)
  })
  constants <- lapply(values_of(graph, 5), function(tensor) {
    tensor <- read_message(tensor)
    list(name = texts_of(tensor, 8), shape = unlist(values_of(tensor, 1)),
         type = values_of(tensor, 2)[[1]], bytes = values_of(tensor, 9)[[1]])
  })
  names(constants) <- vapply(constants, `[[`, "", "name")
  value_names <- function(field) {
    vapply(values_of(graph, field), function(v) texts_of(read_message(v), 1),
           "")
  }
  list(nodes = nodes, constants = constants, inputs = value_names(11),
       outputs = value_names(12),
       operators = vapply(nodes, `[[`, "", "operator"))
}

read_onnx <- function(bytes) {
  model <- read_message(bytes)
  c(list(version = values_of(model, 1)[[1]],
         operators_version = values_of(
           read_message(values_of(model, 8)[[1]]), 2
         )[[1]]),
    read_onnx_graph(values_of(model, 7)[[1]]))
}

# The numbers of a float32 constant.
constant_numbers <- function(graph, name) {
  bytes <- graph$constants[[name]]$bytes
  readBin(bytes, "double", length(bytes) / 4, 4L, endian = "little")
}

# Every name is made once, and before it is used.
expect_sound_graph <- function(graph, known = character()) {
  known <- c(known, graph$inputs, names(graph$constants))
  for (node in graph$nodes) {
    unknown <- setdiff(node$inputs, c("", known))
    testthat::expect_identical(unknown, character())
    testthat::expect_false(any(node$outputs %in% known))
    if (node$operator == "Scan") {
      body <- read_onnx_graph(values_of(node$attributes$body, 6)[[1]])
      expect_sound_graph(body, known)
      known <- c(known, unlist(lapply(body$nodes, `[[`, "outputs")))
    }
    known <- c(known, node$outputs)
  }
  testthat::expect_true(all(graph$outputs %in% known))
}
