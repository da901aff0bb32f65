# Sorting and searching, against base R.

f64 <- function(x) as_tensor(x, "float64")
m <- matrix(c(3, -1, 2, 2.5, 9, 0.5, -4, 2.25, 7, 1, 6, 8), 3)

test_that("each line is sorted, along any axis", {
  expect_equal(as.array(op_sort(f64(m), axis = 1)), apply(m, 2, sort))
  expect_equal(as.array(op_sort(f64(m))), t(apply(m, 1, sort)))
  expect_equal(as.double(op_sort(f64(m), axis = NULL)), sort(m))
  expect_identical(as.integer(op_sort(c(3L, 1L, 2L))), 1:3)
  expect_equal(as.double(op_sort(c(2, NaN, 1))), c(1, 2, NaN))
  expect_identical(dim(op_sort(matrix(0, 0, 3))), c(0L, 3L))
})

test_that("the order is stable, counted from 1 or from 0", {
  x <- c(2, 1, 2, 1)
  expect_identical(as.integer(op_argsort(x)), c(2L, 4L, 1L, 3L))
  expect_identical(as.integer(op_argsort(x, zero_indexed = TRUE)),
                   c(1L, 3L, 0L, 2L))
  expect_equal(as.array(op_argsort(m, axis = 1)), apply(m, 2, order))
})

test_that("a partition has smaller ones before and larger ones behind", {
  at <- as.integer(op_argpartition(c(7, 3, 9, 1, 5), 3))
  x <- c(7, 3, 9, 1, 5)[at]
  expect_identical(sort(at), 1:5)
  expect_equal(x[3], 5)
  expect_true(all(x[1:2] < 5) && all(x[4:5] > 5))
  expect_error(op_argpartition(1:3, 4), class = "elman_error_argument")
  expect_error(op_argpartition(1:3, 0), class = "elman_error_argument")
})

test_that("the largest come first, ties in their order", {
  got <- op_top_k(f64(m), k = 2)
  expect_equal(as.array(got[[1]]),
               t(apply(m, 1, function(r) sort(r, decreasing = TRUE)[1:2])))
  expect_identical(as.integer(op_top_k(c(1, 5, 5), 2)[[2]]), 2:3)
  expect_identical(as.integer(op_top_k(c(1, 5, 5), 1, TRUE, TRUE)[[2]]), 1L)
  expect_error(op_top_k(1:3, 4), "at most 3", class = "elman_error_argument")
})

test_that("sorting and the largest have gradients", {
  expect_gradient(op_sort, m)
  expect_gradient(function(x) op_sort(x, axis = NULL), m)
  expect_gradient(function(x) op_top_k(x, 2)[[1]], m)
})

test_that("targets are among the best where fewer than k are above", {
  p <- rbind(c(0.1, 0.6, 0.3), c(0.2, 0.5, 0.3), c(0.4, 0.4, 0.2))
  expect_identical(as.logical(op_in_top_k(c(0, 2, 1), p, 1)),
                   c(FALSE, FALSE, TRUE))
  expect_identical(as.logical(op_in_top_k(c(2, 0, 5), p, 2)),
                   c(TRUE, FALSE, FALSE))
  expect_error(op_in_top_k(c(0, 1), p, 1), class = "elman_error_shape")
})

test_that("places among sorted numbers agree with findInterval", {
  edges <- c(-1, 0, 2, 2, 5)
  x <- matrix(c(-2, -1, 0, 2, 3, 6), 2)
  left <- findInterval(x, edges, left.open = TRUE)
  right <- findInterval(x, edges)
  got <- op_searchsorted(edges, x, zero_indexed = TRUE)
  expect_identical(dim(got), c(2L, 3L))
  expect_equal(as.vector(as.array(got)), left)
  expect_equal(as.vector(as.array(op_searchsorted(edges, x, "right"))),
               right + 1)
  expect_equal(as.vector(as.array(op_digitize(x, edges))), right + 1)
  expect_identical(as.integer(op_digitize(c(1L, 4L), c(0.5, 3))), c(2L, 3L))
  expect_identical(as.integer(op_searchsorted(3, c(2, 4))), 1:2)
  expect_error(op_searchsorted(m, 1), class = "elman_error_shape")
  expect_error(op_searchsorted(1:2, 1, side = "middle"),
               class = "elman_error_argument")
})
