# Reductions over every set of axes, against apply().

x <- array(c(0.3, -1.2, 2.2, 0.9, -0.4, 1.7, 3.1, -2.5, 0.6, 1.4, -0.8, 2.9,
             0.2, 1.1, -1.9, 0.5, 2.4, -0.1, 1.8, 0.7, -1.5, 0.4, 2.1, -0.6),
           c(2, 3, 4))
sets <- list(NULL, 1, 2, 3, -1, c(1, 2), c(1, 3), c(2, 3), c(1, 2, 3))

over <- function(f, axis) {
  if (is.null(axis)) axis <- 1:3
  keep <- setdiff(1:3, ifelse(axis < 0, axis + 4, axis))
  if (length(keep)) apply(x, keep, f) else f(x)
}

test_that("each reduction agrees with base R over all axes", {
  ops <- list(list(op_sum, sum), list(op_mean, mean), list(op_max, max),
              list(op_min, min), list(op_prod, prod))
  for (op in ops) for (axis in sets) {
    got <- as.array(op[[1]](as_tensor(x, "float64"), axis = axis))
    expect_equal(as.vector(got), as.vector(over(op[[2]], axis)),
                 tolerance = 1e-13)
  }
})

test_that("each reduction has the gradient of differences over all axes", {
  for (op in list(op_sum, op_mean, op_max, op_min, op_prod, op_var, op_std)) {
    for (axis in sets) expect_gradient(function(x) op(x, axis = axis), x)
  }
})

test_that("products have a gradient where elements are zero", {
  expect_gradient(op_prod, array(c(0, 2, 3), 3))
  got <- value_and_grad(op_prod)(c(0, 0, 3))
  expect_equal(as.double(got$gradients[[1]]), c(0, 0, 0))
})

test_that("keepdims keeps axes of size one", {
  expect_identical(dim(op_sum(x, axis = 2, keepdims = TRUE)), c(2L, 1L, 4L))
  expect_identical(dim(op_sum(x, axis = c(1, -1))), 3L)
  expect_identical(dim(op_sum(x)), integer())
})

test_that("logical reductions and extremes with a start", {
  b <- matrix(c(TRUE, FALSE, TRUE, TRUE), 2)
  expect_identical(as.logical(op_all(b, axis = 1)), c(FALSE, TRUE))
  expect_identical(as.logical(op_any(b, axis = 2)), c(TRUE, TRUE))
  expect_equal(as.double(op_max(c(1, 2), initial = 5)), 5)
})

test_that("the first extreme is found, from 1 or from 0", {
  m <- matrix(c(1, 9, 3, 9, 2, 4), 2)
  expect_identical(as.integer(op_argmax(m, axis = 2)), c(2L, 1L))
  expect_identical(as.integer(op_argmin(m, axis = 1)), c(1L, 1L, 1L))
  expect_identical(as.integer(op_argmax(m)), 4L)
  expect_identical(as.integer(op_argmax(m, zero_indexed = TRUE)), 3L)
})

test_that("axis 0 and absent axes are refused", {
  expect_error(op_sum(x, axis = 0), "counts from 1",
               class = "elman_error_argument")
  expect_error(op_sum(x, axis = 4), class = "elman_error_argument")
})
