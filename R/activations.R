# Activation functions by Keras's names, and how layers find them.

#' Activation functions
#'
#' Element by element unless said otherwise:
#'
#' | function | value |
#' |---|---|
#' | `celu` | \eqn{x} for \eqn{x > 0}, else \eqn{\alpha (e^{x/\alpha} - 1)} |
#' | `elu` | \eqn{x} for \eqn{x > 0}, else \eqn{\alpha (e^x - 1)} |
#' | `exponential` | \eqn{e^x} |
#' | `gelu` | \eqn{x \Phi(x)}; `approximate` by tanh |
#' | `glu` | \eqn{a \sigma(b)}, `a` and `b` the halves of the axis |
#' | `hard_shrink` | \eqn{x} where \eqn{|x|} is above `threshold`, else 0 |
#' | `hard_sigmoid` | \eqn{x/6 + 1/2}, cut to \eqn{[0, 1]} |
#' | `hard_silu`, `hard_swish` | \eqn{x} times hard sigmoid |
#' | `hard_tanh` | \eqn{x}, cut to \eqn{[-1, 1]} |
#' | `leaky_relu` | \eqn{x} for \eqn{x > 0}, else `negative_slope` times x |
#' | `linear` | \eqn{x} |
#' | `log_sigmoid` | \eqn{\log \sigma(x)} |
#' | `log_softmax` | \eqn{x - \log \sum e^x} over the axis |
#' | `mish` | \eqn{x \tanh(\log(1 + e^x))} |
#' | `relu` | \eqn{\max(x, 0)}; see the arguments |
#' | `relu6` | \eqn{\min(\max(x, 0), 6)} |
#' | `selu` | 1.0507 times elu with \eqn{\alpha = 1.6733} |
#' | `sigmoid` | \eqn{1 / (1 + e^{-x})} |
#' | `silu` (`"swish"`) | \eqn{x \sigma(x)} |
#' | `soft_shrink` | \eqn{x} moved towards 0 by `threshold`, 0 within it |
#' | `softmax` | \eqn{e^x / \sum e^x} over the axis |
#' | `softplus` | \eqn{\log(1 + e^x)} |
#' | `softsign` | \eqn{x / (1 + |x|)} |
#' | `sparse_plus` | 0 below -1, \eqn{(x + 1)^2 / 4}, \eqn{x} above 1 |
#' | `sparse_sigmoid` | \eqn{(x + 1) / 2}, cut to \eqn{[0, 1]} |
#' | `sparsemax` | \eqn{\max(x - \tau, 0)} over the axis, most values 0; see below |
#' | `squareplus` | \eqn{(x + \sqrt{x^2 + b}) / 2} |
#' | `tanh` | \eqn{\tanh x} |
#' | `tanh_shrink` | \eqn{x - \tanh x} |
#' | `threshold` | \eqn{x} above `threshold`, else `default_value` |
#'
#' @param x A tensor or array of any shape.
#' @param alpha,b Parameters of the formulas.
#' @param approximate Take the approximation by tanh.
#' @param axis The axis, counted from 1, that is normalised or halved; -1 is the
#'   last.
#' @param threshold,default_value Where the function bends. For
#'   `activation_relu()`, values up to `threshold` are 0.
#' @param negative_slope Slope for values below 0 (or the threshold).
#' @param max_value Largest value, or `NULL`.
#' @return A tensor of the shape of `x`; `glu` halves its axis.
#' @section Compatibility: `sparsemax` is Keras's: its threshold \eqn{\tau} is
#'   taken from the sum of all partial sums of the support, and what it gives
#'   need not sum to one, as it does in Martins and Astudillo (2016).
#'
#'   Layers take these by name (`"relu"`, `"swish"`), by
#'   function (`activation_relu`), or any function of yours made of `op_*`.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or a
#'   parameter is not a number.
#' @examples
#' activation_relu(c(-1, 0, 2))
#' activation_softmax(matrix(1:6, 2))
#' layer_dense(units = 2, activation = activation_relu)
#' @name activations
NULL

#' @rdname activations
#' @export
activation_celu <- function(x, alpha = 1) op_celu(x, alpha)

#' @rdname activations
#' @export
activation_elu <- function(x, alpha = 1) op_elu(x, alpha)

#' @rdname activations
#' @export
activation_exponential <- function(x) activate("exponential", x)

#' @rdname activations
#' @export
activation_gelu <- function(x, approximate = FALSE) op_gelu(x, approximate)

#' @rdname activations
#' @export
activation_glu <- function(x, axis = -1L) op_glu(x, axis)

#' @rdname activations
#' @export
activation_hard_shrink <- function(x, threshold = 0.5) {
  op_hard_shrink(x, threshold)
}

#' @rdname activations
#' @export
activation_hard_sigmoid <- function(x) op_hard_sigmoid(x)

#' @rdname activations
#' @export
activation_hard_silu <- function(x) op_hard_silu(x)

#' @rdname activations
#' @export
activation_hard_swish <- activation_hard_silu

#' @rdname activations
#' @export
activation_hard_tanh <- function(x) op_hard_tanh(x)

#' @rdname activations
#' @export
activation_leaky_relu <- function(x, negative_slope = 0.2) {
  op_leaky_relu(x, negative_slope)
}

#' @rdname activations
#' @export
activation_linear <- function(x) activate("linear", x)

#' @rdname activations
#' @export
activation_log_sigmoid <- function(x) op_log_sigmoid(x)

#' @rdname activations
#' @export
activation_log_softmax <- function(x, axis = -1L) op_log_softmax(x, axis)

#' @rdname activations
#' @export
activation_mish <- function(x) activate("mish", x)

#' @rdname activations
#' @export
activation_relu <- function(x, negative_slope = 0, max_value = NULL,
                            threshold = 0) {
  slope <- check_number(negative_slope, "negative_slope")
  bend <- check_number(threshold, "threshold")
  top <- check_number(max_value, "max_value", null_ok = TRUE)
  if (slope == 0 && bend == 0 && is.null(top)) return(op_relu(x))
  if (bend == 0 && is.null(top)) return(op_leaky_relu(x, slope))
  above <- if (bend == 0) op_relu(x) else op_threshold(x, bend, 0)
  if (!is.null(top)) above <- op_clip(above, 0, top)
  if (slope == 0) return(above)
  op_subtract(above, op_multiply(op_relu(op_subtract(bend, x)), slope))
}

#' @rdname activations
#' @export
activation_relu6 <- function(x) op_relu6(x)

#' @rdname activations
#' @export
activation_selu <- function(x) op_selu(x)

#' @rdname activations
#' @export
activation_sigmoid <- function(x) op_sigmoid(x)

#' @rdname activations
#' @export
activation_silu <- function(x) op_silu(x)

#' @rdname activations
#' @export
activation_soft_shrink <- function(x, threshold = 0.5) {
  op_soft_shrink(x, threshold)
}

#' @rdname activations
#' @export
activation_softmax <- function(x, axis = -1L) op_softmax(x, axis)

#' @rdname activations
#' @export
activation_softplus <- function(x) op_softplus(x)

#' @rdname activations
#' @export
activation_softsign <- function(x) op_softsign(x)

#' @rdname activations
#' @export
activation_sparse_plus <- function(x) op_sparse_plus(x)

#' @rdname activations
#' @export
activation_sparse_sigmoid <- function(x) op_sparse_sigmoid(x)

#' @rdname activations
#' @export
activation_sparsemax <- function(x, axis = -1L) op_sparsemax(x, axis)

#' @rdname activations
#' @export
activation_squareplus <- function(x, b = 4L) op_squareplus(x, b)

#' @rdname activations
#' @export
activation_tanh <- function(x) op_tanh(x)

#' @rdname activations
#' @export
activation_tanh_shrink <- function(x) op_tanh_shrink(x)

#' @rdname activations
#' @export
activation_threshold <- function(x, threshold, default_value) {
  op_threshold(x, threshold, default_value)
}


# ---- how layers find them ----------------------------------------------------

activation_aliases <- c(swish = "silu")

# A name, function or NULL (linear) as a function of a tensor.
get_activation <- function(x) {
  if (is.null(x)) return(activation_linear)
  if (is_layer(x)) {
    self <- unwrap_layer(x)
    return(function(x) self$invoke(x))
  }
  if (is.function(x)) return(x)
  if (!is.character(x)) must_be(x, "activation", "a name, a function or NULL")
  named_constructor(x, "activation_", "activation", activation_aliases)
}

# The name of one of the package's own functions, which kernels know; NULL for
# any other function.
activation_name <- function(f) {
  if (!identical(environment(f), own_namespace())) return(NULL)
  own_function_name(f, "activation_")
}

# As configurations have it: own functions by name.
serialize_activation <- function(f) activation_name(f) %||% f
