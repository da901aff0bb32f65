expect_json_refused <- function(text, regexp) {
  expect_error(parse_json(text, "it"), regexp, class = "elman_error_file")
}

test_that("JSON is read as lists", {
  skip_if_not_installed("jsonlite")
  expect_identical(
    parse_json('{"a": [1, null, "x\\"]"], "b": {}}', "it"),
    list(a = list(1L, NULL, "x\"]"), b = stats::setNames(list(), character()))
  )
})

test_that("depth counts brackets outside of strings", {
  expect_identical(json_depth('[{"a": "[[[["}]'), 2L)
  expect_identical(json_depth('["\\\\", "\\"[[", [1]]'), 2L)
  expect_identical(json_depth("3"), 0L)
  expect_identical(json_depth('"open'), NA_integer_)
})

test_that("what is nested too deeply is refused before it is parsed", {
  expect_json_refused(strrep("[", 1e5), "nested too deeply")
  expect_json_refused(paste0(strrep('{"a":', 101), "1", strrep("}", 101)),
                      "nested too deeply")
})

test_that("names twice, numbers out of range and broken text are refused", {
  skip_if_not_installed("jsonlite")
  expect_json_refused('{"a": {"b": 1, "b": 2}}', "\"b\" twice")
  expect_json_refused('{"a": 1e999}', "out of range")
  expect_json_refused('[-1e305]', "out of range")
  expect_json_refused('{"a": NaN}', "not valid JSON")
  expect_json_refused('{"a": 1', "not valid JSON")
  expect_json_refused('', "not valid JSON")
  expect_json_refused(as.raw(c(0x5b, 0, 0x5d)), "not text")
  expect_json_refused(as.raw(c(0x22, 0xff, 0x22)), "UTF-8")
})

test_that("a missing package is named with what to do", {
  expect_error(need_package("no.such.package", "read models from files"),
               "install.packages\\(\"no.such.package\"\\)",
               class = "elman_error_file")
})
