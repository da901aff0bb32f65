# Activations as ops have exact gradients; the values are test-activations.R's.

test_that("every activation has the gradient of differences", {
  x <- array(c(-2.3, -0.7, -0.2, 0.15, 0.6, 0.9, 1.8, 2.6), c(2, 4))
  smooth <- list(op_tanh, op_sigmoid, op_silu, op_softplus, op_softsign,
                 op_selu, op_elu, op_celu, op_gelu, op_log_sigmoid,
                 op_squareplus, op_tanh_shrink, op_softmax, op_log_softmax,
                 op_sparsemax, op_glu, op_relu, op_relu6, op_leaky_relu,
                 op_hard_sigmoid, op_hard_silu, op_hard_tanh, op_hard_shrink,
                 op_soft_shrink, op_sparse_plus, op_sparse_sigmoid)
  for (op in smooth) expect_gradient(op, x)
  expect_gradient(function(x) op_gelu(x, approximate = FALSE), x)
  expect_gradient(function(x) op_softmax(x, axis = 1), x)
  expect_gradient(function(x) op_threshold(x, 0.5, -1), x)
})

test_that("softmax sums to one along its axis", {
  x <- array(rnorm(24), c(2, 3, 4))
  for (axis in c(1, 2, -1)) {
    sums <- as.double(op_sum(op_softmax(x, axis), axis = axis))
    expect_equal(sums, rep(1, length(sums)), tolerance = 1e-6)
  }
})

test_that("glu needs an even axis", {
  expect_error(op_glu(c(1, 2, 3)), class = "elman_error_shape")
})
