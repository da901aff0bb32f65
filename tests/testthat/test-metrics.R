test_that("a metric is the mean over all samples since its reset", {
  m <- metric_mean_absolute_error()
  m$update_state(matrix(c(1, 2)), matrix(0, 2, 1))
  m$update_state(matrix(6), matrix(0))
  expect_equal(m$result(), 3)
  m$reset_state()
  expect_equal(m$result(), 0)
  expect_equal(m(matrix(4), matrix(0)), 4)
})

test_that("weights weigh samples", {
  m <- metric_mean_squared_error()
  y <- matrix(c(1, 2, 3, 4), 2)
  m$update_state(y, matrix(0, 2, 2), sample_weight = c(1, 3))
  each <- rowMeans(y^2)
  expect_equal(m$result(), sum(each * c(1, 3)) / 4, tolerance = 1e-6)
})

test_that("weights per step weigh steps", {
  m <- metric_mean_absolute_error()
  y <- array(1:6, c(2, 3, 1))
  w <- matrix(c(1, 0, 2, 1, 0, 1), 2)
  m$update_state(y, array(0, c(2, 3, 1)), sample_weight = w)
  expect_equal(m$result(), sum(y[, , 1] * w) / sum(w), tolerance = 1e-6)
})

test_that("masked steps do not count", {
  y <- as_tensor(array(c(2, 1, 9, 3), c(2, 2, 1)))
  p <- set_mask(as_tensor(array(0, c(2, 2, 1))),
                as_tensor(matrix(c(TRUE, TRUE, FALSE, TRUE), 2)))
  m <- metric_mean_absolute_error()
  m$update_state(y, p)
  expect_equal(m$result(), 2, tolerance = 1e-6)
})

test_that("metrics keep the name that was written", {
  name <- function(metric) {
    resolve_metric(metric)(as_tensor(matrix(0, 2, 1)),
                           as_tensor(matrix(0, 2, 1)))$name
  }
  expect_equal(name("mae"), "mae")
  expect_equal(name("MSE"), "MSE")
  expect_equal(name("acc"), "acc")
  expect_equal(name(metric_mean_squared_error), "mean_squared_error")
  expect_equal(name(custom_metric("bias", function(y_true, y_pred) {
    y_pred - y_true
  })), "bias")
})

test_that("accuracy is chosen by the shapes", {
  kind <- function(y, p) {
    accuracy_metric("acc", as_tensor(y), as_tensor(p))$class_name
  }
  expect_equal(kind(array(0, 2), matrix(0, 2, 1)), "BinaryAccuracy")
  expect_equal(kind(array(0, 2), matrix(0, 2, 3)), "SparseCategoricalAccuracy")
  expect_equal(kind(matrix(0, 2, 1), matrix(0, 2, 3)),
               "SparseCategoricalAccuracy")
  expect_equal(kind(matrix(0, 2, 3), matrix(0, 2, 3)), "CategoricalAccuracy")
})

test_that("metric_mean averages numbers", {
  m <- metric_mean()
  m$update_state(c(1, 3, 5, 7), sample_weight = c(1, 1, 0, 0))
  expect_equal(m$result(), 2)
})

test_that("own metrics may be a number per batch or per sample", {
  per_sample <- resolve_metric(function(y_true, y_pred) {
    op_mean(op_abs(y_true - y_pred), axis = -1)
  })(NULL, NULL)
  per_batch <- resolve_metric(function(y_true, y_pred) {
    op_mean(op_abs(y_true - y_pred))
  })(NULL, NULL)
  for (m in list(per_sample, per_batch)) {
    m$update(as_tensor(matrix(c(1, 3))), as_tensor(matrix(0, 2, 1)))
    expect_equal(m$result(), 2)
  }
})

test_that("wrong metrics are named", {
  expect_snapshot(error = TRUE, {
    resolve_metric("accurracy_binary")
    resolve_metric("binary_acuracy")
    resolve_metric(1)
    metric_binary_accuracy(threshold = 2)
    custom_metric("a", 1)
  })
})
