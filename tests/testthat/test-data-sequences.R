test_that("Keras's examples hold", {
  s <- list(1, 2:3, 4:6)
  expect_identical(pad_sequences(s), rbind(c(0L, 0L, 1L), c(0L, 2L, 3L), 4:6))
  expect_identical(pad_sequences(s, value = -1)[1, ], c(-1L, -1L, 1L))
  expect_identical(pad_sequences(s, padding = "post")[2, ], c(2L, 3L, 0L))
  expect_identical(pad_sequences(s, maxlen = 2),
                   rbind(c(0L, 1L), c(2L, 3L), c(5L, 6L)))
  expect_identical(pad_sequences(s, maxlen = 2, truncating = "post")[3, ],
                   c(4L, 5L))
})

test_that("padding then unpadding gives the sequences back", {
  withr::local_seed(1)
  s <- lapply(c(3, 0, 7, 1), function(n) sample(9, n, TRUE))
  for (side in c("pre", "post")) {
    m <- pad_sequences(s, padding = side)
    expect_equal(lapply(1:4, function(i) m[i, m[i, ] > 0]), s)
  }
})

test_that("types are those that are asked for", {
  expect_identical(pad_sequences(list(c(1.7, -2.7))), matrix(c(1L, -2L), 1))
  expect_identical(pad_sequences(list(1.5, c(2, 3)), dtype = "float64"),
                   rbind(c(0, 1.5), c(2, 3)))
  expect_identical(pad_sequences(list(0.1), dtype = "float32")[1],
                   0.10000000149011612)
  expect_identical(pad_sequences(list(TRUE, c(TRUE, TRUE)), dtype = "bool"),
                   rbind(c(FALSE, TRUE), c(TRUE, TRUE)))
  expect_identical(pad_sequences(list("a", c("b", "c")), dtype = "object",
                                 value = "-"),
                   rbind(c("-", "a"), c("b", "c")))
  expect_identical(pad_sequences(list(list(1, 2), NULL)),
                   rbind(c(1L, 2L), c(0L, 0L)))
  expect_identical(pad_sequences(list(integer(), integer())),
                   matrix(0L, 2, 0))
})

test_that("steps may be vectors: arrays are padded in time", {
  s <- list(matrix(1:4, 2), matrix(1:6, 3))
  m <- pad_sequences(s)
  expect_equal(dim(m), c(2, 3, 2))
  expect_equal(m[1, , ], rbind(0, s[[1]]))
  expect_equal(m[2, , ], s[[2]])
})

test_that("what is no list of sequences is named", {
  expect_snapshot(error = TRUE, {
    pad_sequences(1:3)
    pad_sequences(list())
    pad_sequences(list(1, sum))
    pad_sequences(list("a"))
    pad_sequences(list(c(1, NA)))
    pad_sequences(list(1), padding = "left")
    pad_sequences(list(1), maxlen = 0)
    pad_sequences(list(matrix(1, 2, 2), matrix(1, 2, 3)))
  })
})
