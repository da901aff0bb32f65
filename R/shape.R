# Shapes: whole numbers, one a dimension, unknown ones NA.

#' Shapes
#'
#' `shape()` makes a shape from sizes, or reads the shape of a tensor, array,
#' matrix or symbolic tensor.
#'
#' @param ... Sizes, one a dimension; `NA`, `NULL` or `-1` stands for an unknown
#'   size. Vectors and lists of sizes are put end to end. Or one tensor or
#'   array.
#' @return A shape: `as.integer()` gives its sizes with `NA` for unknown ones,
#'   `as.list()` a list with `NULL` for them, `==` compares.
#' @section Errors: `elman_error_argument` for a size that is not a whole
#'   number.
#' @examples
#' shape(NA, 10, 4)
#' shape(as_tensor(matrix(0, 2, 3)))
#' shape(32, 4) == c(32, 4)
#' @export
shape <- function(...) {
  dots <- list(...)
  if (length(dots) == 1L) {
    x <- dots[[1]]
    if (is_tensor(x) || is_symbolic(x) || is_variable(x)) {
      return(new_shape(shape_of(x)))
    }
    if (!is.null(dim(x))) return(new_shape(as.integer(dim(x))))
  }
  new_shape(as_shape(dots, "..."))
}

new_shape <- function(sizes) structure(as.integer(sizes), class = "elman_shape")

# Sizes as a plain integer vector from all the forms that users write: 3,
# c(300, 6), list(5, NULL), shape(NA, 3).
as_shape <- function(x, arg = "shape") {
  if (inherits(x, "elman_shape")) return(as.integer(unclass(x)))
  if (is.list(x)) {
    if (!length(x)) return(integer())
    return(unlist(lapply(x, function(e) {
      if (is.null(e)) NA_integer_ else as_shape(e, arg)
    })))
  }
  if (is.null(x)) return(NULL)
  if (is_tensor(x)) x <- as.integer(x)
  ok <- (is.numeric(x) || is.logical(x) && all(is.na(x))) &&
    are_whole(as.numeric(x[!is.na(x)])) && all(is.na(x) | x >= -1)
  if (!ok) must_be(x, arg, "whole numbers, NA for an unknown size")
  x <- as.integer(x)
  x[!is.na(x) & x == -1L] <- NA_integer_
  x
}

# "[2, NA, 3]", as messages show shapes.
format_shape <- function(x) {
  paste0("[", paste(ifelse(is.na(x), "NA", format_sizes(x)), collapse = ", "),
         "]")
}

format_sizes <- function(x) format(x, trim = TRUE, scientific = FALSE)

# Does a shape fit a pattern in which NA means anything?
fits_shape <- function(shape, pattern) {
  length(shape) == length(pattern) &&
    all(is.na(pattern) | is.na(shape) | shape == pattern)
}

# NumPy's broadcasting; a size of NA is settled by a known size above one.
broadcast_shape <- function(a, b) {
  if (identical(a, b)) return(a)
  n <- max(length(a), length(b))
  long_a <- c(rep(1L, n - length(a)), a)
  long_b <- c(rep(1L, n - length(b)), b)
  known <- !is.na(long_a) & !is.na(long_b)
  if (any(known & long_a != long_b & long_a != 1L & long_b != 1L)) {
    abort_shape(sprintf("Shapes %s and %s cannot be broadcast together.",
                        format_shape(a), format_shape(b)))
  }
  ifelse(known, ifelse(long_a == 1L, long_b, long_a),
         ifelse(is.na(long_a),
                ifelse(!is.na(long_b) & long_b != 1L, long_b, NA_integer_),
                ifelse(long_a != 1L, long_a, NA_integer_)))
}

# A single axis of `x`, 1-based (negative: from the end), counted from 1.
one_axis_of <- function(x, axis, arg = "axis") {
  if (!is_whole(axis)) must_be(axis, arg, "a whole number")
  zero_based_axis(axis, rank_of(x), arg) + 1L
}

# A 1-based axis (negative: from the end) as a 0-based one.
zero_based_axis <- function(axis, rank, arg = "axis") {
  if (!are_whole(axis)) must_be(axis, arg, "a whole number")
  axis <- as.integer(axis)
  if (any(axis == 0L)) {
    abort_argument(sprintf("`%s` counts from 1, it cannot be 0.", arg), arg)
  }
  if (any(abs(axis) > rank)) {
    abort_argument(sprintf("`%s` must be at most %d for this tensor, not %s.",
                           arg, rank, describe(axis)), arg)
  }
  as.integer(ifelse(axis < 0L, axis + rank, axis - 1L))
}

#' @export
print.elman_shape <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

#' @export
format.elman_shape <- function(x, ...) {
  x <- unclass(x)
  paste0("shape(", paste(ifelse(is.na(x), "NA", format_sizes(x)),
                         collapse = ", "), ")")
}

#' @export
as.list.elman_shape <- function(x, ...) {
  lapply(unclass(x), function(size) if (is.na(size)) NULL else size)
}

#' @export
as.integer.elman_shape <- function(x, ...) as.integer(unclass(x))

#' @export
as.double.elman_shape <- function(x, ...) as.double(unclass(x))

#' @export
`[.elman_shape` <- function(x, i) new_shape(unclass(x)[i])

#' @export
`[[.elman_shape` <- function(x, i) {
  size <- unclass(x)[[i]]
  if (is.na(size)) NULL else size
}

#' @export
Ops.elman_shape <- function(e1, e2) {
  if (!.Generic %in% c("==", "!=")) {
    abort_argument(sprintf("Shapes can be compared, not combined by `%s`.",
                           .Generic))
  }
  same <- identical(as_shape(e1), as_shape(e2))
  if (.Generic == "==") same else !same
}

#' @export
Summary.elman_shape <- function(..., na.rm = FALSE) {
  do.call(.Generic, c(lapply(list(...), as.integer), na.rm = na.rm))
}
