test_that("predictions do not depend on the batch size", {
  data <- series_data(11)
  model <- small_model()
  whole <- predict(model, data$x, batch_size = 11)
  expect_equal(dim(whole), c(11, 1))
  for (n in c(1, 4, 32)) {
    expect_equal(predict(model, data$x, batch_size = n), whole,
                 tolerance = 1e-6)
  }
})

test_that("a model that is not compiled predicts", {
  expect_equal(dim(predict(small_model(), array(0, c(1, 5, 2)))), c(1, 1))
})

test_that("NaN flows through", {
  model <- small_model()
  x <- array(0, c(2, 5, 2))
  x[1, 3, 1] <- NaN
  expect_equal(is.nan(predict(model, x)[, 1]), c(TRUE, FALSE))
})

test_that("a progress line is printed on request", {
  model <- small_model()
  expect_output(predict(model, array(0, c(2, 5, 2)), verbose = 1), "^1/1 ")
  expect_silent(predict(model, array(0, c(2, 5, 2)), verbose = 0))
})
