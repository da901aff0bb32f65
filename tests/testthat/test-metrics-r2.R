test_that("R2 equals its formula, over batches and weights", {
  withr::local_seed(1)
  y <- matrix(rnorm(20), 10)
  p <- y + matrix(rnorm(20, sd = 0.3), 10)
  w <- runif(10)
  score <- function(y, p, w) {
    m <- sum(y * w) / sum(w)
    1 - sum(w * (y - p)^2) / sum(w * (y - m)^2)
  }
  each <- sapply(1:2, function(k) score(y[, k], p[, k], w))
  m <- metric_r2_score(class_aggregation = NULL)
  m$update_state(y[1:4, ], p[1:4, ], w[1:4])
  m$update_state(y[5:10, ], p[5:10, ], w[5:10])
  expect_equal(m$result(), each, tolerance = 1e-5)
  plain <- sapply(1:2, function(k) score(y[, k], p[, k], 1 + 0 * w))
  expect_equal(metric_r2_score()(y, p), mean(plain), tolerance = 1e-5)
  spread <- apply(y, 2, stats::var)
  expect_equal(
    metric_r2_score(class_aggregation = "variance_weighted_average")(y, p),
    sum(plain * spread) / sum(spread), tolerance = 1e-5
  )
  expect_equal(
    metric_r2_score(num_regressors = 2)(y[, 1, drop = FALSE],
                                        p[, 1, drop = FALSE]),
    1 - (1 - plain[1]) * 9 / 7, tolerance = 1e-5
  )
})

test_that("a vector beside a column is a column", {
  expect_equal(metric_r2_score()(c(1, 4, 3), matrix(c(2, 4, 4))), 4 / 7,
               tolerance = 1e-6)
})

test_that("too many regressors are not adjusted for, with a warning", {
  expect_warning(
    value <- metric_r2_score(num_regressors = 3)(matrix(1:3), matrix(1:3)),
    "not adjusted"
  )
  expect_equal(value, 1)
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    metric_r2_score(class_aggregation = "uniform")
    metric_r2_score(num_regressors = -1)
  })
})
