# Activations with arguments, as layers.

x <- waves(2, 3, 4) * 2

test_that("relu has a slope below its threshold and a largest value", {
  expect_equal(layer_activation_relu(x), pmax(x, 0), tolerance = 1e-6)
  want <- ifelse(x < 0.5, 0.25 * (x - 0.5), pmin(x, 1.5))
  expect_equal(layer_activation_relu(x, 1.5, 0.25, 0.5), want,
               tolerance = 1e-6)
})

test_that("leaky relu and elu have Keras's layers' defaults", {
  expect_equal(layer_activation_leaky_relu(x), ifelse(x < 0, 0.3 * x, x),
               tolerance = 1e-6)
  expect_equal(layer_activation_elu(x), ifelse(x < 0, exp(x) - 1, x),
               tolerance = 1e-6)
  expect_equal(layer_activation_elu(x, alpha = 0.5),
               ifelse(x < 0, 0.5 * (exp(x) - 1), x), tolerance = 1e-6)
})

test_that("softmax sums to 1 over one axis or several", {
  shares <- exp(x)
  expect_equal(layer_activation_softmax(x),
               sweep(shares, 1:2, apply(shares, 1:2, sum), `/`),
               tolerance = 1e-6)
  for (axis in list(2, -2)) {
    expect_equal(layer_activation_softmax(x, axis = axis),
                 sweep(shares, c(1, 3), apply(shares, c(1, 3), sum), `/`),
                 tolerance = 1e-6)
  }
  for (axis in list(2:3, list(-1, 2))) {
    expect_equal(layer_activation_softmax(x, axis = axis),
                 sweep(shares, 1, apply(shares, 1, sum), `/`),
                 tolerance = 1e-6)
  }
})

test_that("softmax shares out among what its mask leaves", {
  mask <- array(c(TRUE, FALSE, TRUE), dim(x))
  mask[1, 1, ] <- FALSE
  for (axis in list(-1, 2:3)) {
    shares <- exp(x) * mask
    at <- if (length(axis) == 1) 1:2 else 1
    total <- apply(shares, at, sum)
    want <- sweep(shares, at, ifelse(total == 0, 1, total), `/`)
    expect_equal(layer_activation_softmax(axis = axis)(x, mask = mask), want,
                 tolerance = 1e-6)
  }
  # One for all samples.
  shared <- mask[2, , ]
  expect_equal(layer_activation_softmax()(x, mask = shared),
               layer_activation_softmax()(x, mask = aperm(
                 array(shared, c(3, 4, 2)), c(3, 1, 2))))
})

test_that("the parametric relu learns a slope for every place not shared", {
  layer <- layer_activation_parametric_relu(dtype = "float64")
  layer(x)
  slopes <- waves(3, 4, shift = 1)
  set_weights(layer, list(slopes))
  want <- ifelse(x < 0, x * aperm(array(slopes, c(3, 4, 2)), c(3, 1, 2)), x)
  expect_equal(layer(x), want, tolerance = 1e-15)

  over_time <- layer_activation_parametric_relu(shared_axes = 2)
  expect_identical(dim(over_time(keras_input(c(NA, 4)))), c(NA, NA, 4L))
  expect_identical(dim(over_time$alpha), c(1L, 4L))
  all <- layer_activation_parametric_relu(shared_axes = c(2, 3),
                                          alpha_initializer = "ones")
  expect_equal(all(x), x, tolerance = 1e-6)
  expect_identical(dim(all$alpha), c(1L, 1L))
})

test_that("gradients match central differences", {
  mask <- array(c(TRUE, FALSE, TRUE), dim(x))
  calls <- list(
    layer_activation_relu(max_value = 1.5, negative_slope = 0.25,
                          threshold = 0.5, dtype = "float64"),
    layer_activation_leaky_relu(dtype = "float64"),
    layer_activation_elu(dtype = "float64"),
    layer_activation_softmax(axis = 2:3, dtype = "float64"),
    layer_activation_parametric_relu(alpha_initializer = "ones",
                                     dtype = "float64")
  )
  for (layer in calls) {
    layer(x)
    expect_gradient(layer, x, variables = layer$trainable_weights)
  }
  softmax <- layer_activation_softmax(dtype = "float64")
  expect_gradient(function(x) softmax(x, mask = mask), x)
})

test_that("configurations have Keras's names, order and axes", {
  keys <- function(layer) names(get_config(layer))[-(1:3)]
  expect_identical(keys(layer_activation_relu()),
                   c("max_value", "negative_slope", "threshold"))
  expect_identical(names(get_config(layer_activation_elu())),
                   c("name", "alpha", "trainable", "dtype"))
  expect_identical(get_config(layer_activation_softmax(axis = 2:3))$axis,
                   list(1L, 2L))
  expect_identical(get_config(layer_activation_softmax())$axis, -1L)
  expect_identical(
    get_config(layer_activation_parametric_relu(shared_axes = 2))$shared_axes,
    list(1L)
  )
  clear_session()
  expect_identical(
    vapply(list(layer_activation_relu(), layer_activation_leaky_relu(),
                layer_activation_elu(), layer_activation_softmax(),
                layer_activation_parametric_relu()),
           function(layer) layer$name, ""),
    c("re_lu", "leaky_re_lu", "elu", "softmax", "p_re_lu")
  )
  for (layer in list(
    layer_activation_relu(max_value = 1, negative_slope = 0.5, threshold = 0.1),
    layer_activation_leaky_relu(negative_slope = 0.1),
    layer_activation_elu(alpha = 2),
    layer_activation_softmax(axis = c(2, -1)),
    layer_activation_parametric_relu(alpha_initializer = "ones",
                                     alpha_regularizer = "l2",
                                     shared_axes = c(2, 3))
  )) {
    expect_round_trip(layer, x)
  }
})

test_that("masks travel on", {
  mask <- matrix(c(TRUE, TRUE, FALSE, TRUE, FALSE, FALSE), 2)
  for (make in list(layer_activation_relu, layer_activation_leaky_relu,
                    layer_activation_elu, layer_activation_softmax,
                    layer_activation_parametric_relu)) {
    y <- make(masked_tensor(x, mask))
    expect_identical(as.array(attr(y, "mask")), mask)
  }
  # A mask [batch, time] chooses no features.
  expect_equal(as.array(layer_activation_softmax(masked_tensor(x, mask))),
               layer_activation_softmax(x))
})

test_that("bad arguments, places of unknown size and wrong masks are refused", {
  expect_snapshot(error = TRUE, {
    layer_activation_relu(max_value = -1)
    layer_activation_relu(negative_slope = -1)
    layer_activation_leaky_relu(negative_slope = "a")
    layer_activation_elu(alpha = NULL)
    layer_activation_softmax(axis = 0)
    layer_activation_parametric_relu(shared_axes = 1)
    layer_activation_parametric_relu(x, shared_axes = 4)
    layer_activation_parametric_relu(keras_input(c(NA, 4)), name = "slopes")
    layer_activation_softmax(name = "shares")(x, mask = matrix(TRUE, 3, 3))
  })
})
