# Normalization by statistics that are given or counted.

x <- waves(6, 3, 2) * 3 + 1
spread <- function(v) mean((v - mean(v))^2)

test_that("adapt() counts mean and variance of each place along the axis", {
  layer <- layer_normalization(dtype = "float64")
  expect_identical(adapt(layer, x), layer)
  mean <- apply(x, 3, mean)
  variance <- apply(x, 3, spread)
  expect_equal(layer(x), sweep(sweep(x, 3, mean), 3, sqrt(variance), `/`),
               tolerance = 1e-13)
  expect_identical(vapply(layer$weights, function(w) w$name, ""),
                   c("mean", "variance", "count"))
  expect_length(layer$trainable_weights, 0)
  expect_equal(get_weights(layer)[1:2],
               list(array(mean, 2), array(variance, 2)), tolerance = 1e-13)
})

test_that("several axes keep statistics of their own, or none does", {
  layer <- layer_normalization(axis = c(-1, 2), dtype = "float64")
  adapt(layer, x)
  want <- sweep(sweep(x, 2:3, apply(x, 2:3, mean)), 2:3,
                sqrt(apply(x, 2:3, spread)), `/`)
  expect_equal(layer(x), want, tolerance = 1e-13)
  layer <- layer_normalization(axis = NULL, dtype = "float64")
  adapt(layer, x)
  expect_equal(layer(x), (x - mean(x)) / sqrt(spread(x)), tolerance = 1e-13)
})

test_that("batches of a function or dataset count as the whole", {
  whole <- layer_normalization(dtype = "float64")
  adapt(whole, x)
  parts <- list(x[1, , , drop = FALSE], x[2:4, , ], x[5:6, , ])
  k <- 0
  layer <- layer_normalization(dtype = "float64")
  adapt(layer, function() if (k < 3) parts[[k <<- k + 1]])
  expect_equal(get_weights(layer), get_weights(whole), tolerance = 1e-13)

  k <- 0
  adapt(layer, function() parts[[k <<- k + 1]], steps = 1)
  expect_equal(get_weights(layer)[[1]], array(apply(parts[[1]], 3, mean), 2),
               tolerance = 1e-13)

  series <- matrix(waves(20), 20)
  dataset <- timeseries_dataset_from_array(series, NULL, sequence_length = 5,
                                           sequence_stride = 5, batch_size = 3)
  layer <- layer_normalization()
  adapt(layer, dataset)
  # float32 rounding
  expect_equal(get_weights(layer)[[1]], array(mean(series), 1),
               tolerance = 1e-6)
})

test_that("the old state is forgotten", {
  layer <- layer_normalization()
  adapt(layer, x)
  adapt(layer, 10 * x)
  expect_equal(get_weights(layer)[[1]], array(10 * apply(x, 3, mean), 2),
               tolerance = 1e-6)
})

test_that("mean and variance can be given, and undone", {
  y <- layer_normalization(x, mean = c(1, 2), variance = c(4, 9),
                           dtype = "float64")
  expect_equal(y, sweep(sweep(x, 3, c(1, 2)), 3, c(2, 3), `/`),
               tolerance = 1e-14)
  expect_equal(layer_normalization(y, mean = c(1, 2), variance = c(4, 9),
                                   invert = TRUE, dtype = "float64"),
               x, tolerance = 1e-14)
  expect_equal(layer_normalization(x, mean = 1, variance = 4), (x - 1) / 2,
               tolerance = 1e-6)
  expect_equal(layer_normalization(x, axis = NULL, mean = 1, variance = 4),
               (x - 1) / 2, tolerance = 1e-6)
  # No variance is as good as a very small one.
  expect_true(all(is.finite(layer_normalization(x, mean = 1, variance = 0))))
})

test_that("gradients match central differences", {
  layer <- layer_normalization(mean = 0.5, variance = 4, dtype = "float64")
  expect_gradient(layer, waves(3, 2))
})

test_that("in a model it stays as it was adapted", {
  layer <- layer_normalization()
  adapt(layer, x)
  model <- keras_model_sequential(input_shape = c(3, 2)) |>
    layer() |>
    layer_simple_rnn(2)
  before <- get_weights(layer)
  compile(model, "sgd", "mse")
  fit(model, x, matrix(0, 6, 2), verbose = 0)
  expect_identical(get_weights(layer), before)
})

test_that("configurations bring it back, with axes counted from 0", {
  layer <- layer_normalization(axis = 2:3, invert = TRUE)
  config <- get_config(layer)
  expect_identical(names(config)[-(1:3)],
                   c("axis", "invert", "mean", "variance"))
  expect_identical(config$axis, list(1L, 2L))
  adapt(layer, x)
  expect_round_trip(layer, x)
  expect_round_trip(layer_normalization(mean = c(1, 2), variance = c(4, 9)), x)
  expect_round_trip(layer_normalization(axis = NULL, mean = 1, variance = 4), x)
  y <- layer(masked_tensor(x, matrix(c(TRUE, FALSE), 6, 3)))
  expect_false(is.null(attr(y, "mask")))
})

test_that("what does not go together is refused", {
  layer <- layer_normalization(name = "even")
  adapt(layer, x)
  given <- layer_normalization(mean = 1, variance = 1, name = "given")
  expect_snapshot(error = TRUE, {
    layer_normalization(mean = 1)
    layer_normalization(mean = c(1, 2), variance = 1)
    layer_normalization(mean = matrix(1, 2, 2), variance = matrix(1, 2, 2))
    layer_normalization(mean = 1, variance = -1)
    layer_normalization(mean = "a", variance = 1)
    layer_normalization(x, mean = 1:3, variance = 1:3, name = "three")
    layer_normalization(keras_input(c(3, NA)), name = "open")
    layer(x[, , 1, drop = FALSE])
    adapt(layer, x[, , 1, drop = FALSE])
    adapt(given, x)
    adapt(layer, function() NULL)
    adapt(layer, x, steps = 2)
  })
})
