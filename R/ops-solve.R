# Equations, inverses and determinants.

solve_op <- lapack_op(
  "op_solve",
  sizes = function(sizes, attributes) sizes[2],
  compute = function(matrices, attributes) {
    a <- matrices[[1]]
    list(if (length(a)) solve.default(a, matrices[[2]]) else matrices[[2]])
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    db <- solve_matrices(flip_last(inputs[[1]]), dy[[1]])
    list(if (wanted[1]) op_negative(mm(db, output[[1]], tb = TRUE)), db)
  },
  square = TRUE
)

solve_matrices <- function(a, b) run_op(solve_op, list(a, b))[[1]]

triangular_op <- lapack_op(
  "op_solve_triangular",
  sizes = function(sizes, attributes) sizes[2],
  compute = function(matrices, attributes) {
    a <- matrices[[1]]
    if (!length(a)) return(matrices[2])
    list(backsolve(a, matrices[[2]], upper.tri = !attributes$lower))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    lower <- attributes$lower
    db <- solve_triangle(flip_last(inputs[[1]]), dy[[1]], !lower)
    keep <- if (lower) op_tril else op_triu
    list(if (wanted[1]) keep(op_negative(mm(db, output[[1]], tb = TRUE))), db)
  },
  square = TRUE
)

solve_triangle <- function(a, b, lower) {
  run_op(triangular_op, list(a, b), list(lower = lower))[[1]]
}

#' Solve linear equations
#'
#' `op_solve()` finds x with `a x = b`, `op_solve_triangular()` the same for a
#' triangular `a`, and `op_lstsq()` the shortest x for which `a x` is nearest to
#' `b`. All but `op_lstsq()` work on batches of matrices.
#'
#' @param a Matrices `[..., n, n]`; for `op_lstsq()` one matrix `[m, n]`.
#' @param b Right-hand sides `[..., n, k]`, or vectors `[..., n]`.
#' @param lower Whether `a` is the lower triangle; the other one is not read.
#' @param rcond Singular values below this part of the largest count as 0;
#'   `NULL` for the precision times the larger size of `a`.
#' @return A tensor of the shape of `b`, for `op_lstsq()` `[n, k]` or `[n]`.
#' @section Errors: `elman_error_argument` for singular matrices,
#'   `elman_error_shape` where shapes do not fit.
#' @section Recording: R computes these: a training step that needs them runs as
#'   it is written.
#' @examples
#' op_solve(matrix(c(2, 0, 0, 4), 2), c(2, 2))
#' op_lstsq(cbind(1, 1:3), c(1, 3, 5))
#' @export
op_solve <- function(a, b) solve_with(a, b, solve_matrices)

#' @rdname op_solve
#' @export
op_solve_triangular <- function(a, b, lower = FALSE) {
  lower <- check_flag(lower, "lower")
  solve_with(a, b, function(a, b) solve_triangle(a, b, lower))
}

# `solve(a, b)`, where `b` may be vectors.
solve_with <- function(a, b, solve) {
  both <- float_operands(a, b)
  a <- matrix_operand(both[[1]], "a")
  b <- both[[2]]
  vectors <- rank_of(b) == rank_of(a) - 1L
  if (vectors) b <- op_expand_dims(b, -1L)
  n <- rank_of(b)
  if (n != rank_of(a) || !fits_shape(shape_of(b)[n - 1L],
                                     shape_of(a)[rank_of(a) - 1L])) {
    abort_shape(sprintf("`b` of shape %s does not fit `a` of shape %s.",
                        format_shape(shape_of(both[[2]])),
                        format_shape(shape_of(a))), "b")
  }
  x <- solve(a, b)
  if (vectors) op_squeeze(x, -1L) else x
}

#' @rdname op_solve
#' @export
op_lstsq <- function(a, b, rcond = NULL) {
  both <- float_operands(a, b)
  a <- both[[1]]
  b <- both[[2]]
  size <- shape_of(a)
  if (rank_of(a) != 2L || !rank_of(b) %in% 1:2 || shape_of(b)[1] != size[1]) {
    abort_shape(sprintf(
      "`a` [m, n] and `b` [m, k] or [m] are needed, not %s and %s.",
      format_shape(size), format_shape(shape_of(b))), "b")
  }
  vector <- rank_of(b) == 1L
  if (vector) b <- op_expand_dims(b, -1L)
  precision <- if (dtype_of(a) == "float64") 2^-52 else 2^-23
  least <- if (is.null(rcond)) precision * max(size) else
    check_number(rcond, "rcond")
  if (least < 0) least <- precision
  parts <- op_svd(a, full_matrices = FALSE)
  s <- parts[[2]]
  kept <- op_greater_equal(s, op_multiply(slice_axis(s, 0L, 0L, 1L), least))
  inverse <- op_where(kept, op_divide(1, op_where(kept, s, 1)), 0)
  x <- mm(parts[[3]], op_multiply(op_expand_dims(inverse, -1L),
                                  mm(parts[[1]], b, TRUE)), TRUE)
  if (vector) op_squeeze(x, -1L) else x
}

#' Inverses and determinants
#'
#' @param x Square matrices `[..., n, n]`.
#' @return `op_inv()`: matrices. `op_det()`: determinants `[...]`.
#'   `op_slogdet()`: a list of their signs and of the logarithms of their sizes.
#'   `op_logdet()`: the logarithms for positive definite matrices.
#' @section Errors: `elman_error_argument` for matrices without an inverse, or
#'   not positive definite ones in `op_logdet()`; `elman_error_shape` for
#'   matrices that are not square.
#' @inheritSection op_solve Recording
#' @examples
#' x <- matrix(c(2, 1, 1, 3), 2)
#' op_inv(x)
#' op_det(x)
#' op_slogdet(-x)
#' @name op_det
NULL

#' @rdname op_det
#' @export
op_inv <- function(x) {
  x <- float_matrices(x)
  check_square(shape_of(x))
  n <- known_size(x, rank_of(x) - 1L)
  one <- op_eye(n, dtype = dtype_of(x))
  solve_matrices(x, op_add(one, op_zeros_like(x)))
}

# The determinant from an LU decomposition: base R has it as sign and logarithm.
det_op <- lapack_op(
  "op_det",
  sizes = function(sizes, attributes) list(integer()),
  compute = function(matrices, attributes) {
    parts <- base::determinant(matrices[[1]], logarithm = FALSE)
    list(parts$sign * as.numeric(parts$modulus))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    rows <- run_op(cofactor_op, inputs)[[1]]
    list(op_multiply(rows, op_expand_dims(dy[[1]], c(-2L, -1L))))
  },
  square = TRUE
)

# The gradient of the determinant, of singular matrices too: with x = U S V',
# det(U) det(V) U S* V' where S* has the products of the other singular values.
cofactor_op <- lapack_op(
  "op_cofactor",
  sizes = function(sizes, attributes) sizes[1],
  compute = function(matrices, attributes) {
    x <- matrices[[1]]
    if (!length(x)) return(list(x))
    parts <- base::svd(x)
    others <- vapply(seq_along(parts$d), function(k) prod(parts$d[-k]), 1)
    turn <- base::det(parts$u) * base::det(parts$v)
    list(turn * parts$u %*% (others * t(parts$v)))
  },
  square = TRUE
)

#' @rdname op_det
#' @export
op_det <- function(x) run_op(det_op, list(float_matrices(x)))[[1]]

slogdet_op <- lapack_op(
  "op_slogdet",
  sizes = function(sizes, attributes) list(integer(), integer()),
  compute = function(matrices, attributes) {
    parts <- base::determinant(matrices[[1]])
    size <- as.numeric(parts$modulus)
    list(if (size == -Inf) 0 else parts$sign, size)
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    if (is.null(dy[[2]])) return(list(op_zeros_like(inputs[[1]])))
    list(op_multiply(flip_last(op_inv(inputs[[1]])),
                     op_expand_dims(dy[[2]], c(-2L, -1L))))
  },
  square = TRUE
)

#' @rdname op_det
#' @export
op_slogdet <- function(x) run_op(slogdet_op, list(float_matrices(x)))

#' @rdname op_det
#' @export
op_logdet <- function(x) {
  lower <- op_cholesky(x)
  rank <- rank_of(lower)
  along <- op_log(op_diagonal(lower, axis1 = rank - 1L, axis2 = rank))
  op_multiply(op_sum(along, axis = -1L), 2)
}
