# Convolution and pooling as operations, against loops.

f64 <- function(x) as_tensor(x, "float64")
draw <- function(...) {
  dim <- c(...)
  array(sin(seq_len(prod(dim)) * 2.3), dim)
}

# Along one axis, by definition; places before the input are `before` many.
loop_conv <- function(x, kernel, stride, dilation, places, before) {
  y <- array(0, c(dim(x)[1], places, dim(kernel)[3]))
  for (b in seq_len(dim(x)[1])) for (p in seq_len(places)) {
    for (w in seq_len(dim(kernel)[1])) {
      at <- (p - 1) * stride + (w - 1) * dilation - before + 1
      if (at < 1 || at > dim(x)[2]) next
      y[b, p, ] <- y[b, p, ] + x[b, at, ] %*% kernel[w, , ]
    }
  }
  y
}

test_that("convolution along one axis agrees with a loop", {
  x <- draw(2, 7, 3)
  kernel <- draw(3, 3, 2)
  expect_equal(as.array(op_conv(f64(x), f64(kernel))),
               loop_conv(x, kernel, 1, 1, 5, 0))
  expect_equal(as.array(op_conv(f64(x), f64(kernel), 2, "same")),
               loop_conv(x, kernel, 2, 1, 4, 1))
  expect_equal(as.array(op_conv(f64(x), f64(kernel), dilation_rate = 2)),
               loop_conv(x, kernel, 1, 2, 3, 0))
  first <- op_conv(f64(aperm(x, c(1, 3, 2))), f64(kernel),
                   data_format = "channels_first")
  expect_equal(aperm(as.array(first), c(1, 3, 2)),
               loop_conv(x, kernel, 1, 1, 5, 0))
})

test_that("convolution in a plane, and by groups of channels", {
  x <- draw(1, 4, 5, 2)
  kernel <- draw(2, 3, 2, 3)
  y <- as.array(op_conv(f64(x), f64(kernel)))
  expect_identical(dim(y), c(1L, 3L, 3L, 3L))
  expect_equal(y[1, 2, 3, 1], sum(x[1, 2:3, 3:5, ] * kernel[, , , 1]))
  x <- draw(2, 5, 4)
  kernel <- draw(2, 2, 6)
  y <- as.array(op_conv(f64(x), f64(kernel)))
  expect_equal(y[, , 1:3], loop_conv(x[, , 1:2], kernel[, , 1:3], 1, 1, 4, 0))
  expect_equal(y[, , 4:6], loop_conv(x[, , 3:4], kernel[, , 4:6], 1, 1, 4, 0))
  expect_gradient(op_conv, x, kernel)
})

test_that("every convolution has the gradient of differences", {
  x <- draw(2, 5, 2)
  expect_gradient(function(x, k) op_conv(x, k, 2, "same"), x, draw(3, 2, 2))
  expect_gradient(function(x, k) op_depthwise_conv(x, k, 1, "same"), x,
                  draw(2, 2, 2))
  expect_gradient(function(x, d, p) op_separable_conv(x, d, p, 2), x,
                  draw(2, 2, 2), draw(1, 4, 3))
  expect_gradient(function(x, k) op_conv_transpose(x, k, 2, "same"), x,
                  draw(3, 1, 2))
})

test_that("depthwise and separable convolution take channels by themselves", {
  x <- draw(2, 6, 2)
  d <- draw(3, 2, 2)
  y <- as.array(op_depthwise_conv(f64(x), f64(d), 1, "same"))
  for (k in 1:2) {
    expect_equal(y[, , 2 * k - 1:0],
                 loop_conv(x[, , k, drop = FALSE], d[, k, , drop = FALSE], 1, 1,
                           6, 1))
  }
  p <- draw(1, 4, 3)
  z <- as.array(op_separable_conv(f64(x), f64(d), f64(p), 1, "same"))
  expect_equal(z[2, , ], y[2, , ] %*% p[1, , ])
})

test_that("transposed convolution adds products to windows", {
  x <- draw(1, 3, 2)
  k <- draw(3, 1, 2)
  want <- numeric(7)
  for (p in 1:3) for (w in 1:3) {
    at <- (p - 1) * 2 + w
    want[at] <- want[at] + sum(x[1, p, ] * k[w, 1, ])
  }
  expect_equal(as.double(op_conv_transpose(f64(x), f64(k), 2)), want)
  expect_identical(dim(op_conv_transpose(x, k, 2, "same")), c(1L, 6L, 1L))
  expect_identical(dim(op_conv_transpose(x, k, 2, output_padding = 1)),
                   c(1L, 8L, 1L))
  wide <- op_conv_transpose(draw(1, 2, 3, 2), draw(2, 2, 4, 2), 2)
  expect_identical(dim(wide), c(1L, 4L, 6L, 4L))
})

test_that("pooling takes the largest or the mean, of boxes too", {
  x <- draw(2, 7, 3)
  y <- as.array(op_max_pool(f64(x), 3, 2))
  expect_equal(y[, 2, ], apply(x[, 3:5, ], c(1, 3), max))
  same <- as.array(op_average_pool(f64(x), 4, 3, "same"))
  expect_equal(same[, 1, ], apply(x[, 1:3, ], c(1, 3), mean))
  expect_identical(dim(same), c(2L, 3L, 3L))
  box <- draw(1, 4, 5, 2)
  largest <- as.array(op_max_pool(f64(box), c(2, 3), 1))
  expect_equal(largest[1, 2, 3, 2], max(box[1, 2:3, 3:5, 2]))
  mean <- as.array(op_average_pool(f64(box), 2, padding = "same"))
  expect_equal(mean[1, 2, 3, 1], mean(box[1, 3:4, 5, 1]))
  expect_gradient(function(x) op_max_pool(x, 2), box)
  expect_gradient(function(x) op_average_pool(x, 2, 1, "same"), box)
})

test_that("windows and kernels that do not fit are refused", {
  x <- draw(1, 4, 2)
  expect_error(op_conv(x, draw(5, 2, 1)), class = "elman_error_shape")
  expect_error(op_conv(x, draw(2, 3, 1)), class = "elman_error_shape")
  expect_error(op_conv(x, draw(2, 2)), class = "elman_error_shape")
  expect_error(op_conv(x, draw(2, 2, 1), 0), class = "elman_error_argument")
  expect_error(op_conv(x, draw(2, 2, 1), padding = "full"),
               class = "elman_error_argument")
  expect_error(op_depthwise_conv(x, draw(2, 1, 1)), class = "elman_error_shape")
  expect_error(op_separable_conv(x, draw(2, 2, 1), draw(1, 3, 1)),
               class = "elman_error_shape")
  expect_error(op_conv_transpose(x, draw(2, 1, 2), 2, output_padding = 2),
               class = "elman_error_argument")
  expect_error(op_max_pool(x, 5), class = "elman_error_shape")
  expect_error(op_max_pool(draw(4, 2), 2), class = "elman_error_shape")
})
