# Tensors from a few numbers, against plain R.

test_that("numbers stand at equal distances, with or without the end", {
  expect_equal(as.double(op_linspace(0, 1, 5)), seq(0, 1, 0.25))
  expect_equal(as.double(op_linspace(0, 1, 4, endpoint = FALSE)),
               c(0, 0.25, 0.5, 0.75))
  expect_identical(as.integer(op_linspace(0, 5, 4, dtype = "int32")),
                   c(0L, 1L, 3L, 5L))
  expect_equal(as.double(op_linspace(2, 5, 1)), 2)
  expect_identical(dim(op_linspace(2, 5, 0)), 0L)
  both <- op_linspace(0, 3, 4, retstep = TRUE)
  expect_equal(as.double(both[[2]]), 1)
  expect_identical(dim(op_linspace(1:2, c(3, 4), 5, axis = -1)), c(2L, 5L))
  expect_equal(as.array(op_linspace(1:2, c(3, 4), 3)),
               rbind(1:2, 2:3, 3:4))
  expect_gradient(function(a, b) op_linspace(a, b, 4, axis = -1), c(1, 2),
                  c(5, 7))
  expect_equal(as.double(op_logspace(0, 2, 3)), c(1, 10, 100))
  expect_equal(as.double(op_logspace(0, 3, 4, base = 2)), c(1, 2, 4, 8))
  expect_error(op_linspace(0, 1, -1), class = "elman_error_argument")
})

test_that("grids repeat coordinates along the other axes", {
  xy <- lapply(op_meshgrid(1:2, 1:3), as.array)
  expect_equal(xy, list(matrix(1:2, 3, 2, byrow = TRUE), matrix(1:3, 3, 2)))
  ij <- lapply(op_meshgrid(1:2, 1:3, 1:4, indexing = "ij"), dim)
  expect_equal(ij, rep(list(2:4), 3))
  expect_error(op_meshgrid(1, indexing = "ji"), class = "elman_error_argument")
})

test_that("triangles keep one side of a diagonal", {
  m <- matrix(1:12 + 0, 3)
  for (k in c(-4, -1, 0, 2, 5)) {
    lower <- (col(m) - row(m) <= k) + 0
    expect_equal(as.array(op_tril(m, k)), m * lower)
    expect_equal(as.array(op_triu(m, k)), m * (col(m) - row(m) >= k))
    expect_equal(as.array(op_tri(3, 4, k)), lower)
  }
  expect_gradient(function(x) op_tril(x, -1), array(1:18 / 3, c(2, 3, 3)))
  expect_gradient(op_triu, array(1:18 / 3, c(2, 3, 3)))
  expect_error(op_tril(1:3), class = "elman_error_shape")
})

test_that("identities, empty tensors and arrays", {
  expect_equal(as.array(op_identity(3)), diag(3))
  expect_identical(dim(op_empty(c(2, 3))), 2:3)
  expect_identical(dtype_of(op_array(1:3, "float64")), "float64")
})

test_that("windows agree with their formulas", {
  n <- 7
  k <- 0:(n - 1)
  expect_equal(as.double(op_bartlett(n)), 1 - abs(k - 3) / 3, tolerance = 1e-6)
  expect_equal(as.double(op_hanning(n)), sin(pi * k / 6)^2, tolerance = 1e-6)
  expect_equal(as.double(op_hamming(n)), 0.08 + 0.92 * sin(pi * k / 6)^2,
               tolerance = 1e-6)
  expect_equal(as.double(op_blackman(n))[c(1, 4)], c(0, 1), tolerance = 1e-6)
  kaiser <- besselI(5 * sqrt(1 - (k / 3 - 1)^2), 0) / besselI(5, 0)
  expect_equal(as.double(op_kaiser(n, 5)), kaiser, tolerance = 1e-6)
  expect_equal(as.double(op_kaiser(3, 0)), c(1, 1, 1))
  for (f in list(op_bartlett, op_hanning, op_hamming, op_blackman)) {
    expect_equal(as.double(f(1)), 1)
    expect_identical(dim(f(0)), 0L)
  }
  expect_error(op_hanning(-1), class = "elman_error_argument")
})
