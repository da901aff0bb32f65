# The dense layer.

test_that("the last axis is mapped, others are kept", {
  w <- waves(4, 3)
  b <- waves(3, shift = 1)
  layer <- layer_dense(units = 3, activation = "relu", weights = list(w, b),
                       dtype = "float64")
  x <- waves(5, 4)
  want <- pmax(sweep(x %*% w, 2, b, `+`), 0)
  expect_equal(layer(x), want, tolerance = 1e-14)
  x3 <- waves(2, 5, 4)
  y3 <- layer(x3)
  expect_identical(dim(y3), c(2L, 5L, 3L))
  expect_equal(y3[2, , ], pmax(sweep(x3[2, , ] %*% w, 2, b, `+`), 0),
               tolerance = 1e-14)
  expect_identical(dim(layer(waves(2, 1, 5, 4))), c(2L, 1L, 5L, 3L))
})

test_that("gradients hold", {
  for (rank in 2:3) for (use_bias in c(TRUE, FALSE)) {
    x <- if (rank == 2) waves(3, 4) else waves(2, 3, 4)
    layer <- layer_dense(units = 3, activation = "tanh", use_bias = use_bias,
                         dtype = "float64")
    layer(x)
    expect_gradient(layer, x, variables = layer$trainable_weights)
  }
})

test_that("LoRA trains a thin product beside a frozen kernel", {
  x <- waves(5, 4)
  layer <- layer_dense(units = 3, lora_rank = 2, lora_alpha = 3,
                       dtype = "float64")
  y <- layer(x)
  w <- get_weights(layer)
  expect_identical(lapply(w, dim), list(c(4L, 3L), 3L, c(4L, 2L), c(2L, 3L)))
  # B starts at zeros: the layer starts as it would be without.
  expect_equal(y, x %*% w[[1]], tolerance = 1e-14)
  w[[4]] <- waves(2, 3)
  set_weights(layer, w)
  expect_equal(layer(x), x %*% (w[[1]] + 3 / 2 * w[[3]] %*% w[[4]]),
               tolerance = 1e-13)
  expect_length(layer$trainable_weights, 3L)
  expect_gradient(layer, x, variables = layer$trainable_weights)
})

test_that("LoRA can be had later, once", {
  layer <- layer_dense(units = 3, name = "dense")
  expect_error(layer$enable_lora(2), class = "elman_error_state")
  layer$build(c(NA, 4))
  layer$enable_lora(2)
  expect_identical(layer$lora_alpha, 2L)
  expect_length(layer$trainable_weights, 3L)
  expect_error(layer$enable_lora(2), class = "elman_error_state")
})

test_that("the configuration is Keras's and makes the same layer", {
  config <- get_config(layer_dense(units = 4, activation = "relu", name = "d"))
  expect_identical(names(config), c(
    "name", "trainable", "dtype", "units", "activation", "use_bias",
    "kernel_initializer", "bias_initializer", "kernel_regularizer",
    "bias_regularizer", "kernel_constraint", "bias_constraint",
    "quantization_config"
  ))
  expect_identical(get_config(from_config(config)), config)
  more <- get_config(layer_dense(units = 4, lora_rank = 2,
                                 activity_regularizer = "l1"))
  expect_identical(more$lora_rank, 2L)
  expect_identical(more$activity_regularizer$class_name, "L1")
  expect_identical(get_config(from_config(more)), more)
})

test_that("bad input is refused", {
  layer <- layer_dense(units = 2, name = "dense")
  layer$build(c(NA, 3))
  expect_snapshot(error = TRUE, {
    layer_dense(units = 0)
    layer_dense()
    layer_dense(units = 2, activation = "rleu")
    layer_dense(units = 2, foo = 1)
    layer_dense(units = 2, lora_rank = 0)
    layer_dense(units = 2, lora_rank = 1, kernel_constraint = "non_neg")
    layer(1:3)
    layer(waves(2, 4))
    layer(keras_input(c(5, 4)))
    layer(waves(2, 3), initial_state = 1)
  })
})
