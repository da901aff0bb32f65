# Variables own their numbers: what is handed out is a copy.

test_that("a variable is not its source, and its value is not the variable", {
  source <- as_tensor(c(1, 2))
  v <- new_variable(source, "v")
  before <- v$value
  write_value(v, as_tensor(c(0, 1)))
  expect_equal(as.double(v), c(0, 1))
  expect_equal(as.double(before), c(1, 2))
  expect_equal(as.double(source), c(1, 2))
})

test_that("ops take variables, and follow their updates", {
  v <- new_variable(as_tensor(c(1, 2)), "v")
  expect_equal(as.double(v * 2), c(2, 4))
  variable_assign(v, c(5, 6))
  expect_equal(as.double(v + 1), c(6, 7))
})

test_that("a value of another shape is refused and nothing changes", {
  v <- new_variable(as_tensor(c(1, 2)), "v", path = "layer/v")
  expect_error(variable_assign(v, c(1, 2, 3)), "layer/v.*\\[2\\].*\\[3\\]",
               class = "elman_error_shape")
  expect_equal(as.double(v), c(1, 2))
})

test_that("a variable answers shape, dtype and print", {
  v <- new_variable(as_tensor(matrix(0, 2, 3)), "kernel")
  expect_true(v$shape == c(2, 3))
  expect_identical(v$dtype, "float32")
  expect_identical(dim(v), c(2L, 3L))
  expect_output(print(v), "<variable kernel float32 [2, 3]>", fixed = TRUE)
})
