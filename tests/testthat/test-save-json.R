test_that("values are written as Python reads them", {
  expect_identical(json_text(list(a = 1L, b = NULL, c = TRUE)),
                   '{"a": 1, "b": null, "c": true}')
  expect_identical(json_text(list(1L, "x", list())), '[1, "x", []]')
  expect_identical(json_text(empty_config()), "{}")
  expect_identical(json_text(new_shape(c(NA, 5L))), "[null, 5]")
  expect_identical(json_text(new_shape(3L)), "[3]")
})

test_that("doubles keep every bit and show that they are doubles", {
  expect_identical(json_text(0), "0.0")
  expect_identical(json_text(1e-7), "1e-07")
  expect_identical(json_text(1e22), "1e+22")
  for (x in c(0.1, 1 / 3, 2^-40, 0.1 + 0.2, 12345.678)) {
    expect_identical(as.numeric(json_text(x)), x)
  }
})

test_that("any text comes back", {
  skip_if_not_installed("jsonlite")
  for (x in c("a\"b\\c\n\t\u00e4\u4e2d", "", "\001", "</script>")) {
    expect_identical(jsonlite::parse_json(json_text(list(x)))[[1]], x)
  }
})

test_that("what is no value is refused", {
  expect_error(json_text(list(sum)), "cannot be written",
               class = "elman_error_argument")
})
