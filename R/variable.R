# Variables: named tensors that a layer or optimizer owns and training changes
# in place. What is handed out is a copy.

# `value` is adopted, not copied: nothing else may refer to it.
new_variable <- function(value, name, trainable = TRUE, path = name,
                         regularizer = NULL, constraint = NULL,
                         initializer = NULL) {
  self <- new.env(parent = emptyenv())
  self$value <- cpp_copy(value)
  self$shape <- tensor_shape(value)
  self$dtype <- tensor_dtype(value)
  self$name <- name
  self$path <- path
  self$trainable <- trainable
  self$regularizer <- regularizer
  self$constraint <- constraint
  self$initializer <- initializer
  self$node <- NULL
  class(self) <- c("elman_variable", "elman_value")
  self
}

is_variable <- function(x) inherits(x, "elman_variable")

# A copy, so that later training does not change what somebody holds; while a
# tape is open the op that makes the copy is recorded.
variable_value <- function(variable) {
  if (is_taping()) return(op_copy(variable))
  cpp_copy(.subset2(variable, "value"))
}

variable_assign <- function(variable, value) {
  value <- as_tensor(value, dtype = .subset2(variable, "dtype"))
  if (!identical(tensor_shape(value), .subset2(variable, "shape"))) {
    abort_shape(sprintf("`%s` has shape %s, the value given %s.",
                        .subset2(variable, "path"),
                        format_shape(.subset2(variable, "shape")),
                        format_shape(tensor_shape(value))), "value")
  }
  variable$value <- cpp_copy(value)
  invisible(variable)
}

#' @export
`$.elman_variable` <- function(x, name) {
  switch(name,
    shape = new_shape(.subset2(x, "shape")),
    value = variable_value(x),
    ndim = length(.subset2(x, "shape")),
    numpy = function() as.array(x),
    assign = function(value) variable_assign(x, value),
    assign_add = function(value) variable_assign(x, op_add(x, value)),
    assign_sub = function(value) variable_assign(x, op_subtract(x, value)),
    .subset2(x, name)
  )
}

#' @export
format.elman_variable <- function(x, ...) {
  sprintf("<variable %s %s %s>", .subset2(x, "path"), .subset2(x, "dtype"),
          format_shape(.subset2(x, "shape")))
}

#' @export
print.elman_variable <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  print(as.array(x))
  invisible(x)
}
