filled <- function(template, ...) python_format(template, list(...), "filepath")

test_that("fields are formatted as in Python", {
  # What f"{x:spec}" gives.
  expected <- list(
    list("02d", 3L, "03"), list("d", 12L, "12"), list("5d", 12L, "   12"),
    list("<5d", 12L, "12   "), list("^5d", 12L, " 12  "),
    list("*>5d", 12L, "***12"), list("+d", 12L, "+12"), list(" d", 12L, " 12"),
    list("05d", -12L, "-0012"), list(",d", 1234567L, "1,234,567"),
    list("_d", 1234567L, "1_234_567"), list("", 7L, "7"),
    list(".2f", 0.126, "0.13"), list("08.3f", -1.5, "-001.500"),
    list("f", 0.5, "0.500000"), list("e", 12345.678, "1.234568e+04"),
    list(".3g", 12345.678, "1.23e+04"), list("g", 0.5, "0.5"),
    list(".1%", 0.1234, "12.3%"), list(",.2f", 1234.5, "1,234.50"),
    list(".3", 1, "1.0"), list(".3", 0.12345, "0.123"), list("", 0.1, "0.1"),
    list("", 1, "1.0"), list("", 1e16, "1e+16"), list("", 1e-5, "1e-05"),
    list("", 123456789, "123456789.0"), list("", 1 / 3, "0.3333333333333333"),
    list("", NaN, "nan"), list("", -Inf, "-inf"), list(".2f", NaN, "nan"),
    list(".2f", 3L, "3.00"), list("s", "ab", "ab"), list("4", "ab", "ab  ")
  )
  for (row in expected) {
    expect_equal(filled(sprintf("{x:%s}", row[[1]]), x = row[[2]]), row[[3]],
                 info = row[[1]])
  }
})

test_that("text around fields and doubled braces stay", {
  expect_equal(filled("a/{epoch:02d}-{val_loss:.2f}.keras", epoch = 3L,
                      val_loss = 0.5), "a/03-0.50.keras")
  expect_equal(filled("{{x}}{x}", x = 1L), "{x}1")
  expect_equal(filled("plain"), "plain")
})

test_that("fields that are not there, and wrong ones, are errors", {
  expect_snapshot(error = TRUE, {
    filled("{vall_loss:.2f}", epoch = 1L, val_loss = 2)
    filled("{epoch")
    filled("{epoch:.2q}", epoch = 1L)
    filled("{loss:d}", loss = 1.5)
  })
})
