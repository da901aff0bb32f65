# Crossentropies as operations, against their formulas.

f64 <- function(x) as_tensor(x, "float64")
p <- rbind(c(0.2, 0.5, 0.3), c(0.1, 0.1, 0.8))
y <- rbind(c(0, 1, 0), c(0.5, 0, 0.5))

test_that("crossentropies agree with their formulas", {
  expect_equal(as.array(op_binary_crossentropy(f64(y), f64(p))),
               -(y * log(p) + (1 - y) * log(1 - p)))
  expect_equal(as.array(op_binary_crossentropy(f64(y), f64(p), TRUE)),
               log(1 + exp(p)) - y * p)
  expect_equal(as.double(op_categorical_crossentropy(f64(y), f64(p))),
               -rowSums(y * log(p)))
  expect_equal(as.double(op_categorical_crossentropy(f64(t(y)), f64(t(p)),
                                                     axis = 1)),
               -rowSums(y * log(p)))
  sparse <- op_sparse_categorical_crossentropy(c(1, 2), f64(p), TRUE)
  expect_equal(as.double(sparse),
               log(rowSums(exp(p))) - c(p[1, 2], p[2, 3]))
})

test_that("crossentropies have gradients and refuse other shapes", {
  for (logits in c(TRUE, FALSE)) {
    expect_gradient(function(y, p) op_binary_crossentropy(y, p, logits), y, p)
    expect_gradient(function(y, p) op_categorical_crossentropy(y, p, logits), y,
                    p)
    expect_gradient(function(p) {
      op_sparse_categorical_crossentropy(c(1, 2), p, logits)
    }, p)
  }
  expect_error(op_binary_crossentropy(y, p[, 1]), class = "elman_error_shape")
  expect_error(op_categorical_crossentropy(y, t(p)),
               class = "elman_error_shape")
  expect_error(op_sparse_categorical_crossentropy(1:3, p),
               class = "elman_error_shape")
})

test_that("the noise ratio is in decibels", {
  a <- c(0, 0.5, 1)
  b <- c(0, 0.6, 0.9)
  expect_equal(as.double(op_psnr(f64(a), f64(b), 2)),
               20 * log10(2) - 10 * log10(mean((a - b)^2)))
  expect_gradient(function(a, b) op_psnr(a, b, 1), a, b)
  expect_error(op_psnr(a, 1:2, 1), class = "elman_error_shape")
})
