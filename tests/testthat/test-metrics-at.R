test_that("the best rate is sought where the other one is high enough", {
  y <- c(0, 0, 0, 1, 1)
  p <- c(0, 0.3, 0.8, 0.3, 0.8)
  thresholds <- (0:200 - 0.5) / 200
  tp <- sapply(thresholds, function(t) sum(y == 1 & p > t))
  fp <- sapply(thresholds, function(t) sum(y == 0 & p > t))
  sensitivity <- tp / 2
  specificity <- 1 - fp / 3
  precision <- ifelse(tp + fp == 0, 0, tp / (tp + fp))
  best <- function(rate, held, level) max(0, rate[held >= level])
  for (level in c(0, 0.4, 0.6, 1)) {
    expect_equal(metric_sensitivity_at_specificity(specificity = level)(y, p),
                 best(sensitivity, specificity, level))
    expect_equal(metric_specificity_at_sensitivity(sensitivity = level)(y, p),
                 best(specificity, sensitivity, level))
    expect_equal(metric_precision_at_recall(recall = level)(y, p),
                 best(precision, sensitivity, level))
    expect_equal(metric_recall_at_precision(precision = level)(y, p),
                 best(sensitivity, precision, level))
  }
})

test_that("one threshold is the middle", {
  m <- metric_recall_at_precision(precision = 0.5, num_thresholds = 1)
  expect_equal(m(c(0, 1, 1), c(0.4, 0.6, 0.2)), 0.5)
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    metric_precision_at_recall()
    metric_recall_at_precision(precision = 2)
    metric_sensitivity_at_specificity(specificity = 0.5, num_thresholds = 0)
  })
})
