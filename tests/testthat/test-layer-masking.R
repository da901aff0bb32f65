# Steps that hold one value only are left out.

test_that("a step is masked where all its features are the value", {
  x <- array(c(1, -1, 0, -1, -1, 0), c(1, 3, 2))
  y <- layer_masking(mask_value = -1)(as_tensor(x))
  expect_equal(as.array(get_mask(y)), matrix(c(TRUE, FALSE, TRUE), 1))
  # As in Keras, masked steps become zeros, not the value.
  expect_equal(as.array(y), array(c(1, 0, 0, -1, 0, 0), c(1, 3, 2)))
  zero <- layer_masking()
  expect_equal(as.array(zero$compute_mask(as_tensor(x))),
               matrix(c(TRUE, TRUE, FALSE), 1))
  expect_identical(zero$compute_output_shape(c(NA, 3, 2)), shape(NA, 3, 2))
})

test_that("its own mask replaces the one that comes in", {
  x <- set_mask(as_tensor(array(1, c(1, 3, 2))),
                as_tensor(matrix(FALSE, 1, 3)))
  expect_equal(as.array(get_mask(layer_masking()(x))), matrix(TRUE, 1, 3))
})

test_that("gradients pass where a step counts", {
  x <- waves(2, 3, 2)
  x[1, 2, ] <- 0
  expect_gradient(layer_masking(dtype = "float64"), x[2, , , drop = FALSE])
  g <- value_and_grad(function(x) op_sum(layer_masking()(x)))(as_tensor(x))
  expect_equal(as.array(g$gradients[[1]])[1, , 1], c(1, 0, 1))
})

test_that("the mask reaches the loss", {
  model <- keras_model_sequential(input_shape = c(3, 1)) |>
    layer_masking() |>
    layer_dense(1, kernel_initializer = "ones")
  compile(model, optimizer_sgd(0.1), "mse")
  x <- array(c(1, 2, 0), c(1, 3, 1))
  expect_equal(test_on_batch(model, x, array(0, c(1, 3, 1))), (1 + 4) / 2)
})

test_that("the value must be a number", {
  expect_snapshot(error = TRUE, {
    layer_masking(mask_value = "no")
    layer_masking(value = 0)
  })
  config <- get_config(layer_masking(mask_value = -1))
  expect_identical(get_config(from_config(config)), config)
})
