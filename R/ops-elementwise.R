# Elementwise functions of one tensor: each is its kernel and its derivative.

#' Elementwise functions
#'
#' Each works on every element of a tensor, an R array or a symbolic tensor, and
#' is differentiable. Integers are computed as `config_floatx()`, except by
#' `op_abs()`, `op_negative()`, `op_sign()`, `op_square()` and the roundings.
#'
#' @param x A tensor or array of any shape.
#' @return A tensor of the shape of `x`.
#' @section Errors: `elman_error_argument` where `x` holds no numbers.
#' @examples
#' op_exp(c(0, 1))
#' op_sqrt(matrix(c(1, 4, 9, 16), 2))
#' @name op_elementwise
NULL

#' @rdname op_elementwise
#' @export
op_abs <- unary_op("abs", function(dy, x, y) op_multiply(dy, op_sign(x)),
                   keep = TRUE)

#' @rdname op_elementwise
#' @export
op_negative <- unary_op("negative", function(dy, x, y) op_negative(dy),
                        keep = TRUE)

#' @rdname op_elementwise
#' @export
op_sign <- unary_op("sign", flat, keep = TRUE)

#' @rdname op_elementwise
#' @export
op_square <- unary_op(
  "square", function(dy, x, y) op_multiply(dy, op_multiply(x, 2)), keep = TRUE
)

#' @rdname op_elementwise
#' @export
op_sqrt <- unary_op("sqrt", function(dy, x, y) {
  op_divide(op_multiply(dy, 0.5), y)
})

#' @rdname op_elementwise
#' @export
op_rsqrt <- unary_op("rsqrt", function(dy, x, y) {
  op_multiply(dy, op_multiply(op_divide(y, x), -0.5))
})

#' @rdname op_elementwise
#' @export
op_reciprocal <- unary_op("reciprocal", function(dy, x, y) {
  op_negative(op_multiply(dy, op_square(y)))
})

#' @rdname op_elementwise
#' @export
op_exp <- unary_op("exp", function(dy, x, y) op_multiply(dy, y))

#' @rdname op_elementwise
#' @export
op_expm1 <- unary_op("expm1", function(dy, x, y) {
  op_multiply(dy, op_add(y, 1))
})

#' @rdname op_elementwise
#' @export
op_log <- unary_op("log", function(dy, x, y) op_divide(dy, x))

#' @rdname op_elementwise
#' @export
op_log1p <- unary_op("log1p", function(dy, x, y) op_divide(dy, op_add(x, 1)))

#' @rdname op_elementwise
#' @export
op_log2 <- unary_op("log2", function(dy, x, y) {
  op_divide(dy, op_multiply(x, log(2)))
})

#' @rdname op_elementwise
#' @export
op_log10 <- unary_op("log10", function(dy, x, y) {
  op_divide(dy, op_multiply(x, log(10)))
})

#' @rdname op_elementwise
#' @export
op_sin <- unary_op("sin", function(dy, x, y) op_multiply(dy, op_cos(x)))

#' @rdname op_elementwise
#' @export
op_cos <- unary_op("cos", function(dy, x, y) {
  op_negative(op_multiply(dy, op_sin(x)))
})

#' @rdname op_elementwise
#' @export
op_tan <- unary_op("tan", function(dy, x, y) {
  op_multiply(dy, op_add(op_square(y), 1))
})

#' @rdname op_elementwise
#' @export
op_arcsin <- unary_op("asin", function(dy, x, y) {
  op_multiply(dy, op_rsqrt(op_subtract(1, op_square(x))))
})

#' @rdname op_elementwise
#' @export
op_arccos <- unary_op("acos", function(dy, x, y) {
  op_negative(op_multiply(dy, op_rsqrt(op_subtract(1, op_square(x)))))
})

#' @rdname op_elementwise
#' @export
op_arctan <- unary_op("atan", function(dy, x, y) {
  op_divide(dy, op_add(op_square(x), 1))
})

#' @rdname op_elementwise
#' @export
op_sinh <- unary_op("sinh", function(dy, x, y) op_multiply(dy, op_cosh(x)))

#' @rdname op_elementwise
#' @export
op_cosh <- unary_op("cosh", function(dy, x, y) op_multiply(dy, op_sinh(x)))

#' @rdname op_elementwise
#' @export
op_arcsinh <- unary_op("asinh", function(dy, x, y) {
  op_multiply(dy, op_rsqrt(op_add(op_square(x), 1)))
})

#' @rdname op_elementwise
#' @export
op_arccosh <- unary_op("acosh", function(dy, x, y) {
  op_multiply(dy, op_rsqrt(op_subtract(op_square(x), 1)))
})

#' @rdname op_elementwise
#' @export
op_arctanh <- unary_op("atanh", function(dy, x, y) {
  op_divide(dy, op_subtract(1, op_square(x)))
})

#' @rdname op_elementwise
#' @export
op_erf <- unary_op("erf", function(dy, x, y) {
  bell <- op_exp(op_negative(op_square(x)))
  op_multiply(dy, op_multiply(bell, 2 / sqrt(pi)))
})

#' @rdname op_elementwise
#' @export
op_floor <- unary_op("floor", flat, keep = TRUE)

#' @rdname op_elementwise
#' @export
op_ceil <- unary_op("ceil", flat, keep = TRUE)

#' @rdname op_elementwise
#' @export
op_trunc <- unary_op("trunc", flat, keep = TRUE)

round_half_even <- unary_op("round", flat, keep = TRUE)

#' @rdname op_elementwise
#' @param decimals Decimal places to round to; halves go to the even neighbour.
#' @export
op_round <- function(x, decimals = 0L) {
  decimals <- check_whole(decimals, "decimals")
  if (decimals == 0L) return(round_half_even(x))
  op_divide(round_half_even(op_multiply(x, 10^decimals)), 10^decimals)
}
