test_that("squared and absolute error equal their formulas", {
  withr::local_seed(1)
  for (shape in list(c(1, 1), c(7, 3), c(4, 5, 2))) {
    y <- array(rnorm(prod(shape)), shape)
    p <- array(rnorm(prod(shape)), shape)
    lead <- seq_len(length(shape) - 1)
    expect_equal(as.vector(loss_mean_squared_error(y, p)),
                 as.vector(apply((y - p)^2, lead, mean)), tolerance = 1e-5)
    expect_equal(as.vector(loss_mean_absolute_error(y, p)),
                 as.vector(apply(abs(y - p), lead, mean)), tolerance = 1e-5)
  }
})

test_that("a vector fits predictions of size 1, either way", {
  y <- c(1, 2, 3)
  p <- matrix(c(0, 0, 1), 3)
  expect_equal(as.vector(loss_mean_squared_error(y, p)), c(1, 4, 4))
  expect_equal(as.vector(loss_mean_squared_error(p, y)), c(1, 4, 4))
})

test_that("gradients are exact", {
  withr::local_seed(2)
  y <- matrix(rnorm(6), 3)
  p <- matrix(rnorm(6), 3)
  for (loss in list(loss_mean_squared_error(), loss_mean_absolute_error())) {
    expect_gradient(function(p) loss(as_tensor(y), p), p)
  }
})

test_that("tensors give tensors and arrays arrays", {
  y <- matrix(0, 2, 1)
  expect_false(is_tensor(loss_mean_squared_error(y, y)))
  expect_true(is_tensor(loss_mean_squared_error(as_tensor(y), y)))
})

test_that("one op gives what the parts give, and its gradient", {
  withr::local_seed(3)
  for (n in c(1, 7, 8, 33)) {
    y <- matrix(rnorm(2 * n), n)
    p <- matrix(rnorm(2 * n), n)
    for (loss in list(loss_mean_squared_error(), loss_mean_absolute_error())) {
      self <- attr(loss, "self")
      fused <- fused_loss(self, as_tensor(y), as_tensor(p))
      expect_equal(as.numeric(fused), as.numeric(loss(y, p)), tolerance = 1e-6)
      expect_gradient(function(p) run_op(self$fused, list(as_tensor(y), p)), p)
    }
  }
})

test_that("what one op cannot do is left to the parts", {
  y <- as_tensor(matrix(1, 2, 1))
  mse <- attr(loss_mean_squared_error(), "self")
  masked <- set_mask(y, as_tensor(matrix(TRUE, 2, 1)))
  expect_null(fused_loss(mse, y, masked))
  expect_null(fused_loss(attr(loss_mean_squared_error(reduction = "sum"),
                              "self"), y, y))
  expect_null(fused_loss(mse, as_tensor(matrix(1, 2, 2)), y))
})
