# Arithmetic of two tensors with NumPy's broadcasting.

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
#' @section Errors: `elman_error_argument` where an argument holds no numbers.
#' @examples
#' op_clip(c(-2, 0.5, 3), 0, 1)
#' @export
op_clip <- function(x, x_min, x_max) {
  op_minimum(op_maximum(x, x_min), x_max)
}
