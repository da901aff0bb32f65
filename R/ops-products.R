# Products of tensors over chosen axes, diagonals, and norms.

#' Products over chosen axes
#'
#' * `op_outer()`: every element of `x1` times every one of `x2`.
#' * `op_inner()`: sums over the last axes of both; `op_vdot()` over all
#'   elements; `op_dot()` over the last axis of `x1` and the last but one of
#'   `x2`.
#' * `op_cross()`: the vector product of vectors of size 3 (or 2, whose third
#'   element is 0).
#' * `op_tensordot()`: sums over pairs of axes.
#'
#' @param x1,x2 Tensors or arrays.
#' @param axisa,axisb,axisc The axes of the vectors in `x1`, `x2` and the
#'   result, counted from 1, negative ones from the end; `axis` stands for all.
#' @param axis See `axisa`.
#' @param axes A list of two: axes of `x1`, and the axes of `x2` that they are
#'   multiplied with, counted from 1. A number k stands for the last `k - 1`
#'   axes of `x1` and the first ones of `x2`, as keras3 has it.
#' @return A tensor.
#' @section Errors: `elman_error_shape` where sizes do not fit,
#'   `elman_error_argument` for an axis that is not there.
#' @examples
#' op_outer(1:2, 1:3)
#' op_dot(matrix(1:4, 2), 1:2)
#' op_cross(c(1, 0, 0), c(0, 1, 0))
#' op_tensordot(matrix(1:6, 2), matrix(1:6, 3), axes = list(2, 1))
#' @name op_products
NULL

#' @rdname op_products
#' @export
op_outer <- function(x1, x2) {
  both <- operands(x1, x2)
  op_multiply(op_reshape(both[[1]], c(-1L, 1L)), op_reshape(both[[2]], -1L))
}

#' @rdname op_products
#' @export
op_inner <- function(x1, x2) {
  both <- operands(x1, x2)
  ranks <- vapply(both, rank_of, 1L)
  if (any(ranks == 0L)) return(op_multiply(both[[1]], both[[2]]))
  contract(both, ranks[1] - 1L, ranks[2] - 1L)
}

#' @rdname op_products
#' @export
op_vdot <- function(x1, x2) {
  both <- lapply(operands(x1, x2), op_reshape, newshape = -1L)
  contract(both, 0L, 0L)
}

#' @rdname op_products
#' @export
op_dot <- function(x1, x2) {
  both <- operands(x1, x2)
  ranks <- vapply(both, rank_of, 1L)
  if (any(ranks == 0L)) return(op_multiply(both[[1]], both[[2]]))
  contract(both, ranks[1] - 1L, max(ranks[2] - 2L, 0L))
}

#' @rdname op_products
#' @export
op_tensordot <- function(x1, x2, axes = 3L) {
  both <- operands(x1, x2)
  ranks <- vapply(both, rank_of, 1L)
  if (length(axes) == 1L && !is.list(axes)) {
    count <- check_whole(axes, "axes", min = 1) - 1L
    if (count > min(ranks)) {
      must_be(axes, "axes", sprintf("at most %d", min(ranks) + 1L))
    }
    return(contract(both, ranks[1] - count + seq_len(count) - 1L,
                    seq_len(count) - 1L))
  }
  if (length(axes) != 2L || length(axes[[1]]) != length(axes[[2]])) {
    must_be(axes, "axes", "a number, or a list of as many axes for both")
  }
  contract(both, zero_based_axis(unlist(axes[[1]]), ranks[1], "axes"),
           zero_based_axis(unlist(axes[[2]]), ranks[2], "axes"))
}

# Sums over the 0-based axes `a` of the first and `b` of the second of `both`.
contract <- function(both, a, b) {
  if (dtype_of(both[[1]]) == "bool") both <- lapply(both, number_of_bool)
  sizes <- lapply(both, shape_of)
  summed <- sizes[[1]][a + 1L]
  if (!fits_shape(sizes[[2]][b + 1L], summed)) {
    abort_shape(sprintf("Axes of sizes %s and %s cannot be multiplied.",
                        format_shape(summed),
                        format_shape(sizes[[2]][b + 1L])), "x2")
  }
  free <- Map(function(shape, axes) setdiff(seq_along(shape), axes + 1L), sizes,
              list(a, b))
  kept <- c(sizes[[1]][free[[1]]], sizes[[2]][free[[2]]])
  left <- op_transpose(both[[1]], c(free[[1]], a + 1L))
  right <- op_transpose(both[[2]], c(b + 1L, free[[2]]))
  n <- as.integer(prod(summed))
  rows <- as.integer(prod(sizes[[1]][free[[1]]]))
  columns <- as.integer(prod(sizes[[2]][free[[2]]]))
  y <- multiply_matrices(op_reshape(left, c(rows, n)),
                         op_reshape(right, c(n, columns)))
  op_reshape(y, kept)
}

#' @rdname op_products
#' @export
op_cross <- function(x1, x2, axisa = -1L, axisb = -1L, axisc = -1L,
                     axis = NULL) {
  if (!is.null(axis)) axisa <- axisb <- axisc <- axis
  both <- operands(x1, x2)
  if (any(vapply(both, rank_of, 1L) == 0L)) {
    abort_shape("Vectors are needed, not numbers.", "x1")
  }
  a <- op_moveaxis(both[[1]], axisa, -1L)
  b <- op_moveaxis(both[[2]], axisb, -1L)
  sizes <- c(known_size(a, rank_of(a) - 1L), known_size(b, rank_of(b) - 1L))
  if (!all(sizes %in% 2:3)) {
    abort_shape(sprintf("Vectors of size 2 or 3 are needed, not %d and %d.",
                        sizes[1], sizes[2]), "x1")
  }
  part <- function(x, k) {
    at <- rank_of(x) - 1L
    one <- if (k > shape_of(x)[at + 1L]) {
      op_zeros_like(slice_axis(x, at, 0L, 1L))
    } else {
      slice_axis(x, at, k - 1L, 1L)
    }
    op_squeeze(one, at + 1L)
  }
  minor <- function(i, j) {
    op_subtract(op_multiply(part(a, i), part(b, j)),
                op_multiply(part(a, j), part(b, i)))
  }
  if (all(sizes == 2L)) return(minor(1L, 2L))
  op_moveaxis(op_stack(list(minor(2L, 3L), minor(3L, 1L), minor(1L, 2L)), -1L),
              -1L, axisc)
}

#' Diagonals
#'
#' @param x A tensor or array: for `op_diag()` a vector, whose matrix is made,
#'   or a matrix, whose diagonal is taken; for `op_diagflat()` flattened first.
#' @param k,offset The diagonal: 0 the main one, positive above, negative below.
#' @param axis1,axis2 The axes of the matrices, counted from 1.
#' @return A tensor. `op_diagonal()` has the diagonal as its last axis,
#'   `op_trace()` its sum.
#' @section Errors: `elman_error_shape` for other shapes, `elman_error_argument`
#'   for an axis that is not there.
#' @examples
#' op_diag(1:3)
#' op_diagonal(matrix(1:9, 3), offset = 1)
#' op_trace(matrix(1:9, 3))
#' @name op_diag
NULL

#' @rdname op_diag
#' @export
op_diag <- function(x, k = 0L) {
  x <- operand(x)
  if (rank_of(x) == 2L) return(op_diagonal(x, k))
  if (rank_of(x) != 1L) {
    abort_shape(sprintf("`x` must be a vector or a matrix, not of shape %s.",
                        format_shape(shape_of(x))), "x")
  }
  k <- check_whole(k, "k")
  count <- known_size(x, 0L)
  n <- count + abs(k)
  from <- col(matrix(0L, n, n)) - max(k, 0L)
  on <- col(from) - row(from) == k
  if (count == 0L) return(op_zeros(c(n, n), dtype_of(x)))
  from[!on] <- 1L
  op_where(on, op_take(x, from - 1L, axis = 1L, zero_indexed = TRUE),
           op_zeros(c(n, n), dtype_of(x)))
}

#' @rdname op_diag
#' @export
op_diagflat <- function(x, k = 0L) op_diag(op_reshape(operand(x), -1L), k)

#' @rdname op_diag
#' @export
op_diagonal <- function(x, offset = 0L, axis1 = 1L, axis2 = 2L) {
  x <- matrix_operand(x)
  offset <- check_whole(offset, "offset")
  axes <- c(one_axis_of(x, axis1, "axis1"), one_axis_of(x, axis2, "axis2"))
  if (axes[1] == axes[2]) must_be(axis2, "axis2", "another axis than `axis1`")
  x <- op_moveaxis(x, axes, c(-2L, -1L))
  rank <- rank_of(x)
  n <- known_size(x, rank - 2L)
  m <- known_size(x, rank - 1L)
  on <- max(min(n + min(offset, 0L), m - max(offset, 0L)), 0L)
  at <- (seq_len(on) - 1L) * (m + 1L) + max(offset, 0L) - min(offset, 0L) * m
  outer <- shape_of(x)[seq_len(rank - 2L)]
  gather_axis(op_reshape(x, c(outer, n * m)), rank - 2L, at)
}

#' @rdname op_diag
#' @export
op_trace <- function(x, offset = 0L, axis1 = 1L, axis2 = 2L) {
  op_sum(op_diagonal(x, offset, axis1, axis2), axis = -1L)
}

#' Norms of vectors and matrices
#'
#' @param x A tensor or array.
#' @param ord For vectors (one axis) a number p, the root of the sum of p-th
#'   powers; 0 counts elements that are not 0, `Inf` and `-Inf` are the largest
#'   and the smallest size. For matrices (two axes) `"fro"`, `"nuc"`, 1, -1, 2,
#'   -2, `Inf` or `-Inf`. `NULL` is the root of the sum of squares.
#' @param axis One or two axes, counted from 1, negative ones from the end;
#'   `NULL` for all of a vector or matrix.
#' @param keepdims Keep the axes with size 1.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for a norm that is none, or more than
#'   two axes.
#' @examples
#' op_norm(c(3, 4))
#' op_norm(matrix(1:4, 2), ord = 1)
#' @export
op_norm <- function(x, ord = NULL, axis = NULL, keepdims = FALSE) {
  x <- float_of_any(operand(x))
  keepdims <- check_flag(keepdims, "keepdims")
  axes <- if (is.null(axis)) seq_len(rank_of(x)) else
    zero_based_axis(unlist(axis), rank_of(x)) + 1L
  if (!length(axes) %in% 1:2) must_be(axis, "axis", "one or two axes")
  if (is.null(ord)) return(root_of_squares(x, axes, keepdims))
  known <- if (length(axes) == 1L) is_number(ord) else
    list(ord) %in% list("fro", "nuc", 1, -1, 2, -2, Inf, -Inf, 1L, -1L, 2L, -2L)
  if (!known) {
    must_be(ord, "ord", sprintf("a norm of %s", if (length(axes) == 1L)
      "vectors" else "matrices"))
  }
  if (length(axes) == 1L) vector_norm(x, ord, axes, keepdims) else
    matrix_norm(x, ord, axes, keepdims)
}

root_of_squares <- function(x, axes, keepdims) {
  op_sqrt(op_sum(op_square(x), axes, keepdims))
}

vector_norm <- function(x, ord, axis, keepdims) {
  if (ord == 2) return(root_of_squares(x, axis, keepdims))
  if (ord == Inf) return(op_max(op_abs(x), axis, keepdims))
  if (ord == -Inf) return(op_min(op_abs(x), axis, keepdims))
  if (ord == 0) {
    return(op_sum(op_cast(op_not_equal(x, 0), dtype_of(x)), axis, keepdims))
  }
  op_power(op_sum(op_power(op_abs(x), ord), axis, keepdims), 1 / ord)
}

matrix_norm <- function(x, ord, axes, keepdims) {
  if (identical(ord, "fro")) return(root_of_squares(x, axes, keepdims))
  if (identical(ord, "nuc") || abs(ord) == 2) {
    s <- op_svd(op_moveaxis(x, axes, c(-2L, -1L)), compute_uv = FALSE)
    y <- if (identical(ord, "nuc")) op_sum(s, -1L) else
      if (ord > 0) op_max(s, -1L) else op_min(s, -1L)
    return(if (keepdims) op_expand_dims(y, sort(axes)) else y)
  }
  if (abs(ord) == Inf) axes <- rev(axes)
  extreme <- if (ord > 0) op_max else op_min
  y <- extreme(op_sum(op_abs(x), axes[1], keepdims = TRUE), axes[2],
               keepdims = TRUE)
  if (keepdims) y else op_squeeze(y, axes)
}
