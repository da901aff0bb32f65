# Writing and reading at indices, against R's own.

f64 <- function(x) as_tensor(x, "float64")
m <- matrix(c(1, 2, 3, 4, 5, 6), 2)

test_that("one element per index is taken along any axis", {
  at <- rbind(c(3, 1), c(-1, 2))
  expect_equal(as.array(op_take_along_axis(m, at, axis = 2)),
               rbind(m[1, c(3, 1)], m[2, c(3, 2)]))
  expect_equal(as.array(op_take_along_axis(m, matrix(c(2, 1, 2), 1), 1)),
               matrix(c(2, 3, 6), 1))
  expect_equal(as.double(op_take_along_axis(m, c(2, 6))), c(3, 6))
  expect_equal(as.array(op_take_along_axis(m, at - 1 * (at > 0), 2, TRUE)),
               as.array(op_take_along_axis(m, at, 2)))
  expect_gradient(function(x) op_take_along_axis(x, at, 2), m)
  expect_gradient(function(x) op_take_along_axis(x, matrix(c(1, 2, 1), 1), 1),
                  m)
  expect_error(op_take_along_axis(m, matrix(4, 2, 1), 2),
               class = "elman_error_argument")
  expect_error(op_take_along_axis(m, 1:2, 2), class = "elman_error_shape")
})

test_that("scattered values add up, elements or slices", {
  expect_equal(as.double(op_scatter(rbind(1, 3, 1), c(10, 20, 30), 4)),
               c(40, 0, 20, 0))
  rows <- op_scatter(rbind(2, 1), m, c(3, 3))
  expect_equal(as.array(rows), rbind(m[2, ], m[1, ], 0))
  expect_identical(as.integer(op_scatter(rbind(1, 1), 1:2, 2)), c(3L, 0L))
  expect_gradient(function(v) op_scatter(rbind(1, 3, 1), v, 4), c(1, 2, 3))
  expect_error(op_scatter(rbind(5), 1, 4), class = "elman_error_argument")
  expect_error(op_scatter(rbind(c(1, 4)), array(1), c(2, 3)),
               class = "elman_error_argument")
  expect_error(op_scatter(rbind(1, 2), 1:3, 4), class = "elman_error_shape")
})

test_that("the last update of an index stands, others keep their values", {
  got <- op_scatter_update(m, rbind(c(1, 2), c(2, 1), c(1, 2)), c(7, 8, 9))
  want <- m
  want[1, 2] <- 9
  want[2, 1] <- 8
  expect_equal(as.array(got), want)
  expect_equal(as.array(op_scatter_update(m, rbind(2), matrix(0, 1, 3))),
               rbind(m[1, ], 0))
  expect_gradient(function(x, v) {
    op_scatter_update(x, rbind(c(1, 2), c(2, 1), c(1, 2)), v)
  }, m, c(7, 8, 9))
  expect_error(op_scatter_update(m, rbind(c(3, 1)), 1),
               class = "elman_error_argument")
})

test_that("slices begin at an index, and are written there", {
  expect_equal(as.array(op_slice(m, c(1, 2), c(2, 2))), m[, 2:3])
  expect_equal(as.array(op_slice(m, c(2, 2), c(-1, -1))),
               m[2, 2:3, drop = FALSE])
  got <- op_slice_update(m, c(2, 2), matrix(c(8, 9), 1))
  want <- m
  want[2, 2:3] <- 8:9
  expect_equal(as.array(got), want)
  expect_gradient(function(x, v) op_slice_update(x, c(2, 2), v), m,
                  matrix(c(8, 9), 1))
  expect_gradient(function(x) op_slice(x, c(1, 2), c(2, 2)), m)
  expect_error(op_slice(m, c(2, 1), c(2, 1)), class = "elman_error_argument")
  expect_error(op_slice_update(m, c(0, 1), m), class = "elman_error_argument")
})

test_that("places that are not zero are found and counted", {
  x <- matrix(c(0, 2, 3, 0, 0, -1), 2)
  expect_equal(as.array(op_nonzero(x)), rbind(c(1, 2), c(2, 1), c(2, 3)))
  expect_identical(as.integer(op_count_nonzero(x)), 3L)
  expect_identical(as.integer(op_count_nonzero(x, axis = 1)), c(1L, 1L, 1L))
})

test_that("flat places become indices from 0", {
  got <- op_unravel_index(c(1, 5, -1), c(3, 3))
  expect_identical(lapply(got, as.integer), list(c(0L, 1L, 2L), c(0L, 1L, 2L)))
})

test_that("many ones stand where classes came", {
  expect_equal(as.double(op_multi_hot(c(0, 2, 2), 4)), c(1, 0, 1, 0))
  expect_equal(as.array(op_multi_hot(rbind(0:1, c(2L, 2L)), 3)),
               rbind(c(1, 1, 0), c(0, 0, 1)))
  expect_equal(as.double(op_multi_hot(2, 3)), c(0, 0, 1))
  expect_error(op_multi_hot(1, 2, sparse = TRUE),
               class = "elman_error_argument")
})

test_that("parts are read and written as R does", {
  x <- f64(m)
  y <- m
  op_subset(x, 2, -1) <- c(8, 9)
  y[2, -1] <- c(8, 9)
  expect_equal(as.array(x), y)
  op_subset(x, , 1) <- 0
  y[, 1] <- 0
  expect_equal(as.array(x), y)
  expect_equal(as.array(op_subset(x, , 2)), y[, 2], ignore_attr = TRUE)
  expect_gradient(function(x, v) op_subset_set(x, 1:2, 3, value = v),
                  m, c(1, 2))
  expect_equal(op_get_item(list(a = 1, b = 2), "b"), 2)
  expect_equal(as.double(op_get_item(m, 2)), m[2, ])
  expect_equal(as.double(op_get_item(m, -2)), m[1, ])
  expect_error(op_get_item(m, 3), class = "elman_error_argument")
  expect_error(op_get_item(list(a = 1), "c"), class = "elman_error_argument")
})

test_that("places that a tensor has not are named", {
  drawn <- keras_input(2)
  expect_error(op_scatter_update(drawn, rbind(c(1, 1)), 1),
               "`inputs` must have known sizes", class = "elman_error_shape")
  expect_error(op_scatter_update(1:3, rbind(c(1, 1)), 1),
               "at most 1 numbers along", class = "elman_error_shape")
  expect_error(op_subset(drawn, 1) <- 2, "`x` must have known sizes",
               class = "elman_error_shape")
  expect_error(op_slice(m, 1, c(1, 1)), "one index for each of 2 axes",
               class = "elman_error_argument")
  expect_error(op_get_item(1, 1), "has no items", class = "elman_error_shape")
})
