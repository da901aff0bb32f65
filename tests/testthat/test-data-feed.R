test_that("batches cover all samples once, the last one smaller", {
  x <- as_tensor(matrix(as.double(1:10), 5))
  feed <- new_array_feed(list(x), batch_size = 2L)
  expect_equal(feed$steps, 3)
  expect_equal(feed$sizes, c(2, 1))
  feed$start()
  rows <- list()
  while (!is.null(b <- feed$next_batch())) {
    rows <- c(rows, list(as.array(whole_batch(b)$x[[1]])))
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
      b <- whole_batch(b)
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

batches_of <- function(feed) {
  feed$start()
  out <- list()
  while (!is.null(b <- feed$next_batch())) {
    out <- c(out, list(as.vector(whole_batch(b)$x[[1]])))
  }
  out
}

test_that("shuffling by batch leaves the batches and mixes within", {
  withr::local_seed(1)
  x <- as_tensor(array(as.double(1:100)))
  feed <- new_array_feed(list(x), batch_size = 30L, shuffle = "batch")
  found <- batches_of(feed)
  expect_equal(lapply(found, sort),
               lapply(list(1:30, 31:60, 61:90, 91:100), as.double))
  expect_false(any(vapply(found, function(b) !is.unsorted(b), NA)))
})

test_that("a range of rows is all that a feed gives", {
  x <- as_tensor(matrix(as.double(1:10)))
  feed <- new_array_feed(list(x), batch_size = 2L, rows = c(3L, 8L))
  expect_equal(batches_of(feed), list(c(4, 5), c(6, 7), 8))
  expect_equal(feed$steps, 3)
  shuffled <- new_array_feed(list(x), batch_size = 2L, rows = c(3L, 8L),
                             shuffle = TRUE)
  expect_setequal(unlist(batches_of(shuffled)), 4:8)
})

test_that("with steps, epochs go on where the last one stopped", {
  # As Keras 3.15.1 does: five batches, two steps per epoch.
  x <- as_tensor(array(as.double(0:9)))
  feed <- new_array_feed(list(x), batch_size = 2L, steps = 2L,
                         continues = TRUE)
  expect_equal(batches_of(feed), list(c(0, 1), c(2, 3)))
  expect_equal(batches_of(feed), list(c(4, 5), c(6, 7)))
  expect_warning(last <- batches_of(feed), class = "elman_warning_data")
  expect_equal(last, list(c(8, 9)))
  expect_equal(batches_of(feed), list(c(0, 1), c(2, 3)))
  # Exactly at the end there is nothing to warn of.
  even <- new_array_feed(list(x), batch_size = 5L, steps = 2L,
                         continues = TRUE)
  expect_silent(for (epoch in 1:3) expect_length(batches_of(even), 2))
})

test_that("without a batch size, the steps say how large batches are", {
  x <- as_tensor(array(as.double(0:9)))
  expect_equal(lengths(batches_of(new_array_feed(list(x), steps = 3L))),
               c(4, 4, 2))
  expect_equal(lengths(batches_of(new_array_feed(list(x)))), 10)
})

test_that("a validation with steps begins anew each time", {
  x <- as_tensor(array(as.double(0:9)))
  feed <- new_array_feed(list(x), batch_size = 4L, steps = 2L)
  expect_equal(batches_of(feed), list(c(0, 1, 2, 3), c(4, 5, 6, 7)))
  expect_equal(batches_of(feed), list(c(0, 1, 2, 3), c(4, 5, 6, 7)))
})

test_that("a single batch of all data is used where it lies", {
  x <- as_tensor(matrix(as.double(1:10), 5))
  feed <- new_array_feed(list(x), batch_size = 8L)
  feed$start()
  expect_null(feed$stretch())
  expect_identical(feed$next_batch()$x[[1]], x)
  # Mixed, its rows have to be gathered.
  mixed <- new_array_feed(list(x), batch_size = 5L, shuffle = TRUE)
  mixed$start()
  expect_setequal(mixed$stretch()$numbers(1), 0:4)
})
