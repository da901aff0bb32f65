# Operations on bits, against R's own.

a <- c(0L, 1L, 12L, -7L, .Machine$integer.max)
b <- c(3L, 5L, 10L, 6L, 9L)

test_that("and, or, exclusive or and not agree with R", {
  expect_identical(as.integer(op_bitwise_and(a, b)), bitwAnd(a, b))
  expect_identical(as.integer(op_bitwise_or(a, b)), bitwOr(a, b))
  expect_identical(as.integer(op_bitwise_xor(a, b)), bitwXor(a, b))
  expect_identical(as.integer(op_bitwise_not(a)), bitwNot(a))
  expect_identical(as.integer(op_bitwise_invert(a)), bitwNot(a))
})

test_that("shifts multiply and divide by powers of two and keep the sign", {
  expect_identical(as.integer(op_bitwise_left_shift(c(1L, -3L), 0:1)),
                   c(1L, -6L))
  expect_identical(as.integer(op_right_shift(c(-8L, 9L), 1L)), c(-4L, 4L))
  expect_identical(as.integer(op_bitwise_right_shift(-8L, c(40L, -1L))),
                   c(-1L, -8L))
  expect_identical(op_left_shift, op_bitwise_left_shift)
})

test_that("shapes broadcast, whole doubles count, fractions do not", {
  expect_identical(dim(op_bitwise_and(matrix(1:6, 2), 1:3)), c(2L, 3L))
  expect_identical(as.integer(op_bitwise_and(6, 3)), 2L)
  expect_identical(as.integer(op_bitwise_or(TRUE, 2L)), 3L)
  expect_error(op_bitwise_and(1.5, 1L), "whole", class = "elman_error_argument")
  expect_error(op_bitwise_not(as_tensor(1)), class = "elman_error_argument")
  expect_error(op_bitwise_xor(1:2, 1:3), class = "elman_error_shape")
})
