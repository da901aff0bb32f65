# Recurrent layers as nodes of an ONNX graph: ONNX's own RNN, LSTM and GRU where
# they can, and else its loop Scan over one step of the cells. ONNX's own know
# no masks, no stacks of cells and a few activations only.

# The outputs of a recurrent layer as a list of tensors.
onnx_recurrent_layer <- function(graph, layer, x, initial_state) {
  found <- onnx_recurrent(graph, layer, x, initial_state)
  mask <- if (layer$return_sequences) x$mask
  c(list(onnx_tensor_of(found$output, mask)),
    if (layer$return_state) lapply(found$states, onnx_tensor_of))
}

# list(output, states), names; `flipped` is whether the sequence is wanted
# in the opposite of the order of processing.
onnx_recurrent <- function(graph, layer, x, initial_state = NULL,
                           flipped = FALSE) {
  if (!layer$classes[1] %in% recurrent_classes) refuse_export(layer, "ONNX")
  cells <- export_cells(layer, "ONNX")
  # A mask that comes with its input counts only where no state is given.
  mask <- if (is.null(initial_state)) x$mask
  states <- onnx_first_states(graph, layer, cells, x$name, initial_state)
  own <- if (is.null(mask) && length(cells) == 1L) {
    onnx_own_recurrent(graph, layer, cells[[1]], x$name, states, flipped)
  }
  own %||% onnx_scan(graph, layer, cells, x$name, mask, states, flipped)
}

onnx_first_states <- function(graph, layer, cells, x, initial_state) {
  if (!is.null(initial_state)) {
    if (!is.null(initial_state$name)) initial_state <- list(initial_state)
    return(vapply(flat_tensors(initial_state), `[[`, "", "name"))
  }
  batch <- onnx_node(graph, "Shape", x, start = 0L, end = 1L)
  sizes <- unlist(lapply(cells, function(cell) cell$state_size))
  vapply(sizes, function(size) {
    shape <- onnx_node(graph, "Concat", c(batch, onnx_int64(graph, size)),
                       axis = 0L)
    onnx_node(graph, "ConstantOfShape", shape)
  }, "")
}

# Tensors in nested lists, in order.
flat_tensors <- function(x) {
  if (!is.null(names(x)) && "name" %in% names(x)) return(list(x))
  unlist(lapply(x, flat_tensors), recursive = FALSE)
}

onnx_bidirectional <- function(graph, layer, x, initial_state) {
  given <- if (!is.null(initial_state)) flat_tensors(initial_state)
  given <- halves(given)
  forward <- onnx_recurrent(graph, layer$forward_layer, x, given[[1]])
  backward <- onnx_recurrent(graph, layer$backward_layer, x, given[[2]],
                             flipped = TRUE)
  pair <- c(forward$output, backward$output)
  mode <- layer$merge_mode
  output <- if (is.null(mode)) pair else switch(mode,
    concat = onnx_node(graph, "Concat", pair, axis = -1L),
    sum = onnx_node(graph, "Sum", pair),
    mul = onnx_node(graph, "Mul", pair),
    ave = onnx_node(graph, "Mean", pair)
  )
  mask <- if (layer$return_sequences) x$mask
  c(lapply(output, onnx_tensor_of, mask), if (layer$return_state) {
    lapply(c(forward$states, backward$states), onnx_tensor_of)
  })
}

# ---- ONNX's own operators ----------------------------------------------------

# NULL where they do not have the activations. Their gates come in another
# order, their matrices are transposed, and time is their first axis.
onnx_own_recurrent <- function(graph, layer, cell, x, states, flipped) {
  gated <- cell$gates > 1L
  f <- onnx_cell_activation(cell$activation, layer)
  s <- if (gated) onnx_cell_activation(cell$recurrent_activation, layer)
  if (is.null(f) || gated && is.null(s)) return(NULL)
  used <- switch(cell$classes[1],
    SimpleRNNCell = list(f), LSTMCell = list(s, f, f), GRUCell = list(s, f)
  )
  numbers <- function(k) {
    have <- unlist(lapply(used, function(a) if (length(a) >= k) a[[k]]))
    if (length(have)) onnx_list(as.double(have))
  }
  operator <- switch(cell$classes[1],
    SimpleRNNCell = "RNN", LSTMCell = "LSTM", GRUCell = "GRU"
  )
  wide <- vapply(states, function(h) {
    onnx_node(graph, "Unsqueeze", c(h, onnx_int64(graph, 0)))
  }, "")
  inputs <- c(onnx_swap(graph, x), onnx_own_weights(graph, layer, cell), "",
              wide)
  found <- onnx_node(
    graph, operator, inputs,
    activations = onnx_list(vapply(used, `[[`, "", 1L)),
    activation_alpha = numbers(2L), activation_beta = numbers(3L),
    direction = if (layer$go_backwards) "reverse" else "forward",
    hidden_size = cell$units,
    linear_before_reset = if (operator == "GRU") as.integer(cell$reset_after),
    outputs = 1L + length(states)
  )
  squeeze <- function(y, axis) {
    onnx_node(graph, "Squeeze", c(y, onnx_int64(graph, axis)))
  }
  last <- vapply(found[-1], squeeze, "", 0)
  if (!layer$return_sequences) return(list(output = last[1], states = last))
  # What ONNX reads backwards it gives in the order of time.
  output <- onnx_swap(graph, squeeze(found[1], 1))
  if (layer$go_backwards != flipped) output <- onnx_flip(graph, output)
  list(output = output, states = last)
}

onnx_swap <- function(graph, x) {
  onnx_node(graph, "Transpose", x, perm = onnx_list(c(1L, 0L, 2L)))
}

onnx_flip <- function(graph, x) {
  onnx_node(graph, "Slice", c(
    x, onnx_int64(graph, -1), onnx_int64(graph, -2^31), onnx_int64(graph, 1),
    onnx_int64(graph, -1)
  ))
}

# W, R and B as ONNX wants them.
onnx_own_weights <- function(graph, layer, cell) {
  units <- cell$units
  order <- if (cell$gates == 4L) c(1L, 4L, 2L, 3L) else seq_len(cell$gates)
  columns <- as.vector(outer(seq_len(units), (order - 1L) * units, `+`))
  matrix_of <- function(weight) {
    rows <- shape_of(weight)[1]
    by_row <- matrix(export_numbers(weight, layer, "ONNX"), rows, byrow = TRUE)
    onnx_constant(graph, as.vector(by_row[, columns, drop = FALSE]),
                  c(1L, length(columns), rows))
  }
  bias <- rep(0, 2L * length(columns))
  if (!is.null(cell$bias)) {
    given <- export_numbers(cell$bias, layer, "ONNX")
    both <- c(columns, if (length(given) > length(columns))
      length(columns) + columns)
    bias[seq_along(both)] <- given[both]
  }
  c(matrix_of(cell$kernel), matrix_of(cell$recurrent_kernel),
    onnx_constant(graph, bias, c(1L, length(bias))))
}

# ---- the loop ----------------------------------------------------------------

onnx_scan <- function(graph, layer, cells, x, mask, states, flipped) {
  body <- new_onnx_graph(graph)
  at <- function(stem) onnx_name(graph, stem)
  before <- vapply(states, function(s) at("state"), "")
  step <- at("step")
  used <- if (!is.null(mask)) at("used")
  after <- onnx_cells_step(body, layer, cells, step, before)
  units <- cells[[length(cells)]]$units
  output <- after[length(after) - cells[[length(cells)]]$gates %/% 4L]
  if (!is.null(mask)) {
    choose <- onnx_node(body, "Unsqueeze", c(used, onnx_int64(graph, 1)))
    after <- vapply(seq_along(after), function(k) {
      onnx_node(body, "Where", c(choose, after[k], before[k]))
    }, "")
    output <- after[length(after) - cells[[length(cells)]]$gates %/% 4L]
    if (layer$zero_output_for_mask) {
      output <- onnx_node(body, "Where",
                          c(choose, output, onnx_scalar(graph, 0)))
    }
  }
  output <- onnx_node(body, "Identity", output)
  message <- onnx_graph_message(
    body, at("body"),
    c(lapply(c(before, step), onnx_value, shape = NULL),
      if (!is.null(mask)) list(onnx_value(used, NULL, "bool"))),
    lapply(c(after, output), onnx_value, shape = NULL)
  )
  direction <- rep(as.integer(layer$go_backwards), 1L + length(mask))
  found <- onnx_node(
    graph, "Scan", c(states, x, mask), body = message,
    num_scan_inputs = 1L + length(mask),
    scan_input_axes = onnx_list(rep(1L, 1L + length(mask))),
    scan_input_directions = onnx_list(direction),
    scan_output_axes = onnx_list(1L),
    scan_output_directions = onnx_list(as.integer(flipped)),
    outputs = length(states) + 1L
  )
  all <- found[length(found)]
  if (!layer$return_sequences) {
    last <- onnx_constant(graph, if (flipped) 0 else -1, integer(), "int64")
    all <- onnx_node(graph, "Gather", c(all, last), axis = 1L)
  }
  list(output = all, states = found[-length(found)])
}

# One step of cells on top of each other: all states after it.
onnx_cells_step <- function(body, layer, cells, x, states) {
  after <- character()
  for (cell in cells) {
    own <- seq_len(length(cell$state_size))
    new <- onnx_cell_step(body, layer, cell, x, states[own])
    states <- states[-own]
    after <- c(after, new)
    x <- new[1]
  }
  after
}

# The equations of src/core/cell_*.h.
onnx_cell_step <- function(body, layer, cell, x, states) {
  op <- function(operator, ...) onnx_node(body, operator, c(...))
  f <- function(z) onnx_activation(body, cell$activation, z, layer)
  s <- function(z) onnx_activation(body, cell$recurrent_activation, z, layer)
  gates <- function(x, weight, bias) {
    onnx_gates(body, layer, cell, x, weight, bias)
  }
  h <- states[1]
  if (cell$gates == 1L) {
    return(f(op("Add", gates(x, cell$kernel, 1L),
                gates(h, cell$recurrent_kernel, NULL))))
  }
  zx <- gates(x, cell$kernel, 1L)
  if (cell$gates == 4L) {
    zh <- gates(h, cell$recurrent_kernel, NULL)
    z <- vapply(1:4, function(k) op("Add", zx[k], zh[k]), "")
    c_new <- op("Add", op("Mul", s(z[2]), states[2]),
                op("Mul", s(z[1]), f(z[3])))
    return(c(op("Mul", s(z[4]), f(c_new)), c_new))
  }
  zh <- gates(h, cell$recurrent_kernel, if (cell$reset_after) 2L)
  z <- s(op("Add", zx[1], zh[1]))
  r <- s(op("Add", zx[2], zh[2]))
  p <- if (cell$reset_after) op("Mul", r, zh[3]) else
    gates(op("Mul", r, h), cell$recurrent_kernel, NULL)[3]
  g <- f(op("Add", zx[3], p))
  keep <- op("Mul", z, h)
  op("Add", keep, op("Mul", op("Sub", onnx_scalar(body, 1), z), g))
}

# x W + b, split into the gates; `bias` is the row of the bias, or NULL.
onnx_gates <- function(body, layer, cell, x, weight, bias) {
  y <- onnx_node(body, "MatMul", c(x, onnx_weight(body, weight, layer)))
  width <- cell$gates * cell$units
  if (!is.null(bias) && !is.null(cell$bias)) {
    numbers <- export_numbers(cell$bias, layer, "ONNX")
    row <- numbers[(bias - 1L) * width + seq_len(width)]
    y <- onnx_node(body, "Add", c(y, onnx_constant(body, row)))
  }
  if (cell$gates == 1L) return(y)
  sizes <- onnx_int64(body, rep(cell$units, cell$gates))
  onnx_node(body, "Split", c(y, sizes), axis = -1L, outputs = cell$gates)
}
