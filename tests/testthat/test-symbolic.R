# Symbolic tensors carry shapes through ops and remember how they were made.

test_that("ops give symbolic tensors with inferred shapes", {
  x <- new_symbolic(c(NA, 10L, 8L))
  expect_identical(shape_of(x + 1), c(NA, 10L, 8L))
  expect_identical(shape_of(op_sum(x, axis = 2)), c(NA, 8L))
  expect_identical(shape_of(op_reshape(x, c(-1, 80))), c(NA, 80L))
  expect_identical(shape_of(op_matmul(x, matrix(0, 8, 3))), c(NA, 10L, 3L))
  expect_identical(shape_of(x[, 10, ]), c(NA, 8L))
  expect_identical(shape_of(x[, 2:4, ]), c(NA, 3L, 8L))
  expect_identical(shape_of(op_concatenate(list(x, x), axis = 3)),
                   c(NA, 10L, 16L))
  expect_identical((x > 0)$dtype, "bool")
})

test_that("a node replays its op on values", {
  x <- new_symbolic(c(NA, 3L))
  y <- op_multiply(x, 2)
  a <- matrix(1:6 / 2, 2)
  arguments <- replace_symbolic(y$node$arguments, function(s) as_tensor(a))
  expect_equal(as.array(run_operation(y$node$operation, arguments)), a * 2)
})

test_that("printing shows shape, type and name", {
  x <- new_symbolic(c(NA, 4L), name = "input")
  expect_output(print(x), "shape=(None, 4), dtype=float32, name=input",
                fixed = TRUE)
})

test_that("an axis of unknown size is sliced whole when the model runs", {
  x <- new_symbolic(c(NA, 4L, 2L))
  y <- x[, 2:3, 1]
  a <- array(as.numeric(1:24), c(3, 4, 2))
  value <- function(s) {
    if (is.null(s$node)) return(as_tensor(a))
    run_operation(s$node$operation, replace_symbolic(s$node$arguments, value))
  }
  expect_equal(as.array(value(y)), a[, 2:3, 1])
})
