# Symbolic tensors: shapes without numbers, from which functional models are
# drawn. Each knows the node (a call of a layer or op) that makes it.

new_symbolic <- function(shape, dtype = the$floatx, name = NULL) {
  self <- new.env(parent = emptyenv())
  self$shape <- shape
  self$dtype <- dtype
  self$name <- name %||% unique_name("keras_tensor")
  self$node <- NULL
  self$index <- 1L
  class(self) <- c("elman_symbolic", "elman_value")
  self
}

is_symbolic <- function(x) inherits(x, "elman_symbolic")

# One call: which operation (a layer's instance or an op), with which
# arguments, gave which symbolic tensors.
new_node <- function(operation, arguments, outputs) {
  self <- new.env(parent = emptyenv())
  self$operation <- operation
  self$arguments <- arguments
  self$inputs <- symbolic_leaves(arguments)
  self$outputs <- outputs
  for (k in seq_along(outputs)) {
    outputs[[k]]$node <- self
    outputs[[k]]$index <- k
  }
  class(self) <- "elman_node"
  self
}

# The symbolic tensors inside a list of arguments, in order.
symbolic_leaves <- function(x) {
  if (is_symbolic(x)) return(list(x))
  if (!is.list(x)) return(list())
  unlist(lapply(unname(x), symbolic_leaves), recursive = FALSE)
}

has_symbolic <- function(x) {
  if (is.list(x)) {
    for (e in x) if (has_symbolic(e)) return(TRUE)
    return(FALSE)
  }
  is_symbolic(x)
}

# The same arguments with every symbolic tensor replaced by `value(it)`.
replace_symbolic <- function(x, value) {
  if (is_symbolic(x)) return(value(x))
  if (!is.list(x)) return(x)
  x[] <- lapply(x, replace_symbolic, value = value)
  x
}

# Calls a node's operation on values.
run_operation <- function(operation, arguments) {
  if (inherits(operation, "elman_op")) {
    return(run_op(operation, arguments$inputs, arguments$attributes))
  }
  do.call(operation$invoke, arguments)
}

#' @export
`$.elman_symbolic` <- function(x, name) {
  if (name == "shape") return(new_shape(.subset2(x, "shape")))
  if (name == "ndim") return(length(.subset2(x, "shape")))
  .subset2(x, name)
}

#' @export
dim.elman_symbolic <- function(x) shape_of(x)

#' @export
length.elman_symbolic <- function(x) as.integer(prod(shape_of(x)))

#' @export
format.elman_symbolic <- function(x, ...) {
  shape <- ifelse(is.na(shape_of(x)), "None", format_sizes(shape_of(x)))
  shape <- paste(shape, collapse = ", ")
  if (length(shape_of(x)) == 1L) shape <- paste0(shape, ",")
  sprintf("<KerasTensor shape=(%s), dtype=%s, name=%s>", shape, dtype_of(x),
          .subset2(x, "name"))
}

#' @export
print.elman_symbolic <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}
