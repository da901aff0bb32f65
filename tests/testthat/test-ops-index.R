# Indexing is R's, and gradients go back to where elements came from.

x <- array(as.numeric(1:24), c(2, 3, 4))
tensor <- as_tensor(x)

test_that("`[` is what it is for arrays", {
  expect_equal(as.array(tensor[1, , ]), x[1, , ])
  expect_equal(as.array(tensor[, 2:3, 1:2]), x[, 2:3, 1:2])
  expect_equal(as.array(tensor[, c(3, 1), ]), x[, c(3, 1), ])
  expect_equal(as.array(tensor[, -2, ]), x[, -2, ])
  expect_equal(as.array(tensor[, c(TRUE, FALSE, TRUE), ]), x[, c(1, 3), ])
  expect_equal(as.array(tensor[1, , , drop = FALSE]), x[1, , , drop = FALSE])
  expect_equal(as.array(tensor[2, 3, 4]), x[2, 3, 4])
})

test_that("indexing has gradients", {
  expect_gradient(function(x) x[, 2, ], x)
  expect_gradient(function(x) x[, c(3, 1, 1), ], x)
})

test_that("take gathers along an axis, from 1 or from 0", {
  expect_equal(as.double(op_take(c(10, 20, 30), c(3, 1, -1))), c(30, 10, 30))
  expect_equal(as.double(op_take(c(10, 20, 30), c(2L, 0L),
                                 zero_indexed = TRUE)), c(30, 10))
  got <- op_take(matrix(1:6, 3), matrix(c(1L, 3L, 2L, 1L), 2), axis = 1)
  expect_identical(dim(got), c(2L, 2L, 2L))
  expect_equal(as.array(got)[2, 1, ], c(3, 6))
  ids <- array(c(1L, 3L, 3L, 1L), 4)
  for (axis in 1:3) {
    expect_gradient(function(x) {
      op_take(x, pmin(ids, dim(x)[axis]) |> array(4), axis)
    }, x)
  }
})

test_that("indices that are not there are refused", {
  expect_error(tensor[3, , ], class = "elman_error_argument")
  expect_error(tensor[1, ], class = "elman_error_argument")
  expect_error(op_take(c(1, 2), 3), class = "elman_error_argument")
})
