# Gradients: chain rule, sharing, variables, nesting.

test_that("value_and_grad gives the value and one gradient per argument", {
  f <- value_and_grad(function(x, y) op_sum(op_multiply(x, y)))
  got <- f(c(1, 2), c(3, 4))
  expect_equal(as.array(got$value), 11)
  expect_equal(as.double(got$gradients[[1]]), c(3, 4))
  expect_equal(as.double(got$gradients[[2]]), c(1, 2))
})

test_that("a tensor used twice gathers both gradients", {
  f <- value_and_grad(function(x) op_sum(x * x + 3 * x))
  expect_equal(as.double(f(c(1, 2))$gradients[[1]]), c(5, 7))
})

test_that("what the value does not depend on has gradient zero", {
  v <- new_variable(as_tensor(c(1, 2)), "v")
  got <- value_and_grad(function(x, y) op_sum(x), list(v))(c(1, 2), c(3, 4))
  expect_equal(as.double(got$gradients[[2]]), c(0, 0))
  expect_equal(as.double(got$variable_gradients[[1]]), c(0, 0))
})

test_that("variables are differentiated and left unmarked", {
  v <- new_variable(as_tensor(c(2, 3)), "v")
  got <- value_and_grad(function(x) op_sum(op_multiply(v, op_multiply(v, x))),
                        list(v))(c(1, 10))
  expect_equal(as.double(got$variable_gradients[[1]]), c(4, 60))
  expect_null(node_of(v))
  expect_false(is_taping())
})

test_that("derivatives nest", {
  cube <- function(x) op_sum(x * x * x)
  first <- function(x) op_sum(value_and_grad(cube)(x)$gradients[[1]])
  expect_equal(as.double(value_and_grad(first)(c(1, 2))$gradients[[1]]),
               c(6, 12))
})

test_that("gradients stop where they are told to", {
  f <- value_and_grad(function(x) op_sum(x * op_stop_gradient(x)))
  expect_equal(as.double(f(c(3, 4))$gradients[[1]]), c(3, 4))
})

test_that("an error inside leaves no tape open", {
  expect_error(value_and_grad(function(x) stop("no"))(1), "no")
  expect_false(is_taping())
  expect_null(the$node)
})

test_that("a value that is no scalar is refused", {
  expect_error(value_and_grad(function(x) x * 2)(c(1, 2)),
               class = "elman_error_shape")
  expect_error(value_and_grad(1), class = "elman_error_argument")
})

test_that("long chains are differentiated", {
  f <- value_and_grad(function(x) {
    for (i in 1:2000) x <- x * 1.001
    op_sum(x)
  })
  got <- f(c(1, 2))
  expect_equal(as.double(got$gradients[[1]]), rep(1.001^2000, 2),
               tolerance = 1e-3)
})
