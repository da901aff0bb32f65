test_that("correlations equal R's and Lin's along the axis", {
  withr::local_seed(1)
  y <- matrix(rnorm(15), 3)
  p <- matrix(rnorm(15), 3)
  want <- sapply(1:3, function(i) cor(y[i, ], p[i, ]))
  expect_equal(as.vector(metric_pearson_correlation(y, p)), want,
               tolerance = 1e-5)
  expect_equal(as.vector(metric_pearson_correlation(t(y), t(p), axis = 1)),
               want, tolerance = 1e-5)
  population <- function(x) mean((x - mean(x))^2)
  lin <- sapply(1:3, function(i) {
    a <- y[i, ]
    b <- p[i, ]
    2 * mean((a - mean(b)) * (b - mean(b))) /
      (population(a) + population(b) + (mean(a) - mean(b))^2)
  })
  expect_equal(as.vector(metric_concordance_correlation(y, p)), lin,
               tolerance = 1e-5)
  m <- metric_pearson_correlation()
  m$update_state(y, p, c(1, 0, 1))
  expect_equal(m$result(), mean(want[c(1, 3)]), tolerance = 1e-5)
})
