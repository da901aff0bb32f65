# Arithmetic: values, types, broadcasting and gradients.

test_that("operators are the ops", {
  x <- as_tensor(c(1, 2, 4))
  expect_equal(as.double(x + 1), c(2, 3, 5))
  expect_equal(as.double(1 - x), c(0, -1, -3))
  expect_equal(as.double(x * x), c(1, 4, 16))
  expect_equal(as.double(x / 2), c(0.5, 1, 2))
  expect_equal(as.double(x^2), c(1, 4, 16))
  expect_equal(as.double(-x), -c(1, 2, 4))
  expect_equal(as.double(c(-7, 7, 5.5) %% as_tensor(c(3, -3, 2))),
               c(2, -2, 1.5))
  expect_equal(as.double(c(-7, 7, 5.5) %/% as_tensor(c(3, -3, 2))),
               c(-3, -3, 2))
})

test_that("an R number takes the type of the tensor beside it", {
  expect_identical((as_tensor(1, "float64") + 1)$dtype, "float64")
  expect_identical((as_tensor(1L) + 1L)$dtype, "int32")
  expect_identical((as_tensor(1L) + 0.5)$dtype, "float32")
  expect_identical((as_tensor(TRUE) + TRUE)$dtype, "int32")
  expect_identical((as_tensor(1L) / 2L)$dtype, "float32")
  expect_identical((as_tensor(1) + as_tensor(1, "float64"))$dtype, "float64")
})

test_that("shapes are broadcast from the last axis, gradients summed back", {
  a <- array(seq(0.5, 3, length.out = 6), c(2, 3))
  b <- array(c(0.3, 1.1, 2.6), 3)
  column <- array(c(0.7, 1.9), c(2, 1))
  ops <- list(op_add, op_subtract, op_multiply, op_divide, op_power,
              op_maximum, op_minimum, op_arctan2)
  for (op in ops) {
    expect_gradient(op, a, b)
    expect_gradient(op, b, a)
    expect_gradient(op, column, b)
  }
  expect_gradient(op_mod, a, b + 3)
  sums <- op_add(as_tensor(a, "float64"), as_tensor(b, "float64"))
  expect_equal(as.array(sums), a + rep(b, each = 2))
  expect_identical(dim(op_add(column, b)), c(2L, 3L))
})

test_that("clipping stops the gradient outside the range", {
  got <- value_and_grad(function(x) op_sum(op_clip(x, 0, 1)))(c(-1, 0.5, 2))
  expect_equal(as.double(got$gradients[[1]]), c(0, 1, 0))
})

test_that("a power of zero has a sound gradient", {
  got <- value_and_grad(function(a, b) op_sum(op_power(a, b)))(c(0, 2), c(2, 3))
  expect_equal(as.double(got$gradients[[1]]), c(0, 12))
  expect_equal(as.double(got$gradients[[2]]), c(0, 8 * log(2)),
               tolerance = 1e-6)
})

test_that("shapes that do not fit are named", {
  expect_error(op_add(matrix(0, 2, 3), c(1, 2)), "[2, 3] and [2]",
               fixed = TRUE, class = "elman_error_shape")
})
