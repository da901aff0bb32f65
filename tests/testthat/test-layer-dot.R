# Products summed over an axis of each input.

dot <- function(x, y, axes, ...) {
  layer_dot(x, y, axes = axes, dtype = "float64", ...)
}

test_that("sequences are multiplied as matrices", {
  x <- waves(2, 3, 5)
  y <- waves(2, 4, 3, shift = 1)
  want <- array(0, c(2, 5, 4))
  for (b in 1:2) want[b, , ] <- t(x[b, , ]) %*% t(y[b, , ])
  expect_equal(dot(x, y, c(2, 3)), want, tolerance = 1e-14)
  expect_equal(dot(x, y, list(-2, -1)), want, tolerance = 1e-14)
  layer <- layer_dot(axes = c(2, 3))
  expect_identical(layer$compute_output_shape(list(c(NA, 3, 5), c(NA, 4, 3))),
                   shape(NA, 5, 4))
})

test_that("vectors give one number a sample", {
  x <- waves(3, 4)
  y <- waves(3, 4, shift = 1)
  expect_equal(dot(x, y, 2), matrix(rowSums(x * y)), tolerance = 1e-14)
  cosine <- rowSums(x * y) / sqrt(rowSums(x^2) * rowSums(y^2))
  expect_equal(dot(x, y, -1, normalize = TRUE), matrix(cosine),
               tolerance = 1e-14)
})

test_that("a vector and a sequence, and more axes", {
  x <- waves(2, 3)
  y <- waves(2, 4, 3, shift = 1)
  want <- t(sapply(1:2, function(b) y[b, , ] %*% x[b, ]))
  expect_equal(dot(x, y, c(2, 3)), want, tolerance = 1e-14)
  expect_equal(dot(y, x, c(3, 2)), want, tolerance = 1e-14)
  z <- waves(2, 3, 2, 2, shift = 2)
  expect_identical(dim(dot(y, z, c(3, 2))), c(2L, 4L, 2L, 2L))
  expect_equal(dot(y, z, c(3, 2))[2, 3, 1, 2], sum(y[2, 3, ] * z[2, , 1, 2]))
})

test_that("gradients reach both, normalized or not", {
  for (normalize in c(FALSE, TRUE)) {
    layer <- layer_dot(axes = c(2, 3), normalize = normalize,
                       dtype = "float64")
    expect_gradient(function(a, b) layer(list(a, b)), waves(2, 3, 2),
                    waves(2, 2, 3, shift = 1))
  }
})

test_that("masks end here, without a warning", {
  x <- set_mask(as_tensor(waves(1, 3, 2)), as_tensor(matrix(TRUE, 1, 3)))
  expect_no_warning(y <- layer_dot(x, x, axes = 3))
  expect_null(get_mask(y))
})

test_that("configurations count axes from 0", {
  config <- get_config(layer_dot(axes = c(2, -1)))
  expect_identical(config$axes, c(1L, -1L))
  expect_identical(get_config(from_config(config)), config)
})

test_that("what does not fit is refused", {
  x <- waves(2, 3, 5)
  expect_snapshot(error = TRUE, {
    layer_dot(x, x)
    layer_dot(x, x, axes = 1)
    layer_dot(x, x, axes = -3)
    layer_dot(x, x, axes = c(2, 3), name = "dot")
    layer_dot(x, axes = 2, name = "dot")
    layer_dot(x, x, axes = 1:3)
  })
})
