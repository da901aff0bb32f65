test_that("a loss is a function of targets and predictions", {
  loss <- loss_mean_squared_error()
  expect_s3_class(loss, "elman_loss")
  expect_equal(loss$name, "mean_squared_error")
  expect_equal(loss$reduction, "sum_over_batch_size")
  value <- loss(matrix(c(0, 1, 2, 3), 2), matrix(0, 2, 2))
  expect_equal(as.numeric(value), mean(c(0, 1, 4, 9)))
})

test_that("reductions sum, average, weigh or leave", {
  y <- matrix(c(1, 2, 3, 4, 5, 6), 3)
  p <- matrix(0, 3, 2)
  each <- rowMeans(y^2)
  w <- c(1, 0, 3)
  value <- function(reduction, weight = NULL) {
    as.numeric(loss_mean_squared_error(reduction = reduction)(y, p, weight))
  }
  for (r in c("sum_over_batch_size", "mean", "mean_with_sample_weight")) {
    expect_equal(value(r), mean(each), info = r, tolerance = 1e-6)
  }
  expect_equal(value("sum"), sum(each), tolerance = 1e-6)
  expect_equal(value("none"), each, tolerance = 1e-6)
  expect_equal(value("sum_over_batch_size", w), sum(each * w) / 3,
               tolerance = 1e-6)
  expect_equal(value("sum", w), sum(each * w), tolerance = 1e-6)
  expect_equal(value("mean_with_sample_weight", w), sum(each * w) / sum(w),
               tolerance = 1e-6)
  expect_equal(value("mean_with_sample_weight", c(0, 0, 0)), 0)
  expect_equal(value("none", w), each * w, tolerance = 1e-6)
})

test_that("masked steps count for nothing and valid ones for all", {
  # Two samples of two steps, the last one masked: errors 2 and 1, 3.
  y <- as_tensor(array(c(2, 1, 9, 3), c(2, 2, 1)))
  p <- set_mask(as_tensor(array(0, c(2, 2, 1))),
                as_tensor(matrix(c(TRUE, TRUE, FALSE, TRUE), 2)))
  expect_equal(as.numeric(loss_mean_squared_error()(y, p)), 14 / 3,
               tolerance = 1e-6)
  expect_equal(as.numeric(loss_mean_absolute_error()(y, p)), 2,
               tolerance = 1e-6)
  w <- matrix(c(1, 2, 5, 3), 2)
  want <- (1 * 4 + 2 * 1 + 3 * 9) / 3
  expect_equal(as.numeric(loss_mean_squared_error()(y, p, w)), want,
               tolerance = 1e-6)
  # Weights do not enter the divisor here either, one per sample or per step.
  want <- (1 * 4 + 2 * 1 + 2 * 9) / 3
  expect_equal(as.numeric(loss_mean_squared_error()(y, p, c(1, 2))), want,
               tolerance = 1e-6)
})

test_that("losses that are masked altogether are zero", {
  p <- set_mask(as_tensor(array(1, c(1, 2, 1))),
                as_tensor(matrix(FALSE, 1, 2)))
  loss <- loss_mean_squared_error()
  expect_equal(as.numeric(loss(as_tensor(array(0, c(1, 2, 1))), p)), 0)
})

test_that("names, aliases, classes and functions are the same loss", {
  same <- list("mse", "MSE", "mean_squared_error", "MeanSquaredError",
               loss_mean_squared_error, loss_mean_squared_error())
  for (loss in same) {
    expect_equal(resolve_loss(loss)$class_name, "MeanSquaredError")
  }
  expect_equal(resolve_loss("bce")$class_name, "BinaryCrossentropy")
  expect_equal(resolve_loss("mae")$class_name, "MeanAbsoluteError")
  own <- resolve_loss(function(y_true, y_pred) op_abs(y_true - y_pred))
  expect_equal(as.numeric(loss_value(own, as_tensor(array(c(1, 3))),
                                     as_tensor(array(c(0, 0))))), 2)
})

test_that("crossentropy chooses by shape", {
  settle <- function(y, p) {
    loss <- resolve_loss("crossentropy")
    settle_loss(loss, as_tensor(y), as_tensor(p))$class_name
  }
  expect_equal(settle(matrix(0, 2, 1), matrix(0.5, 2, 1)),
               "BinaryCrossentropy")
  expect_equal(settle(array(0, 2), matrix(0.5, 2, 3)),
               "SparseCategoricalCrossentropy")
  expect_equal(settle(matrix(0, 2, 3), matrix(0.5, 2, 3)),
               "CategoricalCrossentropy")
})

test_that("a loss is made again from its configuration", {
  loss <- loss_binary_crossentropy(from_logits = TRUE, label_smoothing = 0.1)
  config <- get_config(loss)
  expect_equal(names(config),
               c("name", "reduction", "from_logits", "label_smoothing", "axis"))
  again <- from_config(config)
  expect_equal(get_config(again), config)
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    loss_mean_squared_error(reduction = "avg")
    loss_mean_squared_error(y_true = 1)
    loss_binary_crossentropy(label_smoothing = 2)
    loss_binary_crossentropy(matrix(0, 2, 3), matrix(0.5, 2, 1))
    loss_mean_squared_error(foo = 1)
  })
  expect_error(resolve_loss(3), class = "elman_error_argument")
})

test_that("every loss is found by its name and made again from its config", {
  for (name in public_names("loss_")) {
    make <- named_loss(name)
    loss <- make(reduction = "sum")
    config <- get_config(loss)
    expect_equal(config$reduction, "sum")
    expect_equal(get_config(from_config(config)), config)
    expect_equal(resolve_loss(config)$class_name, loss_object(loss)$class_name)
  }
})

test_that("losses of users inherit names and reductions", {
  Own <- R6::R6Class("OwnLoss", inherit = LossBase, public = list(
    call = function(y_true, y_pred) op_mean(op_abs(y_true - y_pred), axis = -1)
  ))
  clear_session()
  own <- wrap_loss(Own$new(reduction = "sum"))
  expect_equal(own$name, "own_loss")
  expect_equal(as.numeric(own(matrix(c(1, 3)), matrix(c(0, 0)), c(1, 2))), 7)
  expect_equal(names(get_config(own)), c("name", "reduction"))
  expect_error(LossBase$new()$call(1, 2), class = "elman_error_state")
})

test_that("a sequence of single numbers is one row for losses of rows", {
  y <- matrix(c(1, 2, 2, 1), 2)
  p <- array(c(1, 1, 1, 2), c(2, 2, 1))
  expect_equal(loss_cosine_similarity(y, p),
               loss_cosine_similarity(y, p[, , 1]))
  expect_equal(dim(loss_mean_squared_error(y, p)), c(2L, 2L))
})
