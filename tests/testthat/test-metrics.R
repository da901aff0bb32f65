test_that("a metric is the mean over all samples since its reset", {
  m <- metric_mean_absolute_error()
  m$update_state(matrix(c(1, 2)), matrix(0, 2, 1))
  m$update_state(matrix(6), matrix(0))
  expect_equal(m$result(), 3)
  m$reset_state()
  expect_equal(m$result(), 0)
  expect_equal(m(matrix(4), matrix(0)), 4)
})

test_that("weights weigh samples", {
  m <- metric_mean_squared_error()
  y <- matrix(c(1, 2, 3, 4), 2)
  m$update_state(y, matrix(0, 2, 2), sample_weight = c(1, 3))
  each <- rowMeans(y^2)
  expect_equal(m$result(), sum(each * c(1, 3)) / 4, tolerance = 1e-6)
})

test_that("weights per step weigh steps", {
  m <- metric_mean_absolute_error()
  y <- array(1:6, c(2, 3, 1))
  w <- matrix(c(1, 0, 2, 1, 0, 1), 2)
  m$update_state(y, array(0, c(2, 3, 1)), sample_weight = w)
  expect_equal(m$result(), sum(y[, , 1] * w) / sum(w), tolerance = 1e-6)
})

test_that("masked steps do not count", {
  y <- as_tensor(array(c(2, 1, 9, 3), c(2, 2, 1)))
  p <- set_mask(as_tensor(array(0, c(2, 2, 1))),
                as_tensor(matrix(c(TRUE, TRUE, FALSE, TRUE), 2)))
  m <- metric_mean_absolute_error()
  m$update_state(y, p)
  expect_equal(m$result(), 2, tolerance = 1e-6)
})

test_that("metrics keep the name that was written", {
  name <- function(metric) {
    resolve_metric(metric)(as_tensor(matrix(0, 2, 1)),
                           as_tensor(matrix(0, 2, 1)))$name
  }
  expect_equal(name("mae"), "mae")
  expect_equal(name("MSE"), "MSE")
  expect_equal(name("acc"), "acc")
  expect_equal(name(metric_mean_squared_error), "mean_squared_error")
  expect_equal(name(custom_metric("bias", function(y_true, y_pred) {
    y_pred - y_true
  })), "bias")
})

test_that("accuracy is chosen by the shapes", {
  kind <- function(y, p) {
    accuracy_metric("acc", as_tensor(y), as_tensor(p))$class_name
  }
  expect_equal(kind(array(0, 2), matrix(0, 2, 1)), "BinaryAccuracy")
  expect_equal(kind(array(0, 2), matrix(0, 2, 3)), "SparseCategoricalAccuracy")
  expect_equal(kind(matrix(0, 2, 1), matrix(0, 2, 3)),
               "SparseCategoricalAccuracy")
  expect_equal(kind(matrix(0, 2, 3), matrix(0, 2, 3)), "CategoricalAccuracy")
})

test_that("metric_mean averages numbers", {
  m <- metric_mean()
  m$update_state(c(1, 3, 5, 7), sample_weight = c(1, 1, 0, 0))
  expect_equal(m$result(), 2)
})

test_that("own metrics may be a number per batch or per sample", {
  per_sample <- resolve_metric(function(y_true, y_pred) {
    op_mean(op_abs(y_true - y_pred), axis = -1)
  })(NULL, NULL)
  per_batch <- resolve_metric(function(y_true, y_pred) {
    op_mean(op_abs(y_true - y_pred))
  })(NULL, NULL)
  for (m in list(per_sample, per_batch)) {
    m$update_state(as_tensor(matrix(c(1, 3))), as_tensor(matrix(0, 2, 1)))
    expect_equal(m$result(), 2)
  }
})

test_that("wrong metrics are named", {
  expect_snapshot(error = TRUE, {
    resolve_metric("accurracy_binary")
    resolve_metric("binary_acuracy")
    resolve_metric(1)
    metric_binary_accuracy(threshold = 2)
    custom_metric("a", 1)
  })
})

test_that("statistics are tensors and their sum is the metric of all data", {
  withr::local_seed(3)
  y <- matrix(as.double(runif(12) < 0.5), 6)
  p <- matrix(runif(12), 6)
  make <- list(metric_binary_accuracy, metric_mean_squared_error, metric_auc,
               metric_precision, metric_f1_score, metric_r2_score,
               metric_root_mean_squared_error, metric_hinge)
  for (each in make) {
    whole <- metric_object(each())
    parts <- metric_object(each())
    whole$update_state(y, p)
    for (rows in list(1:2, 3:6)) {
      statistics <- parts$statistics(as_tensor(y[rows, ]),
                                     as_tensor(p[rows, ]))
      expect_true(all(vapply(statistics, is_tensor, NA)))
      parts$absorb(lapply(statistics, as.array))
    }
    expect_equal(parts$result(), whole$result(), tolerance = 1e-6)
    expect_length(parts$state, length(statistics))
  }
})

test_that("metrics of users have variables and run after the step", {
  Largest <- R6::R6Class("Largest", inherit = MetricBase, public = list(
    initialize = function(...) {
      super$initialize(...)
      self$top <- self$add_variable(shape(), name = "top")
    },
    update_state = function(y_true, y_pred, sample_weight = NULL) {
      self$top$assign(op_maximum(self$top, op_max(y_pred)))
    },
    result = function() self$top
  ), lock_objects = FALSE)
  model <- small_model()
  metric <- Largest$new(name = "largest")
  compile(model, "sgd", "mse", metrics = list(wrap_metric(metric), "mae"))
  data <- series_data(6)
  got <- test_on_batch(model, data$x, data$y)
  expect_equal(got$largest, max(predict(model, data$x), 0), tolerance = 1e-6)
  expect_named(got, c("largest", "loss", "mae"))
  expect_length(metric$variables, 1)
  metric$reset_state()
  expect_equal(as.numeric(metric$result()), 0)
  expect_equal(get_config(wrap_metric(metric))$name, "largest")
  expect_error(MetricBase$new()$update_state(1), class = "elman_error_state")
})

test_that("every metric is found by its name, or says what it needs", {
  for (name in public_names("metric_")) {
    make <- get(paste0("metric_", name), own_namespace())
    if (length(required_arguments(make))) {
      expect_error(resolve_metric(name), class = "elman_error_argument")
    } else {
      metric <- resolve_metric(name)(NULL, NULL)
      expect_equal(metric$name, name)
    }
  }
  expect_snapshot(error = TRUE, resolve_metric("recall_at_precision"))
})
