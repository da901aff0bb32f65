read_raw <- function(path) readChar(path, file.size(path), useBytes = TRUE)

test_that("the file is the one that Keras writes", {
  path <- withr::local_tempfile()
  fit_on_logs(list(loss = c(0.5, 1e-5), val_loss = c(2, 1 / 3)),
              list(callback_csv_logger(path)))
  expect_equal(read_raw(path), paste0(
    "epoch,loss,mae,val_loss\r\n0,0.5,0.0,2.0\r\n",
    "1,1e-05,0.0,0.3333333333333333\r\n"))
  expect_equal(utils::read.csv(path)$epoch, 0:1)
})

test_that("columns for validation are there before it is", {
  path <- withr::local_tempfile()
  fit_on_logs(list(loss = c(1, 2)), list(callback_csv_logger(path, ";")))
  expect_equal(readLines(path)[1:2], c("epoch;loss;mae;val_loss;val_mae",
                                       "0;1.0;0.0;NA;NA"))
})

test_that("a file is gone on with, or replaced", {
  path <- withr::local_tempfile()
  logs <- list(loss = 1, val_loss = 2)
  for (k in 1:2) {
    fit_on_logs(logs, list(callback_csv_logger(path, append = TRUE)))
  }
  expect_equal(readLines(path), c("epoch,loss,mae,val_loss",
                                  rep("0,1.0,0.0,2.0", 2)))
  fit_on_logs(logs, list(callback_csv_logger(path)))
  expect_length(readLines(path), 2)
})

test_that("text and vectors are quoted", {
  expect_equal(csv_field("a", ","), "a")
  expect_equal(csv_field("a,b", ","), "\"a,b\"")
  expect_equal(csv_field("a,b", ";"), "a,b")
  expect_equal(csv_field(c(1, 2.5), ","), "\"\"\"[1.0, 2.5]\"\"\"")
})

test_that("a file that cannot be written is an error before training", {
  model <- still_model()
  path <- file.path(withr::local_tempdir(), "no", "log.csv")
  writeLines("a file", dirname(path))
  for (bad in c(path, tempdir())) {
    expect_error(fit_on_logs(list(loss = 1), list(callback_csv_logger(bad)),
                             model), class = "elman_error_file")
  }
  expect_equal(as.numeric(model$optimizer$iterations), 0)
})

test_that("fields are parted by one character", {
  for (wrong in list("", "::")) {
    expect_error(callback_csv_logger("log.csv", separator = wrong),
                 "`separator` must be a single character",
                 class = "elman_error_argument")
  }
})
