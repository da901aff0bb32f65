# What the kinds of live cases share: random arrays, sizes, flags, activations
# and weights. Numbers are multiples of 1/1024, so that they are the same on
# both sides of a JSON file.

draw_array <- function(..., scale = 1) {
  dim <- c(...)
  array(round(rnorm(prod(dim), sd = scale) * 1024) / 1024, dim)
}

draw_size <- function(largest) sample(largest, 1)
draw_flag <- function(chance = 0.5) runif(1) < chance

# Those without arguments that keep the width (not glu, not threshold). Not
# sparsemax: Keras 3.15.1 adds up the partial sums of the support, and its
# outputs then do not sum to one, where elman's do.
activation_names <- c(
  "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid",
  "hard_silu", "hard_tanh", "leaky_relu", "linear", "log_sigmoid",
  "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
  "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus",
  "sparse_sigmoid", "squareplus", "tanh", "tanh_shrink"
)

# Fed back into itself, the exponential overflows within some steps.
recurrent_names <- setdiff(activation_names, "exponential")

draw_activation <- function(names = activation_names) {
  if (draw_flag(0.3)) "tanh" else sample(names, 1)
}

# W, R and b, small enough that no activation runs away.
draw_rnn_weights <- function(features, units, use_bias) {
  c(
    list(
      draw_array(features, units, scale = 0.5 / sqrt(features)),
      draw_array(units, units, scale = 0.5 / sqrt(units))
    ),
    if (use_bias) list(draw_array(units, scale = 0.3))
  )
}

draw_dense_weights <- function(features, units, use_bias) {
  c(
    list(draw_array(features, units, scale = 1 / sqrt(features))),
    if (use_bias) list(draw_array(units, scale = 0.3))
  )
}

# Gradients of weights by the names that the truth uses.
weight_gradients <- function(found, use_bias) {
  names <- c("dW", if (length(found) - use_bias == 2) "dR", "db")
  stats::setNames(lapply(found, as.array), names[seq_along(found)])
}

# ---- any layer with any inputs and outputs -----------------------------------

draw_mask <- function(..., chance = 0.6) {
  array(as.double(runif(prod(...)) < chance), c(...))
}

# What `call(...)` gives for these inputs, and the gradients of a weighted sum
# of its outputs with respect to inputs and weights; live_arrays.py has the same
# under the same names. Outputs' masks, where there are any, are results, too.
answers <- function(call, inputs, weights = list()) {
  outputs <- flat_outputs(do.call(call, lapply(inputs, as_tensor)))
  total <- function(...) {
    Reduce(`+`, lapply(flat_outputs(call(...)), weighted_total))
  }
  slopes <- do.call(value_and_grad(total, weights), inputs)
  numbered <- function(what, values) {
    stats::setNames(lapply(values, as.array),
                    sprintf("%s %d", what, seq_along(values)))
  }
  masks <- lapply(outputs, attr, "mask")
  c(
    list(masked = array(lengths(masks) > 0)),
    numbered("output", outputs), numbered("slope", slopes$gradients),
    numbered("weight slope", slopes$variable_gradients),
    numbered("mask", Filter(Negate(is.null), masks))
  )
}

flat_outputs <- function(x) {
  if (!is.list(x)) return(list(x))
  unlist(lapply(unname(x), flat_outputs), recursive = FALSE)
}

weighted_total <- function(x) {
  op_sum(x * op_reshape(cos(seq_len(prod(dim(x))) - 1), dim(x)))
}

# A function that gives one choice after the other, again and again.
in_turn <- function(choices) {
  at <- 0L
  function() {
    at <<- at %% length(choices) + 1L
    choices[at]
  }
}
