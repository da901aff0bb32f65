# Tensors made from a few numbers: ranges, grids, triangles and windows.

#' @rdname op_constant
#' @export
op_empty <- op_zeros

#' @rdname op_constant
#' @param n Rows and columns.
#' @export
op_identity <- function(n, dtype = NULL) {
  op_eye(check_count(n, "n"), dtype = dtype)
}

#' @rdname op_cast
#' @export
op_array <- function(x, dtype = NULL) as_tensor(x, dtype)

#' Numbers at equal distances
#'
#' @param start,stop First and last number, or tensors of them.
#' @param num How many numbers.
#' @param endpoint Whether `stop` is one of them.
#' @param retstep Give the distance, too.
#' @param base The numbers of `op_logspace()` are powers of it.
#' @param dtype Type; `NULL` for that of `start` and `stop`, as a float.
#' @param axis Where the new axis goes, counted from 1, negative ones from the
#'   end.
#' @return A tensor; with `retstep` a list of the tensor and the distance.
#' @section Errors: `elman_error_argument` where `num` is not 0 or more,
#'   `elman_error_shape` where shapes cannot be broadcast.
#' @examples
#' op_linspace(0, 1, num = 5)
#' op_logspace(0, 2, num = 3)
#' @export
op_linspace <- function(start, stop, num = 50L, endpoint = TRUE,
                        retstep = FALSE, dtype = NULL, axis = 1L) {
  num <- check_whole(num, "num", min = 0)
  endpoint <- check_flag(endpoint, "endpoint")
  retstep <- check_flag(retstep, "retstep")
  ends <- float_operands(operand(start, "start"), operand(stop, "stop"))
  if (!is.null(dtype) && is_float(check_dtype(dtype))) {
    ends <- lapply(ends, op_cast, dtype = dtype)
  }
  parts <- if (endpoint) num - 1L else num
  step <- op_divide(op_subtract(ends[[2]], ends[[1]]), max(parts, 1L))
  origin <- op_expand_dims(op_add(ends[[1]], op_zeros_like(step)), axis)
  at <- zero_based_axis(axis, rank_of(origin))
  along <- rep(1L, rank_of(origin))
  along[at + 1L] <- num
  counts <- as_tensor(array(as.numeric(seq_len(num) - 1L), along),
                      dtype_of(step))
  y <- op_add(origin, op_multiply(op_expand_dims(step, axis), counts))
  if (endpoint && num > 1L) {
    last <- op_expand_dims(op_add(ends[[2]], op_zeros_like(step)), axis)
    y <- op_concatenate(list(slice_axis(y, at, 0L, num - 1L), last), at + 1L)
  }
  if (!is.null(dtype)) {
    if (!is_float(check_dtype(dtype))) y <- op_floor(y)
    y <- op_cast(y, dtype)
  }
  if (retstep) list(y, if (parts > 0L) step else op_full_like(step, NaN)) else y
}

#' @rdname op_linspace
#' @export
op_logspace <- function(start, stop, num = 50L, endpoint = TRUE, base = 10L,
                        dtype = NULL, axis = 1L) {
  y <- op_linspace(start, stop, num, endpoint, dtype = dtype, axis = axis)
  op_power(op_cast(operand(base, "base"), dtype_of(y)), y)
}

#' Grids of coordinates
#'
#' @param ... Vectors.
#' @param indexing `"xy"`: the first two axes of the grid are exchanged, as for
#'   pictures; `"ij"`: in the order of the vectors.
#' @return A list of as many tensors, with an axis for each vector.
#' @section Errors: `elman_error_argument` for an unknown `indexing`,
#'   `elman_error_shape` for what is no vector.
#' @examples
#' op_meshgrid(1:2, 1:3)
#' @export
op_meshgrid <- function(..., indexing = "xy") {
  indexing <- match_name(indexing, c("xy", "ij"), "indexing")
  xs <- lapply(unname(list(...)), function(x) {
    op_reshape(operand(x, "..."), -1L)
  })
  n <- length(xs)
  if (n == 0L) return(list())
  axes <- seq_len(n)
  if (indexing == "xy" && n > 1L) axes[1:2] <- 2:1
  sizes <- integer(n)
  sizes[axes] <- vapply(xs, known_size, 1L, axis = 0L)
  Map(function(x, at) {
    shape <- rep(1L, n)
    shape[at] <- sizes[at]
    op_broadcast_to(op_reshape(x, shape), sizes)
  }, xs, axes)
}

# TRUE on and below diagonal `k` of a matrix of rows and columns.
lower_triangle <- function(rows, columns, k) {
  col(matrix(0, rows, columns)) - row(matrix(0, rows, columns)) <= k
}

#' @rdname op_constant
#' @export
op_tri <- function(N, M = NULL, k = 0L, dtype = NULL) {
  N <- check_count(N, "N")
  M <- if (is.null(M)) N else check_count(M, "M")
  as_tensor(lower_triangle(N, M, check_whole(k, "k")) + 0,
            dtype %||% the$floatx)
}

#' Triangles of matrices
#'
#' @param x A tensor or array, its last two axes matrices.
#' @param k The diagonal: 0 the main one, positive above, negative below.
#' @return A tensor of the shape of `x`, 0 above the diagonal for `op_tril()`
#'   and below it for `op_triu()`.
#' @section Errors: `elman_error_shape` for fewer than two axes.
#' @examples
#' op_tril(matrix(1:9, 3))
#' op_triu(matrix(1:9, 3), k = 1)
#' @export
op_tril <- function(x, k = 0L) {
  x <- matrix_operand(x)
  keep_where(x, lower_triangle(known_size(x, rank_of(x) - 2L),
                               known_size(x, rank_of(x) - 1L),
                               check_whole(k, "k")))
}

#' @rdname op_tril
#' @export
op_triu <- function(x, k = 0L) {
  x <- matrix_operand(x)
  keep_where(x, !lower_triangle(known_size(x, rank_of(x) - 2L),
                                known_size(x, rank_of(x) - 1L),
                                check_whole(k, "k") - 1L))
}

keep_where <- function(x, kept) op_where(kept, x, op_zeros_like(x))

# A tensor with two axes or more.
matrix_operand <- function(x, arg = "x") {
  x <- operand(x, arg)
  if (rank_of(x) < 2L) {
    abort_shape(sprintf("`%s` must have two axes or more, not shape %s.", arg,
                        format_shape(shape_of(x))), arg)
  }
  x
}

#' Windows
#'
#' Weights that fall towards both ends, for a stretch of a signal.
#'
#' @param x Length of the window.
#' @param beta Shape of Kaiser's window; 0 is a rectangle.
#' @return A vector of `config_floatx()`.
#' @section Errors: `elman_error_argument` where `x` is not 0 or more.
#' @examples
#' op_hanning(5)
#' op_kaiser(5, beta = 14)
#' @name op_windows
NULL

# `f(t)` at n places from 0 to 1; a window of one place is 1.
window_of <- function(x, f) {
  n <- check_whole(if (is_tensor(x)) as.integer(x) else x, "x", min = 0)
  values <- if (n == 1L) 1 else f((seq_len(n) - 1) / (n - 1))
  as_tensor(array(values, n), the$floatx)
}

#' @rdname op_windows
#' @export
op_bartlett <- function(x) window_of(x, function(t) 1 - abs(2 * t - 1))

#' @rdname op_windows
#' @export
op_blackman <- function(x) {
  window_of(x, function(t) {
    0.42 - 0.5 * cos(2 * pi * t) + 0.08 * cos(4 * pi * t)
  })
}

#' @rdname op_windows
#' @export
op_hamming <- function(x) {
  window_of(x, function(t) 0.54 - 0.46 * cos(2 * pi * t))
}

#' @rdname op_windows
#' @export
op_hanning <- function(x) {
  window_of(x, function(t) 0.5 - 0.5 * cos(2 * pi * t))
}

#' @rdname op_windows
#' @export
op_kaiser <- function(x, beta) {
  beta <- check_not_negative(beta, "beta")
  window_of(x, function(t) {
    besselI(beta * sqrt(pmax(1 - (2 * t - 1)^2, 0)), 0, TRUE) *
      exp(beta * (sqrt(pmax(1 - (2 * t - 1)^2, 0)) - 1)) /
      besselI(beta, 0, TRUE)
  })
}
