test_that("every form of the same numbers is the same tensor", {
  m <- matrix(c(1, 2, 3, 4), 2)
  forms <- list(m, as.data.frame(m), as_tensor(m), list(m))
  for (x in forms) {
    expect_equal(as.array(feed_tensors(x, "x", "x")[[1]]), m)
  }
  expect_equal(dim(feed_tensors(5, "x", "x")[[1]]), 1)
  expect_equal(as.array(feed_tensors(stats::ts(1:3 / 2), "x", "x")[[1]]),
               array(1:3 / 2))
  ids <- feed_tensors(factor(c("b", "a", "b")), "y", "y")[[1]]
  expect_equal(as.vector(ids), c(1L, 0L, 1L))
  expect_equal(ids$dtype, "int32")
})

test_that("values that are not finite are counted", {
  expect_equal(count_not_finite(as_tensor(c(1, NA, Inf, NaN))), 3)
  expect_equal(count_not_finite(as_tensor(c(1L, NA))), 1)
  expect_equal(count_not_finite(as_tensor(c(1, 2))), 0)
})

test_that("whole numbers become floats at once, NA as NA", {
  x <- feed_tensors(matrix(c(1L, NA, 3L, 4L), 2), "x", "x", "float32")[[1]]
  expect_equal(x$dtype, "float32")
  expect_equal(as.array(x), matrix(c(1, NaN, 3, 4), 2))
  expect_equal(count_not_finite(x), 1)
})

test_that("time series are vectors, or matrices of one column per series", {
  one <- stats::ts(c(1, 2, 3), start = 2000)
  expect_equal(as.array(as_data(one, "x")), array(c(1, 2, 3)))
  many <- stats::ts(matrix(1:6 / 2, 3), start = 2000)
  expect_equal(as.array(as_data(many, "x")), matrix(1:6 / 2, 3))
})

test_that("a data frame is the matrix of its columns", {
  frame <- data.frame(a = 1:3, b = c(TRUE, FALSE, NA), c = c(0.5, 1, 2))
  expect_equal(as.array(as_data(frame, "x")),
               unname(as.matrix(frame)), ignore_attr = TRUE)
  expect_equal(as_data(frame[1:2], "x")$dtype, "int32")
  expect_equal(dim(as_data(frame[1, ], "x")), c(1, 3))
  frame$d <- letters[1:3]
  frame$e <- as.Date("2020-01-01") + 0:2
  expect_snapshot(error = TRUE, as_data(frame, "x"))
})

test_that("every number of large data is looked at", {
  withr::local_seed(1)
  x <- matrix(rnorm(3e6), 3)
  x[2, c(5, 700000)] <- c(NA, Inf)
  expect_equal(count_not_finite(as_tensor(x)), 2)
  expect_equal(count_not_finite(as_tensor(t(x))), 2)
})

test_that("data of different lengths and without samples are named", {
  model <- compiled_model()
  expect_snapshot(error = TRUE, {
    fit(model, array(0, c(4, 5, 2)), 1:3)
    fit(model, array(0, c(0, 5, 2)), numeric())
    predict(model, array(0, c(0, 5, 2)))
  })
})

test_that("numbers, frames without columns and columns of many are no data", {
  expect_error(feed_tensors(as_tensor(1), "x", "x"), "`x` must have samples",
               class = "elman_error_shape")
  expect_error(as_data(data.frame(), "x"), "a data frame with columns",
               class = "elman_error_argument")
  frame <- data.frame(a = 1:2)
  frame$b <- matrix(1:4, 2)
  expect_error(as_data(frame, "x"), "`x` must be made of plain columns",
               class = "elman_error_argument")
})

test_that("a list of data has what the model's names ask for", {
  parts <- function(x) split_parts(x, c("left", "right"), "x")
  expect_identical(parts(list(right = 2, left = 1)), list(1, 2))
  expect_error(parts(list(left = 1)), "`x` has no element for \"right\"",
               class = "elman_error_argument")
  expect_error(parts(list(left = 1, rigth = 2)),
               "unknown name \"rigth\".*Did you mean \"right\"",
               class = "elman_error_argument")
  expect_error(parts(list(1)), "a list of 2 arrays, not 1",
               class = "elman_error_argument")
  expect_error(parts(1), "a list of 2 arrays \\(.*\\), not 1",
               class = "elman_error_argument")
})
