sigmoid <- function(z) 1 / (1 + exp(-z))
softmax <- function(z) exp(z) / rowSums(exp(z))

test_that("binary crossentropy equals its formula", {
  y <- matrix(c(0, 1, 1, 0, 0.5, 1), 3)
  p <- matrix(c(0.1, 0.9, 0.4, 0.5, 0.7, 0.2), 3)
  want <- rowMeans(-(y * log(p) + (1 - y) * log(1 - p)))
  expect_equal(as.vector(loss_binary_crossentropy(y, p)), want,
               tolerance = 1e-5)
  z <- log(p / (1 - p))
  expect_equal(as.vector(loss_binary_crossentropy(y, z, from_logits = TRUE)),
               want, tolerance = 1e-5)
  smooth <- y * 0.8 + 0.1
  want <- rowMeans(-(smooth * log(p) + (1 - smooth) * log(1 - p)))
  expect_equal(as.vector(loss_binary_crossentropy(y, p,
                                                  label_smoothing = 0.2)),
               want, tolerance = 1e-5)
})

test_that("certain and wrong is finite", {
  y <- matrix(c(1, 0), 2)
  p <- matrix(c(0, 1), 2)
  expect_true(all(is.finite(loss_binary_crossentropy(y, p))))
  far <- matrix(c(-1000, 1000), 2)
  expect_equal(as.vector(loss_binary_crossentropy(y, far, from_logits = TRUE)),
               c(1000, 1000))
})

test_that("categorical crossentropy equals its formula", {
  withr::local_seed(1)
  z <- matrix(rnorm(12), 4)
  p <- softmax(z)
  y <- diag(3)[c(1, 3, 2, 2), ]
  want <- -rowSums(y * log(p))
  expect_equal(as.vector(loss_categorical_crossentropy(y, p)), want,
               tolerance = 1e-5)
  expect_equal(as.vector(loss_categorical_crossentropy(y, 5 * p)), want,
               tolerance = 1e-5)
  expect_equal(as.vector(loss_categorical_crossentropy(y, z,
                                                       from_logits = TRUE)),
               want, tolerance = 1e-5)
  smooth <- y * 0.7 + 0.3 / 3
  expect_equal(
    as.vector(loss_categorical_crossentropy(y, p, label_smoothing = 0.3)),
    -rowSums(smooth * log(p)), tolerance = 1e-5
  )
})

test_that("class numbers and one-hot rows have one crossentropy", {
  withr::local_seed(2)
  p <- softmax(matrix(rnorm(20), 5))
  id <- c(0, 3, 1, 2, 2)
  hot <- diag(4)[id + 1, ]
  want <- as.vector(loss_categorical_crossentropy(hot, p))
  expect_equal(as.vector(loss_sparse_categorical_crossentropy(id, p)), want,
               tolerance = 1e-6)
  expect_equal(as.vector(loss_sparse_categorical_crossentropy(
    matrix(id), p)), want, tolerance = 1e-6)
  expect_equal(as.vector(loss_sparse_categorical_crossentropy(
    as.integer(id), log(p), from_logits = TRUE)), want, tolerance = 1e-5)
})

test_that("an ignored class neither counts nor divides", {
  p <- softmax(matrix(c(1, 2, 0, 0, 1, 1, 3, 0, 1), 3))
  id <- c(0, -1, 2)
  loss <- loss_sparse_categorical_crossentropy(ignore_class = -1)
  want <- mean(-log(p[cbind(c(1, 3), c(1, 3))]))
  expect_equal(as.numeric(loss(id, p)), want, tolerance = 1e-5)
})

test_that("classes can stand on any axis", {
  withr::local_seed(3)
  p <- array(runif(24, 0.1, 1), c(2, 3, 4))
  y <- array(0, c(2, 3, 4))
  y[, 2, ] <- 1
  last <- loss_categorical_crossentropy(aperm(y, c(1, 3, 2)),
                                        aperm(p, c(1, 3, 2)))
  expect_equal(loss_categorical_crossentropy(y, p, axis = 2), last,
               tolerance = 1e-6)
  sparse <- loss_sparse_categorical_crossentropy(matrix(1, 2, 4), p, axis = 2)
  expect_equal(sparse, last, tolerance = 1e-6)
})

test_that("gradients are exact", {
  withr::local_seed(4)
  p <- softmax(matrix(rnorm(12), 4))
  y <- diag(3)[c(1, 3, 2, 2), ]
  id <- as_tensor(c(0L, 2L, 1L, 1L))
  cases <- list(
    function(p) loss_binary_crossentropy()(as_tensor(y), p),
    function(p) loss_binary_crossentropy(from_logits = TRUE)(as_tensor(y), p),
    function(p) loss_categorical_crossentropy()(as_tensor(y), p),
    function(p) {
      loss <- loss_categorical_crossentropy(
        from_logits = TRUE, label_smoothing = 0.1
      )
      loss(as_tensor(y), p)
    },
    function(p) loss_sparse_categorical_crossentropy()(id, p),
    function(p) {
      loss <- loss_sparse_categorical_crossentropy(
        from_logits = TRUE, ignore_class = 2
      )
      loss(id, p)
    }
  )
  for (fn in cases) expect_gradient(fn, p)
})

test_that("class numbers outside the classes are refused", {
  p <- matrix(1 / 3, 2, 3)
  expect_snapshot(error = TRUE, {
    loss_sparse_categorical_crossentropy(c(0, 3), p)
    loss_sparse_categorical_crossentropy(c(-1, 0), p)
    loss_sparse_categorical_crossentropy(c(0, 1, 2), p)
  })
})
