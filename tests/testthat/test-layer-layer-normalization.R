# Normalization of samples by themselves: over axes, groups of channels, or to
# length 1.

# (x - mean) / sqrt(variance + epsilon) over the axes that `keep` leaves.
standardized <- function(x, keep, epsilon = 0.001) {
  spread <- function(x) mean((x - mean(x))^2)
  x <- sweep(x, keep, apply(x, keep, mean))
  sweep(x, keep, sqrt(apply(x, keep, spread) + epsilon), `/`)
}

x <- waves(2, 4, 6) * 3 + 1

test_that("samples have mean 0 and variance 1 over one axis or several", {
  make <- function(...) layer_layer_normalization(dtype = "float64", ...)
  expect_equal(make()(x), standardized(x, 1:2), tolerance = 1e-13)
  expect_equal(make(axis = 2)(x), standardized(x, c(1, 3)), tolerance = 1e-13)
  for (axis in list(2:3, c(-1, 2))) {
    expect_equal(make(axis = axis)(x), standardized(x, 1), tolerance = 1e-13)
  }
  expect_equal(make(epsilon = 0.5)(x), standardized(x, 1:2, 0.5),
               tolerance = 1e-13)
})

test_that("gamma scales and beta shifts each place along the axes", {
  layer <- layer_layer_normalization(axis = 2:3, dtype = "float64")
  layer(x)
  expect_identical(vapply(layer$weights, function(w) w$name, ""),
                   c("gamma", "beta"))
  w <- list(waves(4, 6), waves(4, 6, shift = 1))
  set_weights(layer, w)
  want <- sweep(sweep(standardized(x, 1), 2:3, w[[1]], `*`), 2:3, w[[2]], `+`)
  expect_equal(layer(x), want, tolerance = 1e-13)
  expect_length(layer_layer_normalization(scale = FALSE,
                                          input_shape = 3)$weights, 0)
  plain <- layer_layer_normalization(center = FALSE, scale = FALSE)
  plain(x)
  expect_length(plain$weights, 0)
})

test_that("groups of neighbouring channels have mean 0 and variance 1", {
  make <- function(...) layer_group_normalization(dtype = "float64", ...)
  parts <- lapply(1:3, function(g) standardized(x[, , 2 * g - 1:0], 1))
  want <- x
  for (g in 1:3) want[, , 2 * g - 1:0] <- parts[[g]]
  expect_equal(make(groups = 3)(x), want, tolerance = 1e-13)
  first <- aperm(x, c(1, 3, 2))
  for (axis in c(2, -2)) {
    expect_equal(make(groups = 3, axis = axis)(first), aperm(want, c(1, 3, 2)),
                 tolerance = 1e-13)
  }
  expect_equal(make(groups = -1)(x), standardized(x, c(1, 3)),
               tolerance = 1e-13)
  expect_equal(make(groups = 6)(x), make(groups = -1)(x))
  # One group is a layer normalization over all axes.
  expect_equal(make(groups = 1)(x), standardized(x, 1), tolerance = 1e-13)
  scaled <- function(v) (v - mean(v)) / sqrt(mean((v - mean(v))^2) + 0.001)
  groups <- apply(array(x[, 1, ], c(2, 3, 2)), c(1, 3), scaled)
  expect_equal(make(groups = 2)(x[, 1, ]), matrix(aperm(groups, c(2, 1, 3)), 2),
               tolerance = 1e-13)
})

test_that("each channel of a group has its own gamma and beta", {
  layer <- layer_group_normalization(groups = 2, dtype = "float64")
  layer(x)
  plain <- layer(x)
  w <- list(waves(6), waves(6, shift = 1))
  set_weights(layer, w)
  expect_equal(layer(x), sweep(sweep(plain, 3, w[[1]], `*`), 3, w[[2]], `+`),
               tolerance = 1e-13)
})

test_that("vectors have length 1 and zeros stay zeros", {
  expect_equal(layer_unit_normalization(x, dtype = "float64"),
               sweep(x, 1:2, sqrt(apply(x^2, 1:2, sum)), `/`),
               tolerance = 1e-14)
  expect_equal(layer_unit_normalization(x, axis = 2:3, dtype = "float64"),
               sweep(x, 1, sqrt(apply(x^2, 1, sum)), `/`), tolerance = 1e-14)
  expect_identical(layer_unit_normalization(matrix(0, 2, 3)), matrix(0, 2, 3))
})

test_that("gradients match central differences", {
  x <- waves(2, 3, 4)
  for (layer in list(
    layer_layer_normalization(axis = 2, dtype = "float64"),
    layer_layer_normalization(axis = 2:3, dtype = "float64"),
    layer_group_normalization(groups = 2, dtype = "float64"),
    layer_unit_normalization(axis = 2, dtype = "float64")
  )) {
    layer(x)
    if (length(layer$weights)) {
      set_weights(layer, lapply(layer$weights, function(w) {
        array(waves(dim(w), shift = 1), dim(w))
      }))
    }
    expect_gradient(layer, x, variables = layer$trainable_weights)
  }
})

test_that("configurations bring them back, with axes counted from 0", {
  roles <- c("beta_initializer", "gamma_initializer", "beta_regularizer",
             "gamma_regularizer", "beta_constraint", "gamma_constraint")
  layer <- layer_layer_normalization(axis = 2)
  expect_identical(names(get_config(layer))[-(1:3)],
                   c("axis", "epsilon", "center", "scale", "rms_scaling",
                     roles))
  expect_identical(get_config(layer)$axis, 1L)
  layer <- layer_group_normalization(groups = 2)
  expect_identical(names(get_config(layer))[-(1:3)],
                   c("groups", "axis", "epsilon", "center", "scale", roles))
  for (layer in list(
    layer_layer_normalization(axis = c(2, -1), epsilon = 0.1, center = FALSE,
                              gamma_initializer = "zeros",
                              gamma_regularizer = "l2",
                              gamma_constraint = "non_neg"),
    layer_group_normalization(groups = 2, axis = 2, scale = FALSE),
    layer_unit_normalization(axis = 2:3)
  )) {
    expect_round_trip(layer, x)
  }
})

test_that("masks travel on", {
  mask <- matrix(c(TRUE, FALSE), 2, 4)
  for (layer in list(layer_layer_normalization(),
                     layer_group_normalization(groups = 2),
                     layer_unit_normalization())) {
    y <- layer(masked_tensor(x, mask))
    expect_identical(as.array(attr(y, "mask")), mask)
  }
})

test_that("bad arguments and shapes are refused", {
  layer <- layer_layer_normalization(name = "even")
  layer(x)
  expect_snapshot(error = TRUE, {
    layer_layer_normalization(axis = 0)
    layer_layer_normalization(epsilon = -1)
    layer_layer_normalization(x, axis = 4, name = "far")
    layer_layer_normalization(keras_input(c(NA, 3)), axis = 2, name = "long")
    layer(x[, , 1:3])
    layer_group_normalization(groups = 0)
    layer_group_normalization(axis = 2:3)
    layer_group_normalization(x, groups = 4, name = "four")
    layer_group_normalization(x, groups = 2, axis = 1)
    layer_unit_normalization(axis = "a")
    layer_unit_normalization(x, axis = 4, name = "far")
  })
})
