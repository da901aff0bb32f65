test_that("verbose is 0 in tests, 2 in knitr, else 1", {
  expect_equal(withr::with_envvar(c(TESTTHAT = "true"),
                                  resolve_verbose("auto")), 0)
  withr::local_envvar(TESTTHAT = "false")
  expect_equal(resolve_verbose("auto"), 1)
  # Put back at once: under this option withr asks knitr for its documents.
  old <- options(knitr.in.progress = TRUE)
  knitted <- resolve_verbose("auto")
  options(old)
  expect_equal(knitted, 2)
  expect_error(resolve_verbose(3), "verbose", class = "elman_error_argument")
})

test_that("times read as in Keras", {
  expect_equal(format_each(0.0000125), "12us/step")
  expect_equal(format_each(0.019), "19ms/step")
  expect_equal(format_each(2.4), "2s/step")
  expect_equal(format_left(59), "59s")
  expect_equal(format_left(75), "1:15")
  expect_equal(format_left(3700), "1:01:40")
})

test_that("small numbers are shown in powers of ten", {
  expect_equal(format_logs(list(loss = 0.5, mae = 0.00012)),
               " - loss: 0.5000 - mae: 1.2000e-04")
})

test_that("a finished bar shows count, bar, time, metrics", {
  withr::local_options(cli.num_colors = 1, cli.unicode = TRUE)
  p <- Progress$new(1L, 2L, live = FALSE)
  out <- utils::capture.output(p$finish(2L, list(loss = 0.25)))
  expect_match(out, "^2/2 \u2501{20} 0s \\S+/step - loss: 0.2500$")
  p <- Progress$new(2L, 10L, live = FALSE)
  out <- utils::capture.output(p$finish(10L, list(loss = 0.25)))
  expect_match(out, "^10/10 - 0s - \\S+/step - loss: 0.2500$")
})

test_that("a live bar writes over itself and shows the time left", {
  withr::local_options(cli.num_colors = 1, cli.unicode = TRUE)
  p <- Progress$new(1L, 20L, live = TRUE)
  p$start <- p$now() - 4
  out <- utils::capture.output(p$step(1L, list(loss = 1)))
  expect_match(out, "\r 1/20 \u2501{20} 1:1[56] 4s/step - loss: 1.0000")
})

test_that("fit prints a line per epoch", {
  data <- series_data(8)
  out <- utils::capture.output(
    fit(compiled_model(), data$x, data$y, epochs = 2, verbose = 2)
  )
  expect_equal(out[c(1, 3)], c("Epoch 1/2", "Epoch 2/2"))
  expect_match(out[c(2, 4)], "^1/1 - \\d+s - \\S+/step - loss: \\d")
  expect_silent(fit(compiled_model(), data$x, data$y, verbose = 0))
})
