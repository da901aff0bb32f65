# Noise layers and dropout of whole features.

in_training <- function(layer, x) layer(x, training = TRUE)

test_that("noise has the mean and the spread it promises", {
  # 1e5 draws: the standard errors are below 0.004.
  x <- matrix(2, 250, 400)
  added <- in_training(layer_gaussian_noise(stddev = 0.5, seed = 1), x) - 2
  expect_lt(abs(mean(added)), 0.01)
  expect_lt(abs(sd(added) - 0.5), 0.01)
  factor <- in_training(layer_gaussian_dropout(rate = 0.2, seed = 1), x) / 2
  expect_lt(abs(mean(factor) - 1), 0.01)
  expect_lt(abs(sd(factor) - 0.5), 0.01)
})

test_that("alpha dropout keeps mean 0 and variance 1", {
  set.seed(1)
  x <- matrix(rnorm(1e5), 250)
  y <- in_training(layer_alpha_dropout(rate = 0.3, seed = 1), x)
  expect_lt(abs(mean(y)), 0.02)
  expect_lt(abs(sd(y) - 1), 0.02)
  floor <- -1.6732632423543772 * 1.0507009873554805
  scale <- (0.7 * (1 + 0.3 * floor^2))^-0.5
  dropped <- abs(y - (scale * floor - scale * floor * 0.3)) < 1e-5
  expect_lt(abs(mean(dropped) - 0.3), 0.01)
})

test_that("features are dropped at all steps at once", {
  y <- in_training(layer_spatial_dropout_1d(rate = 0.5, seed = 1),
                   array(1, c(4, 3, 6)))
  expect_identical(y[, 1, ], y[, 3, ])
  expect_setequal(y, c(0, 2))
  y <- in_training(layer_spatial_dropout_2d(rate = 0.5, seed = 1,
                                            data_format = "channels_first"),
                   array(1, c(4, 6, 3, 2)))
  expect_identical(y[, , 1, 1], y[, , 3, 2])
  y <- in_training(layer_spatial_dropout_3d(rate = 0.5, seed = 1),
                   array(1, c(4, 2, 3, 2, 6)))
  expect_identical(y[, 1, 1, 1, ], y[, 2, 3, 2, ])
  expect_setequal(y, c(0, 2))
})

test_that("outside training, and at a rate of 0, inputs stay as they are", {
  x <- waves(3, 4)
  same <- layer_identity(x)
  for (make in list(layer_gaussian_dropout, layer_alpha_dropout)) {
    expect_identical(make(rate = 0.5)(x), same)
    expect_identical(in_training(make(rate = 0), x), same)
  }
  expect_identical(layer_gaussian_noise(stddev = 0.5)(x), same)
  expect_identical(in_training(layer_gaussian_noise(stddev = 0), x), same)
})

test_that("draws follow the seed, else R's generator, and are kept", {
  x <- matrix(1, 4, 8)
  for (layer in list(layer_gaussian_noise(stddev = 0.5, seed = 7),
                     layer_gaussian_dropout(rate = 0.5, seed = 7),
                     layer_alpha_dropout(rate = 0.5, seed = 7),
                     layer_spatial_dropout_1d(rate = 0.5, seed = 7))) {
    config <- get_config(layer)
    again <- from_config(config)
    expect_identical(get_config(again), config)
    if (inherits(layer, "SpatialDropout")) next
    expect_identical(in_training(again, x), in_training(layer, x))
  }
})

test_that("gradients pass through noise", {
  for (layer in list(
    function() layer_gaussian_dropout(rate = 0.3, seed = 3),
    function() layer_alpha_dropout(rate = 0.3, seed = 3),
    function() layer_gaussian_noise(stddev = 0.3, seed = 3)
  )) {
    expect_gradient(function(x) layer()(x, training = TRUE), waves(3, 4))
  }
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    layer_gaussian_noise()
    layer_gaussian_noise(stddev = -1)
    layer_gaussian_dropout(rate = 1)
    layer_alpha_dropout(rate = 2)
    layer_spatial_dropout_1d(rate = "a")
    layer_spatial_dropout_1d(matrix(1, 2, 2), rate = 0.5)
  })
})
