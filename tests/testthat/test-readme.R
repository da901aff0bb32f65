# README's R code, block by block, where the sources are at hand.
readme_blocks <- function() {
  path <- test_path("../../README.md")
  skip_if(!file.exists(path), "README.md is not beside the tests")
  lines <- readLines(path, encoding = "UTF-8")
  fence <- grep("^```", lines)
  starts <- fence[grepl("^``` r$", lines[fence])]
  lapply(starts, function(start) {
    lines[(start + 1):(min(fence[fence > start]) - 1)]
  })
}

# Sales of a shop by weekday and season: days and numbers are missing.
write_sales <- function(path, dialect) {
  set.seed(7)
  day <- seq(as.Date("2022-03-01"), as.Date("2024-08-15"), by = "day")
  weekday <- c(8, 9, 9.5, 10, 14, 19, 4)[as.POSIXlt(day)$wday + 1]
  season <- 1 + sin(2 * pi * as.numeric(day) / 365.25) / 4
  sales <- data.frame(date = day, sales = round(
    weekday * season + stats::arima.sim(list(ar = 0.6), length(day)), 2
  ))
  sales$sales[seq(3, 800, by = 41)] <- NA
  dialect(sales[-c(200:206, seq(7, 850, by = 29)), ], path, row.names = FALSE)
}

run_block <- function(block, folder) {
  withr::local_dir(folder)
  grDevices::pdf("plot.pdf")
  withr::defer(grDevices::dev.off())
  env <- new.env(parent = environment(run_block))
  set.seed(1)
  utils::capture.output(came <- eval(parse(text = block), env))
  came
}

# Lines "name: number" in two parts.
labels_of <- function(lines) trimws(sub(":.*", "", lines[nzchar(lines)]))

numbers_of <- function(lines) {
  as.numeric(sub(".*: ", "", grep(": [0-9.]+$", lines, value = TRUE)))
}

test_that("README's forecast of a file runs as it stands and beats last week", {
  blocks <- readme_blocks()
  own <- Filter(function(block) any(grepl("read.csv", block)), blocks)[[1]]
  folder <- withr::local_tempdir()
  write_sales(file.path(folder, "sales.csv"), utils::write.csv)
  errors <- run_block(own, folder)
  expect_identical(errors[["truth"]], 0)
  expect_lt(errors[["network"]], 0.9 * errors[["last_week"]])
  expect_gt(file.size(file.path(folder, "plot.pdf")), 5000)
  write_sales(file.path(folder, "sales.csv"), utils::write.csv2)
  commas <- sub("read.csv(", "read.csv2(", own, fixed = TRUE)
  expect_identical(run_block(commas, folder), errors)
})

test_that("README's first example prints what it says", {
  first <- readme_blocks()[[1]]
  said <- sub("^#> ", "", grep("^#>", first, value = TRUE))
  set.seed(1)
  # library(elman) would attach another copy than the one under test.
  code <- grep("^library|^#>", first, value = TRUE, invert = TRUE)
  printed <- utils::capture.output(
    eval(parse(text = code), new.env(parent = environment(readme_blocks)))
  )
  expect_identical(labels_of(printed), labels_of(said))
  expect_equal(numbers_of(printed), numbers_of(said), tolerance = 0.02)
})
