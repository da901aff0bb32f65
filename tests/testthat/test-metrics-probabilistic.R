test_that("crossentropy metrics equal the losses", {
  y <- diag(3)[c(1, 3), ]
  p <- matrix(c(0.7, 0.2, 0.2, 0.3, 0.1, 0.5), 2)
  expect_equal(metric_categorical_crossentropy(y, p),
               loss_categorical_crossentropy(y, p))
  expect_equal(metric_binary_crossentropy(y, p, from_logits = TRUE),
               loss_binary_crossentropy(y, p, from_logits = TRUE))
  expect_equal(metric_sparse_categorical_crossentropy(c(0, 2), p),
               loss_sparse_categorical_crossentropy(c(0, 2), p))
  m <- metric_sparse_categorical_crossentropy()
  m$update_state(c(0, 2), p)
  expect_equal(m$result(),
               mean(loss_sparse_categorical_crossentropy(c(0, 2), p)),
               tolerance = 1e-6)
})
