# Equations, inverses and determinants, against base R.

f64 <- function(x) as_tensor(x, "float64")
a <- matrix(c(4, 1, -2, 0.5, 3, 1, 1, -1, 5), 3)
b <- matrix(c(1, 2, 3, -1, 0.5, 4), 3)
stack <- aperm(array(c(a, a %*% a, t(a)), c(3, 3, 3)), c(3, 1, 2))

test_that("equations are solved for matrices, vectors and batches", {
  expect_equal(as.array(op_solve(f64(a), f64(b))), solve(a, b))
  expect_equal(as.double(op_solve(f64(a), f64(b[, 1]))), solve(a, b[, 1]))
  got <- as.array(op_solve(f64(stack), f64(array(1, c(3, 3, 2)))))
  expect_equal(got[2, , 1], solve(a %*% a, c(1, 1, 1)))
  expect_identical(dim(op_solve(stack, matrix(1, 3, 3))), c(3L, 3L))
  expect_gradient(op_solve, a, b)
  expect_gradient(op_solve, stack, matrix(1:9 / 3, 3))
  expect_error(op_solve(matrix(0, 2, 2), 1:2), class = "elman_error_argument")
  expect_error(op_solve(a, 1:2), class = "elman_error_shape")
  expect_error(op_solve(b, 1:3), class = "elman_error_shape")
  expect_error(op_solve(stack, array(1, c(2, 3, 1))),
               class = "elman_error_shape")
})

test_that("triangles are solved without reading the other side", {
  for (lower in c(TRUE, FALSE)) {
    side <- a * (if (lower) lower.tri(a, TRUE) else upper.tri(a, TRUE))
    expect_equal(as.array(op_solve_triangular(f64(a), f64(b), lower)),
                 solve(side, b))
    expect_gradient(function(a, b) op_solve_triangular(a, b, lower), a, b)
    expect_gradient(function(a, b) op_solve_triangular(a, b, lower), a, b[, 1])
  }
  expect_error(op_solve_triangular(matrix(0, 2, 2), 1:2),
               class = "elman_error_argument")
})

test_that("the nearest solution agrees with lm, the shortest with svd", {
  tall <- cbind(1, c(1, 2, 4, 7))
  y <- c(1, 3, 2, 8)
  expect_equal(as.double(op_lstsq(f64(tall), f64(y))),
               unname(stats::lm.fit(tall, y)$coefficients))
  wide <- t(tall)
  x <- as.double(op_lstsq(f64(wide), f64(c(1, 2))))
  expect_equal(drop(wide %*% x), c(1, 2))
  expect_equal(drop(x), drop(t(wide) %*% solve(wide %*% t(wide), c(1, 2))))
  low <- cbind(tall, tall[, 2] * 2)
  near <- as.double(op_lstsq(f64(low), f64(y)))
  expect_equal(drop(low %*% near), stats::lm.fit(tall, y)$fitted.values)
  expect_gradient(op_lstsq, tall, y)
  expect_gradient(op_lstsq, tall, cbind(y, 1:4))
  expect_error(op_lstsq(tall, 1:3), class = "elman_error_shape")
})

test_that("inverses and determinants agree with R, in batches too", {
  expect_equal(as.array(op_inv(f64(a))), solve(a))
  expect_equal(as.double(op_det(f64(stack))),
               c(det(a), det(a)^2, det(a)))
  expect_identical(dim(op_det(a)), integer())
  parts <- op_slogdet(f64(-a))
  expect_equal(as.double(parts[[1]]), -1)
  expect_equal(as.double(parts[[2]]), log(det(a)))
  gram <- crossprod(a) + diag(3)
  expect_equal(as.double(op_logdet(f64(gram))), log(det(gram)))
  expect_equal(as.double(op_det(matrix(0, 2, 2))), 0)
  expect_equal(as.double(op_slogdet(matrix(0, 2, 2))[[2]]), -Inf)
  expect_equal(as.double(op_det(matrix(7, 1, 1))), 7)
})

test_that("inverses and determinants have gradients, of singular ones too", {
  expect_gradient(op_inv, a)
  expect_gradient(op_det, stack)
  expect_gradient(op_det, outer(1:3, c(1, -1, 2)) + diag(c(0, 0, 1)))
  expect_gradient(op_slogdet, a)
  expect_gradient(function(x) {
    op_logdet(op_matmul(x, op_transpose(x)) + diag(3))
  }, a)
  expect_error(op_inv(matrix(1, 2, 2)), class = "elman_error_argument")
  expect_error(op_det(b), class = "elman_error_shape")
  expect_error(op_logdet(-a), class = "elman_error_argument")
})

test_that("a function of R draws a symbolic tensor of its shape", {
  x <- layer_input(c(2, 2))
  model <- keras_model(x, op_det(x))
  input <- array(c(1, 2, 0, 1, 3, 0, 4, 5), c(2, 2, 2))
  expect_equal(as.vector(predict(model, input, verbose = 0)),
               c(det(input[1, , ]), det(input[2, , ])), tolerance = 1e-6)
})
