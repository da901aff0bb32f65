# Shapes parse all the forms that scripts use.

test_that("unknown sizes may be written NA, NULL or -1", {
  expect_identical(as.integer(shape(NA, 10, 4)), c(NA, 10L, 4L))
  expect_identical(as.integer(shape(NULL, 3)), c(NA, 3L))
  expect_identical(as.integer(shape(-1, 3)), c(NA, 3L))
  expect_identical(as.integer(shape(c(300, 6))), c(300L, 6L))
  expect_identical(as.integer(shape(list(5, NULL))), c(5L, NA))
})

test_that("shapes print, compare and convert", {
  expect_output(print(shape(NA, 10, 4)), "shape(NA, 10, 4)", fixed = TRUE)
  expect_true(shape(32, 4) == c(32, 4))
  expect_true(shape(32, 4) != shape(32, 5))
  expect_identical(as.list(shape(NA, 4)), list(NULL, 4L))
  expect_null(shape(NA, 4)[[1]])
  expect_identical(prod(shape(3, 4)), 12)
})

test_that("the shape of an array or tensor is read", {
  expect_true(shape(matrix(0, 2, 3)) == c(2, 3))
  expect_true(shape(as_tensor(1:3)) == 3)
})

test_that("a size that is no whole number is refused", {
  expect_error(shape(2.5), class = "elman_error_argument")
  expect_error(shape("a"), class = "elman_error_argument")
})

test_that("broadcasting follows NumPy, with unknown sizes", {
  expect_identical(broadcast_shape(c(2L, 1L), 3L), c(2L, 3L))
  expect_identical(broadcast_shape(c(NA, 3L), c(1L, 3L)), c(NA, 3L))
  expect_identical(broadcast_shape(c(NA, 3L), c(4L, 1L)), c(4L, 3L))
  expect_identical(broadcast_shape(integer(), 2L), 2L)
  expect_error(broadcast_shape(2L, 3L), class = "elman_error_shape")
})
