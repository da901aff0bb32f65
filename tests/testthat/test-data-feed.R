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

test_that("batches cover all samples once, the last one smaller", {
  x <- as_tensor(matrix(as.double(1:10), 5))
  feed <- new_array_feed(list(x), batch_size = 2L)
  expect_equal(feed$steps, 3)
  expect_equal(feed$sizes, c(2, 1))
  feed$start()
  rows <- list()
  while (!is.null(b <- feed$next_batch())) {
    rows <- c(rows, list(as.array(b$x[[1]])))
    expect_equal(nrow(rows[[length(rows)]]), b$size)
  }
  expect_equal(do.call(rbind, rows), matrix(as.double(1:10), 5))
})

test_that("shuffling follows set.seed and keeps rows together", {
  x <- as_tensor(matrix(as.double(1:20), 10))
  y <- as_tensor(array(as.double(1:10)))
  order_of <- function() {
    feed <- new_array_feed(list(x), list(y), batch_size = 3L, shuffle = TRUE)
    feed$start()
    out <- NULL
    while (!is.null(b <- feed$next_batch())) {
      expect_equal(as.array(b$x[[1]])[, 1], as.vector(b$y[[1]]))
      out <- c(out, as.vector(b$y[[1]]))
    }
    out
  }
  set.seed(1)
  one <- order_of()
  set.seed(1)
  expect_equal(order_of(), one)
  expect_setequal(one, 1:10)
  expect_false(identical(order_of(), one))
})

test_that("the last share of the samples is kept for validation", {
  x <- as_tensor(matrix(as.double(1:10)))
  parts <- split_validation(list(x), list(x), NULL, 0.25)
  expect_equal(as.vector(parts$train$x[[1]]), 1:7)
  expect_equal(as.vector(parts$validation$y[[1]]), 8:10)
})

test_that("class weights become sample weights", {
  w <- function(y, weights) {
    as.vector(weights_of_classes(weights, as_tensor(y)))
  }
  expect_equal(w(c(0, 2, 1), c("0" = 1, "2" = 5)), c(1, 5, 1))
  expect_equal(w(matrix(c(1, 0)), list("0" = 2, "1" = 3)), c(3, 2))
  expect_equal(w(diag(3), c("0" = 2, "1" = 3, "2" = 4)), c(2, 3, 4))
})

test_that("values that are not finite are counted", {
  expect_equal(count_not_finite(as_tensor(c(1, NA, Inf, NaN))), 3)
  expect_equal(count_not_finite(as_tensor(c(1L, NA))), 1)
  expect_equal(count_not_finite(as_tensor(c(1, 2))), 0)
})
