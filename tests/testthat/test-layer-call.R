# Calling a layer: what goes in decides what comes out.

test_that("arrays come back as arrays, tensors as tensors", {
  layer <- layer_dense(units = 2)
  y <- layer(waves(3, 4))
  expect_true(is.matrix(y))
  expect_identical(as.array(layer(as_tensor(waves(3, 4)))), y)
  expect_true(is_tensor(layer(as_tensor(waves(3, 4)))))
  both <- layer_simple_rnn(units = 2, return_state = TRUE)(waves(2, 3, 4))
  expect_true(all(vapply(both, is.matrix, NA)))
})

test_that("while a tape is open even arrays give tensors", {
  layer <- layer_dense(units = 2)
  layer(waves(3, 4))
  seen <- NULL
  value_and_grad(function(x) {
    seen <<- layer(waves(3, 4))
    op_sum(x)
  })(1)
  expect_true(is_tensor(seen))
})

test_that("integers, logicals, data frames and other types are converted", {
  layer <- layer_dense(units = 2)
  y <- layer(matrix(c(1, 0, 2, 3), 2))
  expect_identical(layer(matrix(c(1L, 0L, 2L, 3L), 2)), y)
  expect_identical(layer(data.frame(a = 1:0, b = 2:3)), y)
  expect_identical(layer(as_tensor(matrix(c(1, 0, 2, 3), 2), "float64"))$dtype,
                   "float32")
  expect_identical(layer(list(matrix(c(1, 0, 2, 3), 2))), y)
})

test_that("training is explicit, else that of the call around, else FALSE", {
  layer <- layer_dropout(rate = 0.5, seed = 1)
  x <- matrix(1, 4, 8)
  expect_identical(layer(x), x)
  expect_setequal(layer(x, training = TRUE), c(0, 2))
  old <- enter_layer(list(nests = TRUE), TRUE)
  expect_setequal(layer(x), c(0, 2))
  expect_identical(layer(x, training = FALSE), x)
  leave_layer(old)
  expect_identical(layer(x), x)
})

test_that("masks pass through layers that keep time, and end with a warning", {
  x <- set_mask(as_tensor(waves(2, 3, 4)), as_tensor(matrix(TRUE, 2, 3)))
  expect_identical(get_mask(layer_dense(units = 2)(x)), get_mask(x))
  expect_identical(get_mask(layer_dropout(rate = 0.5)(x)), get_mask(x))
  expect_identical(get_mask(layer_dropout(rate = 0.5)(x, training = TRUE)),
                   get_mask(x))
  expect_identical(get_mask(layer_activation(activation = "relu")(x)),
                   get_mask(x))
  blind <- layer_activation(activation = "relu")
  blind$supports_masking <- FALSE
  expect_warning(y <- blind(x), "mask of its input ends here")
  expect_null(get_mask(y))
})

test_that("a mask survives the change of type at a layer's door", {
  x <- set_mask(as_tensor(waves(2, 3, 4), "float64"),
                as_tensor(matrix(TRUE, 2, 3)))
  expect_identical(get_mask(layer_dense(units = 2)(x)), get_mask(x))
})

test_that("symbolic calls build the layer and note the call down", {
  layer <- layer_simple_rnn(units = 4, return_state = TRUE)
  x <- keras_input(c(NA, 3))
  out <- layer(x)
  expect_true(layer$built)
  expect_identical(layer$input, x)
  expect_identical(layer$output, out)
  expect_identical(lapply(out, shape_of), list(c(NA, 4L), c(NA, 4L)))
  node <- out[[2]]$node
  expect_identical(node$operation, unwrap_layer(layer))
  expect_identical(out[[2]]$index, 2L)
})

test_that("a noted call replays on values, symbolic states included", {
  layer <- double_rnn(3, 4)
  x <- keras_input(c(NA, 3))
  h <- keras_input(4)
  y <- layer(x, initial_state = h)
  expect_identical(y$node$inputs, list(x, h))
  values <- list(waves(2, 5, 3), waves(2, 4))
  arguments <- replace_symbolic(y$node$arguments, function(t) {
    if (identical(t, x)) values[[1]] else values[[2]]
  })
  expect_identical(run_operation(y$node$operation, arguments),
                   layer(values[[1]], initial_state = values[[2]]))
})
