# Matrix products against base R, batched, with gradients.

a <- matrix(c(0.3, -1.2, 2.2, 0.9, -0.4, 1.7), 2)
b <- matrix(c(1.1, 0.4, -0.7, 0.2, 0.8, -1.3, 2, 0.5, 0.1, -0.6, 0.9, 1.5), 3)

test_that("matrices multiply as in base R, at edge sizes", {
  set.seed(1)
  for (m in c(1, 7, 8, 9, 33)) for (k in c(1, 8, 17)) for (n in c(1, 5, 16)) {
    p <- matrix(rnorm(m * k), m)
    q <- matrix(rnorm(k * n), k)
    expect_equal(as.array(op_matmul(as_tensor(p, "float64"),
                                    as_tensor(q, "float64"))), p %*% q)
  }
})

test_that("products have gradients, for vectors and batches too", {
  expect_gradient(op_matmul, a, b)
  expect_gradient(op_matmul, array(c(1, 2, 3), 3), b)
  expect_gradient(op_matmul, a, array(c(1, 2, 3), 3))
  expect_gradient(op_matmul, array(c(1, 2, 3), 3), array(c(4, 5, 6), 3))
  batch <- array(sin(1:24), c(4, 2, 3))
  expect_gradient(op_matmul, batch, b)
  expect_gradient(op_matmul, batch, array(cos(1:48), c(4, 3, 4)))
  expect_gradient(op_matmul, array(cos(1:20), c(5, 1, 2, 2)),
                  array(sin(1:24), c(4, 2, 3)))
})

test_that("sizes that do not fit are named", {
  expect_error(op_matmul(a, a), "3 columns, 2 rows",
               class = "elman_error_shape")
  expect_error(op_matmul(1, a), class = "elman_error_shape")
})

test_that("%*% multiplies tensors from R 4.3 on", {
  expect_true(is.function(matrixOps.elman_value))
  got <- if (getRversion() >= "4.3.0") {
    as_tensor(a) %*% as_tensor(b)
  } else {
    matrixOps.elman_value(as_tensor(a), as_tensor(b))
  }
  expect_equal(as.array(got), a %*% b, tolerance = 1e-6)
})
