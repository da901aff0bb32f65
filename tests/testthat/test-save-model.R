# Models in files: what is written is read back, and what is wrong is refused.

skip_if_not_installed("hdf5r")
skip_if_not_installed("jsonlite")

trained <- function(optimizer = "adam", ...) {
  data <- series_data(n = 8)
  model <- compiled_model(optimizer, metrics = "mae", ...)
  train_on_batch(model, data$x, data$y)
  model
}

go_on <- function(model) {
  data <- series_data(n = 8, seed = 2)
  list(logs = train_on_batch(model, data$x, data$y), get_weights(model))
}

test_that("a model read back predicts, and trains on to the same bits", {
  data <- series_data(n = 8)
  for (optimizer in c("sgd", "rmsprop", "adam", "nadam", "lion", "ftrl")) {
    model <- trained(optimizer)
    again <- load_model(save_model(model))
    expect_identical(get_weights(again), get_weights(model))
    expect_identical(predict_on_batch(again, data$x),
                     predict_on_batch(model, data$x))
    expect_equal(go_on(again), go_on(model), tolerance = 1e-6, label = optimizer)
  }
})

test_that("every ending keeps the weights", {
  model <- trained()
  folder <- withr::local_tempdir()
  for (ending in c(".keras", ".h5", ".hdf5")) {
    path <- file.path(folder, paste0("model", ending))
    expect_identical(save_model(model, path), model)
    expect_identical(get_weights(load_model(path)), get_weights(model))
  }
  path <- file.path(folder, "model.weights.h5")
  save_model_weights(model, path)
  other <- small_model()
  load_model_weights(other, path)
  expect_identical(get_weights(other), get_weights(model))
  path <- file.path(folder, "model.json")
  save_model_config(model, path)
  expect_identical(names(get_config(load_model_config(path))),
                   names(get_config(model)))
})

test_that("functional models with shared layers and embeddings come back", {
  ids <- keras_input(5L, dtype = "int32")
  more <- keras_input(5L, dtype = "int32")
  embed <- layer_embedding(input_dim = 7, output_dim = 3, mask_zero = TRUE)
  memory <- layer_bidirectional(layer = layer_simple_rnn(units = 2))
  model <- keras_model(list(ids, more), layer_dense(
    layer_concatenate(memory(embed(ids)), memory(embed(more))), 1
  ))
  x <- list(matrix(0:9 %% 7L, 2), matrix(1:10 %% 7L, 2))
  again <- load_model(save_model(model))
  expect_identical(predict_on_batch(again, x), predict_on_batch(model, x))
})

test_that("a file that exists is replaced only where that is wanted", {
  path <- withr::local_tempfile(fileext = ".keras")
  first <- trained()
  save_model(first, path)
  expect_error(save_model(trained(), path), class = "elman_error_file")
  expect_identical(get_weights(load_model(path)), get_weights(first))
  second <- trained()
  save_model(second, path, overwrite = TRUE)
  expect_identical(get_weights(load_model(path)), get_weights(second))
})

test_that("damaged and hostile files are refused, and nothing changes", {
  bytes <- save_model(trained())
  refused <- function(code) expect_error(code, class = "elman_error_file")
  refused(load_model(raw()))
  refused(load_model(as.raw(1:100)))
  refused(load_model(utils::head(bytes, length(bytes) %/% 2)))
  refused(load_model(tempfile(fileext = ".keras")))
  for (at in round(seq(1, length(bytes), length.out = 60))) {
    turned <- bytes
    turned[at] <- xor(turned[at], as.raw(255))
    result <- tryCatch(suppressWarnings(load_model(turned)),
                       elman_error_file = function(e) NULL)
    expect_true(is.null(result) || inherits(result, "elman_model"))
  }
})

test_that("unknown classes and functions in a file are named and refused", {
  model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
  path <- withr::local_tempfile(fileext = ".json")
  save_model_config(model, path)
  text <- paste(readLines(path, warn = FALSE), collapse = "")
  writeLines(sub("\"class_name\": *\"Dense\"", "\"class_name\": \"Evil\"", text),
             path)
  expect_error(load_model_config(path), "Evil", class = "elman_error_file")
  writeLines(sub("\"class_name\": *\"Dense\"", "\"class_name\": \"Lambda\"", text),
             path)
  expect_error(load_model_config(path), class = "elman_error_file")
})

test_that("weights that do not fit are refused before any changes", {
  path <- withr::local_tempfile(fileext = ".weights.h5")
  save_model_weights(small_model(units = 4), path)
  model <- small_model(units = 3)
  before <- get_weights(model)
  expect_error(load_model_weights(model, path), class = "elman_error")
  expect_identical(get_weights(model), before)
})
