# A function as a layer.

test_that("a function of tensors stands in a model", {
  x <- array(1:12 / 12, c(2, 3, 2))
  model <- keras_model_sequential(input_shape = c(3, 2)) |>
    layer_lambda(\(x) x^2) |>
    layer_lambda(op_sum, arguments = list(axis = 2))
  expect_equal(predict(model, x, verbose = 0), apply(x^2, c(1, 3), sum),
               tolerance = 1e-6)
  expect_identical(model$output_shape, shape(NA, 2))
  layer <- layer_lambda(f = function(x) x * 2)
  expect_identical(layer(matrix(3)), matrix(6))
  expect_identical(dim(layer(keras_input(c(NA, 3)))), c(NA, NA, 3L))
  both <- layer_lambda(list(keras_input(2), keras_input(2)),
                       \(x) list(x[[1]] + x[[2]], x[[1]]))
  expect_length(both, 2)
})

test_that("its gradient is that of the function", {
  layer <- layer_lambda(f = \(x) op_tanh(x) * x, dtype = "float64")
  expect_gradient(function(x) layer(x), matrix(c(-1, 0.5, 2, 0.1), 2))
})

test_that("training and mask are told where they are asked for", {
  layer <- layer_lambda(f = function(x, training) if (training) x + 1 else x)
  model <- keras_model_sequential(layers = list(layer))
  expect_identical(model(matrix(1)), matrix(1))
  expect_identical(model(matrix(1), training = TRUE), matrix(2))
  x <- set_mask(as_tensor(matrix(1, 1, 2)),
                as_tensor(matrix(c(TRUE, FALSE), 1)))
  seen <- layer_lambda(f = function(x, mask) op_where(mask, x, 0),
                       mask = function(inputs, mask) op_logical_not(mask))
  y <- seen(x)
  expect_identical(as.array(y), matrix(c(1, 0), 1))
  expect_identical(as.array(get_mask(y)), matrix(c(FALSE, TRUE), 1))
  fixed <- layer_lambda(f = identity, mask = matrix(FALSE, 1, 2))
  y <- fixed(set_mask(as_tensor(matrix(1, 1, 2)), get_mask(x)))
  expect_identical(as.array(get_mask(y)), matrix(c(TRUE, FALSE), 1))
  expect_warning(layer_lambda(f = \(x) x + 1)(x), "does not use masks")
})

test_that("the shape may be given", {
  stubborn <- function(x) {
    if (is_symbolic(x)) stop("no shapes")
    x[, 1]
  }
  one <- layer_lambda(keras_input(3), stubborn, output_shape = integer())
  expect_identical(shape_of(one), NA_integer_)
  two <- layer_lambda(keras_input(3), stubborn, output_shape = function(s) s[1])
  expect_identical(shape_of(two), NA_integer_)
  three <- layer_lambda(keras_input(3), stubborn)
  expect_identical(shape_of(three), NA_integer_)
  four <- layer_lambda(keras_input(3), \(x) list(x, x),
                       output_shape = list(c(3, 1), c(1, 3)))
  expect_identical(lapply(four, shape_of), list(c(NA, 3L, 1L), c(NA, 1L, 3L)))
})

test_that("the configuration holds the function", {
  layer <- layer_lambda(f = function(x, by) x * by, arguments = list(by = 3),
                        name = "times")
  again <- from_config(get_config(layer))
  expect_identical(again(matrix(2)), matrix(6))
  expect_identical(again$name, "times")
})

test_that("wrong arguments are refused", {
  expect_snapshot(error = TRUE, {
    layer_lambda()
    layer_lambda(f = "tanh")
    layer_lambda(f = function(x, by) x, arguments = list(bye = 1))
    layer_lambda(f = function(x) x, arguments = list(1))
    layer_lambda(keras_input(2, name = "i"), function(x) x + nothing,
                 name = "broken")
  })
})
