# Tensors end to end.

test_that("axes are joined, counted from 1 or from the end", {
  a <- waves(2, 3, 2)
  b <- waves(2, 3, 2, shift = 1)
  join <- function(...) {
    as.array(layer_concatenate(as_tensor(a, "float64"), as_tensor(b, "float64"),
                               ..., dtype = "float64"))
  }
  expect_equal(join()[, , 3:4], b)
  expect_equal(join(axis = 3), join())
  expect_equal(join(axis = 2)[, 4:6, ], b)
  expect_equal(join(axis = 1)[3:4, , ], b)
})

test_that("sizes add up, unknown ones stay unknown", {
  layer <- layer_concatenate(axis = 2)
  expect_identical(layer$compute_output_shape(list(c(NA, 3, 2), c(4, 5, NA))),
                   shape(4, 8, 2))
  expect_identical(layer$compute_output_shape(list(c(NA, NA, 2), c(NA, 5, 2))),
                   shape(NA, NA, 2))
  got <- layer_concatenate(keras_input(c(NA, 2)), keras_input(c(NA, 3)))
  expect_identical(dim(got), c(NA, NA, 5L))
})

test_that("configurations count the axis from 0", {
  layer <- layer_concatenate(axis = 2)
  config <- get_config(layer)
  expect_identical(config$axis, 1L)
  expect_identical(from_config(config)$axis, 2L)
  expect_identical(get_config(layer_concatenate())$axis, -1L)
})

test_that("gradients are parted again", {
  layer <- layer_concatenate(axis = 2, dtype = "float64")
  expect_gradient(function(a, b) layer(list(a, b)), waves(2, 3, 2),
                  waves(2, 1, 2, shift = 1))
})

test_that("masks are joined with their tensors", {
  masked <- function(x, ...) {
    set_mask(as_tensor(x), as_tensor(rbind(...)))
  }
  a <- masked(waves(1, 3, 2), c(TRUE, FALSE, FALSE))
  b <- masked(waves(1, 3, 2), c(FALSE, TRUE, FALSE))
  plain <- as_tensor(waves(1, 3, 2))
  mask <- function(...) {
    m <- get_mask(layer_concatenate(...))
    if (!is.null(m)) as.vector(as.array(m))
  }
  expect_identical(mask(a, b), c(TRUE, TRUE, FALSE))
  expect_identical(mask(a, plain), rep(TRUE, 3))
  expect_identical(mask(a, b, axis = 2),
                   c(TRUE, FALSE, FALSE, FALSE, TRUE, FALSE))
  expect_identical(mask(a, plain, axis = 2),
                   c(TRUE, FALSE, FALSE, TRUE, TRUE, TRUE))
  expect_null(mask(plain, plain))
})

test_that("what cannot be joined is refused", {
  a <- matrix(0, 2, 3)
  expect_snapshot(error = TRUE, {
    layer_concatenate(a, matrix(0, 3, 3), name = "join")
    layer_concatenate(a, array(0, c(2, 3, 1)), name = "join")
    layer_concatenate(a, a, axis = 3)
    layer_concatenate(axis = 0)
  })
})
