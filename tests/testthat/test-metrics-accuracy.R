test_that("accuracies count hits", {
  y <- matrix(c(0, 1, 1, 0), 2)
  p <- matrix(c(0.1, 0.7, 0.4, 0.3), 2)
  expect_equal(as.vector(metric_binary_accuracy(y, p)), c(1, 1, 0, 1))
  expect_equal(as.vector(metric_binary_accuracy(y, p, threshold = 0.2)),
               c(1, 1, 1, 0))
  hot <- diag(3)[c(1, 2, 3), ]
  p <- matrix(c(0.6, 0.5, 0.1, 0.3, 0.2, 0.1, 0.1, 0.3, 0.8), 3)
  expect_equal(as.vector(metric_categorical_accuracy(hot, p)), c(1, 0, 1))
  expect_equal(as.vector(metric_sparse_categorical_accuracy(c(0, 1, 2), p)),
               c(1, 0, 1))
  expect_equal(as.vector(metric_sparse_categorical_accuracy(matrix(0:2), p)),
               c(1, 0, 1))
})

test_that("a prediction at the threshold counts as 0", {
  expect_equal(as.vector(metric_binary_accuracy(matrix(0), matrix(0.5))), 1)
})

test_that("accuracies average over samples and batches", {
  m <- metric_sparse_categorical_accuracy()
  p <- matrix(c(0.9, 0.9, 0.1, 0.1), 2)
  m$update_state(c(0, 0), p)
  m$update_state(c(1), p[1, , drop = FALSE])
  expect_equal(m$result(), 2 / 3)
})

test_that("steps of sequences are counted one by one", {
  p <- array(c(0.9, 0.2, 0.4, 0.8, 0.1, 0.8, 0.6, 0.2), c(2, 2, 2))
  m <- metric_sparse_categorical_accuracy()
  m$update_state(matrix(c(0, 1, 0, 0), 2), p)
  expect_equal(m$result(), 0.75)
})
