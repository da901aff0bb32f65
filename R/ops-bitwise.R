# Operations on the bits of whole numbers.

whole_operand <- function(x, arg = "x") {
  x <- if (!inherits(x, "elman_value") && are_whole(x)) {
    as_tensor(x, "int32")
  } else {
    operand(x, arg)
  }
  if (dtype_of(x) == "bool") return(op_cast(x, "int32"))
  if (dtype_of(x) != "int32") must_be(x, arg, "whole numbers")
  x
}

bitwise_op <- function(name) {
  op <- binary_op(name, no_gradient, no_gradient)
  function(x, y) op(whole_operand(x, "x"), whole_operand(y, "y"))
}

#' Operations on bits
#'
#' Elementwise on `int32` numbers, with NumPy's broadcasting. None of them has a
#' gradient.
#'
#' @param x,y Tensors or arrays of whole numbers. For shifts, `y` says by how
#'   many bits; a right shift keeps the sign.
#' @return An `int32` tensor of the broadcast shape.
#' @section Errors: `elman_error_argument` for fractions, `elman_error_shape`
#'   where the shapes cannot be broadcast.
#' @section Compatibility: A shift by fewer than 0 bits is none, and one by more
#'   than 31 one by 31; Keras leaves both to the processor.
#' @examples
#' op_bitwise_and(c(12L, 10L), 6L)
#' op_bitwise_left_shift(1L, 0:3)
#' @name op_bitwise
NULL

#' @rdname op_bitwise
#' @export
op_bitwise_and <- bitwise_op("bitwise_and")

#' @rdname op_bitwise
#' @export
op_bitwise_or <- bitwise_op("bitwise_or")

#' @rdname op_bitwise
#' @export
op_bitwise_xor <- bitwise_op("bitwise_xor")

#' @rdname op_bitwise
#' @export
op_bitwise_left_shift <- bitwise_op("left_shift")

#' @rdname op_bitwise
#' @export
op_bitwise_right_shift <- bitwise_op("right_shift")

#' @rdname op_bitwise
#' @export
op_left_shift <- op_bitwise_left_shift

#' @rdname op_bitwise
#' @export
op_right_shift <- op_bitwise_right_shift

invert_bits <- unary_op("bitwise_not", flat, keep = TRUE)

#' @rdname op_bitwise
#' @export
op_bitwise_not <- function(x) invert_bits(whole_operand(x))

#' @rdname op_bitwise
#' @export
op_bitwise_invert <- op_bitwise_not
