# Tensors: R vectors that hold native numbers row-major, with a shape and a
# dtype. float32 bits live in an integer vector, float64 in a double vector,
# int32 in an integer and bool in a logical vector.

#' Tensors
#'
#' A tensor is an R vector that holds numbers as the kernels read them: row
#' major, in `float32` (the default, see [config_floatx()]), `float64`, `int32`
#' or `bool`. Operations (`op_*`), layers and models take tensors and R arrays
#' alike; operations always answer with tensors, layers and models with what
#' they were given.
#'
#' @param x A number, vector, matrix, array, factor (0-based codes), data frame
#'   of numbers, or tensor. R arrays are indexed as usual:
#'   `as_tensor(a)[i, j]` is `a[i, j]`.
#' @param dtype `"float32"`, `"float64"`, `"int32"` or `"bool"`; `NULL` takes
#'   `config_floatx()` for doubles, `"int32"` for integers and `"bool"` for
#'   logicals.
#' @param shape A shape to give to the numbers of `x`, read row-major; a single
#'   number is repeated.
#' @return A tensor. `dim()` and [shape()] give its shape, `$dtype` its type,
#'   `as.array()` an R array, `as.numeric()` its numbers in row-major order.
#'   Arithmetic, comparison, `[` (1-based), `t()` and from R 4.3 on `%*%` work.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or `dtype`
#'   is unknown, `elman_error_shape` where `shape` does not fit.
#' @examples
#' x <- as_tensor(matrix(1:6, 2))
#' x + 1
#' x$dtype
#' as.array(x[, 2:3])
#' @export
as_tensor <- function(x, dtype = NULL, shape = NULL) {
  if (!is.null(dtype)) dtype <- check_dtype(dtype)
  if (is_symbolic(x)) {
    return(if (is.null(dtype)) x else op_cast(x, dtype))
  }
  if (is_variable(x)) x <- variable_value(x)
  if (!is_tensor(x)) {
    x <- tensor_from_r(x, dtype)
  } else if (!is.null(dtype) && !identical(tensor_dtype(x), dtype)) {
    x <- op_cast(x, dtype)
  }
  if (is.null(shape)) x else fill_shape(x, as_shape(shape))
}

fill_shape <- function(x, shape) {
  size <- prod(shape)
  if (length(x) == 1L && size != 1) return(op_broadcast_to(x, shape))
  op_reshape(x, shape)
}

dtypes <- c("float32", "float64", "int32", "bool")

check_dtype <- function(dtype, arg = "dtype") {
  known <- c(dtypes, float = "float32", double = "float64", int = "int32",
             integer = "int32", logical = "bool", int64 = "int32")
  if (is.character(dtype) && length(dtype) == 1L) {
    if (dtype %in% dtypes) return(dtype)
    if (dtype %in% names(known)) return(known[[dtype]])
  }
  must_be(dtype, arg, paste0("one of ", paste0("\"", dtypes, "\"",
                                               collapse = ", ")))
}

is_float <- function(dtype) dtype == "float32" || dtype == "float64"

tensor_from_r <- function(x, dtype = NULL, arg = "x") {
  if (is.factor(x)) x <- as.integer(x) - 1L
  if (is.data.frame(x)) x <- data_frame_matrix(x, arg)
  if (is.list(x)) x <- list_array(x, arg)
  if (!(is.numeric(x) || is.logical(x)) || is.null(x)) {
    must_be(x, arg, "a number, an array of numbers or a tensor")
  }
  if (length(dim(x)) > 8L) {
    abort_shape(sprintf("`%s` must have at most 8 axes, not %d.", arg,
                        length(dim(x))), arg)
  }
  if (is.null(dtype)) {
    dtype <- switch(typeof(x), double = the$floatx, integer = "int32", "bool")
  }
  cpp_tensor_from_r(x, dtype)
}

data_frame_matrix <- function(x, arg) {
  if (!all(vapply(x, function(column) is.numeric(column) || is.logical(column),
                  NA))) {
    abort_argument(sprintf("`%s` must have numeric columns only, not %s.", arg,
                           paste0("`", names(x)[!vapply(x, is.numeric, NA)],
                                  "`", collapse = ", ")), arg)
  }
  unname(as.matrix(x))
}

# A list of numbers or of equal arrays: their stack.
list_array <- function(x, arg) {
  given <- x
  x <- lapply(x, function(e) {
    if (is_tensor(e)) as.array(e) else if (is.list(e)) list_array(e, arg) else e
  })
  sizes <- unique(lapply(x, function(e) dim(e) %||% length(e)))
  if (length(sizes) != 1L) {
    abort_argument(sprintf("`%s` must be a list of arrays of one shape.", arg),
                   arg)
  }
  if (!all(vapply(x, is.atomic, NA)) || any(vapply(x, is.null, NA))) {
    must_be(given, arg, "a list of numbers or of arrays")
  }
  if (identical(sizes[[1]], 1L)) return(array(unlist(x), length(x)))
  stacked <- array(unlist(x), c(sizes[[1]], length(x)))
  aperm(stacked, c(length(dim(stacked)), seq_along(sizes[[1]])))
}

is_tensor <- function(x) inherits(x, "elman_tensor")

tensor_shape <- function(x) attr(x, "shape", exact = TRUE)

tensor_dtype <- function(x) attr(x, "dtype", exact = TRUE)

# Shape and dtype of anything an op takes: tensor, variable, symbolic tensor.
shape_of <- function(x) {
  if (is.environment(x)) .subset2(x, "shape") else attr(x, "shape", TRUE)
}

dtype_of <- function(x) {
  if (is.environment(x)) .subset2(x, "dtype") else attr(x, "dtype", TRUE)
}

rank_of <- function(x) length(shape_of(x))

# The propagated mask: a bool tensor [batch, time], or NULL.
get_mask <- function(x) {
  if (is.environment(x)) NULL else attr(x, "mask", exact = TRUE)
}

set_mask <- function(x, mask) {
  attr(x, "mask") <- mask
  x
}

# ---- what a tensor answers ---------------------------------------------------

#' @export
`$.elman_tensor` <- function(x, name) {
  switch(name,
    shape = new_shape(tensor_shape(x)),
    dtype = tensor_dtype(x),
    ndim = length(tensor_shape(x)),
    abort_argument(sprintf(
      "A tensor has `$shape`, `$dtype` and `$ndim`, not `$%s`.", name), name)
  )
}

#' @export
dim.elman_tensor <- function(x) tensor_shape(x)

#' @export
as.array.elman_tensor <- function(x, ...) cpp_tensor_to_r(x)

#' @export
as.matrix.elman_tensor <- function(x, ...) as.matrix(cpp_tensor_to_r(x), ...)

#' @export
as.vector.elman_tensor <- function(x, mode = "any") {
  as.vector(row_major(x), mode)
}

#' @export
as.double.elman_tensor <- function(x, ...) as.double(row_major(x))

#' @export
as.integer.elman_tensor <- function(x, ...) as.integer(row_major(x))

#' @export
as.logical.elman_tensor <- function(x, ...) as.logical(row_major(x))

#' @export
as.list.elman_tensor <- function(x, ...) {
  if (!length(tensor_shape(x))) return(list(x))
  op_unstack(x)
}

# The numbers in the order of Keras's flatten().
row_major <- function(x) {
  a <- cpp_tensor_to_r(x)
  if (length(dim(a)) > 1L) a <- aperm(a)
  as.vector(a)
}

#' @export
as.array.elman_variable <- function(x, ...) as.array(variable_value(x))

#' @export
as.double.elman_variable <- function(x, ...) as.double(variable_value(x))

#' @export
dim.elman_variable <- function(x) shape_of(x)

#' @export
format.elman_tensor <- function(x, ...) {
  sprintf("<tensor %s %s>", tensor_dtype(x), format_shape(tensor_shape(x)))
}

#' @export
print.elman_tensor <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  a <- cpp_tensor_to_r(x)
  if (is.null(dim(a)) || length(a) <= 200L) {
    print(if (length(dim(a)) == 1L) as.vector(a) else a, ...)
  } else {
    shown <- signif(row_major(x)[1:6], 4)
    cat(paste(shown, collapse = " "), "...\n")
  }
  invisible(x)
}

#' @importFrom utils str
#' @export
str.elman_tensor <- function(object, ...) {
  some <- signif(utils::head(row_major(object), 6L), 3)
  cat(" ", format(object), " ", paste(some, collapse = " "),
      if (length(object) > 6L) " ...", "\n", sep = "")
}
