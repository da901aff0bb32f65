# The shared expectations can fail.

test_that("expect_gradient() accepts the gradient of a product", {
  x <- matrix(c(-1, 0.5, 2, 3, -0.25, 1), 2)
  expect_gradient(function(x, y) op_multiply(x, y), x, x + 1)
})

test_that("expect_gradient() refuses a gradient that misses a factor", {
  half <- function(x) op_multiply(x, as.array(x))
  expect_failure(expect_gradient(half, c(1, 2, 3)), "argument 1 is off")
})

test_that("expect_near() compares lengths and takes no NaN", {
  expect_failure(expect_near(1:2, 1:3, 1e-6), "2 values, not 3")
  expect_failure(expect_near(NaN, 1, 1e-6))
  expect_success(expect_near(1 + 1e-7, 1, 1e-6))
})

test_that("settings return when the code is done", {
  threads <- elman_threads()
  expect_equal(with_threads(1, elman_threads()), 1)
  expect_equal(elman_threads(), threads)
  isa <- cpp_isa("")
  for (name in cpp_isas()) expect_equal(with_isa(name, cpp_isa("")), name)
  expect_equal(cpp_isa(""), isa)
  expect_equal(with_floatx("float64", config_floatx()), "float64")
  expect_equal(config_floatx(), "float32")
})
