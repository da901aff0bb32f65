# Tensors from nothing, from other types, and copies.

cast_op <- new_op(
  "cast",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[1]]), dtype = attributes$dtype)
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    # Nothing flows through whole numbers and truth values.
    from <- dtype_of(inputs[[1]])
    list(if (is_float(from)) op_cast(dy, from))
  }
)

#' Convert tensors
#'
#' @param x A tensor or array.
#' @param dtype `"float32"`, `"float64"`, `"int32"` or `"bool"`. Fractions are
#'   cut towards zero; every number but 0 is true.
#' @param sparse,ragged Must be `NULL` or `FALSE`: tensors here are dense.
#' @return A tensor, or an R array from `op_convert_to_array()` and
#'   `op_convert_to_numpy()`. `op_copy()` gives a tensor of its own.
#' @section Errors: `elman_error_argument` for an unknown type.
#' @examples
#' op_cast(c(1.7, -1.7), "int32")
#' op_convert_to_array(op_add(1:2, 1L))
#' @export
op_cast <- function(x, dtype) {
  dtype <- check_dtype(dtype)
  x <- operand(x)
  if (dtype_of(x) == dtype && !is_variable(x)) return(x)
  run_op(cast_op, list(x), list(dtype = dtype))
}

#' @rdname op_cast
#' @export
op_convert_to_tensor <- function(x, dtype = NULL, sparse = NULL,
                                 ragged = NULL) {
  if (isTRUE(sparse) || isTRUE(ragged)) {
    abort_argument("`sparse` and `ragged` must be NULL: tensors are dense.",
                   "sparse")
  }
  as_tensor(x, dtype)
}

#' @rdname op_cast
#' @export
op_convert_to_array <- function(x) as.array(as_tensor(x))

#' @rdname op_cast
#' @export
op_convert_to_numpy <- op_convert_to_array

#' @rdname op_cast
#' @export
op_copy <- function(x) run_op(identity_op, list(operand(x)))

stop_op <- new_op("stop_gradient", infer = identity_op$infer, kernel = "copy",
                  gradient = function(dy, inputs, output, attributes, wanted) {
                    list(NULL)
                  })

#' Stop the gradient
#'
#' @param variable A tensor, array or variable.
#' @return A tensor with the same numbers, constant to differentiation.
#' @section Errors: `elman_error_argument` where `variable` holds no numbers.
#' @examples
#' f <- value_and_grad(function(x) op_sum(x * op_stop_gradient(x)))
#' f(c(1, 2))$gradients
#' @export
op_stop_gradient <- function(variable) {
  run_op(stop_op, list(operand(variable, "variable")))
}

#' Constant tensors
#'
#' @param shape Sizes, all known.
#' @param dtype Type; `NULL` for `config_floatx()`, or the type of `x`.
#' @param fill_value A number.
#' @param x A tensor or array whose shape is taken.
#' @param start,end,step Ends of the range and the step between its elements.
#'   With `start` alone the range is 1 to `start`.
#' @param include_end Whether `end` itself belongs to the range.
#' @param N,M Rows and columns; `M = NULL` for as many columns as rows.
#' @param k The diagonal: 0 the main one, positive above, negative below.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for unknown sizes.
#' @examples
#' op_zeros(c(2, 3))
#' op_arange(5L)
#' op_eye(2L)
#' @name op_constant
NULL

#' @rdname op_constant
#' @export
op_full <- function(shape, fill_value, dtype = NULL) {
  if (is_tensor(fill_value) || length(fill_value) != 1L) {
    return(op_broadcast_to(as_tensor(fill_value, dtype), as_shape(shape)))
  }
  if (!is.numeric(fill_value) && !is.logical(fill_value)) {
    must_be(fill_value, "fill_value", "a number or an array of numbers")
  }
  dtype <- if (is.null(dtype)) the$floatx else check_dtype(dtype)
  cpp_kernel_call("fill", list(), known_shape(shape), dtype,
                  list(value = as.numeric(fill_value)))
}

#' @rdname op_constant
#' @export
op_zeros <- function(shape, dtype = NULL) op_full(shape, 0, dtype)

#' @rdname op_constant
#' @export
op_ones <- function(shape, dtype = NULL) op_full(shape, 1, dtype)

#' @rdname op_constant
#' @export
op_full_like <- function(x, fill_value, dtype = NULL) {
  x <- operand(x)
  dtype <- dtype %||% dtype_of(x)
  if (!is_symbolic(x)) return(op_full(shape_of(x), fill_value, dtype))
  op_broadcast_like(as_tensor(fill_value, dtype), op_cast(x, dtype))
}

#' @rdname op_constant
#' @export
op_zeros_like <- function(x, dtype = NULL) op_full_like(x, 0, dtype)

#' @rdname op_constant
#' @export
op_ones_like <- function(x, dtype = NULL) op_full_like(x, 1, dtype)

# `x` in the shape that `like` has when the model runs.
op_broadcast_like <- function(x, like) {
  op_add(op_multiply(like, 0), x)
}

#' @rdname op_constant
#' @export
op_arange <- function(start, end, step = 1L, dtype = NULL,
                      include_end = TRUE) {
  if (missing(end)) {
    end <- start
    start <- 1L
  }
  start <- check_number(start, "start")
  end <- check_number(end, "end")
  step <- check_number(step, "step")
  include_end <- check_flag(include_end, "include_end")
  if (step == 0) must_be(step, "step", "a number other than 0")
  whole <- is_whole(start) && is_whole(end) && is_whole(step)
  n <- (end - start) / step
  n <- if (include_end) floor(n + 1e-9) + 1 else ceiling(n - 1e-9)
  if (!isTRUE(n < 2^31)) must_be(end, "end", "at most 2^31 steps from `start`")
  as_tensor(array(start + (seq_len(max(n, 0)) - 1) * step, max(n, 0)),
            dtype %||% (if (whole) "int32" else the$floatx))
}

#' @rdname op_constant
#' @export
op_eye <- function(N, M = NULL, k = 0L, dtype = NULL) {
  N <- check_count(N, "N")
  M <- if (is.null(M)) N else check_count(M, "M")
  k <- check_whole(k, "k")
  as_tensor((col(matrix(0, N, M)) - row(matrix(0, N, M)) == k) + 0,
            dtype %||% the$floatx)
}

#' What a tensor is
#'
#' @param x A tensor, symbolic tensor or array.
#' @return `op_shape()` gives a [shape()], `op_ndim()` and `op_size()` whole
#'   numbers, `op_dtype()` a string, `op_is_tensor()` TRUE or FALSE.
#' @section Errors: `elman_error_argument` where `x` holds no numbers.
#' @examples
#' op_shape(matrix(0, 2, 3))
#' op_size(matrix(0, 2, 3))
#' @export
op_shape <- function(x) new_shape(shape_of(operand(x)))

#' @rdname op_shape
#' @export
op_ndim <- function(x) rank_of(operand(x))

#' @rdname op_shape
#' @export
op_size <- function(x) as.integer(prod(shape_of(operand(x))))

#' @rdname op_shape
#' @export
op_dtype <- function(x) dtype_of(operand(x))

#' @rdname op_shape
#' @export
op_is_tensor <- function(x) inherits(x, "elman_value")

#' One-hot vectors
#'
#' @param x A tensor or array of whole numbers, counted from 1.
#' @param num_classes Length of the vectors.
#' @param axis Where the new axis goes, counted from 1; -1 is the last.
#' @param dtype Type; `NULL` for `config_floatx()`.
#' @param sparse Must be `FALSE`: tensors here are dense.
#' @param zero_indexed Count `x` from 0, as class ids do.
#' @return A tensor with one more axis: 1 at the number's place, else 0. A
#'   number outside gives a vector of zeros.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or
#'   `num_classes` is no positive whole number.
#' @examples
#' op_one_hot(c(1, 3), 3)
#' @export
op_one_hot <- function(x, num_classes, axis = -1L, dtype = NULL,
                       sparse = FALSE, zero_indexed = FALSE) {
  if (!isFALSE(sparse)) must_be(sparse, "sparse", "FALSE: tensors are dense")
  num_classes <- check_count(num_classes, "num_classes")
  x <- op_expand_dims(op_cast(x, "int32"), axis)
  at <- zero_based_axis(axis, rank_of(x))
  classes <- op_arange(num_classes, dtype = "int32")
  if (check_flag(zero_indexed, "zero_indexed")) {
    classes <- op_subtract(classes, 1L)
  }
  shape <- rep(1L, rank_of(x))
  shape[at + 1L] <- num_classes
  op_cast(op_equal(x, op_reshape(classes, shape)), dtype %||% the$floatx)
}
