history <- new_history(
  list(epochs = 2),
  list(loss = c(2, 1), mae = c(1, 0.5), val_loss = c(3, 2), val_mae = c(2, 1))
)

test_that("ggplot2 gets the data frame of the history", {
  skip_if_not_installed("ggplot2")
  p <- plot(history, method = "ggplot2")
  expect_s3_class(p, "ggplot")
  expect_equal(p$data, as.data.frame(history))
  one <- plot(history, metrics = "mae", method = "ggplot2")
  expect_equal(levels(one$data$metric), "mae")
})

test_that("base graphics draw a panel per metric", {
  file <- withr::local_tempfile(fileext = ".pdf")
  grDevices::pdf(file)
  withr::defer(grDevices::dev.off())
  expect_null(plot(history, method = "base"))
  expect_false(withVisible(plot(history, method = "base"))$visible)
})

test_that("unknown metrics and methods are named", {
  expect_snapshot(error = TRUE, {
    plot(history, metrics = "maee")
    plot(history, method = "lattice")
  })
})
