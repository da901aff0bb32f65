# Elementwise ops against base R, and their gradients against differences.

elementwise <- list(
  abs = list(op_abs, abs), negative = list(op_negative, `-`),
  square = list(op_square, function(x) x^2), sqrt = list(op_sqrt, sqrt),
  rsqrt = list(op_rsqrt, function(x) 1 / sqrt(x)),
  reciprocal = list(op_reciprocal, function(x) 1 / x),
  exp = list(op_exp, exp), expm1 = list(op_expm1, expm1),
  log = list(op_log, log), log1p = list(op_log1p, log1p),
  log2 = list(op_log2, log2), log10 = list(op_log10, log10),
  sin = list(op_sin, sin), cos = list(op_cos, cos), tan = list(op_tan, tan),
  arcsin = list(op_arcsin, asin), arccos = list(op_arccos, acos),
  arctan = list(op_arctan, atan), sinh = list(op_sinh, sinh),
  cosh = list(op_cosh, cosh), arcsinh = list(op_arcsinh, asinh),
  arctanh = list(op_arctanh, atanh),
  erf = list(op_erf, function(x) 2 * stats::pnorm(x * sqrt(2)) - 1)
)

test_that("each agrees with base R in float64 and float32", {
  x <- matrix(c(0.05, 0.2, 0.35, 0.5, 0.7, 0.93), 2)
  for (name in names(elementwise)) {
    want <- elementwise[[name]][[2]](x)
    got <- as.array(elementwise[[name]][[1]](as_tensor(x, "float64")))
    expect_equal(got, want, tolerance = 1e-14, label = name)
    got <- as.array(elementwise[[name]][[1]](as_tensor(x, "float32")))
    expect_equal(got, want, tolerance = 1e-6, label = name)
  }
})

test_that("each has the gradient of central differences", {
  x <- array(c(0.05, 0.2, 0.35, 0.5, 0.7, 0.93), c(3, 2))
  for (name in names(elementwise)) expect_gradient(elementwise[[name]][[1]], x)
  expect_gradient(op_arccosh, x + 1.5)
})

test_that("steps have gradient zero", {
  for (op in list(op_sign, op_floor, op_ceil, op_trunc, op_round)) {
    got <- value_and_grad(function(x) op_sum(op(x)))(c(-1.2, 0.3))
    expect_identical(as.double(got$gradients[[1]]), c(0, 0))
  }
})

test_that("halves are rounded to even, to any decimal", {
  expect_equal(as.double(op_round(c(0.5, 1.5, 2.5, -0.5))), c(0, 2, 2, 0))
  expect_equal(as.double(op_round(c(1.25, 1.35), 1)), c(1.2, 1.4),
               tolerance = 1e-6)
})

test_that("integers stay integers where that makes sense", {
  expect_identical(op_square(-3:3)$dtype, "int32")
  expect_identical(as.integer(op_square(-3:3)), (-3:3)^2L |> as.integer())
  expect_identical(op_exp(1:2)$dtype, "float32")
})
