values <- function(ds) {
  unlist(iterate(ds, function(b) as.vector(if (is.list(b)) b[[1]] else b),
                 simplify = FALSE))
}

test_that("left comes from the beginning, right from the end", {
  x <- as.double(1:10)
  halves <- split_dataset(x, left_size = 0.7)
  expect_equal(values(halves[[1]]), 1:7)
  expect_equal(values(halves[[2]]), 8:10)
  both <- split_dataset(x, left_size = 2, right_size = 0.3)
  expect_equal(lapply(both, values), list(c(1, 2), c(8, 9, 10)))
  expect_equal(lapply(split_dataset(x, right_size = 4), length), list(6, 4))
  # Halves are rounded to even, as in Python.
  expect_equal(length(split_dataset(1:5, left_size = 0.5)[[1]]), 2)
})

test_that("datasets keep their batches, and order of a pass", {
  ds <- timeseries_dataset_from_array(as.double(1:12), 1:12, 3, batch_size = 4)
  parts <- split_dataset(ds, left_size = 6)
  expect_equal(parts[[1]]$batch_size, 4)
  expect_equal(lapply(parts, length), list(2, 1))
  expect_equal(as.vector(iter_next(as_iterator(parts[[2]]))[[2]]), 7:10)
})

test_that("shuffling mixes before the split and keeps samples whole", {
  x <- matrix(as.double(1:40), 20)
  set.seed(1)
  parts <- split_dataset(list(x, x[, 1]), left_size = 0.5, shuffle = TRUE)
  rows <- lapply(parts, function(ds) {
    iterate(ds, function(s) {
      expect_equal(as.array(s[[1]])[1], as.numeric(s[[2]]))
      as.numeric(s[[2]])
    })
  })
  expect_setequal(unlist(rows), 1:20)
  expect_false(identical(sort(rows[[1]]), as.double(1:10)))
  seeded <- function() {
    lapply(split_dataset(x[, 1], 5, shuffle = TRUE, seed = 3), values)
  }
  expect_identical(seeded(), seeded())
})

test_that("the structure of lists is kept", {
  x <- list(list(a = matrix(1:6, 3), b = 1:3), factor(c("u", "v", "u")))
  one <- iter_next(as_iterator(split_dataset(x, left_size = 2)[[1]]))
  expect_named(one[[1]], c("a", "b"))
  expect_equal(as.vector(one[[1]]$a), c(1, 4))
  expect_equal(as.integer(one[[2]]), 0)
})

test_that("sizes that leave a side empty are named", {
  expect_snapshot(error = TRUE, {
    split_dataset(1:10)
    split_dataset(1:10, left_size = 10)
    split_dataset(1:10, left_size = 0)
    split_dataset(1:10, left_size = 0.01)
    split_dataset(1:10, left_size = 6, right_size = 0.5)
    split_dataset(list(1:3, 1:4), left_size = 1)
    split_dataset(list(), left_size = 1)
    split_dataset(letters, left_size = 1)
  })
})
