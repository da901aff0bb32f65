# The recurrent layer of any native cell as one op: forward over all steps, and
# its gradient. The equations stand in src/core/rnn.h and src/core/cell_*.h.
#
# inputs: x [B, T, F], W [F, G U], R [U, G U] for G gates, and b, h0 and c0
# [B, U], mask [B, T], x_drop [B, F] or [G, B, F], h_drop [B, U] or [G, B, U],
# each of them or NULL.
# outputs: y [B, T, U] or [B, U], h_last [B, U], c_last for cells with two
# states, and, while a tape is open, what the backward pass needs.

rnn_op <- new_op(
  "rnn_forward",
  infer = function(inputs, attributes) {
    x <- shape_of(inputs[[1]])
    units <- shape_of(inputs[[3]])[1]
    state <- c(x[1], units)
    y <- if (attributes$return_sequences) c(x[1:2], units) else state
    saved <- if (is_taping()) {
      as.integer(cpp_rnn_saved_size(
        attributes$cell, attributes$activation,
        attributes$recurrent_activation, x[1], x[2], units
      ))
    }
    list(shape = list(y, state, if (attributes$cell == "lstm") state, saved),
         dtype = rep(dtype_of(inputs[[1]]), 4L))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    gradients <- run_op(rnn_backward_op, c(inputs, output[4], dy[1:3]),
                        c(attributes, list(wanted = wanted[1:6] + 0)))
    c(gradients, list(NULL, NULL, NULL))
  }
)

# Gradients of x, W, R, b, h0 and c0, of those `wanted`.
rnn_backward_op <- new_op(
  "rnn_backward",
  infer = function(inputs, attributes) {
    shapes <- vector("list", 6L)
    for (k in which(attributes$wanted > 0)) {
      shapes[[k]] <- shape_of(inputs[[k]])
    }
    list(shape = shapes, dtype = rep(dtype_of(inputs[[1]]), 6L))
  }
)

# The output and the last states. `weights` and `states` are lists, whose
# missing elements are absent; `flags` are go_backwards, return_sequences and
# zero_output_for_mask.
run_rnn <- function(x, weights, states, mask, drops, cell, activation, flags,
                    recurrent_activation = "sigmoid") {
  at <- function(values, k) if (length(values) >= k) values[[k]]
  inputs <- list(
    x, weights[[1]], weights[[2]], at(weights, 3L), at(states, 1L),
    at(states, 2L), mask, drops[[1]], drops[[2]]
  )
  result <- run_op(rnn_op, inputs, c(
    list(cell = cell, activation = activation,
         recurrent_activation = recurrent_activation),
    flags
  ))
  list(result[[1]], Filter(Negate(is.null), result[2:3]))
}
