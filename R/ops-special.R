# Elementwise functions that are put together from others: of one tensor, and
# of two.

#' @rdname op_elementwise
#' @export
op_cbrt <- unary_op("cbrt", function(dy, x, y) {
  op_divide(dy, op_multiply(op_square(y), 3))
})

#' @rdname op_elementwise
#' @export
op_erfinv <- unary_op("erfinv", function(dy, x, y) {
  op_multiply(dy, op_multiply(op_exp(op_square(y)), sqrt(pi) / 2))
})

#' @rdname op_elementwise
#' @export
op_exp2 <- function(x) {
  x <- float_of_any(operand(x))
  op_power(as_tensor(2, dtype_of(x)), x)
}

#' @rdname op_elementwise
#' @export
op_deg2rad <- function(x) op_multiply(float_of_any(operand(x)), pi / 180)

#' @rdname op_elementwise
#' @export
op_signbit <- unary_op("signbit", flat, keep = TRUE, dtype = "bool")

#' @rdname op_elementwise
#' @param nan,posinf,neginf What to put in the place of NaN and the infinities;
#'   `NULL` for the largest number of the type, or the smallest.
#' @export
op_nan_to_num <- function(x, nan = 0, posinf = NULL, neginf = NULL) {
  x <- operand(x)
  if (!is_float(dtype_of(x))) return(x)
  largest <- largest_number(dtype_of(x))
  nan <- check_number(nan, "nan")
  posinf <- check_number(posinf %||% largest, "posinf")
  neginf <- check_number(neginf %||% -largest, "neginf")
  x <- op_where(op_isnan(x), nan, x)
  x <- op_where(op_equal(x, Inf), posinf, x)
  op_where(op_equal(x, -Inf), neginf, x)
}

largest_number <- function(dtype) {
  switch(dtype, float32 = (2 - 2^-23) * 2^127, float64 = .Machine$double.xmax,
         int32 = .Machine$integer.max, 1)
}

#' Parts of complex numbers
#'
#' Tensors hold real numbers: their imaginary part is 0, and they are their own
#' conjugates.
#'
#' @param x A tensor or array of any shape.
#' @return A tensor of the shape of `x`: `op_real()` and `op_conj()` its
#'   numbers, `op_imag()` zeros, `op_angle()` pi for negative numbers and 0 for
#'   others.
#' @section Errors: `elman_error_argument` where `x` holds no numbers.
#' @section Compatibility: There are no complex tensors, and so no `op_polar()`
#'   and no views of them.
#' @examples
#' op_angle(c(-2, 3))
#' op_imag(1:2)
#' @name op_complex
NULL

#' @rdname op_complex
#' @export
op_real <- function(x) op_copy(x)

#' @rdname op_complex
#' @export
op_conj <- op_real

#' @rdname op_complex
#' @export
op_imag <- function(x) op_zeros_like(x)

#' @rdname op_complex
#' @export
op_angle <- function(x) {
  x <- float_of_any(operand(x))
  op_where(op_less(x, 0), op_full_like(x, pi), op_zeros_like(x))
}

# ---- of two tensors ----------------------------------------------------------

float_operands <- function(x1, x2) lapply(operands(x1, x2), float_of_any)

#' @rdname op_arithmetic
#' @export
op_divide_no_nan <- function(x1, x2) {
  both <- float_operands(x1, x2)
  nothing <- op_equal(both[[2]], 0)
  divisor <- op_where(nothing, op_ones_like(both[[2]]), both[[2]])
  op_where(nothing, 0, op_divide(both[[1]], divisor))
}

#' @rdname op_arithmetic
#' @export
op_heaviside <- function(x1, x2) {
  both <- float_operands(x1, x2)
  one <- op_ones_like(both[[1]])
  op_where(op_less(both[[1]], 0), op_zeros_like(one),
           op_where(op_greater(both[[1]], 0), one, both[[2]]))
}

# An infinity of both leaves no difference.
#' @rdname op_arithmetic
#' @export
op_logaddexp <- function(x1, x2) {
  both <- float_operands(x1, x2)
  apart <- op_subtract(both[[1]], both[[2]])
  same <- op_isnan(apart)
  apart <- op_where(same, op_zeros_like(apart), apart)
  smaller <- op_log1p(op_exp(op_negative(op_abs(apart))))
  op_where(same, op_add(both[[1]], both[[2]]),
           op_add(op_maximum(both[[1]], both[[2]]), smaller))
}

#' @rdname op_arithmetic
#' @export
op_pmax <- op_maximum

#' @rdname op_arithmetic
#' @export
op_pmin <- op_minimum

#' @rdname op_compare
#' @param rtol,atol How far apart numbers may be: `atol + rtol * abs(x2)`.
#' @param equal_nan Is NaN close to NaN?
#' @export
op_isclose <- function(x1, x2, rtol = 1e-05, atol = 1e-08, equal_nan = FALSE) {
  rtol <- check_not_negative(rtol, "rtol")
  atol <- check_not_negative(atol, "atol")
  equal_nan <- check_flag(equal_nan, "equal_nan")
  both <- operands(x1, x2)
  if (!is_float(dtype_of(both[[1]]))) return(op_equal(both[[1]], both[[2]]))
  room <- op_add(op_multiply(op_abs(both[[2]]), rtol), atol)
  close <- op_less_equal(op_abs(op_subtract(both[[1]], both[[2]])), room)
  if (!equal_nan) return(close)
  op_logical_or(close, op_logical_and(op_isnan(both[[1]]), op_isnan(both[[2]])))
}

#' @rdname op_cast
#' @export
op_saturate_cast <- function(x, dtype) {
  dtype <- check_dtype(dtype)
  x <- operand(x)
  from <- dtype_of(x)
  if (from == dtype || from == "bool") return(op_cast(x, dtype))
  if (dtype == "bool") return(op_cast(op_clip(x, 0, 1), dtype))
  narrower <- dtype == "int32" || from == "float64"
  if (!narrower || from == "int32") return(op_cast(x, dtype))
  largest <- largest_number(dtype)
  smallest <- if (dtype == "int32") -largest - 1 else -largest
  if (dtype != "int32") return(op_cast(op_clip(x, smallest, largest), dtype))
  # 2^31 - 1 is no float32: what reaches 2^31 is put in its place afterwards.
  inside <- op_less(x, largest + 1)
  y <- op_cast(op_maximum(op_where(inside, x, 0), smallest), dtype)
  op_where(op_logical_or(inside, op_isnan(x)), y, .Machine$integer.max)
}

#' Choose among many by conditions
#'
#' @param condlist A list of bool tensors or logical arrays.
#' @param choicelist A list of as many tensors or arrays.
#' @param default What to take where no condition holds.
#' @return A tensor of the broadcast shape: each element from the choice of the
#'   first condition that holds there.
#' @section Errors: `elman_error_argument` where the lists differ in length or
#'   are empty, `elman_error_shape` where the shapes cannot be broadcast.
#' @examples
#' x <- c(-2, 0.5, 3)
#' op_select(list(x < 0, x > 1), list(c(0, 0, 0), c(1, 1, 1)), default = x)
#' @export
op_select <- function(condlist, choicelist, default = 0L) {
  if (!is.list(condlist) || !length(condlist)) {
    must_be(condlist, "condlist", "a list of conditions")
  }
  if (!is.list(choicelist) || length(choicelist) != length(condlist)) {
    must_be(choicelist, "choicelist",
            sprintf("a list of %d choices", length(condlist)))
  }
  choices <- common_operands(choicelist, "choicelist")
  y <- default
  for (k in rev(seq_along(condlist))) {
    y <- op_where(condlist[[k]], choices[[k]], y)
  }
  y
}
