# The code that users are shown: that of the vignettes and the demos runs.

shown_file <- function(...) {
  file <- system.file(..., package = "elman")
  expect_true(nzchar(file))
  file
}

test_that("the vignette's extensions agree with what they say", {
  env <- new.env(parent = globalenv())
  set.seed(1)
  capture.output(sys.source(shown_file("examples", "extending.R"), env))
  expect_equal(as.numeric(env$gradient), env$by_hand, tolerance = 1e-6)
  expect_lt(env$largest_difference, 1e-6)
  expect_lt(env$losses[25], env$losses[1] / 2)
})

test_that("every function shared with keras3 has keras3's arguments", {
  env <- new.env(parent = globalenv())
  sys.source(shown_file("examples", "keras3.R"), env)
  compared <- env$compare_with_keras3()
  expect_equal(anyDuplicated(compared$name), 0L)
  expect_gt(sum(compared$status == "same"), 540)
  expect_equal(compared$name[compared$status == "different arguments"],
               character())
})

test_that("the comparison sees another default, order or name", {
  env <- new.env(parent = globalenv())
  sys.source(shown_file("examples", "keras3.R"), env)
  expect_true(env$begins_with("x, axis = -1, extra", "x, axis = -1L"))
  expect_false(env$begins_with("x, axis = 1", "x, axis = -1L"))
  expect_false(env$begins_with("axis = -1, x", "x, axis = -1L"))
  expect_false(env$begins_with("x, axis = -10", "x, axis = -1L"))
})

# Demos print a table of scores, their baselines and the package's own.
run_demo <- function(name) {
  env <- new.env(parent = globalenv())
  plots <- tempfile(fileext = ".pdf")
  grDevices::pdf(plots)
  on.exit({
    grDevices::dev.off()
    unlink(plots)
  })
  printed <- capture.output(
    sys.source(shown_file("demo", paste0(name, ".R")), env)
  )
  expect_match(printed, "elman", all = FALSE)
  env
}

test_that("the demo of forecasting is ahead of what costs nothing", {
  skip_on_cran()
  scores <- run_demo("forecast")$scores
  expect_lt(scores[["elman, one network"]], scores[["last month again"]])
})

test_that("the demo of texts is ahead of the most frequent answer", {
  skip_on_cran()
  scores <- run_demo("text")$scores
  expect_gt(scores[["elman, bidirectional LSTM"]],
            scores[["most frequent topic"]] + 0.2)
})

test_that("the demo of classification is ahead of the linear answer", {
  skip_on_cran()
  scores <- run_demo("classification")$scores
  expect_gt(scores[["elman, mean of 5 networks"]],
            scores[["logistic regression"]] + 0.1)
})

test_that("the demo of streaming is as good step by step as at once", {
  skip_on_cran()
  env <- run_demo("streaming")
  expect_lt(env$scores[["elman, step by step"]],
            env$scores[["the month before"]])
  expect_lt(env$largest, 1e-5)
})

test_that("the index of demos names each of them", {
  listed <- utils::demo(package = "elman")$results[, "Item"]
  files <- list.files(dirname(shown_file("demo", "text.R")), "[.]R$")
  expect_setequal(paste0(listed, ".R"), files)
})
