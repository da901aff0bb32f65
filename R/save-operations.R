# Operations between the layers of a functional model (x + y, op_tanh(x)), under
# the names that Keras gives them in files.

# By the name of the op_*() function; Keras's own module follows the family.
keras_operations <- c(
  add = "Add", subtract = "Subtract", multiply = "Multiply",
  divide = "Divide", maximum = "Maximum", minimum = "Minimum",
  power = "Power", negative = "Negative", exp = "Exp", log = "Log",
  sqrt = "Sqrt", square = "Square", abs = "Absolute", tanh = "Tanh",
  sigmoid = "Sigmoid", relu = "Relu"
)

# Python's layers compute masks by these, as operations of the graph.
keras_mask_operations <- c(
  equal = "Equal", not_equal = "NotEqual", less = "Less",
  less_equal = "LessEqual", greater = "Greater",
  greater_equal = "GreaterEqual", logical_and = "LogicalAnd",
  logical_or = "LogicalOr", logical_not = "LogicalNot", any = "Any",
  all = "All"
)

keras_nn_operations <- c("Sigmoid", "Relu")

# ---- writing -----------------------------------------------------------------

# A part of a functional configuration, from elman's form to Keras's.
written_operation_part <- function(x) {
  inputs <- lapply(x$inbound_nodes, function(node) node$kwargs$inputs)
  attributes <- x$inbound_nodes[[1]]$kwargs$attributes
  name <- x$class_name
  if (name == "activation" && length(attributes) == 1L) {
    name <- attributes$name
    attributes <- NULL
  }
  known <- c(keras_operations, keras_mask_operations)
  reduces <- name %in% c("any", "all")
  if (!name %in% names(known) || length(attributes) && !reduces) {
    abort_argument(sprintf(paste(
      "`model` has the operation \"%s\" between its layers, which a file",
      "cannot hold; it can hold %s."), name,
      paste0("op_", names(known), "()", collapse = ", ")), "model")
  }
  class <- known[[name]]
  family <- if (class %in% keras_nn_operations) "nn" else "numpy"
  list(module = paste0("keras.src.ops.", family), class_name = class,
       config = c(list(name = x$name), if (reduces) {
         list(axis = as.list(attributes$axes), keepdims = attributes$keepdims)
       }), registered_name = class, name = x$name,
       inbound_nodes = lapply(inputs, function(given) {
         list(args = lapply(given, written_constant), kwargs = empty_config())
       }))
}

# Numbers among the inputs.
written_constant <- function(x) {
  if (!is_tensor(x)) return(x)
  if (length(tensor_shape(x))) {
    abort_argument(paste("`model` has a tensor of numbers between its layers,",
                         "which a file cannot hold."), "model")
  }
  as.numeric(x)
}

# ---- reading -----------------------------------------------------------------

# The part with the name of the op_*() function that it means, under a module of
# its own; NULL for what is no operation.
read_operation_part <- function(x) {
  if (!is_operation_part(x)) return(NULL)
  class <- if (identical(x$class_name, "TrueDivide")) "Divide" else x$class_name
  known <- c(keras_operations, keras_mask_operations)
  at <- match(class, known)
  if (is.na(at)) return(NULL)
  x$module <- "elman.op_functions"
  x$class_name <- names(known)[at]
  x$config <- if (class %in% c("Any", "All")) read_reduction(x$config) else
    empty_config()
  x
}

# Python counts axes from 0.
read_reduction <- function(config) {
  axis <- unlist(entry_of(config, "axis"))
  keep <- entry_of(config, "keepdims") %||% FALSE
  ok <- is.null(names(axis)) &&
    (is.null(axis) || is.numeric(axis) && all(abs(axis) < 10)) &&
    (isTRUE(keep) || isFALSE(keep))
  if (!ok) abort_damaged("an operation in it has no axis")
  list(axis = ifelse(axis < 0, axis, axis + 1), keepdims = keep)
}

# Older files give no module: there a layer such as Add takes a list of tensors,
# an operation takes them one by one.
is_operation_part <- function(x) {
  if (is.character(x$module)) return(grepl("^keras\\.(src\\.)?ops", x$module))
  length(x$inbound_nodes) > 0L && all(vapply(x$inbound_nodes, function(node) {
    is.list(node) && length(node$args) > 0L &&
      all(vapply(node$args, function(a) !is.list(a) || !is.null(names(a)), NA))
  }, NA))
}

# The function that a part read so calls.
operation_function <- function(name, config = list()) {
  operation <- get(paste0("op_", name), own_namespace(), mode = "function")
  arguments <- config[lengths(config) > 0L]
  function(...) do.call(operation, c(list(...), arguments))
}
