paths_of <- function(model) {
  vapply(saved_parts(unwrap_layer(model)), `[[`, "", "path")
}

test_that("parts have the names that Keras gives them", {
  model <- keras_model_sequential(input_shape = c(5, 3)) |>
    layer_bidirectional(layer_simple_rnn(units = 2, return_sequences = TRUE),
                        name = "x") |>
    layer_simple_rnn(2, name = "y") |>
    layer_dense(1, name = "z") |>
    layer_dense(1)
  expect_setequal(paths_of(model), c(
    "", "layers/bidirectional", "layers/bidirectional/backward_layer",
    "layers/bidirectional/backward_layer/cell",
    "layers/bidirectional/forward_layer",
    "layers/bidirectional/forward_layer/cell", "layers/simple_rnn",
    "layers/simple_rnn/cell", "layers/dense", "layers/dense_1"
  ))
})

test_that("inputs and models inside of models are parts, shared layers once", {
  x <- keras_input(3)
  inner <- keras_model_sequential(input_shape = 3) |> layer_dense(3)
  model <- keras_model(x, inner(inner(x)))
  expect_identical(paths_of(model), c(
    "", "layers/input_layer", "layers/sequential",
    "layers/sequential/layers/dense"
  ))
})

test_that("a layer may name its parts itself", {
  Holder <- R6::R6Class("Holder", inherit = LayerBase, lock_objects = FALSE,
    public = list(
      own_part = NULL, parts = NULL,
      sublayers = function() c(list(self$own_part), self$parts)
    ))
  holder <- Holder$new()
  holder$own_part <- unwrap_layer(layer_dense(units = 1))
  holder$parts <- list(layer_dense(units = 1), layer_dense(units = 2))
  expect_identical(paths_of(holder), c("", "own_part", "parts/dense",
                                       "parts/dense_1"))
  holder$saved_parts <- function() list(cells = holder$parts)
  holder$parts <- lapply(holder$parts, unwrap_layer)
  expect_identical(paths_of(holder), c("", "cells/dense", "cells/dense_1"))
})
