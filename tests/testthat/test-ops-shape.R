# Reshaping, permuting, joining and parting.

x <- array(as.numeric(1:24), c(2, 3, 4))

test_that("reshape reads and lays row-major", {
  got <- op_reshape(matrix(as.numeric(1:6), 2), c(3, -1))
  expect_equal(as.array(got), matrix(c(1, 3, 5, 2, 4, 6), 3, byrow = TRUE))
  expect_gradient(function(x) op_reshape(x, c(4, -1)), x)
  expect_error(op_reshape(x, c(5, -1)), class = "elman_error_shape")
})

test_that("transpose is aperm", {
  expect_equal(as.array(op_transpose(x)), aperm(x))
  for (axes in list(c(2, 1, 3), c(3, 1, 2), c(1, 3, 2))) {
    expect_equal(as.array(op_transpose(x, axes)), aperm(x, axes))
    expect_gradient(function(x) op_transpose(x, axes), x)
  }
  expect_equal(as.array(op_swapaxes(x, 1, -1)), aperm(x, c(3, 2, 1)))
  expect_equal(as.array(t(as_tensor(x[, , 1]))), t(x[, , 1]))
  expect_error(op_transpose(x, c(1, 1, 2)), class = "elman_error_argument")
})

test_that("axes of size one come and go", {
  expect_identical(dim(op_expand_dims(x, 1)), c(1L, 2L, 3L, 4L))
  expect_identical(dim(op_expand_dims(x, -1)), c(2L, 3L, 4L, 1L))
  expect_identical(dim(op_squeeze(op_expand_dims(x, 2))), c(2L, 3L, 4L))
  expect_error(op_squeeze(x, 1), class = "elman_error_shape")
})

test_that("joining and parting are inverse, with gradients", {
  for (axis in c(1, 2, 3, -1)) {
    parts <- op_split(x, dim(x)[if (axis < 0) 3 else axis], axis)
    expect_equal(as.array(op_concatenate(parts, axis)), x)
    expect_equal(as.array(op_stack(op_unstack(x, axis = axis), axis)), x)
    expect_gradient(function(a, b) op_concatenate(list(a, b), axis), x, x / 2)
    expect_gradient(function(a) op_stack(op_unstack(a, axis = axis), axis), x)
  }
})

test_that("parts may begin at given indices", {
  got <- op_split(1:10, c(3, 7))
  expect_identical(lapply(got, as.integer), list(1:2, 3:6, 7:10))
  expect_error(op_split(1:10, 3), class = "elman_error_shape")
})

test_that("broadcasting repeats and its gradient sums", {
  expect_gradient(function(x) op_broadcast_to(x, c(5, 2, 3)),
                  array(1:6 / 2, c(2, 3)))
  expect_error(op_broadcast_to(c(1, 2), c(2, 3)), class = "elman_error_shape")
})

test_that("flipping reverses axes", {
  expect_equal(as.array(op_flip(x, 2)), x[, 3:1, ])
  expect_equal(as.array(op_flip(x)), x[2:1, 3:1, 4:1])
  expect_gradient(function(x) op_flip(x, c(1, 3)), x)
})

test_that("shapes that do not fit are named", {
  expect_error(op_reshape(x, c(-1, -1)), "At most one size of `newshape`",
               class = "elman_error_shape")
  expect_error(op_concatenate(list(diag(2), diag(3)), 1),
               "Shapes \\[2, 2\\] and \\[3, 3\\] can be joined only",
               class = "elman_error_shape")
  expect_error(op_concatenate(list()), "`xs` must be a list of tensors",
               class = "elman_error_argument")
  expect_error(op_unstack(1:3, num = 2), "the size of the axis, 3, not 2",
               class = "elman_error_shape")
})
