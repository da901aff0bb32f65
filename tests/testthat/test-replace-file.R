put <- function(text) function(temporary) writeLines(text, temporary)

test_that("a file is made, and made again over the old one", {
  dir <- withr::local_tempdir()
  path <- file.path(dir, "a.txt")
  expect_identical(replace_file(path, put("one")), path)
  expect_identical(readLines(path), "one")
  replace_file(path, put("two"))
  expect_identical(readLines(path), "two")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "a.txt")
})

test_that("the new file has another name in its folder until it is whole", {
  dir <- withr::local_tempdir()
  path <- file.path(dir, "a.txt")
  replace_file(path, put("old"))
  replace_file(path, function(temporary) {
    expect_identical(normalizePath(dirname(temporary)), normalizePath(dir))
    writeLines("new", temporary)
    expect_identical(readLines(path), "old")
  })
  expect_identical(readLines(path), "new")
})

test_that("an error leaves the old file and no other", {
  dir <- withr::local_tempdir()
  path <- file.path(dir, "a.txt")
  replace_file(path, put("old"))
  half <- function(temporary) {
    writeLines("half", temporary)
    stop("the disk is full")
  }
  wrong <- expect_error(replace_file(path, half, "x"),
                        class = "elman_error_file")
  expect_match(conditionMessage(wrong), "`x`.*a\\.txt.*the disk is full\\.$")
  expect_identical(wrong$arg, "x")
  expect_error(
    replace_file(path, function(temporary) abort_state("not now")),
    "not now", class = "elman_error_state"
  )
  expect_error(replace_file(path, function(temporary) NULL),
               "nothing was written", class = "elman_error_file")
  expect_identical(readLines(path), "old")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "a.txt")
})

test_that("an interrupt leaves the old file and no other", {
  dir <- withr::local_tempdir()
  path <- file.path(dir, "a.txt")
  replace_file(path, put("old"))
  stopped <- tryCatch(
    replace_file(path, function(temporary) {
      writeLines("half", temporary)
      rlang::interrupt()
    }),
    interrupt = function(i) "stopped"
  )
  expect_identical(stopped, "stopped")
  expect_identical(readLines(path), "old")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "a.txt")
})

test_that("what cannot be a file is refused before anything is written", {
  dir <- withr::local_tempdir()
  never <- function(temporary) stop("called")
  expect_error(replace_file(dir, never), "is a folder",
               class = "elman_error_file")
  expect_error(replace_file(file.path(dir, "no", "a"), never), "no folder",
               class = "elman_error_file")
  expect_error(replace_file(3, never), "`filepath` must be a string",
               class = "elman_error_argument")
  expect_error(replace_file("", never), "name of a file",
               class = "elman_error_argument")
})

test_that("a folder that cannot be written to is refused", {
  skip_on_os(c("windows", "mac"))
  # Not even the superuser may make a file there.
  suppressWarnings(expect_error(replace_file("/proc/elman", put("x")), "/proc",
                                class = "elman_error_file"))
})

test_that("links and permissions are kept", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  path <- file.path(dir, "a.txt")
  link <- file.path(dir, "link.txt")
  replace_file(path, put("old"))
  Sys.chmod(path, "600")
  file.symlink(path, link)
  replace_file(link, put("new"))
  expect_identical(readLines(path), "new")
  expect_identical(unname(Sys.readlink(link)), path)
  expect_identical(format(file.mode(path)), "600")
})
