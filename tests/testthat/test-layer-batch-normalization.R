# Batch normalization: statistics of the batch in training, moving ones
# otherwise.

x <- waves(3, 4, 2) * 3 + 1

channel_mean <- function(x) apply(x, 3, mean)
channel_variance <- function(x) apply(x, 3, function(v) mean((v - mean(v))^2))

by_channel <- function(x, mean, variance, epsilon = 0.001) {
  sweep(sweep(x, 3, mean), 3, sqrt(variance + epsilon), `/`)
}

double_norm <- function(...) layer_batch_normalization(dtype = "float64", ...)

in_training <- function(layer, x, ...) layer(x, training = TRUE, ...)

test_that("training uses the batch's statistics and moves the moving ones", {
  layer <- double_norm(momentum = 0.75)
  expect_equal(in_training(layer, x),
               by_channel(x, channel_mean(x), channel_variance(x)),
               tolerance = 1e-13)
  moving <- list(array(0.25 * channel_mean(x), 2),
                 array(0.75 + 0.25 * channel_variance(x), 2))
  expect_equal(get_weights(layer)[3:4], moving, tolerance = 1e-14)
  expect_equal(layer(x), by_channel(x, moving[[1]], moving[[2]]),
               tolerance = 1e-13)
  # Which leaves them alone.
  expect_equal(get_weights(layer)[3:4], moving, tolerance = 1e-14)
})

test_that("gamma, beta, epsilon and the axis do what they say", {
  layer <- double_norm(epsilon = 0.5, axis = 2)
  flipped <- aperm(x, c(1, 3, 2))
  in_training(layer, flipped)
  expect_identical(vapply(layer$weights, function(w) w$name, ""),
                   c("gamma", "beta", "moving_mean", "moving_variance"))
  expect_length(layer$trainable_weights, 2)
  w <- list(waves(2), waves(2, shift = 1), waves(2), abs(waves(2)))
  set_weights(layer, w)
  want <- by_channel(x, channel_mean(x), channel_variance(x), 0.5)
  want <- sweep(sweep(want, 3, w[[1]], `*`), 3, w[[2]], `+`)
  expect_equal(in_training(layer, flipped), aperm(want, c(1, 3, 2)),
               tolerance = 1e-13)
  plain <- double_norm(center = FALSE, scale = FALSE)
  plain(x)
  expect_length(plain$trainable_weights, 0)
  expect_length(plain$weights, 2)
})

test_that("a frozen layer uses the moving statistics in training, too", {
  layer <- double_norm()
  layer(x)
  layer$trainable <- FALSE
  before <- get_weights(layer)
  expect_identical(in_training(layer, x), layer(x))
  expect_identical(get_weights(layer), before)
  layer$trainable <- TRUE
  expect_equal(in_training(layer, x)[1], in_training(double_norm(), x)[1])
})

test_that("masked steps do not count", {
  mask <- rbind(c(TRUE, TRUE, FALSE, FALSE), c(TRUE, FALSE, FALSE, FALSE),
                c(TRUE, TRUE, TRUE, TRUE))
  used <- array(x[rep(mask, 2)], c(7, 1, 2))
  layer <- double_norm(momentum = 0.5)
  # 1e-7 beside the number of steps
  want <- by_channel(x, channel_mean(used), channel_variance(used))
  expect_equal(in_training(layer, x, mask = mask), want, tolerance = 1e-7)
  expect_equal(get_weights(layer)[[3]], array(channel_mean(used) / 2, 2),
               tolerance = 1e-7)
  spoiled <- x
  spoiled[rep(!mask, 2)] <- 1e3
  again <- double_norm(momentum = 0.5)
  y <- in_training(again, masked_tensor(spoiled, mask))
  expect_identical(get_weights(again), get_weights(layer))
  expect_identical(as.array(attr(y, "mask")), mask)
})

test_that("gradients pass through the statistics", {
  layer <- double_norm()
  layer(x)
  set_weights(layer, list(waves(2), waves(2, shift = 1), waves(2),
                          abs(waves(2)) + 0.5))
  mask <- matrix(c(TRUE, TRUE, FALSE), 3, 4)
  expect_gradient(function(x) layer(x, training = TRUE), x,
                  variables = layer$trainable_weights)
  expect_gradient(function(x) layer(x, training = TRUE, mask = mask), x,
                  variables = layer$trainable_weights)
  expect_gradient(function(x) layer(x), x, variables = layer$trainable_weights)
})

test_that("recorded steps of training move the statistics as the first does", {
  data <- matrix(waves(8, 3), 8)
  model <- keras_model_sequential(input_shape = 3) |>
    layer_batch_normalization(momentum = 0.5)
  compile(model, optimizer_sgd(0), "mse")
  fit(model, data, data, batch_size = 8, epochs = 6, verbose = 0)
  moving <- get_weights(model)[[3]]
  # float32 rounding
  expect_equal(moving, array(colMeans(data) * (1 - 0.5^6), 3),
               tolerance = 1e-6)
  before <- get_weights(model)
  predict(model, data, verbose = 0)
  evaluate(model, data, data, verbose = 0)
  expect_identical(get_weights(model), before)
})

test_that("a step can be recorded, masks included", {
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_masking() |>
    layer_batch_normalization() |>
    layer_layer_normalization() |>
    layer_group_normalization(groups = 2) |>
    layer_unit_normalization() |>
    layer_simple_rnn(3) |>
    layer_dense(1)
  expect_records(model, waves(4, 5, 2), waves(4, 5, 2, shift = 1), waves(4, 1))
})

test_that("its configuration has Keras's entries and brings it back", {
  layer <- double_norm(axis = 2, momentum = 0.5, center = FALSE,
                       moving_mean_initializer = "ones",
                       gamma_regularizer = "l2", gamma_constraint = "non_neg")
  config <- get_config(layer)
  expect_identical(names(config)[-(1:3)], c(
    "axis", "momentum", "epsilon", "center", "scale", "beta_initializer",
    "gamma_initializer", "moving_mean_initializer",
    "moving_variance_initializer", "beta_regularizer", "gamma_regularizer",
    "beta_constraint", "gamma_constraint", "synchronized", "renorm",
    "renorm_clipping", "renorm_momentum"
  ))
  expect_identical(config$axis, 1L)
  expect_round_trip(layer, x)
})

test_that("bad arguments, shapes and masks are refused", {
  layer <- layer_batch_normalization(name = "even")
  layer(x)
  expect_snapshot(error = TRUE, {
    layer_batch_normalization(momentum = 2)
    layer_batch_normalization(axis = 2:3)
    layer_batch_normalization(synchronized = "a")
    layer_batch_normalization(renorm = TRUE)
    layer_batch_normalization(keras_input(c(3, NA)), name = "open")
    layer(x[, , 1, drop = FALSE])
    layer(x, mask = matrix(TRUE, 3, 3))
  })
})
