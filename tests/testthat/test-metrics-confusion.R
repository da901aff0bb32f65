# Weighted counts by brute force: tp, fp, tn, fn by threshold.
counts_by_hand <- function(y, p, thresholds, w = rep(1, length(p))) {
  sapply(thresholds, function(t) {
    c(sum(w[y != 0 & p > t]), sum(w[y == 0 & p > t]),
      sum(w[y == 0 & p <= t]), sum(w[y != 0 & p <= t]))
  })
}

state_counts <- function(metric) unname(metric$state$counts)

test_that("buckets count what comparisons count, at any thresholds", {
  withr::local_seed(1)
  for (n in c(1, 2, 7, 50)) {
    for (thresholds in list(0.5, c(0.75, 0.25), c(0, 0.25, 0.5, 0.75, 1),
                            sort(runif(9)), c(0.3, 0.3, 0.1))) {
      y <- as.double(runif(n) < 0.5)
      # Some predictions lie on thresholds.
      p <- sample(c(runif(n), 0, 0.25, 0.5, 1), n)
      w <- runif(n)
      m <- metric_true_positives(thresholds = thresholds)
      with_floatx("float64", {
        m$update_state(y, p)
        expect_equal(state_counts(m), counts_by_hand(y, p, thresholds))
        m$reset_state()
        m$update_state(y, p, w)
        m$update_state(y, p, w)
        expect_equal(state_counts(m), 2 * counts_by_hand(y, p, thresholds, w))
      })
    }
  }
})

test_that("each count is its row", {
  y <- c(0, 0, 1, 1, 1)
  p <- c(0.2, 0.7, 0.4, 0.6, 0.9)
  expect_equal(metric_true_positives()(y, p), 2)
  expect_equal(metric_false_positives()(y, p), 1)
  expect_equal(metric_true_negatives()(y, p), 1)
  expect_equal(metric_false_negatives()(y, p), 1)
  expect_equal(metric_false_negatives(thresholds = c(0.1, 0.95))(y, p),
               c(0, 3))
})

test_that("precision and recall are shares, and 0 of nothing", {
  y <- c(0, 0, 1, 1, 1)
  p <- c(0.2, 0.7, 0.4, 0.6, 0.9)
  expect_equal(metric_precision()(y, p), 2 / 3)
  expect_equal(metric_recall()(y, p), 2 / 3)
  expect_equal(metric_precision(thresholds = 1)(y, p), 0)
  expect_equal(metric_recall()$result(), 0)
  expect_equal(metric_recall(thresholds = c(0.3, 0.8))(y, p), c(1, 1 / 3))
  expect_equal(metric_precision()(y, p, c(1, 2, 1, 1, 0)), 1 / 3)
})

test_that("a row's largest predictions are positive, of equals the first", {
  y <- rbind(c(0, 1, 1), c(1, 0, 0))
  p <- rbind(c(0.1, 0.2, 0.3), c(0.5, 0.5, 0.5))
  expect_equal(metric_precision(top_k = 1)(y, p), 1)
  expect_equal(metric_recall(top_k = 2)(y, p), 1)
  expect_equal(metric_precision(top_k = 2)(y, p), 3 / 4)
  expect_equal(metric_precision(top_k = 3, thresholds = 0.25)(y, p), 2 / 4)
  expect_equal(metric_precision(top_k = 1, class_id = 2)(y, p), 1)
  expect_equal(metric_recall(top_k = 1, class_id = -2)(y, p), 0)
})

test_that("weights may be of samples or of predictions", {
  y <- rbind(c(0, 1), c(1, 1))
  p <- rbind(c(0.6, 0.7), c(0.2, 0.8))
  expect_equal(metric_true_positives()(y, p, c(1, 3)), 4)
  expect_equal(metric_true_positives()(y, p, cbind(c(1, 2), c(3, 4))), 7)
  expect_equal(metric_true_positives()(matrix(y[, 2]), matrix(p[, 2]),
                                       matrix(c(1, 3))), 4)
})

test_that("names are numbered within the session, as layers' are", {
  clear_session()
  expect_equal(metric_precision()$name, "precision")
  expect_equal(metric_precision()$name, "precision_1")
  expect_equal(metric_precision(name = "p")$name, "p")
  expect_equal(metric_false_negatives()$name, "false_negatives")
})

test_that("a metric is made again from its configuration", {
  metrics <- list(
    metric_precision(thresholds = c(0.2, 0.5), class_id = 1),
    metric_recall(top_k = 2), metric_auc(curve = "PR"),
    metric_sensitivity_at_specificity(specificity = 0.5),
    metric_fbeta_score(beta = 2, average = "macro"),
    metric_r2_score(num_regressors = 1), metric_cosine_similarity(axis = 2),
    metric_binary_accuracy(threshold = 0.3), metric_mean(), metric_sum()
  )
  for (metric in metrics) {
    config <- get_config(metric)
    expect_equal(get_config(from_config(config)), config)
  }
})

test_that("wrong arguments and data are named", {
  y <- matrix(c(0, 1, 1, 0), 2)
  expect_snapshot(error = TRUE, {
    metric_precision(thresholds = 2)
    metric_recall(top_k = 0)
    metric_precision(class_id = 2)(y, y)
    metric_recall(top_k = 3)(y, y)
    metric_precision()(y, matrix(0, 2, 3))
    metric_precision()(y, y, c(1, 2, 3))
  })
})
