# Activations by the operators of ONNX.

# The name of f(x).
onnx_activation <- function(graph, f, x, layer) {
  name <- export_activation(f, layer, "ONNX")
  op <- function(operator, ...) onnx_node(graph, operator, c(...))
  number <- function(value) onnx_scalar(graph, value)
  clip <- function(x, from, to) op("Clip", x, number(from), number(to))
  switch(name,
    linear = x,
    celu = , elu = onnx_node(graph, "Elu", x, alpha = 1),
    exponential = op("Exp", x),
    gelu = {
      erf <- op("Erf", op("Mul", x, number(sqrt(0.5))))
      op("Mul", op("Mul", x, number(0.5)), op("Add", erf, number(1)))
    },
    glu = {
      halves <- onnx_node(graph, "Split", x, axis = -1L, outputs = 2L)
      op("Mul", halves[1], op("Sigmoid", halves[2]))
    },
    hard_shrink = onnx_node(graph, "Shrink", x, lambd = 0.5, bias = 0),
    soft_shrink = onnx_node(graph, "Shrink", x, lambd = 0.5, bias = 0.5),
    hard_sigmoid = onnx_hard_sigmoid(graph, x),
    hard_silu = , hard_swish = op("Mul", x, onnx_hard_sigmoid(graph, x)),
    hard_tanh = clip(x, -1, 1),
    leaky_relu = onnx_node(graph, "LeakyRelu", x, alpha = 0.2),
    log_sigmoid = op("Neg", op("Softplus", op("Neg", x))),
    log_softmax = onnx_node(graph, "LogSoftmax", x, axis = -1L),
    mish = op("Mul", x, op("Tanh", op("Softplus", x))),
    relu = , threshold = op("Relu", x),
    relu6 = clip(x, 0, 6),
    selu = op("Selu", x),
    sigmoid = op("Sigmoid", x),
    silu = op("Mul", x, op("Sigmoid", x)),
    softmax = onnx_node(graph, "Softmax", x, axis = -1L),
    softplus = op("Softplus", x),
    softsign = op("Softsign", x),
    sparse_plus = {
      bent <- clip(op("Add", x, number(1)), 0, 2)
      bent <- op("Mul", op("Mul", bent, bent), number(0.25))
      op("Where", op("GreaterOrEqual", x, number(1)), x, bent)
    },
    sparse_sigmoid = clip(
      op("Mul", op("Add", x, number(1)), number(0.5)), 0, 1
    ),
    sparsemax = onnx_sparsemax(graph, x),
    squareplus = {
      root <- op("Sqrt", op("Add", op("Mul", x, x), number(4)))
      op("Mul", op("Add", x, root), number(0.5))
    },
    tanh = op("Tanh", x),
    tanh_shrink = op("Sub", x, op("Tanh", x)),
    refuse_export(layer, "ONNX", sprintf("its activation is \"%s\"", name))
  )
}

onnx_hard_sigmoid <- function(graph, x) {
  onnx_node(graph, "HardSigmoid", x, alpha = 1 / 6, beta = 0.5)
}

# max(x - tau, 0) with Keras's tau: from the sum of all partial sums over the
# support, see src/core/activation_rows.h.
onnx_sparsemax <- function(graph, x) {
  op <- function(operator, ...) onnx_node(graph, operator, c(...))
  one <- onnx_scalar(graph, 1)
  last <- onnx_int64(graph, -1)
  size <- onnx_node(graph, "Shape", x, start = -1L)
  sorted <- onnx_node(graph, "TopK", c(x, size), axis = -1L, outputs = 2L)[1]
  at <- onnx_constant(graph, -1, integer(), "int64")
  partial <- op("CumSum", sorted, at)
  ranks <- op("CumSum", op("Add", op("Mul", sorted, onnx_scalar(graph, 0)),
                           one), at)
  inside <- onnx_node(graph, "Cast", op(
    "Greater", op("Add", op("Mul", ranks, sorted), one), partial
  ), to = 1L)
  total <- op("ReduceSum", op("Mul", inside, partial), last)
  count <- op("ReduceSum", inside, last)
  tau <- op("Div", op("Sub", total, one), count)
  op("Relu", op("Sub", x, tau))
}

# How ONNX's own recurrent operators name an activation: list(name, alpha,
# beta), NULL for those that they do not have.
onnx_cell_activation <- function(f, layer) {
  name <- export_activation(f, layer, "ONNX")
  switch(name,
    tanh = list("Tanh"), sigmoid = list("Sigmoid"), relu = list("Relu"),
    softsign = list("Softsign"), softplus = list("Softplus"),
    elu = list("Elu", 1), leaky_relu = list("LeakyRelu", 0.2),
    hard_sigmoid = list("HardSigmoid", 1 / 6, 0.5)
  )
}
