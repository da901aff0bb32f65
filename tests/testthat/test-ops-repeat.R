# Rearrangements, against plain R.

f64 <- function(x) as_tensor(x, "float64")
m <- matrix(c(1, 2, 3, 4, 5, 6), 2)
a <- array(seq_len(24) / 10, c(2, 3, 4))

test_that("elements repeat, equally often or each as told", {
  expect_equal(as.double(op_repeat(c(1, 2), 2)), c(1, 1, 2, 2))
  expect_equal(as.array(op_repeat(m, c(2, 0, 1), axis = 2)), m[, c(1, 1, 3)],
               ignore_attr = TRUE)
  expect_equal(as.double(op_repeat(m, 2)), rep(c(t(m)), each = 2))
  expect_error(op_repeat(m, c(1, 2), axis = 2), class = "elman_error_shape")
  expect_error(op_repeat(m, -1), class = "elman_error_argument")
  expect_gradient(function(x) op_repeat(x, c(2, 0, 1), axis = -1), m)
})

test_that("tiles fill missing axes on either side", {
  expect_equal(as.array(op_tile(m, 2)), cbind(m, m))
  expect_equal(as.array(op_tile(m, c(2, 1))), rbind(m, m))
  expect_identical(dim(op_tile(m, c(3, 1, 2))), c(3L, 2L, 6L))
  expect_gradient(function(x) op_tile(x, c(2, 3)), m)
})

test_that("rolling brings in at the start what falls off", {
  expect_equal(as.double(op_roll(1:5, 2)), c(4, 5, 1, 2, 3))
  expect_equal(as.double(op_roll(1:5, -6)), c(2, 3, 4, 5, 1))
  expect_equal(as.array(op_roll(m, 1, axis = 2)), m[, c(3, 1, 2)])
  expect_equal(as.array(op_roll(m, c(1, 1), axis = c(1, 2))),
               m[c(2, 1), c(3, 1, 2)])
  expect_equal(as.double(op_roll(m, 1)), c(6, c(t(m))[1:5]))
  expect_gradient(function(x) op_roll(x, c(1, -1), c(1, 3)), a)
})

test_that("four quarter turns are none, and one is a turn", {
  turned <- op_rot90(m)
  expect_equal(as.array(turned), t(m)[3:1, ])
  expect_equal(as.array(op_rot90(turned, 3)), m)
  expect_equal(as.array(op_rot90(m, 2)), m[2:1, 3:1])
  expect_equal(as.array(op_rot90(m, -1)), as.array(op_rot90(m, 3)))
  expect_identical(dim(op_rot90(a, 1, c(2, 3))), c(2L, 4L, 3L))
  expect_gradient(function(x) op_rot90(x, 1, c(1, 3)), a)
  expect_error(op_rot90(1:3), class = "elman_error_shape")
  expect_error(op_rot90(m, 1, c(1, 1)), class = "elman_error_argument")
})

test_that("axes move and the others keep their order", {
  expect_equal(as.array(op_moveaxis(f64(a), 1, -1)), aperm(a, c(2, 3, 1)))
  expect_equal(as.array(op_moveaxis(f64(a), c(1, 2), c(3, 1))),
               aperm(a, c(2, 3, 1)))
  expect_error(op_moveaxis(a, c(1, 2), 1), class = "elman_error_argument")
  expect_gradient(function(x) op_moveaxis(x, 3, 1), a)
})

test_that("padding adds a constant or a mirror image", {
  expect_equal(as.double(op_pad(c(1, 2), list(c(1, 2)), constant_values = 7)),
               c(7, 1, 2, 7, 7))
  expect_equal(as.array(op_pad(m, 1)), rbind(0, cbind(0, m, 0), 0))
  expect_equal(as.double(op_pad(1:3, c(2, 1), "reflect")), c(3, 2, 1, 2, 3, 2))
  expect_equal(as.double(op_pad(1:3, c(2, 1), "symmetric")),
               c(2, 1, 1, 2, 3, 3))
  width <- rbind(c(0, 1), c(2, 1))
  for (mode in c("constant", "reflect", "symmetric")) {
    expect_gradient(function(x) op_pad(x, width, mode), m)
  }
  expect_error(op_pad(1:3, c(3, 0), "reflect"), class = "elman_error_argument")
  expect_error(op_pad(1:3, c(-1, 0)), class = "elman_error_argument")
  expect_error(op_pad(m, rbind(1:2, 1:2, 1:2)), class = "elman_error_argument")
  expect_error(op_pad(1:3, 1, "reflect", 2), class = "elman_error_argument")
})

test_that("a batch of unknown size is padded and rolled beside itself", {
  x <- layer_input(3)
  model <- keras_model(x, op_roll(op_pad(x, list(c(0, 0), c(1, 0)),
                                         constant_values = 5), 1, axis = 2))
  expect_equal(predict(model, rbind(1:3, 4:6), verbose = 0),
               rbind(c(3, 5, 1, 2), c(6, 5, 4, 5)))
})

test_that("rows and columns are joined, vectors as they are meant", {
  expect_equal(as.double(op_append(1:2, m)), c(1, 2, c(t(m))))
  expect_equal(as.array(op_append(m, m, axis = 1)), rbind(m, m))
  expect_equal(as.double(op_hstack(list(1:2, 3:4))), 1:4)
  expect_equal(as.array(op_hstack(m, m)), cbind(m, m))
  expect_equal(as.array(op_vstack(list(1:2, 3:4))), rbind(1:2, 3:4))
  expect_error(op_vstack(list(1:2, 1:3)), class = "elman_error_shape")
})
