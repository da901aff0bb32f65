test_that("an iterator gives all batches once, then what stands for the end", {
  ds <- timeseries_dataset_from_array(1:6, NULL, 2, batch_size = 2)
  it <- as_iterator(ds)
  expect_identical(as_iterator(it), it)
  sizes <- 0
  while (!is.null(b <- iter_next(it))) sizes <- c(sizes, dim(b)[1])
  expect_equal(sizes, c(0, 2, 2, 1))
  expect_identical(iter_next(it, completed = "end"), "end")
  expect_equal(iterate(ds, function(b) dim(b)[1]), c(2, 2, 1))
})

test_that("iterators of one dataset do not disturb each other", {
  set.seed(1)
  ds <- timeseries_dataset_from_array(1:20, NULL, 1, batch_size = 5,
                                      shuffle = TRUE)
  one <- as_iterator(ds)
  two <- as_iterator(ds)
  seen <- list(numeric(), numeric())
  for (k in 1:4) {
    seen[[1]] <- c(seen[[1]], as.vector(iter_next(one)))
    seen[[2]] <- c(seen[[2]], as.vector(iter_next(two)))
  }
  expect_setequal(seen[[1]], 1:20)
  expect_setequal(seen[[2]], 1:20)
  expect_false(identical(seen[[1]], seen[[2]]))
})

test_that("generators are gone through as datasets are", {
  at <- 0
  count <- function() {
    at <<- at + 1
    if (at <= 3) at
  }
  expect_equal(iterate(count), c(1, 2, 3))
  at <- 0
  expect_equal(iterate(count, simplify = FALSE), list(1, 2, 3))
})

test_that("anything else is an argument error", {
  expect_snapshot(error = TRUE, {
    as_iterator(1:3)
    iter_next(list(1))
    iterate(function() NULL, "f")
  })
})
