# Flatten, reshape, permute, repeat and identity layers.

rows <- function(x) aperm(x, rev(seq_along(dim(x))))

test_that("flattening and reshaping read samples row-major", {
  x <- array(seq_len(2 * 3 * 4) / 4, c(2, 3, 4))
  flat <- layer_flatten(x)
  expect_equal(flat, t(sapply(1:2, function(i) as.vector(t(x[i, , ])))),
               tolerance = 1e-7)
  expect_equal(as.vector(rows(layer_reshape(x, c(6, 2)))), as.vector(rows(x)),
               tolerance = 1e-7)
  expect_identical(layer_reshape(x, c(NA, 2)), layer_reshape(x, list(6, 2)))
  expect_identical(layer_reshape(x, c(-1, 2)), layer_reshape(x, c(6, 2)))
  first <- layer_flatten(x, data_format = "channels_first")
  expect_identical(first, layer_flatten(aperm(x, c(1, 3, 2))))
  expect_identical(dim(layer_flatten(array(1:3))), c(3L, 1L))
})

test_that("shapes are known before the numbers", {
  x <- keras_input(c(NA, 4))
  expect_identical(dim(layer_flatten(x)), c(NA, NA_integer_))
  expect_identical(dim(layer_reshape(keras_input(12), c(3, -1))), c(NA, 3L, 4L))
  expect_identical(dim(layer_permute(x, c(2, 1))), c(NA, 4L, NA))
  expect_identical(dim(layer_repeat_vector(keras_input(5), 3)), c(NA, 3L, 5L))
  expect_identical(dim(layer_identity(x)), c(NA, NA, 4L))
})

test_that("permuting and repeating do what aperm() and copies do", {
  x <- waves(2, 3, 4)
  expect_equal(layer_permute(x, c(2, 1)), aperm(x, c(1, 3, 2)),
               tolerance = 1e-7)
  y <- layer_repeat_vector(waves(2, 3), 4)
  for (k in 1:4) expect_equal(y[, k, ], waves(2, 3), tolerance = 1e-7)
  expect_identical(layer_identity(x), layer_reshape(x, c(3, 4)))
})

test_that("gradients go back through them", {
  expect_gradient(function(x) layer_flatten(x, "channels_first"),
                  waves(2, 3, 4))
  expect_gradient(function(x) layer_reshape(x, c(2, 6)), waves(2, 3, 4))
  expect_gradient(function(x) layer_permute(x, c(2, 1)), waves(2, 3, 4))
  expect_gradient(function(x) layer_repeat_vector(x, 3), waves(2, 4))
})

test_that("configurations make the same layers", {
  layers <- list(layer_flatten(), layer_reshape(target_shape = c(2, NA)),
                 layer_permute(dims = c(2, 1)), layer_repeat_vector(n = 2),
                 layer_identity())
  for (layer in layers) {
    config <- get_config(layer)
    expect_identical(get_config(from_config(config)), config)
  }
  expect_identical(get_config(layers[[2]])$target_shape, c(2L, -1L))
})

test_that("masks pass the identity and end at the others", {
  x <- set_mask(as_tensor(waves(2, 3, 4)), as_tensor(matrix(TRUE, 2, 3)))
  expect_false(is.null(get_mask(layer_identity()(x))))
  expect_warning(layer_flatten()(x), "mask")
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    layer_flatten(data_format = "first")
    layer_reshape()
    layer_reshape(target_shape = c(NA, NA))
    layer_reshape(waves(2, 6), c(4, 2))
    layer_permute(dims = c(1, 3))
    layer_permute(waves(2, 3), dims = c(2, 1))
    layer_repeat_vector(n = 0)
    layer_repeat_vector(waves(2, 3, 4), 2)
  })
})
