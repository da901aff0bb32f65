test_that("the table is Keras's", {
  withr::local_options(width = 76)
  clear_session()
  model <- keras_model_sequential(input_shape = c(3, 8), name = "m") |>
    layer_simple_rnn(4, name = "memory", return_sequences = TRUE) |>
    layer_simple_rnn(4) |>
    layer_dense(1)
  expect_snapshot(print(model))
  # Bars of the sample in Keras's documentation, for a width of 76.
  line <- strsplit(format(model)[2], "")[[1]]
  expect_equal(which(line != "\u2501"), c(1, 35, 60, 76))
})

test_that("an unbuilt model says so", {
  withr::local_options(width = 76)
  clear_session()
  model <- keras_model_sequential(name = "m") |> layer_dense(1)
  expect_snapshot(print(model))
})

test_that("a trained model counts its optimizer, frozen layers are marked", {
  withr::local_options(width = 76)
  clear_session()
  model <- keras_model_sequential(input_shape = 2, name = "m") |>
    layer_dense(3, trainable = FALSE) |>
    layer_dense(1)
  compile(model, "rmsprop", "mse")
  train_on_batch(model, matrix(1, 2, 2), c(1, 2))
  expect_snapshot(summary(model))
})

test_that("branches say what they are connected to", {
  withr::local_options(width = 76)
  clear_session()
  a <- keras_input(c(5, 1), name = "a")
  b <- keras_input(3, name = "b")
  memory <- layer_simple_rnn(a, 2, return_state = TRUE, name = "memory")
  side <- layer_dense(b, 2, name = "side")
  out <- layer_dense(op_add(memory[[2]], side), 1, name = "out")
  model <- keras_model(list(a, b), out, name = "m")
  expect_snapshot(print(model))
})

test_that("summary gives its text and print the model", {
  model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
  utils::capture.output(text <- summary(model))
  expect_match(text, "Total params: 3")
  utils::capture.output(same <- print(model))
  expect_identical(same, model)
})

test_that("sizes count in units of 1024", {
  expect_equal(memory_size(0), "0.00 B")
  expect_equal(memory_size(116), "116.00 B")
  expect_equal(memory_size(6868), "6.71 KB")
  expect_equal(memory_size(3 * 1024^2), "3.00 MB")
})
