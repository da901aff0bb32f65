# The mechanism behind the classes that users write.

test_that("a class extends a layer of the package", {
  loud <- Layer("Loud", inherit = layer_dense,
                call = function(inputs) super$call(inputs) * 2)
  expect_identical(formals(loud), formals(layer_dense))
  layer <- loud(units = 3)
  plain <- layer_dense(units = 3)
  x <- matrix(1:4 / 4, 2)
  y <- layer(x)
  plain(x)
  set_weights(plain, get_weights(layer))
  expect_identical(y, 2 * plain(x))
  expect_identical(layer$units, 3L)
  expect_identical(dim(loud(keras_input(2), units = 3)), c(NA, 3L))
  again <- from_config(get_config(layer))
  expect_s3_class(again, c("Loud", "Dense"), exact = FALSE)
  expect_identical(again$units, 3L)
})

test_that("fields of the inherited layer are its own, other names are free", {
  late <- Layer(
    "Late", inherit = layer_dense,
    initialize = function(n, ...) {
      super$initialize(units = 1, ...)
      self$units <- as.integer(n)
      # The package keeps a list of calls and a plan under these names.
      self$calls <- "mine"
      self$path <- "also mine"
    },
    call = function(inputs) super$call(inputs)
  )
  layer <- late(n = 5, name = "late")
  expect_identical(dim(layer(keras_input(2))), c(NA, 5L))
  expect_identical(layer$calls, "mine")
  expect_identical(layer$path, "also mine")
  expect_identical(layer$weights[[1]]$path, "late/kernel")
})

test_that("wrong classes are refused with the argument named", {
  expect_snapshot(error = TRUE, {
    Layer()
    Layer("A b")
    Layer("A", call = 3)
    Layer("A", 1, 2, 3, 4, 5)
    Layer("A", inherit = mean)
    Layer("A", inherit = 3)
    Layer("A", inherit = callback_lambda)
    Layer("A", public = list(3))
    active_property(3)
    Layer("A", initialize = function() NULL)()
    Layer("A", initialize = function() super$initialize(unit = 3))()
  })
})

test_that("a class prints what it takes", {
  expect_snapshot(own_dense())
})
