# Activations as ops: one record, one kernel and its gradient; a member is a
# name and its parameters. Their help is activations.R's.

activation_op <- new_op(
  "activation",
  infer = function(inputs, attributes) {
    shape <- shape_of(inputs[[1]])
    if (attributes$name == "glu") {
      at <- attributes$axis + 1L
      if (!is.na(shape[at]) && shape[at] %% 2L != 0L) {
        abort_shape(sprintf("glu needs an axis of even size, not %d.",
                            shape[at]), "axis")
      }
      shape[at] <- shape[at] %/% 2L
    }
    list(shape = shape, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(activation_gradient_op, list(dy, inputs[[1]], output),
                attributes))
  }
)

activation_gradient_op <- new_op(
  "activation_gradient",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[2]]), dtype = dtype_of(inputs[[2]]))
  }
)

activate <- function(name, x, ...) {
  x <- float_of_any(operand(x))
  run_op(activation_op, list(x), list(name = name, ...))
}

activate_axis <- function(name, x, axis) {
  x <- float_of_any(operand(x))
  axis <- zero_based_axis(axis, rank_of(x))
  run_op(activation_op, list(x), list(name = name, axis = axis))
}

#' Activation functions as operations
#'
#' The functions behind [activation_relu()] and its like; there the formulas.
#'
#' @param x A tensor or array of any shape.
#' @param negative_slope,alpha,threshold,default_value,b,approximate Parameters
#'   of single functions, see [activation_relu()]. `op_gelu()` is approximate by
#'   default, `activation_gelu()` exact, as in Keras.
#' @param axis The axis that sums to one, or is halved by `op_glu()`; counted
#'   from 1, negative ones from the end.
#' @return A tensor of the shape of `x`; `op_glu()` halves one axis.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or another
#'   argument is out of range; `elman_error_shape` where `op_glu()` meets an odd
#'   size.
#' @examples
#' op_tanh(c(-1, 0, 1))
#' op_softmax(c(1, 2, 3))
#' @name op_activations
NULL

#' @rdname op_activations
#' @export
op_tanh <- function(x) activate("tanh", x)

#' @rdname op_activations
#' @export
op_sigmoid <- function(x) activate("sigmoid", x)

#' @rdname op_activations
#' @export
op_relu <- function(x) activate("relu", x)

#' @rdname op_activations
#' @export
op_relu6 <- function(x) activate("relu6", x)

#' @rdname op_activations
#' @export
op_silu <- function(x) activate("silu", x)

#' @rdname op_activations
#' @export
op_hard_sigmoid <- function(x) activate("hard_sigmoid", x)

#' @rdname op_activations
#' @export
op_hard_silu <- function(x) activate("hard_silu", x)

#' @rdname op_activations
#' @export
op_hard_tanh <- function(x) activate("hard_tanh", x)

#' @rdname op_activations
#' @export
op_log_sigmoid <- function(x) activate("log_sigmoid", x)

#' @rdname op_activations
#' @export
op_softplus <- function(x) activate("softplus", x)

#' @rdname op_activations
#' @export
op_softsign <- function(x) activate("softsign", x)

#' @rdname op_activations
#' @export
op_selu <- function(x) activate("selu", x)

#' @rdname op_activations
#' @export
op_tanh_shrink <- function(x) activate("tanh_shrink", x)

#' @rdname op_activations
#' @export
op_sparse_plus <- function(x) activate("sparse_plus", x)

#' @rdname op_activations
#' @export
op_sparse_sigmoid <- function(x) activate("sparse_sigmoid", x)

#' @rdname op_activations
#' @export
op_hard_swish <- op_hard_silu

#' @rdname op_activations
#' @export
op_leaky_relu <- function(x, negative_slope = 0.2) {
  activate("leaky_relu", x,
           negative_slope = check_number(negative_slope, "negative_slope"))
}

#' @rdname op_activations
#' @export
op_elu <- function(x, alpha = 1) {
  activate("elu", x, alpha = check_number(alpha, "alpha"))
}

#' @rdname op_activations
#' @export
op_celu <- function(x, alpha = 1) {
  activate("celu", x, alpha = check_number(alpha, "alpha"))
}

#' @rdname op_activations
#' @export
op_gelu <- function(x, approximate = TRUE) {
  activate("gelu", x, approximate = check_flag(approximate, "approximate"))
}

#' @rdname op_activations
#' @export
op_hard_shrink <- function(x, threshold = 0.5) {
  activate("hard_shrink", x,
           threshold = check_number(threshold, "threshold"))
}

#' @rdname op_activations
#' @export
op_soft_shrink <- function(x, threshold = 0.5) {
  activate("soft_shrink", x,
           threshold = check_number(threshold, "threshold"))
}

#' @rdname op_activations
#' @export
op_threshold <- function(x, threshold, default_value) {
  activate("threshold", x, threshold = check_number(threshold, "threshold"),
           default_value = check_number(default_value, "default_value"))
}

#' @rdname op_activations
#' @export
op_squareplus <- function(x, b = 4L) {
  activate("squareplus", x, b = check_number(b, "b"))
}

#' @rdname op_activations
#' @export
op_softmax <- function(x, axis = -1L) activate_axis("softmax", x, axis)

#' @rdname op_activations
#' @export
op_log_softmax <- function(x, axis = -1L) activate_axis("log_softmax", x, axis)

#' @rdname op_activations
#' @export
op_sparsemax <- function(x, axis = -1L) activate_axis("sparsemax", x, axis)

#' @rdname op_activations
#' @export
op_glu <- function(x, axis = -1L) activate_axis("glu", x, axis)
