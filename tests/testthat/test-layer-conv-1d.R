# Convolutions along a sequence against loops in plain R.

# x [batch, time, channels], kernel [window, channels / groups, filters].
# `before` zeros stand in front; there are `places` outputs.
slow_conv <- function(x, kernel, places, before = 0, strides = 1, dilation = 1,
                      groups = 1) {
  d <- dim(kernel)
  each <- d[3] / groups
  y <- array(0, c(dim(x)[1], places, d[3]))
  for (o in seq_len(places)) for (k in seq_len(d[1])) {
    t <- (o - 1) * strides + (k - 1) * dilation - before + 1
    if (t < 1 || t > dim(x)[2]) next
    for (f in seq_len(d[3])) for (c in seq_len(d[2])) {
      from <- ((f - 1) %/% each) * d[2] + c
      y[, o, f] <- y[, o, f] + x[, t, from] * kernel[k, c, f]
    }
  }
  y
}

# Built on `x`, with waves as weights.
double_conv <- function(make, x, ...) {
  layer <- make(dtype = "float64", ...)
  layer(x)
  set_weights(layer, lapply(seq_along(layer$weights), function(k) {
    array(waves(dim(layer$weights[[k]]), shift = k),
          dim(layer$weights[[k]]))
  }))
  layer
}

test_that("it equals a loop for every window, padding, stride and dilation", {
  cases <- expand.grid(size = c(1, 2, 3, 5), padding = c("valid", "same",
                                                         "causal"),
                       strides = 1:3, dilation = 1:2, time = c(5, 9),
                       stringsAsFactors = FALSE)
  cases <- cases[cases$strides == 1 | cases$dilation == 1, ]
  cases <- cases[(cases$size - 1) * cases$dilation < cases$time, ]
  for (i in seq_len(nrow(cases))) {
    s <- cases[i, ]
    x <- waves(2, s$time, 3)
    layer <- double_conv(layer_conv_1d, x, filters = 2, kernel_size = s$size,
                         padding = s$padding, strides = s$strides,
                         dilation_rate = s$dilation)
    w <- get_weights(layer)
    reach <- (s$size - 1) * s$dilation + 1
    places <- if (s$padding == "valid") (s$time - reach) %/% s$strides + 1 else
      ceiling(s$time / s$strides)
    missing <- max((places - 1) * s$strides + reach - s$time, 0)
    before <- switch(s$padding, valid = 0, same = missing %/% 2,
                     causal = reach - 1)
    want <- slow_conv(x, w[[1]], places, before, s$strides, s$dilation)
    expect_equal(layer(x), sweep(want, 3, w[[2]], `+`), tolerance = 1e-13,
                 label = toString(s))
  }
})

test_that("groups of channels have filters of their own", {
  x <- waves(2, 6, 6)
  for (groups in c(1, 2, 3, 6)) {
    layer <- double_conv(layer_conv_1d, x, filters = 6, kernel_size = 2,
                         groups = groups, use_bias = FALSE)
    expect_identical(dim(layer$kernel), c(2L, 6L %/% as.integer(groups), 6L))
    expect_equal(layer(x), slow_conv(x, get_weights(layer)[[1]], 5,
                                     groups = groups), tolerance = 1e-13)
  }
})

test_that("with a window of 1 it is a dense layer", {
  x <- waves(3, 5, 4)
  layer <- double_conv(layer_conv_1d, x, filters = 7, kernel_size = 1,
                       activation = "tanh")
  w <- get_weights(layer)
  dense <- layer_dense(units = 7, activation = "tanh", dtype = "float64",
                       weights = list(w[[1]][1, , ], w[[2]]))
  expect_equal(layer(x), dense(x), tolerance = 1e-14)
})

test_that("a causal output does not depend on later steps", {
  x <- waves(1, 6, 2)
  layer <- double_conv(layer_conv_1d, x, filters = 2, kernel_size = 3,
                       padding = "causal", dilation_rate = 2)
  whole <- layer(x)
  for (t in 1:6) {
    expect_equal(layer(x[, 1:t, , drop = FALSE]),
                 whole[, 1:t, , drop = FALSE], tolerance = 1e-14)
  }
})

test_that("depthwise convolution gives each channel its own filters", {
  x <- waves(2, 7, 3)
  layer <- double_conv(layer_depthwise_conv_1d, x, kernel_size = 3,
                       depth_multiplier = 2, strides = 2, dilation_rate = 2)
  w <- get_weights(layer)
  expect_identical(dim(w[[1]]), c(3L, 3L, 2L))
  want <- array(0, c(2, 2, 6))
  for (c in 1:3) {
    want[, , 2 * c - 1:0] <- slow_conv(x[, , c, drop = FALSE],
                                       w[[1]][, c, , drop = FALSE], 2,
                                       strides = 2, dilation = 2)
  }
  expect_equal(layer(x), sweep(want, 3, w[[2]], `+`), tolerance = 1e-13)
})

test_that("separable convolution mixes channels after it", {
  x <- waves(2, 7, 3)
  layer <- double_conv(layer_separable_conv_1d, x, filters = 4, kernel_size = 3,
                       depth_multiplier = 2, padding = "same",
                       activation = "relu")
  w <- get_weights(layer)
  expect_identical(lapply(w, dim), list(c(3L, 3L, 2L), c(1L, 6L, 4L), 4L))
  depthwise <- layer_depthwise_conv_1d(kernel_size = 3, depth_multiplier = 2,
                                       padding = "same", use_bias = FALSE,
                                       dtype = "float64", weights = w[1])
  mixed <- apply(depthwise(x), 1:2, function(v) v %*% w[[2]][1, , ] + c(w[[3]]))
  expect_equal(layer(x), pmax(aperm(mixed, c(2, 3, 1)), 0), tolerance = 1e-13)
})

test_that("a transposed convolution adds windows up", {
  for (strides in 1:3) for (size in c(1, 2, 4)) for (dilation in 1:2) {
    if (strides > 1 && dilation > 1) next
    x <- waves(2, 4, 3)
    layer <- double_conv(layer_conv_1d_transpose, x, filters = 2,
                         kernel_size = size, strides = strides,
                         dilation_rate = dilation)
    w <- get_weights(layer)
    reach <- (size - 1) * dilation + 1
    steps <- 3 * strides + max(reach, strides)
    want <- array(w[[2]][rep(1:2, each = 2 * steps)], c(2, steps, 2))
    for (t in 1:4) for (k in seq_len(size)) for (f in 1:2) {
      at <- (t - 1) * strides + (k - 1) * dilation + 1
      want[, at, f] <- want[, at, f] +
        x[, t, ] %*% w[[1]][k, f, ]
    }
    expect_equal(layer(x), want, tolerance = 1e-13)
  }
})

test_that("a transposed convolution is a convolution's gradient", {
  for (padding in c("valid", "same")) for (strides in 1:3) {
    x <- waves(2, 7, 3)
    conv <- double_conv(layer_conv_1d, x, filters = 2, kernel_size = 3,
                        padding = padding, strides = strides, use_bias = FALSE)
    dy <- waves(dim(conv(x)), shift = 3)
    slope <- value_and_grad(function(x) {
      op_sum(conv(x) * as_tensor(dy, "float64"))
    })
    want <- as.array(slope(as_tensor(x, "float64"))$gradients[[1]])
    back <- layer_conv_1d_transpose(
      filters = 3, kernel_size = 3, padding = padding, strides = strides,
      use_bias = FALSE, dtype = "float64", weights = get_weights(conv),
      output_padding = if (strides > 1) {
        7 - (dim(dy)[2] - 1) * strides - if (padding == "valid") 3 else 1
      }
    )
    expect_equal(back(dy), want, tolerance = 1e-13)
  }
})

test_that("channels first is the same, transposed", {
  x <- waves(2, 7, 3)
  for (make in list(layer_conv_1d, layer_conv_1d_transpose,
                    function(filters, ...) layer_depthwise_conv_1d(...),
                    layer_separable_conv_1d)) {
    last <- double_conv(make, x, filters = 4, kernel_size = 2)
    first <- make(filters = 4, kernel_size = 2, data_format = "channels_first",
                  dtype = "float64")
    flipped <- aperm(x, c(1, 3, 2))
    first(flipped)
    set_weights(first, get_weights(last))
    expect_equal(first(flipped), aperm(last(x), c(1, 3, 2)), tolerance = 1e-14)
    expect_identical(as.integer(first$compute_output_shape(dim(flipped))),
                     dim(first(flipped)))
  }
})

test_that("gradients match central differences", {
  x <- waves(2, 6, 4)
  for (layer in list(
    double_conv(layer_conv_1d, x, filters = 4, kernel_size = 3, groups = 2,
                padding = "same", strides = 2, activation = "tanh"),
    double_conv(layer_conv_1d, x, filters = 2, kernel_size = 2,
                padding = "causal", dilation_rate = 2),
    double_conv(layer_depthwise_conv_1d, x, kernel_size = 2,
                depth_multiplier = 2),
    double_conv(layer_separable_conv_1d, x, filters = 3, kernel_size = 2,
                padding = "same"),
    double_conv(layer_conv_1d_transpose, x, filters = 2, kernel_size = 3,
                strides = 2, padding = "same")
  )) {
    expect_gradient(layer, x, variables = layer$trainable_weights)
  }
})

test_that("any number of threads gives the same bits", {
  x <- as_tensor(waves(37, 30, 9))
  for (layer in list(
    layer_conv_1d(filters = 8, kernel_size = 5, padding = "same"),
    layer_depthwise_conv_1d(kernel_size = 5),
    layer_conv_1d_transpose(filters = 8, kernel_size = 5, strides = 2)
  )) {
    layer(x)
    run <- function(threads) {
      with_threads(threads, {
        value_and_grad(function(x) op_sum(layer(x)), layer$weights)(x)
      })
    }
    one <- run(1)
    expect_identical(run(2), one)
    expect_identical(run(3), one)
  }
})

test_that("shapes are known before numbers are", {
  x <- waves(2, 7, 3)
  for (make in list(
    function() layer_conv_1d(filters = 4, kernel_size = 3, strides = 2),
    function() layer_conv_1d(filters = 4, kernel_size = 3, padding = "causal"),
    function() layer_depthwise_conv_1d(kernel_size = 3, depth_multiplier = 2),
    function() layer_separable_conv_1d(filters = 4, kernel_size = 2),
    function() {
      layer_conv_1d_transpose(filters = 4, kernel_size = 2, strides = 3)
    }
  )) {
    expect_symbolic_shape(make, x)
  }
  y <- layer_conv_1d(keras_input(c(NA, 3)), filters = 4, kernel_size = 3)
  expect_identical(shape_of(y), c(NA, NA, 4L))
})

test_that("configurations have Keras's entries and bring layers back", {
  window <- c("kernel_size", "strides", "padding", "data_format",
              "dilation_rate")
  roles <- function(...) {
    outer(c(..., "bias"), c("initializer", "regularizer", "constraint"),
          paste, sep = "_")
  }
  kernel <- roles("kernel")
  both <- roles("depthwise", "pointwise")
  end <- function(roles) {
    c("activation", "use_bias", roles[, 1:2], "activity_regularizer",
      roles[, 3])
  }
  keys <- function(layer) names(get_config(layer))[-(1:3)]
  conv <- layer_conv_1d(filters = 1, kernel_size = 2)
  expect_identical(keys(conv), c("filters", window, "groups", end(kernel)))
  expect_identical(get_config(conv)$kernel_size, list(2L))
  expect_identical(keys(layer_separable_conv_1d(filters = 1, kernel_size = 2)),
                   c("depth_multiplier", "filters", window, end(both)))
  expect_identical(keys(layer_depthwise_conv_1d(kernel_size = 2)),
                   c("depth_multiplier", window, end(roles("depthwise"))))
  expect_identical(keys(layer_conv_1d_transpose(filters = 1, kernel_size = 2)),
                   c("filters", window[1:3], "output_padding", window[4:5],
                     end(kernel)))
  x <- waves(2, 7, 4)
  for (layer in list(
    layer_conv_1d(filters = 4, kernel_size = 3, groups = 2, strides = 2,
                  padding = "causal", activation = "relu",
                  kernel_regularizer = "l2", bias_initializer = "ones",
                  activity_regularizer = "l1", kernel_constraint = "non_neg"),
    layer_separable_conv_1d(filters = 4, kernel_size = 3, dilation_rate = 2,
                            pointwise_initializer = "ones",
                            depthwise_regularizer = "l2"),
    layer_depthwise_conv_1d(kernel_size = 3, depthwise_constraint = "non_neg"),
    layer_conv_1d_transpose(filters = 4, kernel_size = 3, strides = 2,
                            output_padding = 1, use_bias = FALSE)
  )) {
    expect_round_trip(layer, x)
  }
})

test_that("a mask ends here, with a warning", {
  x <- masked_tensor(waves(2, 5, 3), matrix(TRUE, 2, 5))
  for (layer in list(layer_conv_1d(filters = 1, kernel_size = 2),
                     layer_conv_1d_transpose(filters = 1, kernel_size = 2),
                     layer_depthwise_conv_1d(kernel_size = 2),
                     layer_separable_conv_1d(filters = 1, kernel_size = 2))) {
    expect_warning(y <- layer(x), "does not use masks")
    expect_null(attr(y, "mask"))
  }
})

test_that("a step with convolutions can be recorded", {
  model <- keras_model_sequential(input_shape = c(8, 2)) |>
    layer_conv_1d(4, 3, padding = "causal", activation = "relu") |>
    layer_max_pooling_1d(2) |>
    layer_depthwise_conv_1d(2) |>
    layer_separable_conv_1d(3, 2) |>
    layer_conv_1d_transpose(2, 3, strides = 2) |>
    layer_average_pooling_1d(2, padding = "same") |>
    layer_zero_padding_1d(1) |>
    layer_cropping_1d(1) |>
    layer_upsampling_1d(2) |>
    layer_global_average_pooling_1d() |>
    layer_dense(1)
  expect_records(model, waves(4, 8, 2), waves(4, 8, 2, shift = 1), waves(4, 1))
})

test_that("bad arguments and shapes are refused", {
  x <- waves(2, 5, 3)
  layer <- layer_conv_1d(filters = 2, kernel_size = 2, name = "conv")
  layer(x)
  expect_snapshot(error = TRUE, {
    layer_conv_1d(x, 2)
    layer_conv_1d(x, 0, 2)
    layer_conv_1d(x, 2, c(2, 3))
    layer_conv_1d(x, 2, 2, padding = "casual")
    layer_conv_1d(x, 2, 2, strides = 2, dilation_rate = 2)
    layer_conv_1d(x, 2, 2, groups = 3)
    layer_conv_1d(x, 2, 2, groups = 2, name = "halves")
    layer_conv_1d(x, 2, 6, name = "long")
    layer_conv_1d(x[, , 1], 2, 2, name = "flat")
    layer_conv_1d(keras_input(c(5, NA)), 2, 2, name = "open")
    layer(x[, , 1:2])
    layer_depthwise_conv_1d(x, 2, padding = "causal")
    layer_depthwise_conv_1d(x, 2, depth_multiplier = 0)
    layer_separable_conv_1d(x, 2)
    layer_conv_1d_transpose(x, 2, 2, strides = 2, output_padding = 2)
    layer_conv_1d_transpose(x, 2, 4, strides = 2, output_padding = 0,
                            padding = "same")
    layer_conv_1d(x, 2, 2, kernel_sice = 3)
  })
})

test_that("inside time_distributed they equal a loop", {
  x <- waves(2, 3, 6, 2)
  for (layer in list(
    layer_conv_1d(filters = 4, kernel_size = 3, dtype = "float64"),
    layer_max_pooling_1d(dtype = "float64"),
    layer_group_normalization(groups = 2, dtype = "float64"),
    layer_global_average_pooling_1d(dtype = "float64")
  )) {
    whole <- layer_time_distributed(x, layer, dtype = "float64")
    for (t in 1:3) {
      part <- layer(x[, t, , ])
      got <- if (length(dim(part)) == 3) whole[, t, , ] else whole[, t, ]
      expect_equal(got, part, tolerance = 1e-13)
    }
  }
})
