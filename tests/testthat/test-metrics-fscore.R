test_that("F scores equal their formula, per class and averaged", {
  y <- diag(3)[c(1, 2, 3, 2), ]
  p <- rbind(c(0.9, 0.05, 0.05), c(0.2, 0.7, 0.1), c(0.6, 0.1, 0.3),
             c(0.1, 0.8, 0.1))
  hit <- (p == apply(p, 1, max)) + 0
  score <- function(tp, fp, fn, beta) {
    (1 + beta^2) * tp / ((1 + beta^2) * tp + beta^2 * fn + fp)
  }
  tp <- colSums(hit * y)
  fp <- colSums(hit * (1 - y))
  fn <- colSums((1 - hit) * y)
  for (beta in c(0.5, 1, 2)) {
    m <- function(average) metric_fbeta_score(average = average, beta = beta)
    each <- score(tp, fp, fn, beta)
    expect_equal(m(NULL)(y, p), each, tolerance = 1e-6)
    expect_equal(m("macro")(y, p), mean(each), tolerance = 1e-6)
    expect_equal(m("weighted")(y, p), sum(each * colSums(y)) / 4,
                 tolerance = 1e-6)
    expect_equal(m("micro")(y, p), score(sum(tp), sum(fp), sum(fn), beta),
                 tolerance = 1e-6)
  }
  expect_equal(metric_f1_score()(y, p), score(tp, fp, fn, 1), tolerance = 1e-6)
})

test_that("thresholds and weights count", {
  y <- rbind(c(0, 1), c(1, 1))
  p <- rbind(c(0.6, 0.7), c(0.2, 0.8))
  m <- metric_f1_score(threshold = 0.5, average = "micro")
  expect_equal(m(y, p, c(1, 3)), 2 * 4 / (2 * 4 + 1 + 3), tolerance = 1e-6)
})

test_that("wrong arguments and data are named", {
  expect_snapshot(error = TRUE, {
    metric_f1_score(average = "makro")
    metric_fbeta_score(beta = 0)
    metric_f1_score(threshold = 0)
    metric_f1_score()(array(0, c(2, 2, 2)), array(0, c(2, 2, 2)))
  })
})
