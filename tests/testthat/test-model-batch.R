test_that("train_on_batch answers for the batch before its update", {
  data <- series_data(6)
  model <- compiled_model(metrics = "mae")
  before <- test_on_batch(model, data$x, data$y)
  expect_equal(train_on_batch(model, data$x, data$y), before)
  after <- test_on_batch(model, data$x, data$y)
  expect_lt(after$loss, before$loss)
  expect_equal(train_on_batch(model, data$x, data$y), after)
})

test_that("only the loss is a number, not a list", {
  data <- series_data(4)
  expect_type(train_on_batch(compiled_model(), data$x, data$y), "double")
})

test_that("predict_on_batch equals predict", {
  data <- series_data(4)
  model <- small_model()
  expect_equal(predict_on_batch(model, data$x), predict(model, data$x))
})

test_that("one step equals one epoch of one batch", {
  data <- series_data(6)
  set.seed(1)
  a <- compiled_model("adam")
  set.seed(1)
  b <- compiled_model("adam")
  train_on_batch(a, data$x, data$y)
  fit(b, data$x, data$y, shuffle = FALSE)
  expect_identical(weight_bits(a), weight_bits(b))
})
