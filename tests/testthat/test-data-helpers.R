test_that("classes are rows with one 1", {
  expect_identical(to_categorical(c(0, 2, 1)), diag(3)[c(1, 3, 2), ])
  expect_identical(to_categorical(1L, 3), matrix(c(0, 1, 0), 1))
  f <- factor(c("b", "a"), levels = c("a", "b", "c"))
  expect_identical(to_categorical(f), rbind(c(0, 1, 0), c(1, 0, 0)))
  expect_equal(dim(to_categorical(matrix(0:5, 2), 7)), c(2, 3, 7))
  expect_identical(to_categorical(matrix(c(0, 1))), diag(2))
  x <- matrix(c(0, 1, 2, 1), 2)
  expect_equal(apply(to_categorical(x), 1:2, which.max) - 1, x)
  tensor <- to_categorical(as_tensor(c(1L, 0L)), 2)
  expect_equal(as.array(tensor), rbind(c(0, 1), c(1, 0)))
  expect_equal(tensor$dtype, "float32")
})

test_that("what is no class is named", {
  expect_snapshot(error = TRUE, {
    to_categorical(c(0, -1))
    to_categorical(c(0, 1.5))
    to_categorical(c(0, NA))
    to_categorical(c(0, 3), num_classes = 3)
    to_categorical("a")
    to_categorical(integer())
  })
})

test_that("rows of norm one, zeros as they are", {
  x <- matrix(c(3, 0, 4, 0), 2)
  expect_equal(normalize(x), matrix(c(0.6, 0, 0.8, 0), 2))
  withr::local_seed(1)
  a <- array(rnorm(24), c(2, 3, 4))
  for (axis in c(1:3, -1)) for (p in c(1, 2, 3)) {
    y <- normalize(a, axis, p)
    k <- if (axis < 0) 3 else axis
    expect_equal(apply(y, setdiff(1:3, k), function(v) sum(abs(v)^p)^(1 / p)),
                 array(1, dim(a)[-k]))
  }
  expect_equal(normalize(c(1, -4), order = Inf), c(0.25, -1))
  expect_equal(normalize(c(2, -4), order = -Inf), c(1, -2))
  expect_equal(normalize(c(2, 0, 4), order = 0), c(1, 0, 2))
  expect_equal(as.array(normalize(as_tensor(x))), normalize(x),
               tolerance = 1e-6)
  expect_snapshot(error = TRUE, {
    normalize("a")
    normalize(x, axis = 3)
    normalize(x, order = "2")
  })
})

test_that("reshaping goes row by row, as Keras's does", {
  expect_identical(array_reshape(1:6, c(2, 3)),
                   matrix(1:6, 2, byrow = TRUE))
  expect_identical(array_reshape(1:6, c(2, 3), order = "F"), matrix(1:6, 2))
  x <- array(rnorm(24), c(2, 3, 4))
  expect_equal(as.array(op_reshape(as_tensor(x, "float64"), c(4, 6))),
               array_reshape(x, c(4, 6)))
  expect_identical(array_reshape(array_reshape(x, list(-1, 2)), dim(x)), x)
  expect_identical(array_reshape(x, 24), array(aperm(x)))
  expect_identical(array_reshape(c("a", "b"), c(2, 1)), matrix(c("a", "b")))
  expect_equal(dim(array_reshape(as_tensor(x), c(-1, 8))), c(3, 8))
  expect_snapshot(error = TRUE, {
    array_reshape(x, c(5, 5))
    array_reshape(x, c(-1, 5))
    array_reshape(x, c(-1, -1))
    array_reshape(x, "a")
  })
})

test_that("a named list has names, even when it is empty", {
  expect_identical(named_list(a = 1, b = "x"), list(a = 1, b = "x"))
  expect_identical(names(named_list()), character())
  expect_error(named_list(a = 1, 2), "named", class = "elman_error_argument")
})
