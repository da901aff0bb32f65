# Names of the files that a training with these logs leaves.
saved <- function(template, logs, ..., model = still_model()) {
  folder <- withr::local_tempdir()
  keep <- callback_model_checkpoint(file.path(folder, template), ...)
  fit_on_logs(logs, list(keep), model)
  sort(dir(folder, all.files = TRUE, no.. = TRUE))
}

test_that("a model saved is the model, optimizer and all", {
  skip_without_files()
  data <- series_data(12)
  path <- withr::local_tempfile(fileext = ".keras")
  weights <- withr::local_tempfile(fileext = ".weights.h5")
  model <- compiled_model(optimizer_adam(0.01))
  fit(model, data$x, data$y, epochs = 2, shuffle = FALSE, callbacks = list(
    callback_model_checkpoint(path),
    callback_model_checkpoint(weights, save_weights_only = TRUE)
  ))
  back <- load_model(path)
  expect_identical(weight_bits(back), weight_bits(model))
  other <- small_model()
  load_model_weights(other, weights)
  expect_identical(predict(other, data$x), predict(model, data$x))
  for (m in list(model, back)) {
    fit(m, data$x, data$y, epochs = 1, shuffle = FALSE)
  }
  expect_identical(weight_bits(back), weight_bits(model))
})

test_that("file names are filled with epoch, batch and logs", {
  skip_without_files()
  logs <- list(loss = c(1, 2), val_loss = c(0.126, 0.5))
  expect_equal(saved("{epoch:02d}-{val_loss:.2f}.keras", logs),
               c("01-0.13.keras", "02-0.50.keras"))
  expect_equal(saved("new/{epoch}.keras", logs), "new")
  data <- series_data(9)
  folder <- withr::local_tempdir()
  keep <- callback_model_checkpoint(
    file.path(folder, "{epoch}-{batch}.keras"), save_freq = 2
  )
  fit(compiled_model(), data$x, data$y, batch_size = 3, epochs = 2,
      callbacks = keep)
  expect_setequal(dir(folder), c("1-2.keras", "2-1.keras", "2-3.keras"))
  expect_error(saved("{val_los}.keras", logs), "there is only",
               class = "elman_error_argument")
})

test_that("only what is better is saved, if wanted", {
  skip_without_files()
  logs <- list(loss = c(3, 4, 2, 2), val_loss = c(1, 2, 3, 0))
  best <- function(...) {
    sub(".keras", "", saved("{epoch}.keras", logs, save_best_only = TRUE, ...))
  }
  expect_equal(best(monitor = "loss"), c("1", "3"))
  expect_equal(best(), c("1", "4"))
  expect_equal(best(monitor = "loss", mode = "max"), c("1", "2"))
  expect_equal(best(monitor = "loss", initial_value_threshold = 2.5), "3")
  expect_warning(all <- best(monitor = "accuracy", mode = "max"),
                 class = "elman_warning_monitor")
  expect_equal(all, c("1", "2", "3", "4"))
  # By batches, too, before the first epoch has ended.
  data <- series_data(12)
  folder <- withr::local_tempdir()
  spoil <- callback_lambda(on_train_batch_end = function(batch, logs) {
    list(loss = c(2, 1, 3)[batch])
  })
  keep <- callback_model_checkpoint(
    file.path(folder, "{batch}.keras"), "loss", save_best_only = TRUE,
    save_freq = 1
  )
  fit(compiled_model(), data$x, data$y, batch_size = 4,
      callbacks = list(spoil, keep))
  expect_equal(dir(folder), c("1.keras", "2.keras"))
})

test_that("a file that cannot be written is an error before training", {
  folder <- withr::local_tempdir()
  file <- file.path(folder, "file")
  writeLines("a file", file)
  dir.create(file.path(folder, "taken.keras"))
  bad <- c(file.path(file, "{epoch}.keras"), file.path(folder, "taken.keras"),
           if (dir.exists("/proc")) "/proc/elman/model.keras")
  for (path in bad) {
    model <- still_model()
    expect_error(
      fit_on_logs(list(loss = 1), list(callback_model_checkpoint(path)), model),
      class = "elman_error_file"
    )
    expect_equal(as.numeric(model$optimizer$iterations), 0)
  }
  expect_setequal(dir(folder, all.files = TRUE, no.. = TRUE),
                  c("file", "taken.keras"))
})

test_that("verbose tells about each file", {
  skip_without_files()
  out <- utils::capture.output(
    saved("{epoch}.keras", list(loss = c(2, 3)), monitor = "loss",
          save_best_only = TRUE, verbose = 1)
  )
  expect_equal(out[c(2, 6)], c(
    "Epoch 1: loss is 2, better than nothing yet.",
    "Epoch 2: loss is 3, not better than 2."
  ))
  expect_match(out[4], "^Epoch 1: saved in .*1\\.keras\\.$")
})
