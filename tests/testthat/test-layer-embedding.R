# Rows by ids, what training does to them, and ids that are not there.

table <- function() matrix(seq_len(12) / 10, 4, 3)

test_that("ids of any shape and kind take their rows, from 0", {
  layer <- layer_embedding(input_dim = 4, output_dim = 3, weights = table(),
                           dtype = "float64")
  ids <- matrix(c(0L, 3L, 1L, 1L, 2L, 0L), 2)
  want <- array(table()[ids + 1L, ], c(2, 3, 3))
  expect_equal(layer(ids), want)
  expect_equal(layer(ids + 0.7), want)
  expect_equal(as.array(layer(as_tensor(ids))), want)
  expect_equal(as.array(layer(as_tensor(ids + 0.7))), want)
  expect_equal(layer(array(3L, 1)), table()[4, , drop = FALSE])
  expect_equal(layer(array(ids, c(1, 2, 3))), array(want, c(1, 2, 3, 3)))
  expect_identical(layer$compute_output_shape(c(NA, 5)), shape(NA, 5, 3))
})

test_that("gradients add up over ids that come more than once", {
  layer <- layer_embedding(input_dim = 4, output_dim = 3, weights = table(),
                           dtype = "float64")
  ids <- matrix(c(0L, 3L, 3L, 3L), 2)
  dy <- waves(2, 2, 3)
  g <- value_and_grad(function(x) op_sum(op_multiply(layer(ids), x)),
                      layer$weights)(as_tensor(dy, "float64"))
  want <- matrix(0, 4, 3)
  for (i in 1:2) for (j in 1:2) {
    row <- ids[i, j] + 1
    want[row, ] <- want[row, ] + dy[i, j, ]
  }
  expect_equal(as.array(g$variable_gradients[[1]]), want, tolerance = 1e-14)
  with_floatx("float64", expect_gradient(
    function(x) op_multiply(layer(ids), x), dy, variables = layer$weights))
})

test_that("id 0 may be padding, and has a row all the same", {
  layer <- layer_embedding(input_dim = 4, output_dim = 3, mask_zero = TRUE,
                           weights = list(table()), dtype = "float64")
  ids <- rbind(c(1, 2, 0), c(0, 3, 0))
  y <- layer(as_tensor(ids))
  expect_equal(as.array(get_mask(y)), ids != 0)
  expect_equal(as.array(y)[2, 1, ], table()[1, ])
  expect_equal(as.array(layer$compute_mask(as_tensor(ids))), ids != 0)
  plain <- layer_embedding(input_dim = 4, output_dim = 3)
  expect_null(get_mask(plain(as_tensor(ids))))
})

test_that("padding changes nothing behind an embedding", {
  withr::local_seed(1)
  model <- keras_model_sequential(input_shape = NA, input_dtype = "int32") |>
    layer_embedding(9, 3, mask_zero = TRUE) |>
    layer_bidirectional(layer_simple_rnn(units = 2, return_sequences = TRUE)) |>
    layer_simple_rnn(2)
  short <- rbind(c(3, 1, 8), c(2, 2, 5))
  want <- predict(model, short, verbose = 0)
  expect_equal(predict(model, cbind(short, 0, 0), verbose = 0), want,
               tolerance = 1e-6)
  expect_equal(predict(model, cbind(0, short), verbose = 0), want,
               tolerance = 1e-6)
})

test_that("an embedding that comes first makes the model take whole numbers", {
  model <- keras_model_sequential() |> layer_embedding(9, 3)
  predict(model, rbind(c(1, 8)), verbose = 0)
  expect_identical(model$inputs[[1]]$dtype, "int32")
  given <- keras_model_sequential() |> layer_embedding(9, 3, input_shape = 4)
  expect_identical(given$inputs[[1]]$dtype, "int32")
  plain <- keras_model_sequential(input_shape = 2) |> layer_embedding(9, 3)
  expect_equal(dim(predict(plain, rbind(c(1.9, 8)), verbose = 0)),
               c(1, 2, 3))
})

test_that("rows that are not touched stay as they are under sgd", {
  withr::local_seed(1)
  model <- keras_model_sequential(input_shape = 3, input_dtype = "int32") |>
    layer_embedding(6, 2) |>
    layer_simple_rnn(2)
  compile(model, optimizer_sgd(0.1), "mse")
  before <- get_weights(model)[[1]]
  train_on_batch(model, rbind(c(1, 2, 5), c(5, 1, 1)), matrix(1, 2, 2))
  changed <- rowSums(get_weights(model)[[1]] != before) > 0
  expect_identical(changed, c(FALSE, TRUE, TRUE, FALSE, FALSE, TRUE))
})

test_that("adam moves the whole table, as if rows were chosen by a product", {
  withr::local_seed(2)
  rows <- keras_model_sequential(input_shape = 3, input_dtype = "int32") |>
    layer_embedding(6, 2) |>
    layer_simple_rnn(2)
  product <- keras_model_sequential(input_shape = c(3, 6)) |>
    layer_dense(2, use_bias = FALSE) |>
    layer_simple_rnn(2)
  set_weights(product, get_weights(rows))
  batches <- list(rbind(c(1, 2, 5), c(5, 1, 1)), rbind(c(3, 3, 3), c(0, 3, 0)),
                  rbind(c(0, 0, 2), c(2, 0, 2)))
  compile(rows, optimizer_adam(0.1), "mse")
  compile(product, optimizer_adam(0.1), "mse")
  for (ids in batches) {
    before <- get_weights(rows)[[1]]
    train_on_batch(rows, ids, matrix(1, 2, 2))
    chosen <- aperm(array(diag(6)[t(ids) + 1, ], c(3, 2, 6)), c(2, 1, 3))
    train_on_batch(product, chosen, matrix(1, 2, 2))
  }
  expect_equal(get_weights(rows), get_weights(product), tolerance = 1e-5)
  # Rows of an earlier batch go on; one that never came stays.
  moved <- rowSums(get_weights(rows)[[1]] != before) > 0
  expect_identical(moved, c(TRUE, TRUE, TRUE, TRUE, FALSE, TRUE))
})

test_that("penalty, constraint and initializer hold for the rows", {
  layer <- layer_embedding(input_dim = 4, output_dim = 3, dtype = "float64",
                           embeddings_initializer = "ones",
                           embeddings_regularizer = regularizer_l2(0.5),
                           embeddings_constraint = constraint_nonneg())
  layer$build()
  expect_equal(get_weights(layer)[[1]], matrix(1, 4, 3))
  expect_equal(as.numeric(layer$losses[[1]]), 6)
  expect_false(is.null(layer$weights[[1]]$constraint))
  expect_identical(layer$weights[[1]]$path, paste0(layer$name, "/embeddings"))
  config <- get_config(layer)
  expect_identical(get_config(from_config(config)), config)
})

test_that("a low-rank update is trained beside frozen rows", {
  layer <- layer_embedding(input_dim = 4, output_dim = 3, weights = table(),
                           dtype = "float64")
  layer$enable_lora(2, b_initializer = "ones", a_initializer = "ones",
                    lora_alpha = 4)
  expect_equal(layer(array(1L, 1)), table()[2, , drop = FALSE] + 4)
  expect_length(layer$trainable_weights, 2)
  expect_gradient(function(x) op_multiply(layer(array(c(1L, 2L, 1L), 3)), x),
                  waves(3, 3), variables = layer$trainable_weights)
  expect_error(layer$enable_lora(2), class = "elman_error_state")
  expect_identical(get_config(layer)$lora_rank, 2L)
  config <- get_config(layer_embedding(input_dim = 4, output_dim = 3,
                                       lora_rank = 1))
  expect_identical(get_config(from_config(config)), config)
})

test_that("old scripts that give the length are warned", {
  expect_warning(layer_embedding(input_dim = 4, output_dim = 3,
                                 input_length = 10), "leave it out")
})

test_that("a model looks at all ids before it begins", {
  model <- keras_model_sequential(input_shape = 2, input_dtype = "int32") |>
    layer_embedding(5, 2) |>
    layer_simple_rnn(2) |>
    layer_dense(1)
  compile(model, optimizer_sgd(0.1), "mse")
  before <- weight_bits(model)
  bad <- rbind(matrix(1, 40, 2), c(4, 5))
  expect_snapshot(error = TRUE, {
    fit(model, bad, rep(1, 41), batch_size = 8, shuffle = FALSE, verbose = 0)
    predict(model, -bad, verbose = 0)
    train_on_batch(model, rbind(c(0, 7)), 1)
  })
  expect_identical(weight_bits(model), before)
})

test_that("what is out of range is refused", {
  layer <- layer_embedding(input_dim = 5, output_dim = 2, name = "words")
  expect_snapshot(error = TRUE, {
    layer(matrix(c(1, 5), 1))
    layer(matrix(c(1, -1), 1))
    layer(matrix(c(1, NA), 1))
    layer(as_tensor(matrix(c(1, 5), 1)))
    layer_embedding(input_dim = 0, output_dim = 2)
    layer_embedding(input_dim = 5)
    layer_embedding(input_dim = 5, output_dim = 2, weights = table(),
                    name = "words")
    layer_embedding(input_dim = 5, output_dim = 2, lora_rank = 1,
                    embeddings_constraint = "non_neg")
  })
})

test_that("a step with ids and padding can be recorded", {
  model <- keras_model_sequential(input_shape = 5, input_dtype = "int32") |>
    layer_embedding(7, 3, mask_zero = TRUE) |>
    layer_bidirectional(layer_simple_rnn(units = 3, dropout = 0.3,
                                         return_sequences = TRUE)) |>
    layer_simple_rnn(2)
  expect_records(model, matrix(0:19 %% 7, 4), matrix(3:22 %% 7, 4),
                 waves(4, 2))
})
