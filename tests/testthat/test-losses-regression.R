test_that("squared and absolute error equal their formulas", {
  withr::local_seed(1)
  for (shape in list(c(1, 1), c(7, 3), c(4, 5, 2))) {
    y <- array(rnorm(prod(shape)), shape)
    p <- array(rnorm(prod(shape)), shape)
    lead <- seq_len(length(shape) - 1)
    expect_equal(as.vector(loss_mean_squared_error(y, p)),
                 as.vector(apply((y - p)^2, lead, mean)), tolerance = 1e-5)
    expect_equal(as.vector(loss_mean_absolute_error(y, p)),
                 as.vector(apply(abs(y - p), lead, mean)), tolerance = 1e-5)
  }
})

test_that("a vector fits predictions of size 1, either way", {
  y <- c(1, 2, 3)
  p <- matrix(c(0, 0, 1), 3)
  expect_equal(as.vector(loss_mean_squared_error(y, p)), c(1, 4, 4))
  expect_equal(as.vector(loss_mean_squared_error(p, y)), c(1, 4, 4))
})

test_that("gradients are exact", {
  withr::local_seed(2)
  y <- matrix(rnorm(6), 3)
  p <- matrix(rnorm(6), 3)
  for (loss in list(loss_mean_squared_error(), loss_mean_absolute_error())) {
    expect_gradient(function(p) loss(as_tensor(y), p), p)
  }
})

test_that("tensors give tensors and arrays arrays", {
  y <- matrix(0, 2, 1)
  expect_false(is_tensor(loss_mean_squared_error(y, y)))
  expect_true(is_tensor(loss_mean_squared_error(as_tensor(y), y)))
})

test_that("errors of numbers equal their formulas", {
  withr::local_seed(4)
  y <- matrix(runif(12, 0.5, 3), 4)
  p <- matrix(runif(12, 0.5, 3), 4)
  e <- p - y
  huber <- ifelse(abs(e) <= 0.5, e^2 / 2, 0.5 * abs(e) - 0.125)
  unit <- function(x) x / sqrt(rowSums(x^2))
  cases <- list(
    list(loss_mean_absolute_percentage_error(y, p), 100 * abs(e / y)),
    list(loss_mean_squared_logarithmic_error(y, p),
         (log(p + 1) - log(y + 1))^2),
    list(loss_huber(y, p, delta = 0.5), huber),
    list(loss_log_cosh(y, p), log(cosh(e))),
    list(loss_cosine_similarity(y, p), -3 * unit(y) * unit(p))
  )
  for (case in cases) {
    expect_equal(as.vector(case[[1]]), rowMeans(case[[2]]), tolerance = 1e-5)
  }
})

test_that("large errors do not overflow and zeros have no direction", {
  expect_equal(as.numeric(loss_log_cosh(matrix(0), matrix(c(500)))),
               500 - log(2), tolerance = 1e-6)
  expect_equal(as.numeric(loss_cosine_similarity(matrix(0, 1, 2),
                                                 matrix(1, 1, 2))), 0)
})

test_that("gradients of errors are exact", {
  withr::local_seed(5)
  y <- matrix(runif(6, 0.5, 3), 3)
  p <- matrix(runif(6, 0.5, 3), 3)
  losses <- list(loss_mean_absolute_percentage_error(),
                 loss_mean_squared_logarithmic_error(),
                 loss_huber(delta = 0.5), loss_log_cosh(),
                 loss_cosine_similarity(), loss_cosine_similarity(axis = 1))
  for (loss in losses) {
    expect_gradient(function(p) loss(as_tensor(y), p), p)
  }
})

test_that("wrong arguments of errors are named", {
  expect_snapshot(error = TRUE, {
    loss_huber(delta = -1)
    loss_cosine_similarity(axis = 0)
  })
})
