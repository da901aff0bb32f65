# Layers and operations as nodes of an ONNX graph. A tensor is list(name, mask):
# the name of its numbers, and of its mask [batch, time], NULL where it has
# none.

onnx_tensor_of <- function(name, mask = NULL) list(name = name, mask = mask)

# What `layer` gives for these arguments, as they stand in a graph with tensors
# in the place of symbolic ones: a list of tensors.
onnx_call <- function(graph, layer, arguments) {
  x <- arguments[[1]]
  if (is_model_instance(layer)) return(onnx_inner_model(graph, layer, x))
  further <- Filter(Negate(is.null), arguments[-1])
  known <- names(further) %in% c("initial_state", "training")
  if (!all(known) || isTRUE(further$training)) {
    refuse_export(layer, "ONNX", sprintf("it is called with `%s`",
                                         c(names(further)[!known],
                                           "training = TRUE")[1]))
  }
  class <- layer$classes[1]
  if (class %in% training_layers) return(list(x))
  if (class %in% names(onnx_merges)) return(onnx_merge(graph, layer, x))
  switch(class,
    Dense = list(onnx_dense(graph, layer, x)),
    Activation = list(onnx_tensor_of(
      onnx_activation(graph, layer$activation, x$name, layer), x$mask
    )),
    Embedding = list(onnx_embedding(graph, layer, x)),
    Masking = list(onnx_masking(graph, layer, x)),
    TimeDistributed = list(onnx_time_distributed(graph, layer, x)),
    Bidirectional = onnx_bidirectional(graph, layer, x,
                                       further$initial_state),
    SimpleRNN = , LSTM = , GRU = , RNN =
      onnx_recurrent_layer(graph, layer, x, further$initial_state),
    refuse_export(layer, "ONNX")
  )
}

onnx_weight <- function(graph, weight, layer) {
  onnx_constant(graph, export_numbers(weight, layer, "ONNX"), shape_of(weight))
}

onnx_dense <- function(graph, layer, x) {
  y <- onnx_node(graph, "MatMul",
                 c(x$name, onnx_weight(graph, layer$kernel, layer)))
  if (!is.null(layer$bias)) {
    y <- onnx_node(graph, "Add", c(y, onnx_weight(graph, layer$bias, layer)))
  }
  onnx_tensor_of(onnx_activation(graph, layer$activation, y, layer), x$mask)
}

onnx_embedding <- function(graph, layer, x) {
  ids <- onnx_node(graph, "Cast", x$name, to = 7L)
  rows <- onnx_node(graph, "Gather", c(
    onnx_weight(graph, layer$embeddings, layer), ids
  ), axis = 0L)
  mask <- if (layer$mask_zero) {
    zero <- onnx_constant(graph, 0, integer(), "int64")
    onnx_node(graph, "Not", onnx_node(graph, "Equal", c(ids, zero)))
  }
  onnx_tensor_of(rows, mask)
}

onnx_masking <- function(graph, layer, x) {
  value <- onnx_scalar(graph, layer$mask_value)
  differs <- onnx_node(graph, "Not", onnx_node(graph, "Equal",
                                               c(x$name, value)))
  differs <- onnx_node(graph, "Cast", differs, to = 1L)
  used <- onnx_node(graph, "ReduceMax", differs, axes = onnx_list(-1L),
                    keepdims = 1L)
  kept <- onnx_node(graph, "Cast", used, to = 9L)
  zero <- onnx_scalar(graph, 0)
  onnx_tensor_of(
    onnx_node(graph, "Where", c(kept, x$name, zero)),
    onnx_node(graph, "Squeeze", c(kept, onnx_int64(graph, -1)))
  )
}

# Dense layers and activations take any number of axes.
onnx_time_distributed <- function(graph, layer, x) {
  inner <- layer$layer
  if (!inner$classes[1] %in% c("Dense", "Activation", training_layers)) {
    refuse_export(inner, "ONNX", sprintf("it is inside of `%s`", layer$name))
  }
  onnx_call(graph, inner, list(x))[[1]]
}

# ---- several tensors ---------------------------------------------------------

onnx_merges <- c(Add = "Sum", Subtract = "Sub", Multiply = "Mul",
                 Average = "Mean", Maximum = "Max", Minimum = "Min",
                 Concatenate = "Concat")

onnx_merge <- function(graph, layer, inputs) {
  masked <- vapply(inputs, function(x) !is.null(x$mask), NA)
  if (any(masked)) refuse_export(layer, "ONNX", "it merges masked tensors")
  names <- vapply(inputs, `[[`, "", "name")
  class <- layer$classes[1]
  y <- switch(class,
    Multiply = Reduce(function(a, b) onnx_node(graph, "Mul", c(a, b)), names),
    Concatenate = onnx_node(graph, "Concat", names,
                            axis = as.integer(zero_based_config(layer$axis))),
    onnx_node(graph, onnx_merges[[class]], names)
  )
  list(onnx_tensor_of(y))
}

onnx_operations <- c(
  add = "Add", subtract = "Sub", multiply = "Mul", divide = "Div",
  maximum = "Max", minimum = "Min", power = "Pow", negative = "Neg",
  exp = "Exp", log = "Log", sqrt = "Sqrt", abs = "Abs"
)

# An op between the layers of a functional model, on tensors and numbers.
onnx_operation <- function(graph, op, arguments) {
  names <- vapply(arguments$inputs, function(x) {
    if (!is_tensor(x)) return(x$name)
    onnx_constant(graph, as.numeric(x), tensor_shape(x))
  }, "")
  attributes <- arguments$attributes
  if (op$name == "activation" && length(attributes) == 1L) {
    f <- get_activation(attributes$name)
    return(list(onnx_tensor_of(onnx_activation(graph, f, names, op))))
  }
  if (op$name == "square") names <- rep(names, 2L)
  operator <- c(onnx_operations, square = "Mul")[op$name]
  if (is.na(operator) || length(attributes)) refuse_export(op, "ONNX")
  list(onnx_tensor_of(onnx_node(graph, operator[[1]], names)))
}
