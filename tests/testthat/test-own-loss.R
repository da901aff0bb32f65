# Losses written in plain R.

own_mse <- function(...) {
  Loss("OwnMSE", call = function(y_true, y_pred) {
    op_mean(op_square(y_true - y_pred), axis = -1)
  }, ...)
}

test_that("an own loss trains as the package's, with weights and masks", {
  data <- flat_data()
  start <- NULL
  for (weight in list(NULL, seq(0, 2, length.out = 20))) {
    fits <- lapply(list(own_mse()(), loss_mean_squared_error()), function(l) {
      model <- functional_by(keras_model)
      if (is.null(start)) start <<- get_weights(model)
      set_weights(model, start)
      compile(model, optimizer_adam(0.02), loss = l)
      h <- fit(model, data$x, data$y, epochs = 3, sample_weight = weight,
               shuffle = FALSE, verbose = 0)
      list(h$metrics, get_weights(model))
    })
    expect_equal(fits[[1]], fits[[2]], tolerance = 1e-6)
  }
  x <- as_tensor(matrix(1:4 / 2, 2))
  masked <- set_mask(x, as_tensor(c(TRUE, FALSE)))
  y <- matrix(0, 2, 2)
  expect_equal(as.numeric(own_mse()()(y, masked)),
               as.numeric(loss_mean_squared_error()(y, masked)))
})

test_that("its gradient is that of its operations", {
  loss <- own_mse()()
  y <- matrix(c(1, -1, 0.5, 2), 2)
  expect_gradient(function(p) loss(as_tensor(y), p), y / 3)
})

test_that("reduction, name and own arguments are known", {
  y <- matrix(c(1, 2), 2)
  zero <- matrix(0, 2, 1)
  expect_equal(own_mse()(reduction = "sum")(zero, y), 5)
  expect_equal(as.vector(own_mse()(reduction = "none")(zero, y)), c(1, 4))
  expect_identical(own_mse()(name = "mine")$name, "mine")
  expect_identical(names(formals(own_mse())), c("name", "reduction", "dtype"))
  pinball <- Loss(
    "Pinball",
    initialize = function(quantile, ...) {
      super$initialize(...)
      self$quantile <- quantile
    },
    call = function(y_true, y_pred) {
      error <- y_true - y_pred
      op_maximum(self$quantile * error, (self$quantile - 1) * error)
    }
  )
  loss <- pinball(quantile = 0.75, reduction = "sum")
  expect_equal(loss(c(1, 0), c(0, 1)), 1)
  again <- from_config(serialize_object(loss))
  expect_equal(again(c(1, 0), c(0, 1)), 1)
  expect_identical(again$quantile, 0.75)
  half <- Loss("Half", inherit = pinball,
               call = function(y_true, y_pred) {
                 0.5 * super$call(y_true, y_pred)
               })
  expect_equal(half(quantile = 0.75, reduction = "sum")(c(1, 0), c(0, 1)), 0.5)
})

test_that("wrong losses are refused", {
  expect_snapshot(error = TRUE, {
    Loss("L", call = 3)
    Loss("L", inherit = layer_dense)
    Loss("L")()(1, 2)
    Loss("L", initialize = function() NULL)()
  })
})
