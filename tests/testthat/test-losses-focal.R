test_that("focal crossentropies equal their formulas", {
  withr::local_seed(1)
  y <- matrix(c(0, 1, 1, 0, 1, 0), 3)
  p <- matrix(runif(6, 0.1, 0.9), 3)
  hit <- y * p + (1 - y) * (1 - p)
  plain <- -log(hit)
  expect_equal(as.vector(loss_binary_focal_crossentropy(y, p, gamma = 3)),
               rowMeans((1 - hit)^3 * plain), tolerance = 1e-5)
  weight <- y * 0.3 + (1 - y) * 0.7
  expect_equal(
    as.vector(loss_binary_focal_crossentropy(y, p, TRUE, alpha = 0.3)),
    rowMeans(weight * (1 - hit)^2 * plain), tolerance = 1e-5
  )
  q <- p / rowSums(p)
  hot <- diag(2)[c(1, 2, 1), ]
  expect_equal(
    as.vector(loss_categorical_focal_crossentropy(hot, p)),
    rowSums(-0.25 * hot * (1 - q)^2 * log(q)), tolerance = 1e-5
  )
})

test_that("without focus they are the plain crossentropies", {
  y <- diag(3)
  z <- matrix(c(1, 0, 2, -1, 0.5, 1, 0, 0, -2), 3)
  expect_equal(
    loss_binary_focal_crossentropy(y, z, gamma = 0, from_logits = TRUE),
    loss_binary_crossentropy(y, z, from_logits = TRUE), tolerance = 1e-5
  )
  expect_equal(
    loss_categorical_focal_crossentropy(y, z, alpha = 1, gamma = 0,
                                        from_logits = TRUE),
    loss_categorical_crossentropy(y, z, from_logits = TRUE), tolerance = 1e-5
  )
})

test_that("the generalized crossentropy lies between log and absolute error", {
  p <- matrix(c(0.9, 0.2, 0.1, 0.8), 2)
  value <- function(q) {
    as.vector(loss_categorical_generalized_cross_entropy(0:1, p, q))
  }
  expect_equal(value(0.5), (1 - sqrt(c(0.9, 0.8))) / 0.5, tolerance = 1e-5)
  with_floatx("float64", {
    expect_equal(value(1e-6), -log(c(0.9, 0.8)), tolerance = 1e-5)
    expect_equal(value(1 - 1e-9), 1 - c(0.9, 0.8), tolerance = 1e-5)
  })
})

test_that("gradients are exact", {
  withr::local_seed(2)
  p <- matrix(runif(12, 0.1, 0.9), 4)
  y <- diag(3)[c(1, 3, 2, 2), ]
  id <- as_tensor(c(0L, 2L, 1L, 1L))
  cases <- list(
    function(p) loss_binary_focal_crossentropy(gamma = 1.5)(as_tensor(y), p),
    function(p) {
      loss <- loss_binary_focal_crossentropy(
        apply_class_balancing = TRUE, from_logits = TRUE
      )
      loss(as_tensor(y), p)
    },
    function(p) {
      loss <- loss_categorical_focal_crossentropy(label_smoothing = 0.1)
      loss(as_tensor(y), p)
    },
    function(p) loss_categorical_generalized_cross_entropy()(id, p)
  )
  for (fn in cases) expect_gradient(fn, p)
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    loss_categorical_generalized_cross_entropy(q = 1)
    loss_binary_focal_crossentropy(alpha = 2)
    loss_categorical_focal_crossentropy(gamma = -1)
    loss_categorical_generalized_cross_entropy(c(0, 2), matrix(0.5, 2, 2))
  })
})
