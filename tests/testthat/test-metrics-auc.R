test_that("with many thresholds the area is the share of ordered pairs", {
  withr::local_seed(1)
  y <- as.double(runif(60) < 0.4)
  p <- sample(0:1000, 60) / 1000
  pairs <- outer(p[y == 1], p[y == 0], ">")
  m <- metric_auc(num_thresholds = 5001)
  expect_equal(m(y, p), mean(pairs), tolerance = 1e-5)
})

test_that("a perfect and a reversed order have areas 1 and 0", {
  y <- c(0, 0, 1, 1)
  p <- c(0.1, 0.2, 0.8, 0.9)
  expect_equal(metric_auc()(y, p), 1, tolerance = 1e-6)
  expect_equal(metric_auc()(1 - y, p), 0, tolerance = 1e-6)
  expect_equal(metric_auc(curve = "PR")(y, p), 1, tolerance = 1e-6)
  expect_equal(metric_auc(curve = "prgain")(y, p), 1, tolerance = 1e-6)
})

test_that("a lower height is at most the middle one, a higher at least", {
  withr::local_seed(2)
  y <- as.double(runif(30) < 0.5)
  p <- runif(30)
  area <- function(method, curve) {
    metric_auc(num_thresholds = 6, summation_method = method,
               curve = curve)(y, p)
  }
  expect_lte(area("minoring", "ROC"), area("interpolation", "ROC"))
  expect_lte(area("interpolation", "ROC"), area("majoring", "ROC"))
})

test_that("labels have areas of their own, averaged by weights", {
  withr::local_seed(3)
  y <- matrix(as.double(runif(40) < 0.5), 20)
  p <- matrix(runif(40), 20)
  each <- sapply(1:2, function(k) metric_auc()(y[, k], p[, k]))
  expect_equal(metric_auc(multi_label = TRUE)(y, p), mean(each))
  w <- c(1, 3)
  expect_equal(metric_auc(multi_label = TRUE, label_weights = w)(y, p),
               sum(each * w) / 4)
  expect_equal(metric_auc()(y, p), metric_auc()(as.vector(y), as.vector(p)))
})

test_that("logits are made probabilities, and own thresholds are taken", {
  z <- c(-2, 0.5, 1, 3)
  y <- c(0, 1, 0, 1)
  expect_equal(metric_auc(from_logits = TRUE)(y, z),
               metric_auc()(y, 1 / (1 + exp(-z))))
  expect_equal(metric_auc(thresholds = 0.5)(y, c(0.2, 0.6, 0.7, 0.8)), 0.75)
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    metric_auc(curve = "RAC")
    metric_auc(summation_method = "minor")
    metric_auc(num_thresholds = 1)
    metric_auc(num_labels = 2)
    metric_auc(thresholds = -1)
    metric_auc(multi_label = TRUE)(c(0, 1), c(0, 1))
    metric_auc(label_weights = 1:3)(diag(2), diag(2))
  })
})
