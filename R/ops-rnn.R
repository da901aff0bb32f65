# The recurrent layer as one op on native kernels: forward over all steps, and
# its gradient. The equations stand in src/core/simple_rnn.h.
#
# inputs: x [B, T, F], W [F, U], R [U, U], and b [U], h0 [B, U], mask [B, T],
# x_drop [B, F], h_drop [B, U], each of them or NULL.
# outputs: y [B, T, U] or [B, U], h_last [B, U], and, while a tape is open, what
# the backward pass needs.

simple_rnn_op <- new_op(
  "simple_rnn_forward",
  infer = function(inputs, attributes) {
    x <- shape_of(inputs[[1]])
    units <- shape_of(inputs[[3]])[2]
    y <- if (attributes$return_sequences) c(x[1:2], units) else c(x[1], units)
    saved <- if (is_taping()) {
      as.integer(cpp_simple_rnn_saved_size(attributes$activation, x[1], x[2],
                                           units))
    }
    list(shape = list(y, c(x[1], units), saved),
         dtype = rep(dtype_of(inputs[[1]]), 3L))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    gradients <- run_op(simple_rnn_backward_op,
                        c(inputs, list(output[[3]], dy[[1]], dy[[2]])),
                        c(attributes, list(wanted = wanted[1:5] + 0)))
    c(gradients, list(NULL, NULL, NULL))
  }
)

# Gradients of x, W, R, b and h0, of those `wanted`.
simple_rnn_backward_op <- new_op(
  "simple_rnn_backward",
  infer = function(inputs, attributes) {
    shapes <- vector("list", 5L)
    for (k in which(attributes$wanted > 0)) {
      shapes[[k]] <- shape_of(inputs[[k]])
    }
    list(shape = shapes, dtype = rep(dtype_of(inputs[[1]]), 5L))
  }
)

# The output and the last state.
run_simple_rnn <- function(x, kernel, recurrent_kernel, bias, state, mask,
                           x_drop, h_drop, attributes) {
  run_op(simple_rnn_op,
         list(x, kernel, recurrent_kernel, bias, state, mask, x_drop, h_drop),
         attributes)[1:2]
}
