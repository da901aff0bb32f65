# Ops that R computes, by its LAPACK: on one matrix of doubles after the other.

# `compute(matrices, attributes)` gets one R matrix for each input and gives a
# list of R vectors or matrices, one for each output. `sizes(matrices' sizes,
# attributes)` gives the outputs' sizes without the batch. Axes before the last
# two are batch axes, the same in all inputs.
lapack_op <- function(name, sizes, compute, gradient = NULL,
                      square = FALSE) {
  force(compute)
  force(gradient)
  new_op(
    name,
    infer = function(inputs, attributes) {
      shapes <- lapply(inputs, shape_of)
      if (square) check_square(shapes[[1]])
      outer <- same_batch(shapes)
      out <- sizes(lapply(shapes, utils::tail, 2L), attributes)
      list(shape = lapply(out, function(inner) c(outer, inner)),
           dtype = rep(dtype_of(inputs[[1]]), length(out)))
    },
    # Of a single output comes one gradient, not a list.
    gradient = if (!is.null(gradient)) {
      function(dy, inputs, output, attributes, wanted) {
        if (!is.list(dy)) dy <- list(dy)
        gradient(dy, inputs, output, attributes, wanted)
      }
    },
    kernel = function(inputs, out, attributes) {
      run_lapack(name, compute, inputs, out, attributes)
    }
  )
}

check_square <- function(shape) {
  n <- length(shape)
  if (isTRUE(shape[n] != shape[n - 1L])) {
    abort_shape(sprintf("Square matrices are needed, not shape %s.",
                        format_shape(shape)), "x")
  }
}

same_batch <- function(shapes) {
  batch <- lapply(shapes, function(shape) shape[seq_len(length(shape) - 2L)])
  for (other in batch[-1]) {
    if (!fits_shape(other, batch[[1]])) {
      abort_shape(sprintf("Batch axes %s and %s must be the same.",
                          format_shape(batch[[1]]), format_shape(other)), "b")
    }
  }
  batch[[1]]
}

run_lapack <- function(name, compute, inputs, out, attributes) {
  stacks <- lapply(inputs, matrix_stack)
  count <- dim(stacks[[1]])[1]
  inner <- lapply(out$shape, function(shape) {
    shape[-seq_len(rank_of(inputs[[1]]) - 2L)]
  })
  if (rank_of(inputs[[1]]) == 2L) inner <- out$shape
  results <- lapply(inner, function(size) matrix(0, count, prod(size)))
  for (i in seq_len(count)) {
    one <- lapply(stacks, function(stack) {
      matrix(stack[i, , ], dim(stack)[2], dim(stack)[3])
    })
    found <- tryCatch(compute(one, attributes), error = function(e) {
      if (inherits(e, "elman_error")) stop(e)
      abort_argument(paste0("`", name, "()` has no answer: ",
                            conditionMessage(e)), "x")
    })
    for (k in seq_along(results)) results[[k]][i, ] <- found[[k]]
  }
  Map(function(values, shape, dtype) {
    cpp_tensor_from_r(if (length(shape)) array(values, shape) else values[1],
                      dtype)
  }, results, out$shape, out$dtype)
}

# [batch, rows, columns] of doubles.
matrix_stack <- function(x) {
  x <- if (is_variable(x)) variable_value(x) else x
  shape <- shape_of(x)
  n <- length(shape)
  array(as.double(cpp_tensor_to_r(x)),
        c(prod(shape[seq_len(n - 2L)]), shape[n - 1L], shape[n]))
}

# The matrices of an op as floats.
float_matrices <- function(x, arg = "x") float_of_any(matrix_operand(x, arg))

flip_last <- function(x) {
  rank <- rank_of(x)
  op_swapaxes(x, rank - 1L, rank)
}

# a times b, with either transposed.
mm <- function(a, b, ta = FALSE, tb = FALSE) multiply_matrices(a, b, ta, tb)

# A gradient that did not come down, as zeros.
or_zeros <- function(dy, like) dy %||% op_zeros_like(like)

# A diagonal matrix from each vector along the last axis.
diagonal_of <- function(x) {
  n <- known_size(x, rank_of(x) - 1L)
  op_multiply(op_expand_dims(x, -1L), op_eye(n, dtype = dtype_of(x)))
}

# 1 / (b_j - b_i), 0 on the diagonal.
gaps <- function(b) {
  apart <- op_subtract(op_expand_dims(b, -2L), op_expand_dims(b, -1L))
  op_divide_no_nan(op_ones_like(apart), apart)
}
