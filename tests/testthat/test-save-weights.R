test_that("weights and optimizer go from one model into another", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".weights.h5")
  model <- file_model()
  train_once(model)
  expect_identical(save_model_weights(model, path), model)
  other <- file_model()
  set_weights(other, lapply(get_weights(other), function(w) w * 0))
  expect_identical(load_model_weights(other, path), other)
  expect_identical(get_weights(other), get_weights(model))
  expect_identical(train_once(other), train_once(model))
  expect_identical(train_once(other), train_once(model))
})

test_that("weights are read from every kind of file", {
  skip_without_files()
  dir <- withr::local_tempdir()
  model <- file_model()
  save_model(model, file.path(dir, "a.keras"))
  save_model(model, file.path(dir, "a.h5"))
  save_model_weights_hdf5(model, file.path(dir, "b.h5"))
  for (file in c("a.keras", "a.h5", "b.h5")) {
    other <- file_model()
    set_weights(other, lapply(get_weights(other), function(w) w * 0))
    load_model_weights(other, file.path(dir, file))
    expect_identical(get_weights(other), get_weights(model))
  }
})

wider_model <- function() {
  keras_model_sequential(input_shape = c(4, 2)) |>
    layer_simple_rnn(3, name = "memory") |>
    layer_dense(5, name = "answer")
}

test_that("weights that do not fit change nothing, or layers are skipped", {
  skip_without_files()
  dir <- withr::local_tempdir()
  model <- file_model()
  save_model_weights(model, file.path(dir, "a.weights.h5"))
  save_model_weights_hdf5(model, file.path(dir, "b.h5"))
  for (file in list.files(dir, full.names = TRUE)) {
    other <- wider_model()
    before <- get_weights(other)
    expect_error(load_model_weights(other, file), "`answer` does not fit",
                 class = "elman_error_file")
    expect_identical(get_weights(other), before)
    expect_warning(load_model_weights(other, file, skip_mismatch = TRUE),
                   "1 of the model's layers", class = "elman_warning")
    expect_identical(get_weights(other)[1:3], get_weights(model)[1:3])
    expect_identical(get_weights(other)[4:5], before[4:5])
  }
})

test_that("an optimizer of another kind starts afresh, with a warning", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".weights.h5")
  model <- file_model()
  train_once(model)
  save_model_weights(model, path)
  other <- file_model()
  compile(other, optimizer_sgd(0.0625), loss = "mse")
  expect_warning(load_model_weights(other, path), "starts afresh",
                 class = "elman_warning")
  expect_identical(get_weights(other), get_weights(model))
  plain <- keras_model_sequential(input_shape = c(4, 2)) |>
    layer_simple_rnn(3) |>
    layer_dense(2)
  expect_silent(load_model_weights(plain, path))
})

test_that("a hostile count of updates is refused before a weight changes", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".weights.h5")
  model <- file_model()
  train_once(model)
  for (count in c(-1, NaN, 1e300, 0.5)) {
    save_model_weights(model, path, overwrite = TRUE)
    with_library(path, function(h5) {
      h5$link_delete("optimizer/vars/0")
      suppressWarnings(h5$create_dataset(
        "optimizer/vars/0", count, chunk_dims = NULL,
        dtype = hdf5r::h5types$H5T_IEEE_F64LE, space = hdf5r::H5S$new("scalar")
      ))
    })
    other <- file_model()
    set_weights(other, lapply(get_weights(other), function(w) w * 0))
    before <- get_weights(other)
    expect_error(load_model_weights(other, path), "count of updates",
                 class = "elman_error_file")
    expect_identical(get_weights(other), before)
  }
})

test_that("layers of older files are matched by name where that is asked", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".h5")
  model <- file_model()
  save_model_weights_hdf5(model, path)
  other <- keras_model_sequential(input_shape = 3) |>
    layer_dense(2, name = "answer") |>
    layer_dense(2, name = "more")
  before <- get_weights(other)
  expect_error(load_model_weights(other, path), "does not fit",
               class = "elman_error_file")
  load_model_weights_hdf5(other, path, by_name = TRUE)
  expect_identical(get_weights(other)[1:2], get_weights(model)[4:5])
  expect_identical(get_weights(other)[3:4], before[3:4])
})

test_that("low-rank updates are saved as part of their matrix", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".weights.h5")
  model <- keras_model_sequential(input_shape = 3) |>
    layer_dense(2, lora_rank = 1)
  weights <- get_weights(model)
  set_weights(model, lapply(weights, function(w) w + 0.5))
  x <- matrix(1:6 / 6, 2)
  before <- predict(model, x, verbose = 0)
  save_model_weights(model, path)
  plain <- keras_model_sequential(input_shape = 3) |> layer_dense(2)
  load_model_weights(plain, path)
  expect_equal(predict(plain, x, verbose = 0), before, tolerance = 1e-6)
  load_model_weights(model, path)
  expect_equal(predict(model, x, verbose = 0), before, tolerance = 1e-6)
})

test_that("arguments that do not hold are refused", {
  skip_without_files()
  dir <- withr::local_tempdir()
  path <- file.path(dir, "a.weights.h5")
  model <- file_model()
  expect_error(save_model_weights(model, file.path(dir, "a.h5")),
               "\\.weights\\.h5", class = "elman_error_argument")
  expect_error(save_model_weights(model, path, max_shard_size = 5),
               "max_shard_size", class = "elman_error_argument")
  expect_error(save_model_weights(keras_model_sequential(), path), "built",
               class = "elman_error_state")
  expect_error(load_model_weights(keras_model_sequential(), path), "built",
               class = "elman_error_state")
  expect_error(load_model_weights(model, path), "no file",
               class = "elman_error_file")
  expect_error(load_model_weights_hdf5(model, path, reshape = TRUE), "reshape",
               class = "elman_error_argument")
  save_model_weights(model, path)
  expect_error(save_model_weights(model, path), "exists already",
               class = "elman_error_file")
})
