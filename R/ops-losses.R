# Crossentropies as operations, and the noise ratio of pictures.

#' Crossentropies as operations
#'
#' What [loss_binary_crossentropy()] and its like compute before they average.
#'
#' @param target Targets: of the shape of `output`, for
#'   `op_sparse_categorical_crossentropy()` class numbers from 0 without the
#'   class axis or with size 1 there.
#' @param output Predictions.
#' @param from_logits Whether predictions are logits instead of probabilities.
#' @param axis The axis of the classes, counted from 1, negative ones from the
#'   end.
#' @return A tensor: of the shape of `output` for `op_binary_crossentropy()`,
#'   else without the class axis.
#' @section Errors: `elman_error_shape` where shapes differ,
#'   `elman_error_argument` for a class number outside the classes.
#' @examples
#' op_binary_crossentropy(c(0, 1), c(0.1, 0.8))
#' op_sparse_categorical_crossentropy(1, rbind(c(0.3, 0.7)))
#' @name op_crossentropy
NULL

#' @rdname op_crossentropy
#' @export
op_binary_crossentropy <- function(target, output, from_logits = FALSE) {
  both <- float_operands(operand(target, "target"), operand(output, "output"))
  same_shapes(both)
  binary_crossentropy(both[[1]], both[[2]],
                      check_flag(from_logits, "from_logits"))
}

#' @rdname op_crossentropy
#' @export
op_categorical_crossentropy <- function(target, output, from_logits = FALSE,
                                        axis = -1L) {
  both <- float_operands(operand(target, "target"), operand(output, "output"))
  same_shapes(both)
  zero_based_axis(axis, rank_of(both[[2]]))
  categorical_crossentropy(both[[1]], both[[2]],
                           check_flag(from_logits, "from_logits"), axis = axis)
}

#' @rdname op_crossentropy
#' @export
op_sparse_categorical_crossentropy <- function(target, output,
                                               from_logits = FALSE,
                                               axis = -1L) {
  output <- float_of_any(operand(output, "output"))
  zero_based_axis(axis, rank_of(output))
  if (!inherits(target, "elman_value") && is.null(dim(target))) {
    target <- array(target, length(target))
  }
  sparse_crossentropy(target, output, check_flag(from_logits, "from_logits"),
                      axis = axis)
}

same_shapes <- function(both) {
  if (rank_of(both[[1]]) != rank_of(both[[2]]) ||
        !fits_shape(shape_of(both[[1]]), shape_of(both[[2]]))) {
    abort_shape(sprintf("`target` must have the shape of `output`, %s, not %s.",
                        format_shape(shape_of(both[[2]])),
                        format_shape(shape_of(both[[1]]))), "target")
  }
}

#' Peak signal-to-noise ratio
#'
#' `20 log10(max_val) - 10 log10(mean((x1 - x2)^2))`, in decibels.
#'
#' @param x1,x2 Tensors or arrays of one shape.
#' @param max_val The largest number that they could hold.
#' @return A scalar tensor.
#' @section Errors: `elman_error_shape` where shapes differ.
#' @examples
#' op_psnr(c(0, 0.5, 1), c(0, 0.6, 0.9), max_val = 1)
#' @export
op_psnr <- function(x1, x2, max_val) {
  both <- float_operands(x1, x2)
  if (!fits_shape(shape_of(both[[1]]), shape_of(both[[2]]))) {
    abort_shape(sprintf("`x1` and `x2` must have one shape, not %s and %s.",
                        format_shape(shape_of(both[[1]])),
                        format_shape(shape_of(both[[2]]))), "x2")
  }
  noise <- op_mean(op_square(op_subtract(both[[1]], both[[2]])))
  peak <- op_log10(op_cast(operand(max_val, "max_val"), dtype_of(noise)))
  op_subtract(op_multiply(peak, 20), op_multiply(op_log10(noise), 10))
}
