# Functions with their own gradient.

test_that("the own gradient is used, the own operations are not followed", {
  wrong <- op_custom_gradient(function(x) {
    list(op_square(x), function(upstream) upstream * 7)
  })
  got <- value_and_grad(function(x) op_sum(wrong(x * 2)))(c(1, 2))
  expect_equal(as.double(got$value), 20)
  expect_equal(as.double(got$gradients[[1]]), c(14, 14))
})

test_that("many arguments and outputs, and upstream by name", {
  f <- op_custom_gradient(function(x, y) {
    list(list(op_sin(x) * y, op_exp(y)), function(dp, de) {
      list(dp * op_cos(x) * y, dp * op_sin(x) + de * op_exp(y))
    })
  })
  expect_gradient(f, c(0.3, 0.7), c(1, 2))
  named <- op_custom_gradient(function(x) {
    e <- op_exp(x)
    list(op_log(1 + e), function(..., upstream = NULL) {
      upstream * (1 - 1 / (1 + e))
    })
  })
  expect_equal(as.double(value_and_grad(named)(100)$gradients[[1]]), 1)
  expect_gradient(named, c(-1, 2))
})

test_that("what is no such function is refused", {
  expect_error(op_custom_gradient(1), class = "elman_error_argument")
  expect_error(op_custom_gradient(function(x) x)(1),
               class = "elman_error_argument")
  short <- op_custom_gradient(function(x, y) list(x + y, function(dy) dy))
  expect_error(value_and_grad(short)(1, 2), class = "elman_error_argument")
  f <- op_custom_gradient(function(x) list(x, function(dy) dy))
  expect_error(f(layer_input(2)), class = "elman_error_state")
})
