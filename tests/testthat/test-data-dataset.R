test_that("a dataset prints what its batches look like", {
  x <- matrix(0, 10, 2)
  ds <- timeseries_dataset_from_array(x, 1:10, 4, batch_size = 3)
  expect_snapshot({
    ds
    ds$batch(NULL)
    dataset_of_arrays(list(list(a = x, b = x > 0), x[, 1]))
    as_iterator(ds)
  })
})

test_that("a dataset survives saveRDS", {
  ds <- timeseries_dataset_from_array(as.double(1:9), 1:9, 3, batch_size = 4)
  path <- withr::local_tempfile()
  saveRDS(ds, path)
  expect_equal(iterate(readRDS(path), function(b) as.array(b[[1]])),
               iterate(ds, function(b) as.array(b[[1]])))
})

test_that("windows of any shape are gathered in row-major order", {
  x <- array(as.double(1:60), c(10, 3, 2))
  ds <- timeseries_dataset_from_array(x, NULL, 4, batch_size = 7)
  batch <- as.array(iter_next(as_iterator(ds)))
  expect_equal(dim(batch), c(7, 4, 3, 2))
  for (s in 1:7) expect_equal(batch[s, , , ], x[s:(s + 3), , ])
})
