# Decompositions of matrices.

cholesky_op <- lapack_op(
  "op_cholesky",
  sizes = function(sizes, attributes) sizes[1],
  # The lower triangle alone is read.
  compute = function(matrices, attributes) {
    x <- matrices[[1]]
    list(if (length(x)) t(base::chol.default(t(x))) else x)
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    l <- output[[1]]
    inner <- op_tril(mm(l, dy[[1]], TRUE))
    n <- known_size(l, rank_of(l) - 1L)
    inner <- op_subtract(inner, op_multiply(inner, 0.5 * diag(n)))
    # L'^-1 inner L^-1, made symmetric.
    half <- solve_triangle(flip_last(l), inner, FALSE)
    whole <- flip_last(solve_triangle(flip_last(l), flip_last(half), FALSE))
    list(op_multiply(op_add(whole, flip_last(whole)), 0.5))
  },
  square = TRUE
)

#' Decompositions of matrices
#'
#' * `op_cholesky()`: the lower triangle L with `x = L L'`, for symmetric
#'   positive definite `x`; its lower triangle alone is read.
#' * `op_qr()`: Q with orthonormal columns and an upper triangle R with
#'   `x = Q R`.
#' * `op_svd()`: U, the singular values s (largest first) and V' with
#'   `x = U diag(s) V'`.
#' * `op_eigh()`: eigenvalues of symmetric matrices (smallest first) and
#'   eigenvectors as columns; the lower triangle alone is read. `op_eig()`:
#'   those of any square matrix, the largest first, where they are real.
#' * `op_lu_factor()`: L (below the diagonal, ones on it) and U in one matrix,
#'   and where the rows of `x` are in their product, counted from 0:
#'   `x = (L U)[places + 1, ]`.
#'
#' Signs of singular vectors and eigenvectors are the library's choice.
#'
#' @param x Matrices `[..., m, n]`; square ones but for `op_qr()` and
#'   `op_svd()`.
#' @param mode `"reduced"`: Q `[..., m, k]` and R `[..., k, n]` with `k` the
#'   smaller size; `"complete"`: Q `[..., m, m]` and R `[..., m, n]`.
#' @param full_matrices Whether U and V are square.
#' @param compute_uv Whether U and V are wanted; else the singular values alone.
#' @return A tensor or a list of tensors.
#' @section Gradients: Of singular vectors and eigenvectors where values differ,
#'   not of those that fill up `full_matrices` or a `"complete"` Q.
#' @section Errors: `elman_error_argument` for a matrix that is not positive
#'   definite, or with complex eigenvalues; `elman_error_shape` for one that is
#'   not square.
#' @section Compatibility: Keras gives complex numbers from `op_eig()`, in the
#'   order in which LAPACK finds them.
#' @inheritSection op_solve Recording
#' @examples
#' x <- matrix(c(4, 2, 2, 3), 2)
#' op_cholesky(x)
#' op_qr(x)
#' op_svd(x, compute_uv = FALSE)
#' op_eigh(x)
#' @name op_decompose
NULL

#' @rdname op_decompose
#' @export
op_cholesky <- function(x) run_op(cholesky_op, list(float_matrices(x)))[[1]]

# Householder's reflections, with the signs of LAPACK and Eigen: a column that
# is 0 below the diagonal is left alone.
qr_op <- lapack_op(
  "op_qr",
  sizes = function(sizes, attributes) {
    m <- sizes[[1]][1]
    n <- sizes[[1]][2]
    k <- if (attributes$complete) m else min(m, n)
    list(c(m, k), c(k, n))
  },
  compute = function(matrices, attributes) {
    reflect_columns(matrices[[1]], attributes$complete)
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    q <- output[[1]]
    r <- output[[2]]
    n <- known_size(r, rank_of(r) - 1L)
    if (known_size(q, rank_of(q) - 1L) != n) {
      abort_state("A complete Q has no gradient.")
    }
    dq <- or_zeros(dy[[1]], q)
    dr <- or_zeros(dy[[2]], r)
    qdq <- mm(q, dq, TRUE)
    rdr <- mm(r, dr, FALSE, TRUE)
    turn <- op_subtract(op_add(qdq, rdr), flip_last(op_add(qdq, rdr)))
    # x R'^-1
    times_inverse <- function(x) {
      flip_last(solve_triangle(r, flip_last(x), FALSE))
    }
    list(op_add(mm(q, op_add(dr, times_inverse(op_tril(turn, -1L)))),
                times_inverse(op_subtract(dq, mm(q, qdq)))))
  }
)

reflect_columns <- function(r, complete) {
  m <- nrow(r)
  n <- ncol(r)
  q <- diag(m)
  for (k in seq_len(min(m - 1L, n))) {
    rows <- k:m
    v <- r[rows, k]
    if (all(v[-1] == 0)) next
    size <- sqrt(sum(v^2))
    v[1] <- v[1] + (if (v[1] < 0) -size else size)
    v <- v / sqrt(sum(v^2))
    r[rows, ] <- r[rows, , drop = FALSE] -
      2 * v %*% (v %*% r[rows, , drop = FALSE])
    q[, rows] <- q[, rows, drop = FALSE] -
      2 * (q[, rows, drop = FALSE] %*% v) %*% t(v)
  }
  r[row(r) > col(r)] <- 0
  kept <- seq_len(if (complete) m else min(m, n))
  list(q[, kept], r[kept, ])
}

#' @rdname op_decompose
#' @export
op_qr <- function(x, mode = "reduced") {
  complete <- match_name(mode, c("reduced", "complete"), "mode") == "complete"
  x <- float_matrices(x)
  rank <- rank_of(x)
  m <- known_size(x, rank - 2L)
  n <- known_size(x, rank - 1L)
  decompose <- function(x) run_op(qr_op, list(x), list(complete = complete))
  if (n <= m) return(decompose(x))
  # The columns on the right follow from the square part.
  parts <- decompose(slice_axis(x, rank - 1L, 0L, m))
  right <- mm(parts[[1]], slice_axis(x, rank - 1L, m, n - m), TRUE)
  list(parts[[1]], op_concatenate(list(parts[[2]], right), -1L))
}

svd_op <- lapack_op(
  "op_svd",
  sizes = function(sizes, attributes) {
    m <- sizes[[1]][1]
    n <- sizes[[1]][2]
    k <- min(m, n)
    if (!attributes$vectors) return(list(k))
    full <- attributes$full
    list(c(m, if (full) m else k), k, c(if (full) n else k, n))
  },
  compute = function(matrices, attributes) {
    x <- matrices[[1]]
    k <- min(dim(x))
    if (!attributes$vectors) return(list(base::svd(x, 0L, 0L)$d))
    full <- attributes$full
    parts <- base::svd(x, if (full) nrow(x) else k, if (full) ncol(x) else k)
    list(parts$u, parts$d, t(parts$v))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(if (attributes$vectors) {
      svd_gradient(dy, output)
    } else {
      # Vectors are needed for the gradient of the values.
      parts <- op_svd(inputs[[1]], full_matrices = FALSE)
      mm(op_multiply(parts[[1]], op_expand_dims(dy[[1]], -2L)), parts[[3]])
    })
  }
)

svd_gradient <- function(dy, output) {
  u <- output[[1]]
  s <- output[[2]]
  v <- flip_last(output[[3]])
  k <- known_size(s, rank_of(s) - 1L)
  first <- function(x) slice_axis(x, rank_of(x) - 1L, 0L, k)
  if (any(c(shape_of(u)[rank_of(u)], shape_of(v)[rank_of(v)]) != k)) {
    if (!is.null(dy[[1]]) || !is.null(dy[[3]])) {
      abort_state(
        "Singular vectors have gradients with `full_matrices = FALSE`."
      )
    }
    u <- first(u)
    v <- first(v)
  }
  du <- or_zeros(dy[[1]], u)
  dv <- if (is.null(dy[[3]])) op_zeros_like(v) else flip_last(dy[[3]])
  f <- gaps(op_square(s))
  row <- op_expand_dims(s, -2L)
  column <- op_expand_dims(s, -1L)
  twist <- function(a, da) {
    inner <- mm(a, da, TRUE)
    op_multiply(f, op_subtract(inner, flip_last(inner)))
  }
  inner <- op_add(op_multiply(twist(u, du), row),
                  op_multiply(column, twist(v, dv)))
  inner <- op_add(inner, diagonal_of(or_zeros(dy[[2]], s)))
  outside <- function(a, da) {
    op_divide(op_subtract(da, mm(a, mm(a, da, TRUE))), row)
  }
  op_add(mm(mm(u, inner), v, tb = TRUE),
         op_add(mm(outside(u, du), v, tb = TRUE),
                mm(u, outside(v, dv), tb = TRUE)))
}

#' @rdname op_decompose
#' @export
op_svd <- function(x, full_matrices = TRUE, compute_uv = TRUE) {
  attributes <- list(full = check_flag(full_matrices, "full_matrices"),
                     vectors = check_flag(compute_uv, "compute_uv"))
  parts <- run_op(svd_op, list(float_matrices(x)), attributes)
  if (attributes$vectors) parts else parts[[1]]
}

square_sizes <- function(sizes, attributes) {
  list(sizes[[1]][1], sizes[[1]])
}

eigh_op <- lapack_op(
  "op_eigh",
  sizes = square_sizes,
  compute = function(matrices, attributes) {
    x <- matrices[[1]]
    parts <- base::eigen(x, symmetric = TRUE)
    back <- rev(seq_len(nrow(x)))
    list(parts$values[back], parts$vectors[, back])
  },
  # That of a symmetric matrix, in its lower triangle.
  gradient = function(dy, inputs, output, attributes, wanted) {
    w <- output[[1]]
    v <- output[[2]]
    inner <- op_add(diagonal_of(or_zeros(dy[[1]], w)),
                    op_multiply(gaps(w), mm(v, or_zeros(dy[[2]], v), TRUE)))
    whole <- mm(mm(v, inner), v, tb = TRUE)
    whole <- op_tril(op_add(whole, flip_last(whole)))
    n <- known_size(w, rank_of(w) - 1L)
    list(op_multiply(whole, as_tensor(1 - 0.5 * diag(n), dtype_of(w))))
  },
  square = TRUE
)

#' @rdname op_decompose
#' @export
op_eigh <- function(x) run_op(eigh_op, list(float_matrices(x)))

eig_op <- lapack_op(
  "op_eig",
  sizes = square_sizes,
  compute = function(matrices, attributes) {
    parts <- base::eigen(matrices[[1]], symmetric = FALSE)
    if (is.complex(parts$values)) {
      abort_argument(
        "`x` must have real eigenvalues: tensors hold real numbers.", "x"
      )
    }
    list(parts$values, parts$vectors)
  },
  # The columns of V have length 1.
  gradient = function(dy, inputs, output, attributes, wanted) {
    w <- output[[1]]
    v <- output[[2]]
    turned <- mm(v, or_zeros(dy[[2]], v), TRUE)
    along <- op_sum(op_multiply(v, or_zeros(dy[[2]], v)), axis = -2L,
                    keepdims = TRUE)
    turned <- op_subtract(turned, op_multiply(mm(v, v, TRUE), along))
    inner <- op_add(diagonal_of(or_zeros(dy[[1]], w)),
                    op_multiply(gaps(w), turned))
    list(solve_matrices(flip_last(v), mm(inner, v, tb = TRUE)))
  },
  square = TRUE
)

#' @rdname op_decompose
#' @export
op_eig <- function(x) run_op(eig_op, list(float_matrices(x)))

lu_op <- lapack_op(
  "op_lu_factor",
  sizes = function(sizes, attributes) list(sizes[[1]], sizes[[1]][1]),
  compute = function(matrices, attributes) eliminate(matrices[[1]]),
  gradient = function(dy, inputs, output, attributes, wanted) {
    if (is.null(dy[[1]])) return(list(op_zeros_like(inputs[[1]])))
    lu <- output[[1]]
    n <- known_size(lu, rank_of(lu) - 1L)
    one <- op_eye(n, dtype = dtype_of(lu))
    lower <- op_add(op_tril(lu, -1L), one)
    upper <- op_triu(lu)
    inner <- op_add(
      op_tril(mm(lower, op_tril(dy[[1]], -1L), TRUE), -1L),
      op_triu(mm(op_triu(dy[[1]]), upper, tb = TRUE))
    )
    # L'^-1 inner U'^-1, its rows back in their places.
    half <- solve_triangle(flip_last(lower), inner, FALSE)
    whole <- flip_last(solve_triangle(upper, flip_last(half), FALSE))
    turn <- op_one_hot(op_cast(output[[2]], "int32"), n, dtype = dtype_of(lu),
                       zero_indexed = TRUE)
    list(mm(turn, whole))
  },
  square = TRUE
)

# Gauss, each time with the largest element of the column.
eliminate <- function(x) {
  order <- seq_len(nrow(x))
  for (k in utils::head(order, -1L)) {
    at <- k - 1L + which.max(abs(x[k:nrow(x), k]))
    x[c(k, at), ] <- x[c(at, k), ]
    order[c(k, at)] <- order[c(at, k)]
    if (x[k, k] == 0) next
    below <- (k + 1L):nrow(x)
    x[below, k] <- x[below, k] / x[k, k]
    right <- below
    x[below, right] <- x[below, right] - x[below, k] %o% x[k, right]
  }
  list(x, base::order(order) - 1L)
}

#' @rdname op_decompose
#' @export
op_lu_factor <- function(x) {
  parts <- run_op(lu_op, list(float_matrices(x)))
  list(parts[[1]], op_cast(parts[[2]], "int32"))
}
