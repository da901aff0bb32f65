# A functional model's configuration makes the same model again.

same_model <- function(model, x) {
  again <- from_config(get_config(model))
  expect_identical(get_config(again), get_config(model))
  set_weights(again, get_weights(model))
  expect_identical(predict(again, x, verbose = 0),
                   predict(model, x, verbose = 0))
}

test_that("one path comes back, name and all", {
  inputs <- keras_input(c(5, 3), name = "series")
  outputs <- inputs |> layer_simple_rnn(units = 4) |> layer_dense(units = 1)
  model <- keras_model(inputs, outputs, name = "path")
  config <- get_config(model)
  expect_named(config, c("name", "trainable", "layers", "input_layers",
                         "output_layers"))
  expect_identical(config$input_layers, list("series", 0L, 0L))
  same_model(model, array(sin(1:30), c(2, 5, 3)))
})

test_that("shared layers, ops, states and several ends come back", {
  a <- keras_input(c(4, 2), name = "a")
  b <- keras_input(c(4, 2), name = "b")
  rnn <- layer_simple_rnn(units = 3, return_state = TRUE, name = "shared")
  c(y, state) %<-% rnn(a)
  c(z, last) %<-% rnn(b, initial_state = state)
  mixed <- op_add(op_multiply(y, 2),
                  op_concatenate(list(z[, 1:2], last[, 3, drop = FALSE]),
                                 axis = 2))
  model <- keras_model(list(a = a, b = b),
                       list(sum = layer_dense(mixed, units = 2), state = last))
  same_model(model, list(array(sin(1:24), c(3, 4, 2)),
                         array(cos(1:24), c(3, 4, 2))))
})

test_that("models inside models come back", {
  inner_input <- keras_input(3)
  inner <- keras_model(inner_input, layer_dense(inner_input, units = 2))
  outer_input <- keras_input(3)
  model <- keras_model(outer_input, op_tanh(inner(outer_input)))
  same_model(model, matrix(1:6 / 6, 2))
})

test_that("a configuration that is no graph is refused", {
  inputs <- keras_input(3)
  config <- get_config(keras_model(inputs, layer_dense(inputs, units = 2)))
  config$layers <- config$layers[-1]
  expect_error(from_config(config), class = "elman_error_argument")
  expect_error(find_op("no such op"), class = "elman_error_argument")
})
