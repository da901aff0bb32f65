# Tensors hold R's numbers row-major and give them back.

test_that("an array comes back as it went in, at every rank", {
  for (dims in list(1L, 5L, c(2L, 3L), c(3L, 1L, 4L), c(2L, 3L, 4L, 5L),
                    c(17L, 33L), c(0L, 3L))) {
    x <- array(seq_len(prod(dims)) / 2, dims)
    expect_identical(as.array(as_tensor(x)), x)
    expect_identical(as.array(as_tensor(x, "float64")), x)
    i <- array(seq_len(prod(dims)), dims)
    expect_identical(as.array(as_tensor(i)), i)
    b <- array(i %% 2L == 0L, dims)
    expect_identical(as.array(as_tensor(b)), b)
  }
})

test_that("numbers are laid out row-major", {
  x <- as_tensor(matrix(1:6, 2))
  expect_identical(as.integer(x), c(1L, 3L, 5L, 2L, 4L, 6L))
  expect_identical(as.integer(op_reshape(x, 6)), c(1L, 3L, 5L, 2L, 4L, 6L))
})

test_that("doubles become floatx, integers int32, logicals bool", {
  expect_identical(as_tensor(1.5)$dtype, "float32")
  expect_identical(as_tensor(1L)$dtype, "int32")
  expect_identical(as_tensor(TRUE)$dtype, "bool")
  old <- config_set_floatx("float64")
  on.exit(config_set_floatx(old))
  expect_identical(as_tensor(1.5)$dtype, "float64")
  expect_identical(as_tensor(1.5, "float32")$dtype, "float32")
})

test_that("float32 rounds as C does and keeps what is not finite", {
  x <- c(0.1, 1 / 3, 1e-40, NaN, Inf, -Inf, -0)
  y <- as.double(as_tensor(x))
  expect_equal(y[1:2], x[1:2], tolerance = 1e-7)
  expect_true(is.nan(y[4]))
  expect_identical(y[5:6], x[5:6])
  expect_identical(1 / y[7], -Inf)
})

test_that("a number is a scalar, a vector has one axis, a matrix two", {
  expect_identical(dim(as_tensor(3)), integer())
  expect_identical(dim(as_tensor(c(1, 2))), 2L)
  expect_identical(dim(as_tensor(diag(2))), c(2L, 2L))
  expect_identical(as.array(as_tensor(3)), 3)
})

test_that("`shape` fills row-major and repeats a single number", {
  expect_identical(as.array(as_tensor(1:6, shape = c(2, 3))),
                   matrix(1:6, 2, byrow = TRUE))
  expect_identical(as.array(as_tensor(7, shape = c(2, 2))), matrix(7, 2, 2))
})

test_that("factors, data frames and lists are taken", {
  expect_identical(as.integer(as_tensor(factor(c("b", "a", "b")))),
                   c(1L, 0L, 1L))
  frame <- data.frame(a = c(1, 2), b = c(3, 4))
  expect_identical(as.array(as_tensor(frame)), unname(as.matrix(frame)))
  stack <- as_tensor(list(matrix(1, 2, 3), matrix(2, 2, 3)))
  expect_identical(dim(stack), c(2L, 2L, 3L))
  expect_identical(as.array(stack)[2, , ], matrix(2, 2, 3))
})

test_that("a tensor answers $shape, $dtype, print and str", {
  x <- as_tensor(matrix(0, 32, 4))
  expect_true(x$shape == shape(32, 4))
  expect_identical(x$ndim, 2L)
  expect_output(print(x), "<tensor float32 [32, 4]>", fixed = TRUE)
  expect_output(str(x), "float32", fixed = TRUE)
})

test_that("what is no number is refused, and the argument named", {
  expect_error(as_tensor("a"), class = "elman_error_argument")
  expect_error(as_tensor(1, dtype = "half"), class = "elman_error_argument")
  expect_error(as_tensor(1:6, shape = c(4, 2)), class = "elman_error_shape")
  expect_error(as_tensor(data.frame(a = 1, b = "x")),
               class = "elman_error_argument")
})

test_that("a tensor survives saveRDS", {
  x <- as_tensor(matrix(rnorm(6), 2))
  file <- withr::local_tempfile()
  saveRDS(x, file)
  expect_identical(readRDS(file), x)
})
