test_that("hinge losses equal their formulas", {
  withr::local_seed(1)
  y <- matrix(c(-1, 1, 1, -1, 1, 1), 3)
  p <- matrix(rnorm(6), 3)
  want <- pmax(1 - y * p, 0)
  expect_equal(as.vector(loss_hinge(y, p)), rowMeans(want), tolerance = 1e-5)
  expect_equal(as.vector(loss_squared_hinge(y, p)), rowMeans(want^2),
               tolerance = 1e-5)
  hot <- diag(2)[c(1, 2, 2), ]
  want <- pmax(apply((1 - hot) * p, 1, max) - rowSums(hot * p) + 1, 0)
  expect_equal(as.vector(loss_categorical_hinge(hot, p)), want,
               tolerance = 1e-5)
})

test_that("targets of 0 and 1 are signs, others are left alone", {
  p <- matrix(c(0.3, -2, 1, 0.5), 2)
  y <- matrix(c(0, 1, 1, 0), 2)
  expect_equal(loss_hinge(y, p), loss_hinge(2 * y - 1, p))
  half <- y / 2
  expect_equal(as.vector(loss_hinge(half, p)),
               rowMeans(pmax(1 - half * p, 0)), tolerance = 1e-6)
})

test_that("gradients are exact", {
  withr::local_seed(2)
  y <- matrix(c(0, 1, 1, 0, 1, 1), 3)
  p <- matrix(rnorm(6), 3)
  for (loss in list(loss_hinge(), loss_squared_hinge(),
                    loss_categorical_hinge())) {
    expect_gradient(function(p) loss(as_tensor(y), p), p)
  }
})
