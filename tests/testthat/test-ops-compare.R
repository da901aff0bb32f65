# Comparison, logic and choice.

test_that("comparisons are R's", {
  a <- c(1, 2, 3, NaN)
  b <- c(2, 2, 2, 2)
  for (op in c("==", "!=", "<", "<=", ">", ">=")) {
    want <- match.fun(op)(a, b)
    want[is.na(want)] <- op == "!="
    got <- as.logical(match.fun(op)(as_tensor(a), b))
    expect_identical(got, want, label = op)
  }
})

test_that("logic is R's", {
  a <- as_tensor(c(TRUE, TRUE, FALSE, FALSE))
  b <- c(TRUE, FALSE, TRUE, FALSE)
  expect_identical(as.logical(a & b), c(TRUE, FALSE, FALSE, FALSE))
  expect_identical(as.logical(a | b), c(TRUE, TRUE, TRUE, FALSE))
  expect_identical(as.logical(op_logical_xor(a, b)),
                   c(FALSE, TRUE, TRUE, FALSE))
  expect_identical(as.logical(!a), c(FALSE, FALSE, TRUE, TRUE))
})

test_that("tests for what is not finite agree with R", {
  x <- c(1, NaN, Inf, -Inf)
  expect_identical(as.logical(op_isnan(x)), is.nan(x))
  expect_identical(as.logical(op_isinf(x)), is.infinite(x))
  expect_identical(as.logical(op_isfinite(x)), is.finite(x))
})

test_that("where chooses and hands each side its gradient", {
  got <- op_where(c(TRUE, FALSE), c(1, 2), c(10, 20))
  expect_equal(as.double(got), c(1, 20))
  choose <- array(c(TRUE, FALSE, TRUE), 3)
  expect_gradient(function(a, b) op_where(choose, a, b),
                  array(c(1, 2, 3), 3), array(4, 1))
})

test_that("where of a condition alone gives places, row by row", {
  got <- op_where(matrix(c(TRUE, FALSE, TRUE, TRUE), 2))
  expect_identical(lapply(got, as.integer), list(c(1L, 1L, 2L), c(1L, 2L, 2L)))
  expect_error(op_where(TRUE, 1), class = "elman_error_argument")
})
