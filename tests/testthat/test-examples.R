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
