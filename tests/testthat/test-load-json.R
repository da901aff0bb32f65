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

problem <- function(text) cpp_json_problem(charToRaw(text), 2, 5)

test_that("depth counts brackets outside of strings", {
  expect_identical(problem('[{"a": "[[[["}]'), "")
  expect_identical(problem('["\\\\", "\\"[[", [1]]'), "")
  expect_identical(problem("3"), "")
  expect_match(problem('[{"a": []}]'), "nested too deeply, at most 2")
})

test_that("what does not close, or closes something else, is not JSON", {
  for (text in c('"open', '"open\\"', '{"a": 1]', "[1}", "[[1]", "]", "1]")) {
    expect_identical(problem(text), "is not valid JSON")
  }
})

test_that("percent signs are text, also where the text is refused", {
  skip_if_not_installed("jsonlite")
  expect_identical(parse_json('{"%n": ["100%", "\\\\%d"]}', "it"),
                   list(`%n` = list("100%", "\\%d")))
  # Taken for a format, these would end the session.
  for (text in c('{"a": %n}', '["%n%s%n" 1]', "[%s%s%s%n", '{"%n": 1,}')) {
    expect_json_refused(text, "not valid JSON")
  }
  expect_json_refused('["\\%n"]', "not valid JSON")
})

test_that("names count as the same within one object only", {
  expect_identical(problem('[{"a": "a", "b": "a"}, {"a": 1}]'), "")
  expect_match(problem('{"a": {"b": 1}, "a": 2}'), "the name \"a\" twice")
})

test_that("too many values or too much text are refused before it is parsed", {
  expect_match(problem("[1, 2, 3, 4, 5, 6]"), "too many values")
  expect_json_refused(paste0("[", strrep("[],", 3e5), "1]"), "too many values")
  expect_json_refused(paste0('"', strrep("a", 17e6), '"'), "too long")
})

test_that("what is nested too deeply is refused before it is parsed", {
  expect_json_refused(strrep("[", 1e5), "nested too deeply")
  expect_json_refused(paste0(strrep('{"a":', 101), "1", strrep("}", 101)),
                      "nested too deeply")
})

test_that("names twice, numbers out of range and broken text are refused", {
  skip_if_not_installed("jsonlite")
  expect_json_refused('{"a": {"b": 1, "b": 2}}', "\"b\" twice")
  expect_json_refused('{"b": 1, "\\u0062": 2}', "\"b\" twice")
  expect_json_refused('{"a": 1e999}', "out of range")
  expect_json_refused("[-1e305]", "out of range")
  expect_json_refused('{"a": NaN}', "not valid JSON")
  expect_json_refused('{"a": 1', "not valid JSON")
  expect_json_refused("", "not valid JSON")
  expect_json_refused(as.raw(c(0x5b, 0, 0x5d)), "not text")
  expect_json_refused(as.raw(c(0x22, 0xff, 0x22)), "UTF-8")
})

test_that("a missing package is named with what to do", {
  expect_error(need_package("no.such.package", "read models from files"),
               "install.packages\\(\"no.such.package\"\\)",
               class = "elman_error_file")
})
