# Statistics, against plain R.

f64 <- function(x) as_tensor(x, "float64")
m <- matrix(c(3, -1, 2, 2.5, 9, 0.5, -4, 1.5, 7, 1, 6, 8), 3)
a <- array(sin(seq_len(24) * 1.7), c(2, 3, 4))

test_that("running sums and products agree with R and have gradients", {
  expect_equal(as.array(op_cumsum(f64(m), axis = 1)), apply(m, 2, cumsum))
  expect_equal(as.array(op_cumprod(f64(m), axis = 2)),
               t(apply(m, 1, cumprod)))
  expect_equal(as.double(op_cumsum(f64(m))), cumsum(t(m)))
  expect_identical(as.integer(op_cumsum(c(TRUE, FALSE, TRUE))), c(1L, 1L, 2L))
  expect_identical(dtype_of(op_cumprod(1:3, dtype = "float64")), "float64")
  for (axis in list(NULL, 1, -1)) {
    expect_gradient(function(x) op_cumsum(x, axis), m)
    expect_gradient(function(x) op_cumprod(x, axis), m / 4)
  }
})

test_that("differences agree with diff", {
  expect_equal(as.double(op_diff(f64(c(1, 4, 9, 16)), 2)), c(2, 2))
  expect_equal(as.array(op_diff(f64(m), axis = 1)), diff(m))
  expect_identical(as.logical(op_diff(c(TRUE, TRUE, FALSE))), c(FALSE, TRUE))
  expect_identical(dim(op_diff(1, axis = 1L)[0]), 0L) |>
    expect_error(class = "elman_error_shape")
  expect_identical(dim(op_diff(array(1), 2)), 0L)
  expect_gradient(function(x) op_diff(x, 2, axis = -1), m)
  expect_error(op_diff(m, -1), class = "elman_error_argument")
})

test_that("logsumexp does not overflow and is smooth", {
  expect_equal(as.double(op_logsumexp(f64(m), axis = 2)),
               log(rowSums(exp(m))))
  expect_equal(as.double(op_logsumexp(f64(c(1000, 1000)))), 1000 + log(2))
  expect_equal(as.double(op_logsumexp(c(-Inf, -Inf))), -Inf)
  expect_identical(dim(op_logsumexp(m, 1, TRUE)), c(1L, 4L))
  for (axis in list(NULL, 1, c(1, 3))) {
    expect_gradient(function(x) op_logsumexp(x, axis), a)
  }
})

test_that("averages weigh elements or places of an axis", {
  w <- c(1, 2, 5)
  expect_equal(as.double(op_average(f64(m), 1, f64(w))), colSums(m * w) / 8)
  expect_equal(as.double(op_average(f64(m), weights = f64(m^2))),
               sum(m^3) / sum(m^2))
  expect_equal(as.double(op_average(f64(m))), mean(m))
  expect_gradient(function(x, w) op_average(x, 1, w), m, w)
  expect_error(op_average(m, weights = w), class = "elman_error_shape")
  expect_error(op_average(m, 2, w), class = "elman_error_shape")
})

test_that("moments are mean and variance", {
  got <- op_moments(f64(m), 2)
  expect_equal(as.double(got[[1]]), rowMeans(m))
  expect_equal(as.double(got[[2]]), rowMeans((m - rowMeans(m))^2))
  expect_error(op_moments(m, 1, synchronized = TRUE),
               class = "elman_error_argument")
})

test_that("quantiles agree with R's, by each method", {
  x <- c(5, 1, 4, 2, 8)
  q <- c(0, 0.1, 0.5, 0.93, 1)
  expect_equal(as.double(op_quantile(f64(x), q)),
               unname(stats::quantile(x, q)))
  at <- q * 4 + 1
  s <- sort(x)
  expect_equal(as.double(op_quantile(f64(x), q, method = "lower")),
               s[floor(at)])
  expect_equal(as.double(op_quantile(f64(x), q, method = "higher")),
               s[ceiling(at)])
  expect_equal(as.double(op_quantile(f64(x), q, method = "nearest")),
               s[round(q * 4) + 1])
  expect_equal(as.double(op_quantile(f64(x), q, method = "midpoint")),
               (s[floor(at)] + s[ceiling(at)]) / 2)
  expect_equal(as.double(op_median(f64(m), axis = 1)), apply(m, 2, median))
  expect_equal(as.double(op_median(f64(a), axis = c(1, 3))),
               apply(a, 2, median))
  expect_identical(dim(op_quantile(a, c(0.1, 0.2), 2)), c(2L, 2L, 4L))
  expect_identical(dim(op_quantile(a, 0.1, 2, keepdims = TRUE)), c(2L, 1L, 4L))
  expect_true(is.nan(as.double(op_median(c(1, NaN, 2)))))
  expect_equal(as.double(op_quantile(3, 0.5)), 3)
})

test_that("quantiles have gradients and refuse what is none", {
  for (method in c("linear", "lower", "higher", "nearest", "midpoint")) {
    expect_gradient(function(x) op_quantile(x, c(0.3, 0.5), 2, method), m)
  }
  expect_error(op_quantile(m, 1.5), class = "elman_error_argument")
  expect_error(op_quantile(m, 0.5, method = "best"),
               class = "elman_error_argument")
})

test_that("whole numbers are counted, with weights or without", {
  expect_identical(as.integer(op_bincount(c(0, 1, 1, 3))), c(1L, 2L, 0L, 1L))
  expect_equal(as.double(op_bincount(c(0, 1, 1), c(0.5, 1, 2))), c(0.5, 3))
  expect_identical(as.integer(op_bincount(1L, minlength = 4)),
                   c(0L, 1L, 0L, 0L))
  expect_equal(as.array(op_bincount(rbind(c(0, 2), c(1, 1)))),
               rbind(c(1, 0, 1), c(0, 2, 0)))
  expect_identical(as.integer(op_bincount(integer(), minlength = 2)), c(0L, 0L))
  expect_error(op_bincount(c(-1, 2)), class = "elman_error_argument")
  expect_error(op_bincount(1:2, weights = 1), class = "elman_error_shape")
})

test_that("histograms agree with hist", {
  x <- c(0.1, 0.4, 2.2, 3.9, 4, 1.1)
  got <- op_histogram(f64(x), 4, c(0, 4))
  want <- hist(x, 0:4, plot = FALSE, right = FALSE)$counts
  expect_equal(as.double(got[[1]]), want)
  expect_equal(as.double(got[[2]]), 0:4)
  expect_equal(as.double(op_histogram(f64(x), 2, c(1, 3))[[1]]), c(1, 1))
  expect_equal(sum(as.double(op_histogram(f64(m))[[1]])), 12)
  expect_equal(as.double(op_histogram(f64(x), 1)[[1]]), 6)
  expect_error(op_histogram(x, 0), class = "elman_error_argument")
  expect_error(op_histogram(x, 3, c(2, 1)), class = "elman_error_argument")
})

test_that("sequences slide along each other", {
  x <- c(1, 2, 3, -1)
  y <- c(0, 1, 0.5)
  full <- vapply(-2:3, function(k) {
    at <- seq_along(y) + k
    ok <- at >= 1 & at <= 4
    sum(x[at[ok]] * y[ok])
  }, 1)
  expect_equal(as.double(op_correlate(x, y, "full")), full)
  expect_equal(as.double(op_correlate(x, y)), full[3:4])
  expect_equal(as.double(op_correlate(x, y, "same")), full[2:5])
  for (mode in c("valid", "same", "full")) {
    expect_gradient(function(x, y) op_correlate(x, y, mode), x, y)
  }
  expect_error(op_correlate(y, x), class = "elman_error_shape")
  expect_error(op_correlate(x, y, "most"), class = "elman_error_argument")
})

test_that("correlation coefficients agree with cor", {
  expect_equal(as.array(op_corrcoef(f64(m))), cor(t(m)))
  # At 1 the clip is flat on one side.
  expect_gradient(function(x) {
    op_corrcoef(x) * (1 - diag(3))
  }, m)
  expect_error(op_corrcoef(1:3), class = "elman_error_shape")
})

test_that("stretches of a sequence begin at equal distances", {
  expect_equal(as.array(op_extract_sequences(1:7, 3, 2)),
               rbind(1:3, 3:5, 5:7))
  expect_identical(dim(op_extract_sequences(a, 2, 1)), c(2L, 3L, 3L, 2L))
  expect_identical(dim(op_extract_sequences(1:2, 3, 1)), c(0L, 3L))
  expect_gradient(function(x) op_extract_sequences(x, 2, 1), a)
})
