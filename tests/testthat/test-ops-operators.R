# R's functions on tensors are the ops of the same meaning.

x <- matrix(c(0.2, 0.5, 0.7, 0.9), 2)

test_that("R's mathematical functions agree with R's own", {
  t <- as_tensor(x, "float64")
  for (f in list(abs, sign, sqrt, floor, ceiling, trunc, exp, expm1, log,
                 log1p, log2, log10, cos, sin, tan, acos, asin, atan, cosh,
                 sinh, tanh, asinh, atanh, round)) {
    expect_equal(as.array(f(t)), f(x), tolerance = 1e-13)
  }
  expect_equal(as.array(acosh(t + 1)), acosh(x + 1))
  expect_equal(as.array(log(t, base = 3)), log(x, base = 3))
  expect_equal(as.array(round(t, 1)), round(x, 1))
})

test_that("R's summaries agree with R's own, of several tensors too", {
  t <- as_tensor(x, "float64")
  for (f in list(sum, prod, max, min, mean)) {
    expect_equal(as.double(f(t)), f(x))
  }
  expect_equal(as.double(sum(t, t)), 2 * sum(x))
  expect_equal(as.double(range(t)), range(x))
  expect_true(as.logical(all(t > 0)))
  expect_false(as.logical(any(t > 1)))
})

test_that("transposing is R's", {
  a <- array(as.numeric(1:24), c(2, 3, 4))
  expect_equal(as.array(aperm(as_tensor(a), c(3, 1, 2))), aperm(a, c(3, 1, 2)))
  expect_equal(as.array(t(as_tensor(x))), t(x), tolerance = 1e-7)
})

test_that("what tensors do not have is refused by name", {
  expect_error(gamma(as_tensor(1)), "gamma", class = "elman_error_argument")
})
