# Models saved while they are trained.

test_that("file names are filled as Python fills them", {
  folder <- withr::local_tempdir()
  fit_on_logs(list(loss = c(2, 1.5), val_loss = c(0.126, 12)), list(
    callback_model_checkpoint(file.path(
      folder, "sub", "{epoch:02d}-{val_loss:.2f}.keras"
    ))
  ))
  expect_identical(dir(file.path(folder, "sub")),
                   c("01-0.13.keras", "02-12.00.keras"))
  fills <- function(template, ...) python_format(template, list(...), "x")
  expect_identical(fills("{a:+.1e}|{b:>4}|{{}}|{c:,d}", a = 12.5, b = "x",
                         c = 12345L), "+1.2e+01|   x|{}|12,345")
  expect_error(fills("{a}", b = 1), class = "elman_error_argument")
  expect_error(fills("{a", a = 1), class = "elman_error_argument")
})

test_that("only better models are saved, and can be loaded", {
  file <- withr::local_tempfile(fileext = ".keras")
  epochs <- c()
  saved <- callback_lambda(on_epoch_end = function(epoch, logs) {
    epochs <<- c(epochs, tools::md5sum(file)[[1]])
    NULL
  })
  model <- still_model()
  fit_on_logs(list(val_loss = c(3, 2, 4, 1)), list(
    callback_model_checkpoint(file, save_best_only = TRUE,
                              initial_value_threshold = 2.5), saved
  ), model)
  expect_identical(is.na(epochs), c(TRUE, FALSE, FALSE, FALSE))
  expect_identical(epochs[2], epochs[3])
  expect_identical(weight_bits(load_model(file)), weight_bits(model))
})

test_that("batches are counted on from epoch to epoch", {
  folder <- withr::local_tempdir()
  data <- series_data(12)
  fit(compiled_model(), data$x, data$y, batch_size = 4, epochs = 3,
      verbose = 0, callbacks = callback_model_checkpoint(
        file.path(folder, "{epoch}-{batch}.weights.h5"),
        save_weights_only = TRUE, save_freq = 2
      ))
  expect_identical(dir(folder), paste0(c("1-2", "2-1", "2-3", "3-2"),
                                       ".weights.h5"))
})

test_that("a file that cannot be written is told before training starts", {
  file <- withr::local_tempfile()
  writeLines("a file, no folder", file)
  model <- still_model()
  before <- weight_bits(model)
  expect_error(
    fit(model, matrix(1, 4, 1), numeric(4), verbose = 0,
        callbacks = callback_model_checkpoint(file.path(file, "x.keras"))),
    class = "elman_error_file"
  )
  expect_identical(weight_bits(model), before)
  expect_error(callback_model_checkpoint("x.txt"),
               class = "elman_error_argument")
  expect_error(callback_model_checkpoint("x.keras", save_freq = 0.5),
               class = "elman_error_argument")
})

test_that("a kill at any moment leaves a model that can be loaded", {
  skip_on_os("windows")
  file <- withr::local_tempfile(fileext = ".keras")
  data <- series_data(8)
  save_model(compiled_model(), file)
  set.seed(3)
  for (seconds in runif(8, 0.02, 0.3)) {
    in_child(fit(compiled_model(), data$x, data$y, epochs = 10000, verbose = 0,
                 callbacks = callback_model_checkpoint(file, "loss")),
             stop_after = seconds)
    expect_true(all(is.finite(weight_bits(load_model(file)))))
  }
})
