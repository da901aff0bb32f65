# What recurrent layers ask of a cell, and how they run one over a sequence.
#
# A cell is a layer with `state_size`, whole numbers (one a state), and
# call(inputs, states[, training]), which gives list(output, states). It may
# have `output_size` (else the first state's) and get_initial_state(batch_size)
# (else zeros). Cells of the package define besides
#   draw_drops(batch, training)   dropout masks that serve one whole sequence
#   step(x, states, drops)        one step; states are a list
#   run_native(inputs, states, mask, drops, flags)  the whole sequence in one
#                                 op, or NULL where the cell's settings have
#                                 none
# `flags` are go_backwards, return_sequences and zero_output_for_mask.

# The instance of a cell, or of a stack where a list of cells is given.
as_cell <- function(cell, arg = "cell", dtype = NULL) {
  if (is.list(cell)) return(StackedRNNCells$new(cells = cell, dtype = dtype))
  if (!is_layer(cell) && !is_layer_instance(cell)) {
    must_be(cell, arg, "a cell with `call()` and `state_size`")
  }
  self <- unwrap_layer(cell, arg)
  if (is.null(self$cells)) {
    check_sizes(self$state_size, "state_size", self)
    if (!is.null(self$output_size) && length(check_sizes(
      self$output_size, "output_size", self)) != 1L) {
      must_be(self$output_size, "output_size", "one positive whole number")
    }
  }
  self
}

check_sizes <- function(sizes, arg, cell) {
  flat <- unlist(sizes)
  ok <- length(flat) && is.numeric(flat) && !anyNA(flat) &&
    all(flat >= 1 & flat == round(flat))
  if (!ok) {
    abort_argument(sprintf(
      "Cell `%s` must have a `%s` of positive whole numbers, not %s.",
      cell$name, arg, describe(sizes)), arg)
  }
  as.integer(flat)
}

# Does it take [batch, features] and run in the native kernels?
is_native_cell <- function(cell) {
  if (!is.null(cell$cells)) return(is_native_cell(cell$cells[[1]]))
  is.function(cell$run_native)
}

# One size for each state tensor, those of stacked cells one after the other.
state_sizes <- function(cell) {
  if (is.null(cell$cells)) return(as.integer(unlist(cell$state_size)))
  unlist(lapply(cell$cells, state_sizes))
}

cell_output_size <- function(cell) {
  if (!is.null(cell$cells)) {
    return(cell_output_size(cell$cells[[length(cell$cells)]]))
  }
  as.integer(cell$output_size %||% state_sizes(cell)[1])
}

# Shapes of the states for a batch, NULL for those of a cell of the user's that
# makes them itself.
state_shapes <- function(cell, batch) {
  if (!is.null(cell$cells)) {
    return(unlist(lapply(cell$cells, state_shapes, batch), recursive = FALSE))
  }
  if (is.function(cell$state_shapes)) return(cell$state_shapes(batch))
  lapply(state_sizes(cell), function(n) {
    if (is.null(cell$get_initial_state)) c(batch, n)
  })
}

# States as cells of a stack give them: a list for each cell, from a flat list.
nest_states <- function(states, cell) {
  if (length(cell$cells) < 2L) return(states)
  owner <- rep(seq_along(cell$cells),
               vapply(cell$cells, function(one) length(state_sizes(one)), 1L))
  unname(split(states, owner))
}

# The states before the first step: the cell's own, or zeros.
initial_states <- function(cell, batch, dtype) {
  if (!is.null(cell$cells)) {
    return(unlist(lapply(cell$cells, initial_states, batch, dtype),
                  recursive = FALSE))
  }
  if (is.function(cell$get_initial_state)) {
    states <- cell$get_initial_state(batch_size = batch)
    if (!is.list(states)) states <- list(states)
    return(lapply(states, as_tensor, dtype = dtype))
  }
  lapply(state_sizes(cell), function(n) op_zeros(c(batch, n), dtype))
}

# ---- running -----------------------------------------------------------------

# The cell over all steps of `inputs` [batch, time, ...]: list(output, states).
# `states` is a flat list, or NULL for the initial ones.
run_cell <- function(cell, inputs, states, mask, training, flags) {
  if (!is.null(cell$cells)) {
    return(run_stack(cell, inputs, states, mask, training, flags))
  }
  batch <- shape_of(inputs)[1]
  drops <- step_drops(cell, inputs, training)
  if (is.function(cell$run_native)) {
    result <- cell$run_native(inputs, states, mask, drops, flags)
    if (!is.null(result)) return(result)
  }
  run_rnn_loop(
    cell_step(cell, drops, training), inputs,
    states %||% initial_states(cell, batch, dtype_of(inputs)), mask,
    flags$go_backwards, flags$return_sequences, flags$zero_output_for_mask
  )
}

# Each cell of a stack sees only the steps of the one below and its own states,
# so the cells run one after the other, each over the whole sequence.
run_stack <- function(cell, inputs, states, mask, training, flags) {
  states <- if (!is.null(states)) nest_states(states, cell)
  if (length(cell$cells) == 1L) states <- list(states)
  last <- list()
  below <- list(go_backwards = flags$go_backwards, return_sequences = TRUE,
                zero_output_for_mask = FALSE)
  for (k in seq_along(cell$cells)) {
    top <- k == length(cell$cells)
    use <- if (top) flags else below
    use$go_backwards <- flags$go_backwards && k == 1L
    # What comes from below is in order of processing.
    if (k == 2L && flags$go_backwards && !is.null(mask)) {
      mask <- op_flip(mask, axis = 2L)
    }
    result <- run_cell(cell$cells[[k]], inputs, states[[k]], mask, training,
                       use)
    inputs <- result[[1]]
    last <- c(last, result[[2]])
  }
  list(inputs, last)
}

# One step of a cell as a function of input and states.
cell_step <- function(cell, drops, training) {
  if (is.function(cell$step)) {
    return(function(x, states) cell$step(x, states, drops))
  }
  function(x, states) call_cell(cell, x, states, training)
}

# A step of a cell whose call() is somebody else's.
call_cell <- function(cell, x, states, training) {
  known <- names(formals(cell$call))
  result <- if ("training" %in% known) {
    cell$call(x, states, training = training)
  } else {
    cell$call(x, states)
  }
  if (!is.list(result) || length(result) != 2L || !is_tensor(result[[1]])) {
    abort_argument(sprintf(
      "`call()` of cell `%s` must give list(output, states), not %s.",
      cell$name, describe(result)), "cell")
  }
  new <- flat_values(result[[2]])
  if (length(new) != length(states)) {
    abort_argument(sprintf(
      "`call()` of cell `%s` must give %d states, not %d.", cell$name,
      length(states), length(new)), "cell")
  }
  list(result[[1]], new)
}

# ---- one step, called by hand ------------------------------------------------

# States of a single step as a flat list of tensors that fit.
check_step_states <- function(states, cell, batch) {
  states <- lapply(flat_values(states), as_tensor, dtype = cell$dtype)
  check_state_shapes(lapply(states, shape_of), state_shapes(cell, batch),
                     cell$name, "states")
  states
}

check_state_shapes <- function(shapes, wanted, name, arg) {
  if (length(shapes) != length(wanted)) {
    abort_shape(sprintf(
      "`%s` must be %d tensor%s for layer `%s`, not %d.", arg, length(wanted),
      if (length(wanted) == 1L) "" else "s", name, length(shapes)), arg)
  }
  for (k in seq_along(wanted)) {
    if (!is.null(wanted[[k]]) && !fits_shape(shapes[[k]], wanted[[k]])) {
      abort_shape(sprintf(
        "`%s` must have shape %s, not %s.", arg, format_shape(wanted[[k]]),
        format_shape(shapes[[k]])), arg)
    }
  }
}

step_drops <- function(cell, inputs, training) {
  if (is.function(cell$draw_drops)) {
    cell$draw_drops(shape_of(inputs)[1], training)
  }
}

# A cell of the package, called for one step: new states come back as the old
# ones came, in a list or alone.
call_native_cell <- function(cell, inputs, states, training) {
  old <- check_step_states(states, cell, shape_of(inputs)[1])
  result <- cell$step(inputs, old, step_drops(cell, inputs, training))
  if (!is.list(states)) result[[2]] <- result[[2]][[1]]
  result
}

# The output's shape, then the states'.
cell_output_shape <- function(cell, input_shape) {
  lapply(c(cell_output_size(cell), state_sizes(cell)), function(n) {
    c(input_shape[1], n)
  })
}
