# Pooling of windows and of whole sequences.

# `f` of the steps of x in each window; `before` steps of padding in front.
slow_pool <- function(f, x, size, strides, places, before) {
  y <- array(0, c(dim(x)[1], places, dim(x)[3]))
  for (o in seq_len(places)) {
    t <- (o - 1) * strides - before + seq_len(size)
    t <- t[t >= 1 & t <= dim(x)[2]]
    y[, o, ] <- apply(x[, t, , drop = FALSE], c(1, 3), f)
  }
  y
}

test_that("it equals a loop for every window, padding and stride", {
  for (time in c(1, 2, 5, 9)) for (size in 1:4) for (strides in 1:3) {
    x <- waves(2, time, 3)
    for (padding in c("valid", "same")) {
      if (padding == "valid" && size > time) next
      places <- if (padding == "valid") (time - size) %/% strides + 1 else
        ceiling(time / strides)
      before <- if (padding == "valid") 0 else
        max((places - 1) * strides + size - time, 0) %/% 2
      run <- function(make) {
        make(x, pool_size = size, strides = strides, padding = padding,
             dtype = "float64")
      }
      expect_identical(run(layer_max_pooling_1d),
                       slow_pool(max, x, size, strides, places, before))
      expect_equal(run(layer_average_pooling_1d),
                   slow_pool(mean, x, size, strides, places, before),
                   tolerance = 1e-14)
    }
  }
})

test_that("windows lie side by side unless strides say otherwise", {
  x <- array(as.numeric(1:6), c(1, 6, 1))
  expect_identical(layer_max_pooling_1d(x)[1, , 1], c(2, 4, 6))
  expect_identical(layer_average_pooling_1d(x, 3)[1, , 1], c(2, 5))
  expect_identical(layer_max_pooling_1d(x, 2, strides = 1)[1, , 1],
                   as.numeric(2:6))
})

test_that("negative numbers win over padding, and NaN over all", {
  x <- array(-c(3, 2, 5, 4), c(1, 4, 1))
  expect_identical(layer_max_pooling_1d(x, 3, 1, "same")[1, , 1],
                   -c(2, 2, 2, 4))
  x[2] <- NaN
  expect_identical(layer_max_pooling_1d(x, 2)[1, , 1], c(NaN, -4))
})

test_that("gradients match differences and go to the first of equals", {
  x <- waves(2, 7, 3)
  for (padding in c("valid", "same")) for (strides in c(1, 3)) {
    expect_gradient(layer_max_pooling_1d(pool_size = 3, strides = strides,
                                         padding = padding, dtype = "float64"),
                    x)
    expect_gradient(layer_average_pooling_1d(
      pool_size = 3, strides = strides, padding = padding, dtype = "float64"
    ), x)
  }
  expect_gradient(layer_global_max_pooling_1d(dtype = "float64"), x)
  expect_gradient(layer_global_average_pooling_1d(dtype = "float64"), x)
  layer <- layer_max_pooling_1d(pool_size = 3)
  slope <- value_and_grad(function(x) op_sum(layer(x)))
  got <- slope(as_tensor(array(c(0, 1, 1, 2, 2, 2), c(1, 6, 1))))
  expect_identical(as.vector(as.array(got$gradients[[1]])),
                   c(0, 1, 0, 1, 0, 0))
})

test_that("any number of threads gives the same bits", {
  x <- as_tensor(waves(37, 40, 9))
  for (layer in list(layer_max_pooling_1d(pool_size = 3, strides = 2),
                     layer_average_pooling_1d(pool_size = 3, strides = 2))) {
    run <- function(threads) {
      with_threads(threads, {
        value_and_grad(function(x) op_sum(op_square(layer(x))))(x)
      })
    }
    expect_identical(run(2), run(1))
    expect_identical(run(3), run(1))
  }
})

test_that("all steps at once", {
  x <- waves(3, 4, 2)
  largest <- apply(x, c(1, 3), max)
  average <- apply(x, c(1, 3), mean)
  expect_identical(layer_global_max_pooling_1d(x, dtype = "float64"), largest)
  expect_equal(layer_global_average_pooling_1d(x, dtype = "float64"), average,
               tolerance = 1e-15)
  expect_identical(layer_global_max_pooling_1d(x, keepdims = TRUE,
                                               dtype = "float64"),
                   array(largest, c(3, 1, 2)))
  expect_equal(layer_global_average_pooling_1d(x, keepdims = TRUE,
                                               dtype = "float64"),
               array(average, c(3, 1, 2)), tolerance = 1e-15)
})

test_that("the mean is that of the steps that are not masked", {
  x <- waves(3, 4, 2)
  mask <- rbind(c(TRUE, TRUE, FALSE, FALSE), c(FALSE, TRUE, TRUE, TRUE), FALSE)
  want <- rbind(colMeans(x[1, 1:2, ]), colMeans(x[2, 2:4, ]), NaN)
  y <- layer_global_average_pooling_1d(masked_tensor(x, mask),
                                       dtype = "float64")
  expect_equal(as.array(y), want, tolerance = 1e-15)
  expect_null(attr(y, "mask"))
  first <- layer_global_average_pooling_1d(data_format = "channels_first",
                                           dtype = "float64")
  expect_equal(first(aperm(x, c(1, 3, 2)), mask = mask), want,
               tolerance = 1e-15)
  layer <- layer_global_average_pooling_1d(dtype = "float64")
  expect_gradient(function(x) layer(x, mask = mask[1:2, ]), x[1:2, , ])
})

test_that("a mask ends in the others, with a warning", {
  x <- masked_tensor(waves(2, 4, 3), matrix(TRUE, 2, 4))
  for (make in list(layer_max_pooling_1d, layer_global_max_pooling_1d,
                    function(x) layer_average_pooling_1d(x, 2),
                    layer_upsampling_1d, layer_zero_padding_1d,
                    layer_cropping_1d)) {
    expect_warning(y <- make(x), "does not use masks")
    expect_null(attr(y, "mask"))
  }
})

test_that("channels first is the same, transposed", {
  x <- waves(2, 7, 3)
  flipped <- aperm(x, c(1, 3, 2))
  for (make in list(layer_max_pooling_1d,
                    function(...) layer_average_pooling_1d(pool_size = 2, ...),
                    layer_zero_padding_1d)) {
    last <- make(dtype = "float64")(x)
    first <- make(data_format = "channels_first", dtype = "float64")
    expect_identical(first(flipped), aperm(last, c(1, 3, 2)))
    expect_identical(as.integer(first$compute_output_shape(dim(flipped))),
                     dim(first(flipped)))
  }
  first <- layer_global_max_pooling_1d(data_format = "channels_first",
                                       keepdims = TRUE, dtype = "float64")
  expect_identical(first(flipped)[, , 1], apply(x, c(1, 3), max))
})

test_that("steps are repeated, padded and cut off", {
  x <- waves(2, 5, 3)
  double <- function(make, ...) make(x, ..., dtype = "float64")
  expect_identical(double(layer_upsampling_1d, size = 3),
                   x[, rep(1:5, each = 3), ])
  padded <- double(layer_zero_padding_1d, padding = c(1, 2))
  expect_identical(padded[, 2:6, ], x)
  expect_true(all(padded[, c(1, 7, 8), ] == 0))
  expect_identical(dim(double(layer_zero_padding_1d, padding = 2)),
                   c(2L, 9L, 3L))
  expect_identical(double(layer_zero_padding_1d, padding = 0), x)
  expect_identical(double(layer_cropping_1d, cropping = c(0, 2)), x[, 1:3, ])
  expect_identical(double(layer_cropping_1d), x[, 2:4, ])
  expect_identical(double(layer_cropping_1d, cropping = list(3, 1)),
                   x[, 4, , drop = FALSE])
  for (layer in list(layer_upsampling_1d(size = 2, dtype = "float64"),
                     layer_zero_padding_1d(padding = 2, dtype = "float64"),
                     layer_cropping_1d(dtype = "float64"))) {
    expect_gradient(layer, x)
  }
})

test_that("shapes are known before numbers are", {
  x <- waves(2, 7, 3)
  for (make in list(
    layer_max_pooling_1d, layer_upsampling_1d, layer_zero_padding_1d,
    layer_cropping_1d, layer_global_max_pooling_1d,
    function() layer_average_pooling_1d(pool_size = 3, padding = "same"),
    function() layer_global_average_pooling_1d(keepdims = TRUE)
  )) {
    expect_symbolic_shape(make, x)
  }
  y <- layer_max_pooling_1d(keras_input(c(NA, 3)))
  expect_identical(shape_of(y), c(NA, NA, 3L))
})

test_that("configurations have Keras's entries and bring layers back", {
  keys <- function(layer) names(get_config(layer))[-(1:3)]
  pool <- layer_max_pooling_1d(pool_size = 3)
  expect_identical(keys(pool),
                   c("pool_size", "padding", "strides", "data_format"))
  expect_identical(get_config(pool)$strides, list(3L))
  expect_identical(keys(layer_global_max_pooling_1d()),
                   c("data_format", "keepdims"))
  expect_identical(keys(layer_zero_padding_1d()), c("padding", "data_format"))
  expect_identical(get_config(layer_cropping_1d())$cropping, list(1L, 1L))
  x <- waves(2, 7, 3)
  for (layer in list(
    layer_max_pooling_1d(pool_size = 3, strides = 1, padding = "same"),
    layer_average_pooling_1d(pool_size = 3, data_format = "channels_first"),
    layer_global_max_pooling_1d(keepdims = TRUE),
    layer_global_average_pooling_1d(data_format = "channels_first"),
    layer_upsampling_1d(size = 3), layer_zero_padding_1d(padding = c(0, 2)),
    layer_cropping_1d(cropping = c(2, 1))
  )) {
    expect_round_trip(layer, x)
  }
})

test_that("bad arguments and shapes are refused", {
  x <- waves(2, 5, 3)
  expect_snapshot(error = TRUE, {
    layer_max_pooling_1d(x, 0)
    layer_max_pooling_1d(x, 6, name = "wide")
    layer_max_pooling_1d(x, padding = "causal")
    layer_average_pooling_1d(x)
    layer_average_pooling_1d(x, 2, strides = "a")
    layer_global_max_pooling_1d(x, keepdims = NA)
    layer_global_average_pooling_1d(name = "mean")(x, mask = matrix(TRUE, 2, 3))
    layer_upsampling_1d(x, 1.5)
    layer_zero_padding_1d(x, c(1, 2, 3))
    layer_cropping_1d(x, -1)
    layer_cropping_1d(x, c(2, 3), name = "crop")
    layer_cropping_1d(x[, , 1], name = "crop")
  })
})
