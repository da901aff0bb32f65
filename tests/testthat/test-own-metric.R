# Metrics written in plain R.

own_largest <- function() {
  Metric(
    "Largest",
    initialize = function(name = "largest", ...) {
      super$initialize(name = name, ...)
      self$value <- self$add_variable(shape(), "zeros", name = "value")
    },
    update_state = function(y_true, y_pred, sample_weight = NULL) {
      error <- op_max(op_abs(y_true - y_pred))
      self$value$assign(op_maximum(self$value, error))
    },
    result = function() self$value
  )
}

test_that("an own metric is kept over batches and begins anew", {
  metric <- own_largest()()
  metric$update_state(c(1, 2), c(1, 5))
  metric$update_state(c(1, 2), c(1, 3))
  expect_identical(as.numeric(metric$result()), 3)
  metric$reset_state()
  expect_identical(as.numeric(metric$result()), 0)
})

test_that("it is logged by fit and evaluate", {
  data <- flat_data()
  model <- functional_by(keras_model)
  compile(model, optimizer_sgd(0), loss = "mse",
          metrics = list(own_largest()()))
  error <- max(abs(predict(model, data$x, verbose = 0) - data$y))
  y <- matrix(data$y)
  h <- fit(model, data$x, y, epochs = 2, batch_size = 6, verbose = 0)
  expect_equal(h$metrics$largest, c(error, error), tolerance = 1e-6)
  e <- evaluate(model, data$x, y, batch_size = 6, verbose = 0)
  expect_equal(e$largest, error, tolerance = 1e-6)
})

test_that("it is kept by the model that holds it", {
  Held <- Model("Held", initialize = function(...) {
    super$initialize(...)
    self$largest <- own_largest()()
  }, compute_metrics = function(x, y, y_pred, sample_weight) {
    self$largest$update_state(y, y_pred)
    super$compute_metrics(x, y, y_pred, sample_weight)
  })
  data <- flat_data()
  model <- functional_by(Held)
  compile(model, optimizer_sgd(0), loss = "mse")
  h <- fit(model, data$x, matrix(data$y), batch_size = 6, verbose = 0)
  error <- max(abs(predict(model, data$x, verbose = 0) - data$y))
  expect_equal(h$metrics$largest, error, tolerance = 1e-6)
})

test_that("the configuration makes it again", {
  metric <- own_largest()(name = "worst")
  again <- from_config(serialize_object(metric))
  expect_identical(again$name, "worst")
})

test_that("wrong metrics are refused", {
  expect_snapshot(error = TRUE, {
    Metric("M", result = 3)
    Metric("M", inherit = layer_dense)
    Metric("M")()$update_state(1, 2)
    Metric("M")()$result()
  })
})
