# Small helpers that prepare arrays for a model.

#' Classes as rows of zeros and a one
#'
#' @param x Class numbers from 0, in a vector or array, or a factor.
#' @param num_classes Number of classes; `NULL` for the largest class plus one,
#'   or the number of a factor's levels.
#' @return An array of the shape of `x` with a last axis of `num_classes`: the
#'   matrix `[sample, class]` for a vector. A last axis of size 1 of `x` is
#'   dropped. For a tensor a tensor.
#' @section Errors: `elman_error_argument` for what is no whole number from 0 up
#'   to `num_classes - 1`.
#' @section Compatibility: Keras drops the fraction of numbers, lets negative
#'   ones count from the last class, and of a factor counts the levels that
#'   occur.
#' @examples
#' to_categorical(c(0, 2, 1))
#' to_categorical(iris$Species[c(1, 51, 101)])
#' @export
to_categorical <- function(x, num_classes = NULL) {
  if (is_tensor(x)) {
    return(as_tensor(to_categorical(as.array(x), num_classes), the$floatx))
  }
  num_classes <- check_whole(num_classes, "num_classes", 0, null_ok = TRUE)
  if (is.factor(x)) {
    num_classes <- num_classes %||% nlevels(x)
    x <- as.integer(x) - 1L
  }
  d <- dim(x) %||% length(x)
  if (is.list(x) && !is.data.frame(x)) x <- unlist(x)
  if (!(is.numeric(x) || is.logical(x))) {
    must_be(x, "x", "class numbers from 0, or a factor")
  }
  classes <- as.vector(x)
  if (anyNA(classes) || any(classes < 0 | classes != round(classes))) {
    wrong <- classes[is.na(classes) | classes < 0 | classes != round(classes)]
    must_be(wrong[1], "x", "made of whole numbers from 0")
  }
  if (is.null(num_classes) || num_classes == 0L) {
    if (!length(classes)) must_be(x, "x", "at least one class number")
    num_classes <- max(classes) + 1
  } else if (any(classes >= num_classes)) {
    abort_argument(sprintf(
      "`x` must be below `num_classes` %d, but holds %s.", num_classes,
      format(max(classes))), "x")
  }
  if (length(d) > 1L && d[length(d)] == 1L) d <- d[-length(d)]
  out <- matrix(0, length(classes), num_classes)
  out[cbind(seq_along(classes), classes + 1)] <- 1
  dim(out) <- c(d, num_classes)
  out
}

#' Scale to length one
#'
#' Divides by the norm along an axis; what has norm zero stays as it is.
#'
#' @param x A vector, array or tensor of numbers.
#' @param axis The axis, from 1, or from the end where negative.
#' @param order Which norm: 2 for the Euclidean, 1 for the sum of absolute
#'   values, `Inf` and `-Inf` for the largest and smallest, 0 for the number of
#'   values that are not zero, or another `p` of the p-norm.
#' @return An array of the shape of `x`, or a tensor where `x` is one.
#' @section Errors: `elman_error_argument` for values that are no numbers and
#'   for an axis that `x` does not have.
#' @section Compatibility: keras3 fails or answers wrongly for `axis = 1` of a
#'   matrix, gives a vector back as a matrix of one row, and for tensors keeps
#'   norms from zero by a small constant.
#' @examples
#' normalize(matrix(c(3, 0, 4, 0), 2))
#' normalize(matrix(1:4, 2), axis = 1, order = 1)
#' @export
normalize <- function(x, axis = -1L, order = 2L) {
  order <- check_norm_order(order)
  given <- is_tensor(x)
  array <- if (given) as.array(x) else x
  if (is.data.frame(array)) array <- as.matrix(array)
  if (!is.numeric(array)) must_be(x, "x", "an array of numbers")
  d <- dim(array) %||% length(array)
  at <- zero_based_axis(axis, length(d)) + 1L
  rest <- seq_along(d)[-at]
  size <- abs(array)
  dim(size) <- d
  norm <- if (length(rest)) apply(size, rest, norm_of, order) else
    norm_of(size, order)
  norm[norm == 0] <- 1
  out <- if (length(rest)) sweep(array, rest, norm, "/") else array / norm
  if (given) as_tensor(out, tensor_dtype(as_float(x))) else out
}

check_norm_order <- function(order) {
  if (!is.numeric(order) || length(order) != 1L || is.na(order)) {
    must_be(order, "order", "a number")
  }
  order
}

# Of absolute values.
norm_of <- function(x, order) {
  if (order == Inf) return(max(x))
  if (order == -Inf) return(min(x))
  if (order == 0) return(sum(x != 0))
  if (order == 1) return(sum(x))
  if (order == 2) return(sqrt(sum(x^2)))
  sum(x^order)^(1 / order)
}

#' Reshape row by row
#'
#' Fills the new shape in the order of Keras and C, last axis fastest; R's own
#' `dim<-` goes column by column.
#'
#' @param x A vector, array or tensor.
#' @param dim The new shape; one size may be -1 for what is left.
#' @param order `"C"` for row by row, `"F"` for column by column.
#' @return An array, or a tensor where `x` is one.
#' @section Errors: `elman_error_shape` where the sizes do not fit.
#' @section Compatibility: keras3 takes this function from reticulate.
#' @examples
#' array_reshape(1:6, c(2, 3))
#' array_reshape(matrix(1:6, 2, byrow = TRUE), c(3, -1))
#' @export
array_reshape <- function(x, dim, order = c("C", "F")) {
  order <- match_name(order[1], c("C", "F"), "order")
  if (is_tensor(x) && order == "C") return(op_reshape(x, unlist(dim)))
  given <- is_tensor(x)
  a <- if (given) as.array(x) else x
  if (is.data.frame(a)) a <- as.matrix(a)
  if (!is.atomic(a) || is.null(a)) must_be(x, "x", "an array")
  to <- fill_size(unlist(dim), length(a))
  if (length(base::dim(a)) > 1L && order == "C") a <- aperm(a)
  a <- as.vector(a)
  a <- if (order == "F" || length(to) == 1L) array(a, to) else
    aperm(array(a, rev(to)))
  if (given) as_tensor(a, tensor_dtype(x)) else a
}

# A shape with its -1 filled in, for `n` numbers.
fill_size <- function(sizes, n) {
  ok <- are_whole(sizes) && length(sizes) && all(sizes >= -1) &&
    sum(sizes == -1) <= 1
  if (!ok) {
    must_be(sizes, "dim", "whole numbers, one of which may be -1")
  }
  open <- sizes == -1
  known <- prod(sizes[!open])
  if (any(open)) sizes[open] <- if (known) n / known else 0
  if (prod(sizes) != n || any(sizes != round(sizes))) {
    abort_shape(sprintf("`dim` must hold %d numbers, not be %s.", n,
                        format_shape(ifelse(open, -1, sizes))), "dim")
  }
  as.integer(sizes)
}

#' A named list
#'
#' `list()` whose elements all have names; without arguments the empty list that
#' has names.
#'
#' @param ... Named values.
#' @return A named list.
#' @section Errors: `elman_error_argument` for a value without a name.
#' @examples
#' named_list(units = 4)
#' names(named_list())
#' @export
named_list <- function(...) {
  values <- list(...)
  names <- names(values)
  if (length(values) && (is.null(names) || !all(nzchar(names)))) {
    abort_argument("`...` must be named values only.", "...")
  }
  if (length(values)) values else stats::setNames(values, character())
}
