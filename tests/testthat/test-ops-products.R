# Products over axes, diagonals and norms, against plain R.

f64 <- function(x) as_tensor(x, "float64")
m <- matrix(c(1, 2, -3, 4, 5, 0.5), 2)
a <- array(sin(1:24), c(2, 3, 4))
b <- array(cos(1:60), c(4, 3, 5))

test_that("outer, inner, dot and vdot agree with R", {
  expect_equal(as.array(op_outer(f64(1:2), f64(m))), outer(1:2, c(t(m))))
  expect_equal(as.array(op_inner(f64(m), f64(2 * m))), m %*% t(2 * m))
  expect_equal(as.double(op_vdot(f64(m), f64(m))), sum(m^2))
  expect_equal(as.array(op_dot(f64(m), f64(t(m)))), m %*% t(m))
  expect_equal(as.double(op_dot(f64(m), f64(1:3))), drop(m %*% 1:3))
  expect_equal(as.array(op_dot(2, m)), 2 * m)
  expect_identical(dim(op_dot(a, aperm(b, c(3, 1, 2)))), c(2L, 3L, 5L, 3L))
  expect_identical(as.integer(op_vdot(1:3, 1:3)), 14L)
  for (f in list(op_outer, op_inner, op_vdot)) expect_gradient(f, m, m + 1)
  expect_gradient(op_dot, a, aperm(b, c(3, 1, 2)))
  expect_error(op_inner(m, 1:2), class = "elman_error_shape")
})

test_that("tensordot sums over pairs of axes", {
  want <- array(0, c(2, 5))
  for (i in 1:2) for (j in 1:5) want[i, j] <- sum(a[i, , ] * t(b[, , j]))
  got <- op_tensordot(f64(a), f64(b), axes = list(c(2, 3), c(2, 1)))
  expect_equal(as.array(got), want)
  again <- op_tensordot(f64(a), f64(aperm(b, c(2, 1, 3))))
  expect_equal(as.array(again), want)
  expect_identical(dim(op_tensordot(m, m, axes = 1)), c(2L, 3L, 2L, 3L))
  expect_equal(as.array(op_tensordot(m, t(m), axes = 2)), m %*% t(m))
  expect_gradient(function(a, b) op_tensordot(a, b, list(-1, 1)), a, b)
  expect_error(op_tensordot(a, b, list(1, 1)), class = "elman_error_shape")
  expect_error(op_tensordot(a, b, axes = 5), class = "elman_error_argument")
  expect_error(op_tensordot(a, b, axes = 0), class = "elman_error_argument")
})

test_that("vector products stand upright on both", {
  x <- rbind(c(1, 2, 3), c(0, -1, 2))
  y <- rbind(c(2, 0, 1), c(1, 1, 1))
  z <- as.array(op_cross(f64(x), f64(y)))
  expect_equal(rowSums(z * x), c(0, 0))
  expect_equal(z[1, ], c(2, 5, -4))
  expect_equal(as.array(op_cross(t(x), t(y), axis = 1)), t(z),
               tolerance = 1e-6)
  expect_equal(as.double(op_cross(c(1, 2), c(3, 4))), -2)
  expect_equal(as.double(op_cross(c(1, 2), c(3, 4, 5))), c(10, -5, -2))
  expect_gradient(op_cross, x, y)
  expect_gradient(op_cross, x, y[, 1:2])
  expect_error(op_cross(1:4, 1:4), class = "elman_error_shape")
})

test_that("diagonals are made, taken and summed", {
  expect_equal(as.array(op_diag(1:3)), diag(1:3))
  for (k in -2:2) {
    square <- as.array(op_diag(c(5, 6), k))
    expect_equal(square[col(square) - row(square) == k], c(5, 6))
    expect_equal(sum(square), 11)
    expect_equal(as.double(op_diag(m, k)),
                 m[col(m) - row(m) == k])
    expect_equal(as.double(op_trace(m, k)), sum(m[col(m) - row(m) == k]))
    expect_gradient(function(x) op_diagonal(x, k, 3, 1), a)
    expect_gradient(function(x) op_diag(x, k), c(1, 2, 3))
  }
  expect_identical(dim(op_diagflat(m)), c(6L, 6L))
  expect_identical(dim(op_diagonal(m, 7)), 0L)
  expect_equal(as.double(op_diagonal(f64(a), 0, 1, 3)),
               c(t(rbind(a[1, , 1], a[2, , 2]) |> t())))
  expect_error(op_diag(a), class = "elman_error_shape")
  expect_error(op_diagonal(a, 0, 1, 1), class = "elman_error_argument")
  expect_error(op_diagonal(a, 0, 1:2, 3), "`axis1`",
               class = "elman_error_argument")
})

test_that("norms of vectors and matrices agree with R", {
  v <- c(3, -4, 0)
  expect_equal(as.double(op_norm(v)), 5)
  expect_equal(as.double(op_norm(v, 1)), 7)
  expect_equal(as.double(op_norm(v, 0)), 2)
  expect_equal(as.double(op_norm(v, Inf)), 4)
  expect_equal(as.double(op_norm(v, -Inf)), 0)
  expect_equal(as.double(op_norm(f64(v), 3)), (27 + 64)^(1 / 3))
  for (ord in list("fro", 1, Inf, 2)) {
    type <- c(fro = "F", "1" = "O", "Inf" = "I", "2" = "2")[[as.character(ord)]]
    expect_equal(as.double(op_norm(f64(m), ord)), norm(m, type))
    expect_gradient(function(x) op_norm(x, ord), m)
    expect_gradient(function(x) op_norm(x, ord, axis = c(1, 3)), a)
  }
  expect_equal(as.double(op_norm(f64(m), "nuc")), sum(svd(m)$d))
  expect_equal(as.double(op_norm(f64(m), -2)), min(svd(m)$d))
  expect_equal(as.double(op_norm(f64(m), -1)), min(colSums(abs(m))))
  expect_equal(as.double(op_norm(f64(m), -Inf)), min(rowSums(abs(m))))
  expect_identical(dim(op_norm(a, 1, c(1, 3), TRUE)), c(1L, 3L, 1L))
  expect_identical(dim(op_norm(a, "nuc", c(1, 3), TRUE)), c(1L, 3L, 1L))
  expect_gradient(function(x) op_norm(x, 3, axis = 2), a)
  expect_error(op_norm(a), class = "elman_error_argument")
  expect_error(op_norm(v, "fro"), class = "elman_error_argument")
  expect_error(op_norm(m, 3), class = "elman_error_argument")
})
