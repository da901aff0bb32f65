test_that("means and sums add up numbers with weights", {
  m <- metric_mean()
  m$update_state(c(1, 3, 5, 7), sample_weight = c(1, 1, 0, 0))
  expect_equal(m$result(), 2)
  m$update_state(8)
  expect_equal(m$result(), 4)
  s <- metric_sum()
  s$update_state(matrix(1:4, 2))
  s$update_state(matrix(1:4, 2), sample_weight = c(0, 1))
  expect_equal(s$result(), 16)
  s$reset_state()
  expect_equal(s$result(), 0)
})

test_that("a sample counts once, however many numbers it has", {
  m <- metric_mean()
  m$update_state(matrix(1:6, 2))
  expect_equal(c(m$total, m$count), c(7, 2))
  m$reset_state()
  m$update_state(matrix(c(1, 2, 3, 4), 2), matrix(c(1, 0, 1, 1), 2))
  expect_equal(c(m$total, m$count), c((1 + 3 + 4) / 2, 3 / 2))
})

test_that("a wrapped function gets its arguments", {
  m <- metric_mean_wrapper(fn = function(y_true, y_pred, power) {
    op_mean(op_abs(y_true - y_pred)^power, axis = -1)
  }, power = 2)
  expect_equal(m(matrix(c(1, 3)), matrix(c(0, 0))), 5)
  clear_session()
  expect_equal(metric_mean_wrapper(fn = identity)$name, "mean_metric_wrapper")
})

test_that("state is in double: a million small steps do not stick", {
  m <- metric_mean()
  m$absorb(list(c(2^24, 2^24)))
  m$absorb(list(c(1, 1)))
  expect_equal(m$state$sums, c(2^24 + 1, 2^24 + 1))
  expect_equal(as.array(m$variables[[1]]), c(2^24, 2^24), ignore_attr = TRUE)
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    metric_mean_wrapper()
    metric_mean_wrapper(fn = 1)
    metric_mean_wrapper(1, fn = mean)
  })
})
