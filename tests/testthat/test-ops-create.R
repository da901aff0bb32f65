# Constants and conversions.

test_that("constants have their shape, number and type", {
  expect_equal(as.array(op_zeros(c(2, 3))), matrix(0, 2, 3))
  expect_equal(as.array(op_ones(c(2, 3))), matrix(1, 2, 3))
  expect_equal(as.array(op_full(c(2, 1), 2.5)), matrix(2.5, 2, 1))
  expect_identical(op_zeros(2, "int32")$dtype, "int32")
  expect_identical(op_ones_like(as_tensor(1:3))$dtype, "int32")
  expect_equal(as.array(op_eye(2L, 3L, k = 1)),
               matrix(c(0, 0, 1, 0, 0, 1), 2))
  expect_error(op_zeros(c(NA, 2)), class = "elman_error_argument")
})

test_that("ranges count as R does, or stop before the end", {
  expect_identical(as.integer(op_arange(5L)), 1:5)
  expect_identical(as.integer(op_arange(2L, 8L, 3L)), c(2L, 5L, 8L))
  expect_identical(as.integer(op_arange(2L, 8L, 3L, include_end = FALSE)),
                   c(2L, 5L))
  expect_equal(as.double(op_arange(0, 1, 0.25)), seq(0, 1, 0.25))
})

test_that("casts cut towards zero and know truth", {
  expect_identical(as.integer(op_cast(c(1.7, -1.7), "int32")), c(1L, -1L))
  expect_identical(as.logical(op_cast(c(0, 0.5, -2), "bool")),
                   c(FALSE, TRUE, TRUE))
  expect_identical(as.double(op_cast(c(TRUE, FALSE), "float32")), c(1, 0))
  expect_gradient(function(x) op_cast(op_cast(x, "float64"), "float64"),
                  array(c(1, 2), 2))
})

test_that("one-hot vectors count from 1 or from 0, on any axis", {
  expect_equal(as.array(op_one_hot(c(1L, 3L), 3)),
               matrix(c(1, 0, 0, 0, 0, 1), 2))
  expect_equal(as.array(op_one_hot(c(0L, 2L), 3, zero_indexed = TRUE)),
               matrix(c(1, 0, 0, 0, 0, 1), 2))
  expect_identical(dim(op_one_hot(matrix(1L, 4, 5), 3, axis = 1)),
                   c(3L, 4L, 5L))
  expect_equal(sum(as.array(op_one_hot(9L, 3))), 0)
})
