# Elementwise functions put together from others, against plain R.

f64 <- function(x) as_tensor(x, "float64")

test_that("cube roots and powers of two agree with R and have gradients", {
  x <- c(-8, -0.3, 0.5, 27)
  expect_equal(as.double(op_cbrt(f64(x))), sign(x) * abs(x)^(1 / 3),
               tolerance = 1e-14)
  expect_equal(as.double(op_exp2(f64(x))), 2^x, tolerance = 1e-14)
  expect_gradient(op_cbrt, x)
  expect_gradient(op_exp2, c(-8, -0.3, 0.5, 3))
  expect_identical(dtype_of(op_exp2(1:3)), "float32")
})

test_that("erfinv is the inverse of erf up to the ends", {
  x <- c(-1, -1 + 1e-15, -0.9, -0.5, -1e-300, 0, 0.3, 0.5000001, 1 - 1e-12, 1)
  y <- as.double(op_erfinv(f64(x)))
  want <- ifelse(abs(x) < 0.5, sign(x) * stats::qnorm((1 + abs(x)) / 2),
                 -sign(x) * stats::qnorm((1 - abs(x)) / 2)) / sqrt(2)
  expect_equal(y[abs(x) > 1e-5], want[abs(x) > 1e-5], tolerance = 1e-13)
  expect_equal(y[abs(x) <= 1e-5], x[abs(x) <= 1e-5] * sqrt(pi) / 2)
  expect_true(is.nan(as.double(op_erfinv(1.5))))
  expect_gradient(op_erfinv, c(-0.9, -0.2, 0, 0.4, 0.7))
  single <- as.double(op_erfinv(c(-0.9, 0.2)))
  expect_equal(single, as.double(op_erfinv(f64(c(-0.9, 0.2)))),
               tolerance = 1e-6)
})

test_that("degrees become radians and signs are seen, of zero too", {
  expect_equal(as.double(op_deg2rad(f64(c(0, 90, -180)))), c(0, pi / 2, -pi))
  expect_gradient(op_deg2rad, c(1, 2))
  expect_identical(as.logical(op_signbit(c(-1, -0, 0, 2))),
                   c(TRUE, TRUE, FALSE, FALSE))
  expect_identical(as.logical(op_signbit(c(-1L, 0L))), c(TRUE, FALSE))
})

test_that("NaN and infinities are replaced, and stop the gradient there", {
  x <- c(NaN, Inf, -Inf, 2)
  expect_equal(as.double(op_nan_to_num(f64(x), 7, 8, 9)), c(7, 8, 9, 2))
  ends <- .Machine$double.xmax
  expect_identical(as.double(op_nan_to_num(f64(x))), c(0, ends, -ends, 2))
  expect_equal(as.double(op_nan_to_num(x))[2], 3.4028234663852886e38)
  got <- value_and_grad(function(x) op_sum(op_nan_to_num(x)))(x)
  expect_identical(as.double(got$gradients[[1]]), c(0, 0, 0, 1))
  expect_identical(as.integer(op_nan_to_num(3L)), 3L)
  expect_error(op_nan_to_num(x, nan = "a"), class = "elman_error_argument")
})

test_that("real numbers have complex parts", {
  x <- c(-2, 0, 3)
  expect_equal(as.double(op_angle(f64(x))), c(pi, 0, 0))
  expect_equal(as.double(op_real(f64(x))), x)
  expect_equal(as.double(op_conj(f64(x))), x)
  expect_equal(as.double(op_imag(f64(x))), c(0, 0, 0))
})

test_that("division by zero is zero, with a zero gradient", {
  expect_equal(as.double(op_divide_no_nan(c(1, 0, 6), c(0, 0, 3))), c(0, 0, 2))
  got <- value_and_grad(function(a, b) op_sum(op_divide_no_nan(a, b)))(
    c(1, 4), c(0, 2))
  expect_equal(as.double(got$gradients[[1]]), c(0, 0.5))
  expect_equal(as.double(got$gradients[[2]]), c(0, -1))
  expect_gradient(op_divide_no_nan, matrix(1:4 + 0.5, 2), c(2, 3))
  expect_equal(as.double(op_divide_no_nan(6L, 4L)), 1.5)
})

test_that("heaviside takes its second argument at zero", {
  expect_equal(as.double(op_heaviside(c(-1, 0, 2), 0.25)), c(0, 0.25, 1))
  expect_gradient(op_heaviside, c(-1, 0.5), c(2, 3))
  expect_error(op_heaviside(1:2, 1:3), class = "elman_error_shape")
})

test_that("logaddexp neither overflows nor loses infinities", {
  a <- c(1, 1000, -Inf, -Inf, Inf, 0)
  b <- c(2, 1000, 1, -Inf, Inf, -800)
  want <- c(log(exp(1) + exp(2)), 1000 + log(2), 1, -Inf, Inf, 0)
  expect_equal(as.double(op_logaddexp(f64(a), f64(b))), want)
  expect_gradient(op_logaddexp, matrix(c(1, 2, -3, 0.5), 2), c(0.2, 0.7))
})

test_that("closeness is relative to the second and NaN may be near NaN", {
  expect_identical(as.logical(op_isclose(c(1, 1, NaN), c(1 + 1e-6, 1.1, NaN))),
                   c(TRUE, FALSE, FALSE))
  expect_true(as.logical(op_isclose(NaN, NaN, equal_nan = TRUE)))
  expect_true(as.logical(op_isclose(10, 11, rtol = 0.1)))
  expect_false(as.logical(op_isclose(11, 9.9, rtol = 0.1)))
  expect_identical(as.logical(op_isclose(1:2, c(1L, 3L))), c(TRUE, FALSE))
  expect_error(op_isclose(1, 1, rtol = -1), class = "elman_error_argument")
})

test_that("a saturating cast stops at the ends of the type", {
  x <- c(1e12, 3.7, -3.7, 2147483520)
  expect_identical(as.integer(op_saturate_cast(f64(x), "int32")),
                   c(2147483647L, 3L, -3L, 2147483520L))
  expect_identical(as.integer(op_saturate_cast(x, "int32")),
                   c(2147483647L, 3L, -3L, 2147483520L))
  wide <- as.double(op_saturate_cast(f64(c(1e300, -1e300, 2)), "float32"))
  expect_equal(wide, c(3.4028234663852886e38, -3.4028234663852886e38, 2))
  expect_identical(as.logical(op_saturate_cast(c(-2, 0, 3), "bool")),
                   c(FALSE, FALSE, TRUE))
  expect_identical(dtype_of(op_saturate_cast(1:2, "float64")), "float64")
})

test_that("the first condition that holds chooses", {
  x <- c(-2, 0.5, 3)
  got <- op_select(list(x < 0, x < 1), list(x * 10, x * 100), default = 7)
  expect_equal(as.double(got), c(-20, 50, 7))
  expect_gradient(function(a, b, c) {
    op_select(list(array(c(TRUE, FALSE)), array(c(TRUE, TRUE))), list(a, b), c)
  }, c(1, 2), c(3, 4), c(5, 6))
  expect_error(op_select(list(TRUE), list(1, 2)),
               class = "elman_error_argument")
  expect_error(op_select(list(), list()), class = "elman_error_argument")
})

test_that("special functions draw symbolic tensors", {
  x <- layer_input(3)
  model <- keras_model(x, op_logaddexp(op_exp2(x), op_cbrt(x)))
  input <- matrix(c(1, 2, 3), 1)
  expect_equal(as.vector(predict(model, input)),
               log(exp(2^(1:3)) + exp((1:3)^(1 / 3))), tolerance = 1e-6)
})
