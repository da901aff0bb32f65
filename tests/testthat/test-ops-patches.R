# Convolution by windows: against sums written out, and differences.

# One sample, one axis at a time: sum over window and channels.
plain_conv_2d <- function(x, kernel, strides, before, dilation, places) {
  y <- array(0, c(dim(x)[1], places, dim(kernel)[4]))
  for (b in seq_len(dim(x)[1])) for (i in seq_len(places[1])) {
    for (j in seq_len(places[2])) {
      for (u in seq_len(dim(kernel)[1])) for (v in seq_len(dim(kernel)[2])) {
        r <- (i - 1) * strides[1] + (u - 1) * dilation[1] - before[1] + 1
        s <- (j - 1) * strides[2] + (v - 1) * dilation[2] - before[2] + 1
        if (r < 1 || s < 1 || r > dim(x)[2] || s > dim(x)[3]) next
        w <- matrix(kernel[u, v, , ], dim(kernel)[3])
        y[b, i, j, ] <- y[b, i, j, ] + x[b, r, s, ] %*% w
      }
    }
  }
  y
}

test_that("convolutions are sums over windows, with zeros outside", {
  x <- waves(2, 5, 4, 3)
  kernel <- waves(3, 2, 3, 2, shift = 1)
  run <- function(...) {
    as.array(convolve(as_tensor(x, "float64"), as_tensor(kernel, "float64"),
                      ...))
  }
  expect_equal(run(1:2, "valid", c(1L, 1L)),
               plain_conv_2d(x, kernel, 1:2, c(0, 0), c(1, 1), 3:2),
               tolerance = 1e-14)
  expect_equal(run(c(1L, 1L), "valid", 2:1),
               plain_conv_2d(x, kernel, c(1, 1), c(0, 0), 2:1, c(1, 3)),
               tolerance = 1e-14)
  # Rows: 2 zeros, one on each side; columns: one, behind.
  expect_equal(run(c(1L, 1L), "same", c(1L, 1L)),
               plain_conv_2d(x, kernel, c(1, 1), c(1, 0), c(1, 1), 5:4),
               tolerance = 1e-14)
  expect_equal(run(c(2L, 2L), "same", c(1L, 1L)),
               plain_conv_2d(x, kernel, c(2, 2), c(1, 0), c(1, 1), 3:2),
               tolerance = 1e-14)
})

test_that("gradients of one, two and three axes agree with differences", {
  for (rank in 1:3) {
    size <- c(4L, 3L, 2L)[seq_len(rank)]
    window <- c(2L, 3L, 1L)[seq_len(rank)]
    for (padding in c("valid", "same")) {
      expect_gradient(
        function(x, k) convolve(x, k, rep(1L, rank), padding, rep(1L, rank)),
        waves(2, size, 2), waves(window, 2, 2, shift = 1)
      )
    }
  }
})

test_that("windows and their reverse are each other's gradient, twice", {
  f <- function(x) {
    g <- value_and_grad(function(x) {
      op_sum(op_power(convolve(x, as_tensor(waves(2, 1, 1), "float64"), 1L,
                               "valid", 1L), 3))
    })
    op_sum(op_square(g(x)$gradients[[1]]))
  }
  expect_gradient(f, waves(1, 4, 1))
})
