# Matrix products.

matmul_op <- new_op(
  "matmul",
  infer = function(inputs, attributes) {
    a <- matrix_shape(shape_of(inputs[[1]]), attributes$transpose_a)
    b <- matrix_shape(shape_of(inputs[[2]]), attributes$transpose_b)
    n <- length(a)
    m <- length(b)
    if (!is.na(a[n]) && !is.na(b[m - 1L]) && a[n] != b[m - 1L]) {
      abort_shape(sprintf(
        "Shapes %s and %s cannot be multiplied: %d columns, %d rows.",
        format_shape(shape_of(inputs[[1]])),
        format_shape(shape_of(inputs[[2]])), a[n], b[m - 1L]), "x2")
    }
    batch <- broadcast_shape(a[seq_len(n - 2L)], b[seq_len(m - 2L)])
    list(shape = c(batch, a[n - 1L], b[m]), dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    a <- inputs[[1]]
    b <- inputs[[2]]
    ta <- attributes$transpose_a
    tb <- attributes$transpose_b
    list(if (wanted[1]) unbroadcast(left_gradient(dy, b, ta, tb), a),
         if (wanted[2]) right_gradient(dy, a, b, ta, tb))
  }
)

matrix_shape <- function(shape, transposed) {
  n <- length(shape)
  if (transposed) shape[c(n - 1L, n)] <- shape[c(n, n - 1L)]
  shape
}

multiply_matrices <- function(a, b, transpose_a = FALSE, transpose_b = FALSE) {
  run_op(matmul_op, list(a, b),
         list(transpose_a = transpose_a, transpose_b = transpose_b))
}

left_gradient <- function(dy, b, ta, tb) {
  if (ta) multiply_matrices(b, dy, tb, TRUE)
  else multiply_matrices(dy, b, FALSE, !tb)
}

# A matrix shared by the whole batch: one product over all rows at once.
right_gradient <- function(dy, a, b, ta, tb) {
  if (rank_of(b) == 2L && rank_of(a) > 2L && !ta) {
    a <- op_reshape(a, c(-1L, shape_of(a)[rank_of(a)]))
    dy <- op_reshape(dy, c(-1L, shape_of(dy)[rank_of(dy)]))
  }
  db <- if (tb) multiply_matrices(dy, a, TRUE, ta)
  else multiply_matrices(a, dy, !ta, FALSE)
  unbroadcast(db, b)
}

# x W + b for x [..., features], W [features, units] and b [units] or no third
# input: the whole of a dense layer before its activation.
dense_op <- new_op(
  "dense",
  infer = function(inputs, attributes) {
    shape <- shape_of(inputs[[1]])
    shape[length(shape)] <- shape_of(inputs[[2]])[2]
    list(shape = shape, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    x <- inputs[[1]]
    list(
      if (wanted[1]) multiply_matrices(dy, inputs[[2]], FALSE, TRUE),
      if (wanted[2]) right_gradient(dy, x, inputs[[2]], FALSE, FALSE),
      if (length(wanted) == 3L && wanted[3]) {
        op_sum(dy, axis = seq_len(rank_of(dy) - 1L))
      }
    )
  },
  kernel = "matmul"
)

#' Matrix products
#'
#' @param x1,x2 Tensors or arrays. Vectors are taken as a row on the left and a
#'   column on the right; axes before the last two are batch axes and broadcast.
#' @return A tensor. From R 4.3 on, `%*%` of tensors is the same.
#' @section Errors: `elman_error_shape` where columns and rows do not match.
#' @examples
#' op_matmul(matrix(1:6, 2), matrix(1:6, 3))
#' @export
op_matmul <- function(x1, x2) {
  inputs <- operands(x1, x2)
  a <- inputs[[1]]
  b <- inputs[[2]]
  if (dtype_of(a) == "bool") inputs <- lapply(inputs, op_cast, dtype = "int32")
  ra <- rank_of(a)
  rb <- rank_of(b)
  if (ra == 0L || rb == 0L) {
    abort_shape("Matrix products need vectors or matrices, not numbers.", "x1")
  }
  if (ra == 1L) a <- op_expand_dims(a, 1L)
  if (rb == 1L) b <- op_expand_dims(b, 2L)
  y <- multiply_matrices(a, b)
  if (rb == 1L) y <- op_squeeze(y, -1L)
  if (ra == 1L) y <- op_squeeze(y, if (rb == 1L) -1L else -2L)
  y
}
