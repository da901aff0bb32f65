# Normalization and attention as operations, against plain R.

f64 <- function(x) as_tensor(x, "float64")
a <- array(sin(1:24 * 1.3), c(2, 3, 4))
m <- a[, , 1]

test_that("vectors get length one, by any norm", {
  expect_equal(as.array(op_normalize(f64(m))), m / sqrt(rowSums(m^2)))
  expect_equal(as.array(op_normalize(f64(m), 1, 1)),
               t(t(m) / colSums(abs(m))))
  expect_equal(as.double(op_normalize(f64(c(0, 0)), epsilon = 0.1)), c(0, 0)) |>
    expect_no_error()
  expect_gradient(op_normalize, a)
  expect_gradient(function(x) op_normalize(x, 2, 3), a)
  expect_error(op_normalize(m, order = 0), class = "elman_error_argument")
})

test_that("batch normalization shifts and scales along an axis", {
  v <- c(0.5, 2, 1)
  got <- op_batch_normalization(f64(a), f64(1:3), f64(v), 2, f64(v), f64(3:1))
  want <- sweep(sweep(sweep(a, 2, 1:3), 2, 3:1 / sqrt(v + 0.001), `*`), 2, v,
                `+`)
  expect_equal(as.array(got), want)
  expect_gradient(function(x, m, v, o, s) {
    op_batch_normalization(x, m, v, 2, o, s)
  }, a, c(1, 2, 3), v, v, v)
  expect_error(op_batch_normalization(a, 1:2, v, 2),
               class = "elman_error_shape")
})

test_that("layers are normalized over one axis or many", {
  g <- c(1, 2, 0.5, 3)
  mean <- apply(a, 1:2, mean)
  var <- apply(a, 1:2, function(v) mean((v - mean(v))^2))
  want <- sweep((a - c(mean)) / sqrt(c(var) + 1e-3), 3, g, `*`)
  got <- op_layer_normalization(f64(a), f64(g), epsilon = 1e-3)
  expect_equal(as.array(got), want)
  expect_gradient(function(x, g, b) op_layer_normalization(x, g, b),
                  a, g, g / 2)
  wide <- matrix(1:12 / 5, 3)
  expect_gradient(function(x, g, b) {
    op_layer_normalization(x, g, b, axis = c(2, 3))
  }, a, wide, wide)
  older <- op_layer_normalization(f64(m), rms_scaling = TRUE, epsilon = 0)
  expect_equal(as.array(older),
               m / sqrt(rowMeans((m - rowMeans(m))^2)))
  expect_error(op_layer_normalization(m, 1:2), class = "elman_error_shape")
  expect_error(op_layer_normalization(m, scale = 1),
               class = "elman_error_argument")
})

test_that("root mean squares become one", {
  got <- op_rms_normalization(f64(m), f64(1:3), epsilon = 0)
  expect_equal(as.array(got), t(t(m / sqrt(rowMeans(m^2))) * 1:3))
  expect_gradient(function(x, s) op_rms_normalization(x, s, c(2, 3)),
                  a, c(1:4) / 2)
})

test_that("attention agrees with softmax of products, head by head", {
  q <- array(sin(1:24), c(1, 3, 2, 4))
  k <- array(cos(1:40), c(1, 5, 2, 4))
  v <- array(sin(1:30 * 2), c(1, 5, 2, 3))
  softmax <- function(s) exp(s) / rowSums(exp(s))
  bias <- array(1:15 / 10, c(3, 5))
  mask <- array(c(TRUE, TRUE, FALSE), c(3, 5))
  mask[3, 1] <- TRUE
  got <- as.array(op_dot_product_attention(f64(q), f64(k), f64(v), f64(bias),
                                           mask, scale = 0.5))
  for (h in 1:2) {
    s <- q[1, , h, ] %*% t(k[1, , h, ]) * 0.5 + bias
    s[!mask] <- -Inf
    expect_equal(got[1, , h, ], softmax(s) %*% v[1, , h, ])
  }
  causal <- as.array(op_dot_product_attention(f64(q), f64(k), f64(v),
                                              is_causal = TRUE))
  expect_equal(causal[1, 1, , ], v[1, 1, , ])
  shared <- op_dot_product_attention(f64(q), f64(k[, , 1, , drop = FALSE]),
                                     f64(v[, , 1, , drop = FALSE]))
  expect_equal(as.array(shared)[1, , 2, ],
               softmax(q[1, , 2, ] %*% t(k[1, , 1, ]) / 2) %*% v[1, , 1, ])
  expect_gradient(function(q, k, v, b) {
    op_dot_product_attention(q, k, v, b, mask, is_causal = TRUE)
  }, q, k, v, bias)
  expect_error(op_dot_product_attention(q, v, k), class = "elman_error_shape")
  expect_error(op_dot_product_attention(q, k, v, flash_attention = TRUE),
               class = "elman_error_argument")
})
