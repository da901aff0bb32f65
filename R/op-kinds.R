# The kinds of ops, each made from a kernel and a derivative: of one tensor, of
# two with broadcasting, comparisons, and reductions.

# `gradient(dy, x, y)` gives the gradient of x; integers are taken as floats
# unless `keep` says that the function makes sense for them.
unary_op <- function(name, gradient, keep = FALSE, dtype = NULL) {
  force(gradient)
  op <- new_op(
    name,
    infer = function(inputs, attributes) {
      x <- inputs[[1]]
      list(shape = shape_of(x), dtype = dtype %||% dtype_of(x))
    },
    gradient = function(dy, inputs, output, attributes, wanted) {
      list(gradient(dy, inputs[[1]], output))
    }
  )
  function(x) {
    x <- operand(x)
    if (!keep && !is_float(dtype_of(x))) x <- op_cast(x, the$floatx)
    run_op(op, list(x))
  }
}

# No gradient flows through a step function.
flat <- function(dy, x, y) op_zeros_like(dy)

# What an op takes: tensors, variables and symbolic tensors as they are, R
# values as tensors.
operand <- function(x, arg = "x") {
  if (inherits(x, "elman_value")) x else tensor_from_r(x, arg = arg)
}

# The wider of two types: bool, int32, float32, float64.
wider_dtype <- function(a, b) {
  order <- c(bool = 1L, int32 = 2L, float32 = 3L, float64 = 4L)
  if (order[[a]] >= order[[b]]) a else b
}

# Both operands with one dtype. An R number takes the type of the tensor beside
# it; a fraction beside integers makes both floats.
operands <- function(x1, x2) {
  if (!inherits(x1, "elman_value")) {
    x1 <- weak_operand(x1, x2, "x1")
  } else if (!inherits(x2, "elman_value")) {
    x2 <- weak_operand(x2, x1, "x2")
  }
  x2 <- operand(x2, "x2")
  a <- dtype_of(x1)
  b <- dtype_of(x2)
  if (a == b) return(list(x1, x2))
  wide <- wider_dtype(a, b)
  if (a != wide) list(op_cast(x1, wide), x2) else list(x1, op_cast(x2, wide))
}

weak_operand <- function(x, beside, arg) {
  weak <- inherits(beside, "elman_value") && length(x) == 1L &&
    (is.numeric(x) || is.logical(x)) && is.null(dim(x))
  if (!weak) return(tensor_from_r(x, arg = arg))
  dtype <- dtype_of(beside)
  own <- switch(typeof(x), double = the$floatx, integer = "int32", "bool")
  if (!is_float(dtype)) dtype <- wider_dtype(dtype, own)
  cpp_tensor_from_r(as.vector(x), dtype)
}

# The gradient of an input that was broadcast: summed over what was repeated.
unbroadcast <- function(dy, x) {
  shape <- shape_of(x)
  given <- shape_of(dy)
  if (identical(shape, given)) return(dy)
  lead <- length(given) - length(shape)
  axes <- c(seq_len(lead), lead + which(shape == 1L & given[lead +
    seq_along(shape)] != 1L))
  if (length(axes)) dy <- op_sum(dy, axis = axes, keepdims = TRUE)
  op_reshape(dy, shape)
}

# `left` and `right` give the gradients of x1 and x2 before unbroadcasting.
binary_op <- function(name, left = NULL, right = NULL, dtype = NULL,
                      float = FALSE) {
  force(left)
  force(right)
  gradient <- if (is.null(left)) NULL else function(dy, inputs, output,
                                                    attributes, wanted) {
    a <- inputs[[1]]
    b <- inputs[[2]]
    list(if (wanted[1]) unbroadcast(left(dy, a, b, output), a),
         if (wanted[2]) unbroadcast(right(dy, a, b, output), b))
  }
  op <- new_op(
    name,
    infer = function(inputs, attributes) {
      list(shape = broadcast_shape(shape_of(inputs[[1]]),
                                   shape_of(inputs[[2]])),
           dtype = dtype %||% dtype_of(inputs[[1]]))
    },
    gradient = gradient
  )
  function(x1, x2) {
    inputs <- operands(x1, x2)
    kind <- dtype_of(inputs[[1]])
    if (float && !is_float(kind)) {
      inputs <- lapply(inputs, op_cast, dtype = the$floatx)
    } else if (kind == "bool" && is.null(dtype)) {
      inputs <- lapply(inputs, op_cast, dtype = "int32")
    }
    run_op(op, inputs)
  }
}

no_gradient <- function(dy, a, b, y) {
  op_zeros(shape_of(dy), the$floatx)
}

compare_op <- function(name) {
  binary_op(name, no_gradient, no_gradient, dtype = "bool")
}

# `gradient(dy, x, y, attributes)`: dy and y come with the reduced axes kept.
reduce_op <- function(name, gradient = NULL, dtype = NULL) {
  force(gradient)
  new_op(
    name,
    infer = function(inputs, attributes) {
      x <- inputs[[1]]
      list(shape = reduced_shape(shape_of(x), attributes),
           dtype = dtype %||% dtype_of(x))
    },
    gradient = if (!is.null(gradient)) {
      function(dy, inputs, output, attributes, wanted) {
        x <- inputs[[1]]
        kept <- shape_of(x)
        kept[attributes$axes + 1L] <- 1L
        list(gradient(op_reshape(dy, kept), x, op_reshape(output, kept),
                      attributes))
      }
    }
  )
}

reduced_shape <- function(shape, attributes) {
  at <- attributes$axes + 1L
  if (!attributes$keepdims) return(if (length(at)) shape[-at] else shape)
  shape[at] <- 1L
  shape
}
