test_that("divergence and Poisson loss equal their formulas", {
  withr::local_seed(1)
  y <- matrix(runif(12, 0.1, 0.9), 4)
  p <- matrix(runif(12, 0.1, 0.9), 4)
  expect_equal(as.vector(loss_kl_divergence(y, p)), rowSums(y * log(y / p)),
               tolerance = 1e-5)
  expect_equal(as.vector(loss_kl_divergence(y, y)), rep(0, 4))
  expect_equal(as.vector(loss_poisson(y, p)), rowMeans(p - y * log(p)),
               tolerance = 1e-5)
})

test_that("areas that overlap have no loss, others one", {
  y <- matrix(c(1, 0, 0, 1), 2)
  for (loss in list(loss_dice, loss_tversky)) {
    expect_equal(as.numeric(loss(y, y)), 0, tolerance = 1e-6)
    expect_equal(as.numeric(loss(y, 1 - y)), 1)
    expect_equal(as.vector(loss(y, y, axis = -1)), c(0, 0), tolerance = 1e-6)
    expect_equal(dim(loss(array(1, c(2, 3, 4)), array(1, c(2, 3, 4)),
                          axis = c(2, 3))), 2L)
  }
  p <- matrix(c(0.5, 0.25, 0.5, 1), 2)
  expect_equal(as.numeric(loss_tversky(y, p, alpha = 0.25, beta = 0.75)),
               1 - 1.5 / (1.5 + 0.25 * 0.5 + 0.75 * 0.75), tolerance = 1e-6)
  expect_equal(as.numeric(loss_dice(y, p)), 1 - 3 / (2 + 2.25),
               tolerance = 1e-6)
})

test_that("a weight for the one value that there is leaves it a scalar", {
  y <- matrix(c(1, 0), 1)
  p <- matrix(c(0.3, 0.4), 1)
  loss <- loss_tversky(reduction = "mean_with_sample_weight")
  weighted <- loss(y, p, sample_weight = 2)
  expect_equal(as.numeric(weighted), 2 * as.numeric(loss_tversky(y, p)))
  expect_length(tensor_shape(weighted), 0)
})

test_that("gradients are exact", {
  withr::local_seed(2)
  y <- matrix(runif(6, 0.1, 0.9), 3)
  p <- matrix(runif(6, 0.1, 0.9), 3)
  for (loss in list(loss_kl_divergence(), loss_poisson(), loss_dice(),
                    loss_tversky(alpha = 0.3, axis = -1))) {
    expect_gradient(function(p) loss(as_tensor(y), p), p)
  }
})

test_that("axes survive the configuration", {
  loss <- loss_dice(axis = c(2, -1))
  config <- get_config(loss)
  expect_equal(config$axis, c(1, -1))
  expect_equal(get_config(from_config(config)), config)
})
