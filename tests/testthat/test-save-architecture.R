test_that("a configuration makes the same layers, compiled the same", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".json")
  model <- file_model(metrics = "mae")
  expect_identical(save_model_config(model, path), model)
  again <- load_model_config(path)
  expect_identical(names(get_config(again)), names(get_config(model)))
  expect_identical(lapply(get_weights(again), dim),
                   lapply(get_weights(model), dim))
  expect_named(train_once(again), c("loss", "mae"))
  text <- save_model_config(model)
  expect_identical(text, paste(readLines(path, warn = FALSE), collapse = ""))
})

test_that("weights start as the configuration says", {
  skip_without_files()
  model <- keras_model_sequential(input_shape = 2) |>
    layer_dense(2, kernel_initializer = initializer_constant(0.5))
  path <- withr::local_tempfile(fileext = ".json")
  save_model_config(model, path)
  expect_identical(get_weights(load_model_config(path))[[1]],
                   matrix(0.5, 2, 2))
})

test_that("existing files and hostile sizes are refused", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".json")
  model <- file_model()
  save_model_config(model, path)
  expect_error(save_model_config(model, path), "exists already",
               class = "elman_error_file")
  writeLines(sub('"units": 3', '"units": 200000', save_model_config(model)),
             path)
  expect_error(load_model_config(path), "more weights",
               class = "elman_error_file")
})
