# The time loop in R, over recorded ops: for cells whose step is an R function.
# Masks, direction and outputs mean what they mean in the native kernels.

# `step(x_t, states)` gives list(output, states). `x` is [batch, time, ...],
# `states` a list of tensors, `mask` a bool tensor [batch, time] or NULL. Gives
# list(output, states): the last output or all of them in order of processing,
# and the states after the last step.
run_rnn_loop <- function(step, x, states, mask = NULL, go_backwards = FALSE,
                         return_sequences = FALSE,
                         zero_output_for_mask = FALSE) {
  inputs <- op_unstack(x, axis = 2L)
  used <- if (!is.null(mask)) op_unstack(mask, axis = 2L)
  times <- seq_along(inputs)
  if (go_backwards) times <- rev(times)
  outputs <- vector("list", length(times))
  output <- NULL
  for (k in seq_along(times)) {
    t <- times[k]
    new <- step(inputs[[t]], states)
    if (is.null(mask)) {
      output <- new[[1]]
      states <- new[[2]]
    } else {
      zeros <- op_zeros_like(new[[1]])
      held <- if (zero_output_for_mask || is.null(output)) zeros else output
      output <- where_used(used[[t]], new[[1]], held)
      states <- Map(function(new, old) where_used(used[[t]], new, old),
                    new[[2]], states)
    }
    outputs[[k]] <- output
  }
  list(if (return_sequences) op_stack(outputs, axis = 2L) else output, states)
}

# `used` [batch] chooses between rows of two tensors [batch, ...].
where_used <- function(used, new, old) {
  op_where(op_reshape(used, c(shape_of(used), rep(1L, rank_of(new) - 1L))),
           new, old)
}
