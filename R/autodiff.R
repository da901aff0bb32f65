# Differentiation: while a tape is open every op leaves a node behind; walking
# the nodes back from a scalar gives its gradients. There is no other
# differentiation in the package.
#
# Nodes are numbered in order of creation, so counting down is a topological
# order. A tensor carries its node's number and the output's index in the
# attribute `node`, a variable in its field `node`. Tapes nest: an inner one
# walks back while the outer one still records.

is_taping <- function() the$taping > 0L

# An op: its kernel, its shape rule and its gradient.
#
# `infer(inputs, attributes)` gives list(shape, dtype): where there are many
# outputs a list of shapes and a vector of types, and NA for unknown sizes.
# `gradient(dy, inputs, output, attributes, wanted)` gives one gradient per
# input, NULL where `wanted` is FALSE; with many outputs `dy` is a list.
# `kernel` names a kernel in C++, or is a function of inputs, what `infer()`
# gave and attributes that reads numbers into R: no step that runs it is
# recorded. `.subset2()` spares the hot path a search for methods.
new_op <- function(name, infer, gradient = NULL, kernel = name) {
  structure(list(name = name, infer = infer, gradient = gradient,
                 kernel = kernel), class = "elman_op")
}

# Runs an op on tensors and variables, or notes it down for symbolic tensors.
run_op <- function(op, inputs, attributes = NULL) {
  for (x in inputs) {
    if (is.environment(x) && is_symbolic(x)) {
      return(symbolic_op(op, inputs, attributes))
    }
  }
  out <- .subset2(op, "infer")(inputs, attributes)
  kernel <- .subset2(op, "kernel")
  output <- if (is.function(kernel)) kernel(inputs, out, attributes) else
    cpp_kernel_call(kernel, inputs, out$shape, out$dtype, attributes)
  if (is.character(output)) abort_argument(paste0(op$name, ": ", output))
  if (the$taping > 0L) record(op, inputs, output, attributes) else output
}

symbolic_op <- function(op, inputs, attributes) {
  out <- op$infer(inputs, attributes)
  many <- is.list(out$shape)
  shapes <- if (many) out$shape else list(out$shape)
  outputs <- lapply(seq_along(shapes), function(k) {
    new_symbolic(shapes[[k]], if (many) out$dtype[[k]] else out$dtype)
  })
  new_node(op, list(inputs = inputs, attributes = attributes), outputs)
  if (many) outputs else outputs[[1]]
}

node_of <- function(x) {
  if (is.environment(x)) .subset2(x, "node") else attr(x, "node", TRUE)
}

# Leaves a node where an input has one, and marks the outputs with it.
record <- function(op, inputs, output, attributes) {
  parents <- vector("list", length(inputs))
  tracked <- FALSE
  for (k in seq_along(inputs)) {
    mark <- node_of(inputs[[k]])
    if (is.null(mark)) next
    parents[[k]] <- mark
    tracked <- TRUE
  }
  if (!tracked) return(output)
  id <- push_node(op, inputs, parents, output, attributes)
  if (is.list(output)) {
    n <- length(output)
    for (k in seq_len(n)) {
      if (!is.null(output[[k]])) attr(output[[k]], "node") <- c(id, k, n)
    }
  } else {
    attr(output, "node") <- c(id, 1L, 1L)
  }
  output
}

# A mark is c(node's number, output's index, number of outputs). Nodes form a
# chain, the latest first: adding one costs the same however many there are.
push_node <- function(op, inputs, parents, output, attributes) {
  id <- the$last_node + 1L
  the$last_node <- id
  the$node <- list(op = op, inputs = inputs, parents = parents,
                   output = output, attributes = attributes, id = id,
                   before = the$node)
  id
}

# A leaf: a fresh identity for a tensor, so that gradients stop here.
watch_tensor <- function(x) {
  mark <- push_leaf(node_of(x))
  x <- cpp_copy(x)
  attr(x, "node") <- mark
  x
}

watch_variable <- function(variable) {
  old <- .subset2(variable, "node")
  assign("node", push_leaf(old), envir = variable)
  old
}

# An outer tape's node goes on as the leaf's parent.
push_leaf <- function(outer = NULL) {
  c(push_node(identity_op, list(NULL), list(outer), NULL, NULL), 1L, 1L)
}

identity_op <- new_op(
  "identity",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[1]]), dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) list(dy),
  kernel = "copy"
)

# Runs `code` with its own stretch of tape; nodes are dropped at the end.
with_tape <- function(code) {
  first <- the$last_node + 1L
  depth <- the$taping
  on.exit({
    the$taping <- depth
    # An outer tape needs what an inner one recorded.
    if (depth == 0L) drop_nodes()
  })
  the$taping <- depth + 1L
  code(first, function() the$taping <- depth)
}

# Numbers go on, so that the mark of a tensor from an earlier tape, kept in
# somebody's variable, lies before every later tape.
drop_nodes <- function() {
  the$node <- NULL
  if (the$last_node > 1e9) the$last_node <- 0L
}

untaped <- function(code) {
  depth <- the$taping
  on.exit(the$taping <- depth)
  the$taping <- 0L
  code
}

# Gradients of the scalar `target` with respect to the marked `leaves`; the walk
# stops at node `first`. One function, so that what has come down so far, a list
# by node, is changed in place.
walk_back <- function(target, leaves, first) {
  start <- node_of(target)
  if (is.null(start) || start[1] < first) return(vector("list", length(leaves)))
  come <- vector("list", start[1] - first + 1L)
  come[[length(come)]] <- cpp_kernel_call(
    "fill", list(), tensor_shape(target), tensor_dtype(target), list(value = 1)
  )
  node <- the$node
  while (node$id > start[1]) node <- node$before
  while (!is.null(node) && node$id >= first) {
    at <- node$id - first + 1L
    dy <- come[[at]]
    down <- if (!is.null(dy)) pull_back(node, dy, first)
    for (k in seq_along(down)) {
      if (is.null(down[[k]])) next
      mark <- node$parents[[k]]
      to <- mark[1] - first + 1L
      if (mark[3] == 1L) {
        come[[to]] <- add_gradient(come[[to]], down[[k]])
      } else {
        if (is.null(come[[to]])) come[[to]] <- vector("list", mark[3])
        come[[to]][[mark[2]]] <- add_gradient(come[[to]][[mark[2]]], down[[k]])
      }
    }
    # Handed on, and not a leaf: the memory is free again.
    if (!is.null(down)) come[at] <- list(NULL)
    node <- node$before
  }
  lapply(leaves, function(leaf) {
    to <- leaf[1] - first + 1L
    if (to <= length(come)) come[[to]]
  })
}

# What a node hands to its parents: a list, NULL for a leaf.
pull_back <- function(node, dy, first) {
  parents <- node$parents
  wanted <- logical(length(parents))
  for (k in seq_along(parents)) {
    mark <- parents[[k]]
    wanted[k] <- !is.null(mark) && mark[1] >= first
  }
  if (!any(wanted)) return(NULL)
  gradient <- .subset2(node$op, "gradient")
  if (is.null(gradient)) {
    abort_state(sprintf("`%s` has no gradient.", node$op$name))
  }
  down <- gradient(dy, node$inputs, node$output, node$attributes, wanted)
  down[!wanted] <- list(NULL)
  down
}

add_gradient <- function(before, value) {
  if (is.null(before)) value else op_add(before, value)
}

# The gradients of fn()'s loss with respect to variables. `fn()` gives a scalar
# tensor, or a list whose element `loss` is one. A variable that the loss does
# not depend on has gradient NULL.
record_gradients <- function(fn, variables) {
  with_tape(function(first, close) {
    before <- lapply(variables, watch_variable)
    on.exit(for (k in seq_along(variables)) {
      assign("node", before[[k]], envir = variables[[k]])
    })
    leaves <- lapply(variables, node_of)
    result <- fn()
    loss <- if (is.list(result)) result$loss else result
    close()
    list(result = result, gradients = walk_back(loss, leaves, first))
  })
}

# Outside all tapes a node's number means nothing.
unmarked <- function(x) {
  if (the$taping == 0L) attr(x, "node") <- NULL
  x
}
