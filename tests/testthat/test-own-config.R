# Configurations of users' own layers.

test_that("configurations make the layer again", {
  layer_own <- own_dense()
  layer <- layer_own(units = 3, name = "mine", trainable = FALSE)
  config <- get_config(layer)
  expect_identical(config$units, 3)
  expect_identical(names(config), c("name", "trainable", "dtype", "units"))
  again <- from_config(config)
  expect_identical(get_config(again), config)
  explicit <- Layer("Explicit", initialize = function(n) {
    super$initialize()
    self$n <- n
  }, call = function(inputs) inputs * self$n,
  get_config = function() list(n = self$n))
  expect_identical(from_config(get_config(explicit(n = 4)))$n, 4)
  wrapping <- Layer("Wrapping", initialize = function(layer, ...) {
    super$initialize(...)
    self$layer <- layer
  }, call = function(inputs) self$layer(inputs))
  again <- from_config(get_config(wrapping(layer = layer_own(units = 7))))
  expect_identical(again$layer$units, 7L)
  special <- Layer("Special", initialize = function(n) {
    super$initialize()
    self$n <- n
  }, from_config = function(config) do.call(`__class__`, list(n = config$m)),
  get_config = function() list(m = self$n + 1))
  expect_identical(from_config(get_config(special(n = 1)))$n, 2)
  bad <- Layer("Bad", get_config = function() 3)
  expect_error(get_config(bad()), class = "elman_error_argument")
})
