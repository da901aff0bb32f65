two_answers <- function() {
  set.seed(1)
  input <- keras_input(c(5, 2))
  h <- layer_simple_rnn(input, 3, return_sequences = TRUE)
  keras_model(input, list(
    layer_dense(h, 2, name = "steps"),
    h |> layer_flatten() |> layer_dense(1, name = "last")
  ))
}

# A generator of batches of x, and how often it was asked.
batches_of <- function(x, size) {
  at <- 0
  function() {
    rows <- at + seq_len(min(size, nrow(x) - at))
    at <<- at + length(rows)
    if (length(rows)) x[rows, , , drop = FALSE]
  }
}

test_that("a function gets each batch's outputs and its first sample", {
  data <- series_data(11)
  model <- small_model()
  whole <- predict(model, data$x, verbose = 0)
  got <- array(NA_real_, dim(whole))
  firsts <- NULL
  keep <- function(outputs, first) {
    firsts <<- c(firsts, first)
    got[first - 1 + seq_len(nrow(outputs)), ] <<- outputs
  }
  shown <- withVisible(predict(model, batches_of(data$x, 4), into = keep,
                               verbose = 0))
  expect_false(shown$visible)
  expect_equal(shown$value, 11)
  expect_equal(firsts, c(1, 5, 9))
  expect_equal(got, whole, tolerance = 1e-6)
  got[] <- NA
  expect_equal(predict(model, data$x, batch_size = 3, into = keep), 11)
  expect_equal(got, whole, tolerance = 1e-6)
})

test_that("a file gets every number of every output, exactly", {
  for (dtype in c("float32", "float64")) with_floatx(dtype, {
    data <- series_data(7)
    model <- two_answers()
    whole <- predict(model, data$x, batch_size = 3, verbose = 0)
    file <- withr::local_tempfile(fileext = ".csv")
    expect_equal(predict(model, data$x, batch_size = 3, into = file), 7)
    got <- utils::read.csv(file)
    expect_named(got, c(paste0("steps_", 1:10), "last"))
    # Row-major: the last axis runs first.
    steps <- aperm(array(t(as.matrix(got[1:10])), c(2, 5, 7)), c(3, 2, 1))
    if (dtype == "float64") {
      expect_identical(unname(steps), unname(whole[[1]]))
      expect_identical(got$last, as.vector(whole[[2]]))
    } else {
      expect_equal(steps, whole[[1]], tolerance = 1e-8)
      expect_equal(got$last, as.vector(whole[[2]]), tolerance = 1e-8)
    }
  })
})

test_that("a failure leaves the file as it was, and nothing beside it", {
  folder <- withr::local_tempdir()
  file <- file.path(folder, "scores.csv")
  writeLines("old", file)
  data <- series_data(8)
  give <- batches_of(data$x, 4)
  bad <- function() {
    x <- give()
    if (is.null(x)) stop("the source is gone") else x
  }
  expect_error(predict(small_model(), bad, into = file, verbose = 0),
               "the source is gone", class = "elman_error_argument")
  expect_identical(readLines(file), "old")
  expect_identical(dir(folder, all.files = TRUE, no.. = TRUE), "scores.csv")
})

test_that("memory is that of a batch, whatever the number of batches", {
  model <- small_model()
  peak <- function(batches) {
    left <- batches
    # 4 MB.
    x <- array(0.1, c(50000, 5, 2))
    give <- function() {
      left <<- left - 1
      if (left >= 0) x + 0
    }
    invisible(gc(reset = TRUE))
    predict(model, give, into = function(outputs, first) NULL, verbose = 0)
    sum(gc()[, 6])
  }
  peak(2)
  # 400 MB of data; garbage stays until R collects it.
  expect_lt(peak(100), peak(3) + 150)
})

test_that("into is checked before anything is predicted", {
  data <- series_data(4)
  asked <- 0
  give <- function() {
    asked <<- asked + 1
    data$x
  }
  for (into in list(1, "scores.txt", c("a.csv", "b.csv"), NA_character_)) {
    expect_error(predict(small_model(), give, into = into),
                 class = "elman_error_argument")
  }
  expect_error(predict(small_model(), give, into = "/no/such/folder/x.csv"),
               class = "elman_error_file")
  expect_equal(asked, 0)
})
