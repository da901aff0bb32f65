# What many layers are held to.

# Configurations and weights bring a layer back.
expect_round_trip <- function(layer, ...) {
  y <- layer(...)
  config <- get_config(layer)
  again <- from_config(config)
  again(...)
  set_weights(again, get_weights(layer))
  testthat::expect_equal(again(...), y, tolerance = 1e-12)
  testthat::expect_identical(get_config(again), config)
}

# What layers that are called on symbolic tensors say of their output is what
# they give.
expect_symbolic_shape <- function(make, x) {
  shape <- c(NA, dim(x)[-1])
  symbol <- make()(keras_input(batch_shape = shape))
  testthat::expect_identical(shape_of(symbol)[-1], dim(make()(x))[-1])
}

masked_tensor <- function(x, mask) {
  set_mask(as_tensor(x, "float64"), as_tensor(mask))
}
