# Decompositions of matrices: what they promise, and their gradients.

f64 <- function(x) as_tensor(x, "float64")
a <- matrix(c(4, 1, -2, 0.5, 3, 1, 1, -1, 5), 3)
tall <- cbind(c(1, 2, 4, 7), c(0.5, -1, 2, 1), c(3, 1, 0, -2))
stack <- aperm(array(c(a, a %*% a), c(3, 3, 2)), c(3, 1, 2))
numbers <- function(parts) lapply(parts, as.array)

# A vector's sign may change from one matrix to the next.
unsigned <- function(parts) lapply(parts, op_square)

test_that("Cholesky's triangle reads the lower half alone", {
  gram <- crossprod(a) + diag(3)
  garbled <- gram
  garbled[1, 3] <- 99
  expect_equal(as.array(op_cholesky(f64(garbled))), t(chol(gram)))
  expect_gradient(function(x) {
    op_cholesky(op_matmul(x, op_swapaxes(x, -1, -2)) + diag(3))
  }, stack)
  expect_error(op_cholesky(-gram), "positive|leading",
               class = "elman_error_argument")
  expect_error(op_cholesky(tall), class = "elman_error_shape")
})

test_that("Q is orthonormal, R a triangle, and their product the matrix", {
  for (x in list(a, tall, t(tall), matrix(2, 1, 1), matrix(c(1, 0, 0), 3))) {
    for (mode in c("reduced", "complete")) {
      parts <- numbers(op_qr(f64(x), mode))
      q <- matrix(parts[[1]], nrow(x))
      r <- matrix(parts[[2]], ncol = ncol(x))
      expect_equal(q %*% r, x)
      expect_equal(crossprod(q), diag(ncol(q)))
      expect_equal(r[row(r) > col(r)], 0 * r[row(r) > col(r)])
    }
  }
  expect_gradient(op_qr, a)
  expect_gradient(op_qr, tall)
  expect_gradient(op_qr, t(tall))
  expect_gradient(op_qr, stack)
  complete <- value_and_grad(function(x) op_sum(op_qr(x, "complete")[[1]]))
  expect_error(complete(tall), class = "elman_error_state")
  expect_error(op_qr(a, "short"), class = "elman_error_argument")
})

test_that("singular values and vectors give the matrix back", {
  for (x in list(a, tall, t(tall))) {
    for (full in c(TRUE, FALSE)) {
      parts <- numbers(op_svd(f64(x), full_matrices = full))
      k <- length(parts[[2]])
      expect_equal(parts[[1]][, 1:k] %*% (as.vector(parts[[2]]) *
                                            parts[[3]][1:k, ]), x)
      expect_equal(crossprod(parts[[1]]), diag(ncol(parts[[1]])))
    }
    expect_equal(as.double(op_svd(f64(x), compute_uv = FALSE)), svd(x)$d)
    expect_gradient(function(x) op_svd(x, compute_uv = FALSE), x)
    expect_gradient(function(x) {
      unsigned(op_svd(x, full_matrices = FALSE))
    }, x)
    expect_gradient(function(x) op_svd(x)[[2]], x)
  }
  full <- value_and_grad(function(x) op_sum(op_svd(x)[[1]]))
  expect_error(full(tall), class = "elman_error_state")
})

test_that("eigenvectors of symmetric matrices are orthonormal, values rise", {
  s <- a + t(a)
  parts <- numbers(op_eigh(f64(s)))
  expect_equal(as.vector(parts[[1]]), sort(eigen(s)$values))
  expect_equal(s %*% parts[[2]], parts[[2]] %*% diag(as.vector(parts[[1]])))
  expect_gradient(function(x) {
    unsigned(op_eigh(x + op_swapaxes(x, -1, -2)))
  }, stack)
})

test_that("real eigenvalues of any matrix come with their vectors", {
  x <- a %*% diag(c(1, 4, 9))
  parts <- numbers(op_eig(f64(x)))
  expect_equal(x %*% parts[[2]], parts[[2]] %*% diag(as.vector(parts[[1]])))
  expect_gradient(function(x) unsigned(op_eig(x)), x)
  turn <- matrix(c(0, 1, -1, 0), 2)
  expect_error(op_eig(turn), "real eigenvalues",
               class = "elman_error_argument")
})

test_that("L U gives the rows in their order", {
  x <- a[c(3, 1, 2), ] * c(1, 9, 1)
  parts <- numbers(op_lu_factor(f64(x)))
  lower <- parts[[1]] * lower.tri(x) + diag(3)
  upper <- parts[[1]] * upper.tri(x, TRUE)
  expect_equal((lower %*% upper)[parts[[2]] + 1, ], x)
  expect_true(all(abs(lower) <= 1))
  expect_gradient(function(x) op_lu_factor(x)[[1]], x)
  expect_equal(as.array(op_lu_factor(matrix(0, 2, 2))[[1]]), matrix(0, 2, 2))
  expect_error(op_lu_factor(tall), class = "elman_error_shape")
})
