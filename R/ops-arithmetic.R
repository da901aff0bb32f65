# Arithmetic of two tensors with NumPy's broadcasting.

# The wider of two types: bool, int32, float32, float64.
wider_dtype <- function(a, b) {
  order <- c(bool = 1L, int32 = 2L, float32 = 3L, float64 = 4L)
  if (order[[a]] >= order[[b]]) a else b
}

# Both operands with one dtype. An R number takes the type of the tensor beside
# it; a fraction beside integers makes both floats.
operands <- function(x1, x2) {
  if (!inherits(x1, "elman_value")) {
    x1 <- weak_operand(x1, x2, "x1")
  } else if (!inherits(x2, "elman_value")) {
    x2 <- weak_operand(x2, x1, "x2")
  }
  x2 <- operand(x2, "x2")
  a <- dtype_of(x1)
  b <- dtype_of(x2)
  if (a == b) return(list(x1, x2))
  wide <- wider_dtype(a, b)
  if (a != wide) list(op_cast(x1, wide), x2) else list(x1, op_cast(x2, wide))
}

weak_operand <- function(x, beside, arg) {
  weak <- inherits(beside, "elman_value") && length(x) == 1L &&
    (is.numeric(x) || is.logical(x)) && is.null(dim(x))
  if (!weak) return(tensor_from_r(x, arg = arg))
  dtype <- dtype_of(beside)
  own <- switch(typeof(x), double = the$floatx, integer = "int32", "bool")
  if (!is_float(dtype)) dtype <- wider_dtype(dtype, own)
  cpp_tensor_from_r(as.vector(x), dtype)
}

# The gradient of an input that was broadcast: summed over what was repeated.
unbroadcast <- function(dy, x) {
  shape <- shape_of(x)
  given <- shape_of(dy)
  if (identical(shape, given)) return(dy)
  lead <- length(given) - length(shape)
  axes <- c(seq_len(lead), lead + which(shape == 1L & given[lead +
    seq_along(shape)] != 1L))
  if (length(axes)) dy <- op_sum(dy, axis = axes, keepdims = TRUE)
  op_reshape(dy, shape)
}

# `left` and `right` give the gradients of x1 and x2 before unbroadcasting.
binary_op <- function(name, left = NULL, right = NULL, dtype = NULL,
                      float = FALSE) {
  force(left)
  force(right)
  gradient <- if (is.null(left)) NULL else function(dy, inputs, output,
                                                    attributes, wanted) {
    a <- inputs[[1]]
    b <- inputs[[2]]
    list(if (wanted[1]) unbroadcast(left(dy, a, b, output), a),
         if (wanted[2]) unbroadcast(right(dy, a, b, output), b))
  }
  op <- new_op(
    name,
    infer = function(inputs, attributes) {
      list(shape = broadcast_shape(shape_of(inputs[[1]]),
                                   shape_of(inputs[[2]])),
           dtype = dtype %||% dtype_of(inputs[[1]]))
    },
    gradient = gradient
  )
  function(x1, x2) {
    inputs <- operands(x1, x2)
    kind <- dtype_of(inputs[[1]])
    if (float && !is_float(kind)) {
      inputs <- lapply(inputs, op_cast, dtype = the$floatx)
    } else if (kind == "bool" && is.null(dtype)) {
      inputs <- lapply(inputs, op_cast, dtype = "int32")
    }
    run_op(op, inputs)
  }
}

#' Arithmetic
#'
#' Elementwise arithmetic of two tensors, arrays or numbers, broadcast as NumPy
#' does: shapes are lined up at the end, and an axis of size 1 is repeated. The
#' operators `+ - * / ^ %% %/%` do the same on tensors. An R number takes the
#' type of the tensor beside it.
#'
#' At ties, the gradient of `op_maximum()` and `op_minimum()` goes to `x1`.
#'
#' @param x1,x2 Tensors, arrays or numbers.
#' @return A tensor of the broadcast shape, of the wider type. `op_divide()` and
#'   `op_arctan2()` of integers are floats.
#' @section Errors: `elman_error_shape` where the shapes cannot be broadcast.
#' @examples
#' op_add(matrix(1:6, 2), c(10, 20, 30))
#' op_power(c(1, 2, 3), 2)
#' @name op_arithmetic
NULL

#' @rdname op_arithmetic
#' @export
op_add <- binary_op("add", function(dy, a, b, y) dy, function(dy, a, b, y) dy)

#' @rdname op_arithmetic
#' @export
op_subtract <- binary_op("subtract", function(dy, a, b, y) dy,
                         function(dy, a, b, y) op_negative(dy))

#' @rdname op_arithmetic
#' @export
op_multiply <- binary_op("multiply",
                         function(dy, a, b, y) op_multiply(dy, b),
                         function(dy, a, b, y) op_multiply(dy, a))

#' @rdname op_arithmetic
#' @export
op_divide <- binary_op(
  "divide",
  function(dy, a, b, y) op_divide(dy, b),
  function(dy, a, b, y) op_negative(op_multiply(dy, op_divide(y, b))),
  float = TRUE
)

# d(a^b)/db needs log(a), which is taken as 0 where a is 0, as Keras does.
power_log <- function(a) {
  positive <- op_greater(a, 0)
  op_where(positive, op_log(op_where(positive, a, op_ones_like(a))),
           op_zeros_like(a))
}

#' @rdname op_arithmetic
#' @export
op_power <- binary_op(
  "power",
  function(dy, a, b, y) {
    op_multiply(dy, op_multiply(b, op_power(a, op_subtract(b, 1))))
  },
  function(dy, a, b, y) op_multiply(dy, op_multiply(y, power_log(a)))
)

#' @rdname op_arithmetic
#' @export
op_maximum <- binary_op(
  "maximum",
  function(dy, a, b, y) op_where(op_greater_equal(a, b), dy, 0),
  function(dy, a, b, y) op_where(op_greater_equal(a, b), 0, dy)
)

#' @rdname op_arithmetic
#' @export
op_minimum <- binary_op(
  "minimum",
  function(dy, a, b, y) op_where(op_less_equal(a, b), dy, 0),
  function(dy, a, b, y) op_where(op_less_equal(a, b), 0, dy)
)

#' @rdname op_arithmetic
#' @export
op_floor_divide <- binary_op("floor_divide",
                             function(dy, a, b, y) op_zeros_like(dy),
                             function(dy, a, b, y) op_zeros_like(dy))

#' @rdname op_arithmetic
#' @export
op_mod <- binary_op(
  "mod",
  function(dy, a, b, y) dy,
  function(dy, a, b, y) op_negative(op_multiply(dy, op_floor_divide(a, b)))
)

#' @rdname op_arithmetic
#' @export
op_arctan2 <- binary_op(
  "arctan2",
  function(dy, a, b, y) {
    op_multiply(dy, op_divide(b, op_add(op_square(a), op_square(b))))
  },
  function(dy, a, b, y) {
    op_negative(op_multiply(dy, op_divide(a, op_add(op_square(a),
                                                    op_square(b)))))
  },
  float = TRUE
)

#' Clip to a range
#'
#' @param x A tensor or array.
#' @param x_min,x_max The range, numbers or tensors; the gradient is 0 outside.
#' @return A tensor of the shape of `x`.
#' @examples
#' op_clip(c(-2, 0.5, 3), 0, 1)
#' @export
op_clip <- function(x, x_min, x_max) {
  op_minimum(op_maximum(x, x_min), x_max)
}
