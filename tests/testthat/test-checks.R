# Checks say what must hold, then what came, in the user's call.

test_that("counts are positive whole numbers", {
  expect_identical(check_count(3, "units"), 3L)
  bad <- list(0, -3, 2.5, NA, "a", c(1, 2), NULL, Inf, TRUE)
  for (x in bad) {
    expect_error(check_count(x, "units"), class = "elman_error_argument")
  }
  f <- function(units) check_count(units, "units")
  expect_error(f(), "`units` must be a positive whole number, not missing",
               class = "elman_error_argument")
})

test_that("messages name the argument, what must hold and what came", {
  expect_snapshot(error = TRUE, {
    check_count(-3, "units")
    check_rate(1.5, "dropout")
    check_flag("yes", "use_bias")
    check_string(1, "name")
    check_number("a", "alpha", min = 0)
    match_name("tahn", c("tanh", "relu"), "activation")
    check_dots(nmae = "a", .allowed = c("name", "dtype"))
    check_dots(1)
  })
})

test_that("a trailing comma is forgiven", {
  expect_identical(check_dots(name = "a", , .allowed = "name")$name, "a")
})
