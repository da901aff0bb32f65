# export_onnx(): a model as an ONNX file.

#' Write a model as an ONNX file
#'
#' What [predict()][predict.elman_model] does, as a model of the Open Neural
#' Network Exchange that ONNX Runtime and other programs run.
#'
#' @param model A built model, sequential or functional, of simple recurrent,
#'   LSTM and GRU layers and stacks of such cells, bidirectional and time
#'   distributed layers, embedding, masking, dense, activation and merging
#'   layers, arithmetic between them, and models inside of it. Layers that only
#'   training knows, such as dropout, are left out.
#' @param filepath Path of the file, ending in `.onnx`. `NULL` gives its bytes
#'   as a raw vector.
#' @param overwrite Whether to replace a file that exists. If `FALSE`, you are
#'   asked in an interactive session, and elsewhere it is an error.
#' @return The model, invisibly; with `filepath = NULL` a raw vector.
#' @details Inputs and outputs have the names of the model's; the size of the
#'   batch is open, and so is time where the model leaves it open. Numbers are
#'   float32, whatever the model's own type; ids are int32. States of stateful
#'   layers start as zeros. Version 17 of the operators, version 8 of the
#'   format; no package is needed.
#'
#'   Recurrent layers become ONNX's own operators; where those lack an
#'   activation or a mask is used, the loop is spelled out.
#' @section Errors: `elman_error_argument` where a layer or operation cannot be
#'   written, which is named; `elman_error_state` where the model is not built;
#'   `elman_error_file` where the file exists or cannot be written.
#' @section Compatibility: keras3 has it as a format of `export_savedmodel()`.
#' @family files
#' @examples
#' model <- keras_model_sequential(input_shape = c(NA, 2)) |>
#'   layer_gru(3) |>
#'   layer_dense(1)
#' path <- tempfile(fileext = ".onnx")
#' export_onnx(model, path)
#' file.size(path)
#' unlink(path)
#' @export
export_onnx <- function(model, filepath = NULL, overwrite = FALSE) {
  self <- as_model(model, "model")
  if (!self$built) {
    abort_state(paste("The model must be built first: give it an input shape,",
                      "or call it on data."))
  }
  if (is.null(filepath)) return(onnx_bytes(self))
  filepath <- check_ending(filepath, ".onnx")
  bytes <- onnx_bytes(self)
  if (!may_overwrite(filepath, overwrite)) return(invisible(model))
  replace_file(filepath, function(path) write_bytes(bytes, path))
  invisible(model)
}

onnx_bytes <- function(self) {
  graph <- new_onnx_graph()
  ends <- make.unique(c(input_names(self), output_names(self)), sep = "_")
  graph$taken <- ends
  names <- ends[seq_along(self$inputs)]
  inputs <- Map(function(name, input) {
    type <- if (dtype_of(input) %in% c("int32", "bool")) "int32" else "float"
    onnx_value(name, onnx_sizes(shape_of(input)), type)
  }, names, self$inputs)
  found <- onnx_model(graph, self, lapply(names, onnx_tensor_of))
  if (length(found) != length(self$outputs)) {
    refuse_export(self, "ONNX", "it is called with a number of its own")
  }
  outputs <- Map(function(name, x, output) {
    graph$nodes <- c(graph$nodes, list(pb_message(
      pb_bytes(1, x$name), pb_bytes(2, name), pb_bytes(4, "Identity")
    )))
    # Sizes follow from the rest.
    onnx_value(name, onnx_sizes(rep(NA, length(shape_of(output)))))
  }, ends[-seq_along(names)], found, self$outputs)
  onnx_model_message(onnx_graph_message(graph, self$name, unname(inputs),
                                        unname(outputs)))
}

# Names for what is open.
onnx_sizes <- function(shape) {
  open <- c("batch", if (length(shape) > 2L) "time",
            paste0("axis_", seq_along(shape)))
  Map(function(size, name) if (is.na(size)) name else size, shape,
      open[seq_along(shape)])
}

# ---- models ------------------------------------------------------------------

# The outputs of a model for these tensors.
onnx_model <- function(graph, self, inputs) {
  switch(self$classes[1],
    Sequential = onnx_sequential(graph, self, inputs),
    Functional = onnx_functional(graph, self, inputs),
    refuse_export(self, "ONNX", "it is of a class of your own")
  )
}

onnx_inner_model <- function(graph, layer, x) {
  onnx_model(graph, layer, if (is.null(x$name)) x else list(x))
}

onnx_sequential <- function(graph, self, x) {
  for (layer in self$stack) x <- onnx_call(graph, layer, x)
  x
}

onnx_functional <- function(graph, self, inputs) {
  values <- vector("list", self$graph$size)
  values[seq_along(inputs)] <- inputs
  for (step in self$graph$steps) {
    arguments <- fill_slots(step$arguments, values)
    found <- if (is_instance(step$operation)) {
      onnx_call(graph, step$operation, arguments)
    } else {
      onnx_operation(graph, step$operation, arguments)
    }
    values[step$to] <- found
  }
  values[self$graph$outputs]
}
