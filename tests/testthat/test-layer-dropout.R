# The dropout layer.

test_that("kept values are scaled, the rate is kept", {
  layer <- layer_dropout(rate = 0.25, seed = 1)
  y <- layer(matrix(3, 100, 100), training = TRUE)
  expect_equal(sort(unique(as.vector(y))), c(0, 4), tolerance = 1e-6)
  # The share of 1e4 draws: standard error 0.0043.
  expect_lt(abs(mean(y == 0) - 0.25), 0.02)
})

test_that("rates of 0 and 1 keep all and nothing", {
  x <- waves(3, 4)
  expect_equal(layer_dropout(rate = 0)(x, training = TRUE), x,
               tolerance = 1e-7)
  expect_true(all(layer_dropout(rate = 1)(x, training = TRUE) == 0))
})

test_that("axes of size 1 share a draw", {
  layer <- layer_dropout(rate = 0.5, noise_shape = c(NA, 1, NA), seed = 1)
  y <- layer(array(1, c(4, 3, 6)), training = TRUE)
  expect_identical(y[, 1, ], y[, 2, ])
  expect_identical(y[, 1, ], y[, 3, ])
  expect_setequal(y, c(0, 2))
})

test_that("draws follow the seed, else R's generator", {
  x <- matrix(1, 4, 8)
  draw <- function(layer) layer(x, training = TRUE)
  one <- layer_dropout(rate = 0.5, seed = 7)
  two <- layer_dropout(rate = 0.5, seed = 7)
  first <- draw(one)
  expect_identical(draw(two), first)
  expect_false(identical(draw(one), first))
  free <- layer_dropout(rate = 0.5)
  set.seed(1)
  first <- draw(free)
  set.seed(1)
  expect_identical(draw(free), first)
})

test_that("the gradient is the mask", {
  x <- matrix(1, 3, 4)
  got <- value_and_grad(function(x) {
    op_sum(layer_dropout(rate = 0.5, seed = 3)(x, training = TRUE))
  })(x)
  expect_identical(as.array(got$gradients[[1]]),
                   layer_dropout(rate = 0.5, seed = 3)(x, training = TRUE))
})

test_that("the configuration makes the same layer", {
  config <- get_config(layer_dropout(rate = 0.5, noise_shape = c(NA, 1),
                                     seed = 2))
  expect_identical(names(config), c("name", "trainable", "dtype", "rate",
                                    "seed", "noise_shape"))
  expect_identical(get_config(from_config(config)), config)
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    layer_dropout()
    layer_dropout(rate = 1.5)
    layer_dropout(rate = "a")
    layer_dropout(rate = 0.5, noise_shape = c(0, 1))
    layer_dropout(rate = 0.5, noise_shape = c(2, 2))(waves(2, 3),
                                                     training = TRUE)
  })
})
