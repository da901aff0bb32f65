# The GRU layer, its reset after the product and before.

gru_of <- function(reset_after = TRUE, units = 5) {
  function(x, use_bias = TRUE, ...) {
    weights <- gru_weights(dim(x)[3], units, use_bias, reset_after)
    reference_gru(x, weights, reset_after = reset_after, ...)
  }
}

for_both <- function(check) {
  for (after in c(TRUE, FALSE)) {
    check(after, function(...) double_gru(..., reset_after = after))
  }
}

test_that("constant weights give Keras's numbers", {
  constant_gru <- function(after) {
    layer_gru(
      units = 2, kernel_initializer = initializer_constant(0.01),
      recurrent_initializer = initializer_constant(0.02),
      bias_initializer = initializer_constant(0.03), reset_after = after
    )
  }
  x <- row_major_seq(2, 4, 3)
  # Keras gives eight digits of float32.
  expect_equal(constant_gru(TRUE)(x)[, 2], c(.23482965, .453848),
               tolerance = 1e-6)
  expect_equal(constant_gru(FALSE)(x)[, 2], c(.22259443, .44695824),
               tolerance = 1e-6)
})

test_that("all flags agree with the recurrence written out", {
  for_both(function(after, make) expect_reference(make, gru_of(after)))
})

test_that("sizes around one and vector widths agree with the recurrence", {
  for_both(function(after, make) {
    single <- function(features, units) {
      layer_gru(units = units, reset_after = after, weights = gru_weights(
        features, units, reset_after = after))
    }
    expect_reference_sizes(make, single, function(x, units) {
      gru_of(after, units)(x)
    })
  })
})

test_that("activations by name and of the user's own agree", {
  x <- waves(2, 4, 2)
  for_both(function(after, make) {
    for (use_bias in c(TRUE, FALSE)) {
      want <- make(2, 5, use_bias = use_bias)(x)
      own <- make(2, 5, use_bias = use_bias,
                  activation = function(z) op_tanh(z))
      expect_equal(own(x), want, tolerance = 1e-13)
      own <- make(2, 5, use_bias = use_bias,
                  recurrent_activation = function(z) op_sigmoid(z))
      expect_equal(own(x), want, tolerance = 1e-13)
    }
  })
})

test_that("gradients hold for weights, input and state", {
  for_both(function(after, make) {
    for (flags in list(
      list(return_state = TRUE),
      list(use_bias = FALSE, go_backwards = TRUE, return_sequences = TRUE),
      list(return_sequences = TRUE, zero_output_for_mask = TRUE),
      list(activation = "silu", recurrent_activation = "mish"),
      list(activation = "softmax", recurrent_activation = "sparsemax"),
      list(activation = function(z) op_tanh(op_multiply(z, 0.9)))
    )) {
      expect_layer_gradients(do.call(make, c(list(2, 3), flags)))
    }
  })
})

test_that("the laws of recurrent layers hold", {
  for_both(function(after, make) {
    expect_recurrent_laws(function(...) make(3, 5, ...))
    expect_same_bits(layer_gru(
      units = 19, reset_after = after,
      weights = gru_weights(9, 19, reset_after = after)
    ))
  })
})

test_that("weights have Keras's shapes", {
  shapes <- function(...) {
    layer <- layer_gru(units = 4, ...)
    layer$build(shape(NA, NA, 3))
    lapply(get_weights(layer), dim)
  }
  expect_identical(shapes(), list(c(3L, 12L), c(4L, 12L), c(2L, 12L)))
  expect_identical(shapes(reset_after = FALSE),
                   list(c(3L, 12L), c(4L, 12L), 12L))
  expect_identical(shapes(use_bias = FALSE), list(c(3L, 12L), c(4L, 12L)))
})

test_that("each gate has its own masks where the state is dropped", {
  x <- waves(4, 3, 2)
  drops <- function(seeds, rate, size) {
    as.array(dropout_mask(c(3L, 4L, size), rate, "float64", next_key(seeds)))
  }
  for_both(function(after, make) {
    seeds <- new_seed_generator(5)
    x_drops <- drops(seeds, 0.4, 2L)
    h_drops <- drops(seeds, 0.3, 5L)
    want <- gru_of(after)(x, x_drops = x_drops, h_drops = h_drops)[[1]]
    for (flags in list(list(), list(activation = function(z) op_tanh(z)))) {
      layer <- do.call(make, c(list(2, 5, dropout = 0.4, seed = 5,
                                    recurrent_dropout = 0.3), flags))
      expect_equal(layer(x, training = TRUE), want, tolerance = 1e-13)
    }
    dropped <- make(2, 3, dropout = 0.4, recurrent_dropout = 0.3)
    dropped(x)
    expect_gradient(
      function(x) {
        set.seed(1)
        dropped(x, training = TRUE)
      },
      x, variables = dropped$trainable_weights
    )
  })
})

test_that("the configuration has Keras's entries in Keras's order", {
  config <- get_config(layer_gru(units = 4, reset_after = FALSE))
  expect_identical(names(config)[-(1:9)], c(
    "units", "activation", "recurrent_activation", "use_bias",
    "kernel_initializer", "recurrent_initializer", "bias_initializer",
    "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
    "activity_regularizer", "kernel_constraint", "recurrent_constraint",
    "bias_constraint", "dropout", "recurrent_dropout", "reset_after", "seed"
  ))
  expect_false(config$reset_after)
  expect_identical(get_config(from_config(config)), config)
})

test_that("a step with masks, dropout and carried states can be recorded", {
  for (reset_after in c(TRUE, FALSE)) {
    model <- keras_model_sequential(input_batch_shape = c(4, 5, 2)) |>
      layer_masking() |>
      layer_bidirectional(layer_gru(units = 3, recurrent_dropout = 0.3,
                                    reset_after = reset_after,
                                    return_sequences = TRUE)) |>
      layer_gru(2, dropout = 0.5, stateful = TRUE, reset_after = reset_after)
    x <- waves(4, 5, 2)
    x[2, 3:5, ] <- 0
    expect_records(model, x, waves(4, 5, 2, shift = 1), waves(4, 2, shift = 2))
  }
})

test_that("bad input is refused", {
  expect_snapshot(error = TRUE, {
    layer_gru(units = -1)
    layer_gru(units = 3, reset_after = NA)
    layer_gru(units = 3, unit_forget_bias = TRUE)
    layer_gru(units = 3, recurrent_activation = "sigmiod")
    layer_gru(units = 3, name = "gru",
              weights = gru_weights(2, 3, reset_after = FALSE))(waves(2, 3, 2))
    double_gru(2, 3)(waves(2, 3, 2), initial_state = list(waves(2, 4)))
  })
})
