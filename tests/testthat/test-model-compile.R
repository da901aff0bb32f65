test_that("compile gives the model back, invisibly", {
  model <- small_model()
  out <- withVisible(compile(model, "adam", "mse"))
  expect_false(out$visible)
  expect_identical(out$value, model)
  expect_s3_class(model$optimizer, "Adam")
})

test_that("two outputs have two losses, weights and metrics", {
  withr::local_seed(1)
  input <- keras_input(3)
  model <- keras_model(input, list(layer_dense(input, 1, name = "a"),
                                   layer_dense(input, 2, name = "b")))
  x <- matrix(rnorm(12), 4)
  y <- list(matrix(rnorm(4)), matrix(rnorm(8), 4))
  p <- predict(model, x)
  losses <- c(mean((y[[1]] - p[[1]])^2), mean(abs(y[[2]] - p[[2]])))
  forms <- list(
    list(loss = c("mse", "mae"), loss_weights = c(1, 0.5)),
    list(loss = list("mse", "mae"), loss_weights = list(1, 0.5)),
    list(loss = list(b = "mae", a = "mse"),
         loss_weights = list(b = 0.5, a = 1))
  )
  for (form in forms) {
    compile(model, "sgd", loss = form$loss, loss_weights = form$loss_weights,
            metrics = list(a = "mae", b = c("mse", "mae")))
    got <- test_on_batch(model, x, y)
    expect_named(got, c("a_loss", "a_mae", "b_loss", "b_mae", "b_mse", "loss"))
    expect_equal(c(got$a_loss, got$b_loss), losses, tolerance = 1e-6)
    expect_equal(got$loss, sum(losses * c(1, 0.5)), tolerance = 1e-6)
    expect_equal(got$b_mae, losses[2], tolerance = 1e-6)
  }
})

test_that("one loss serves all outputs, and an output may have none", {
  input <- keras_input(3)
  model <- keras_model(input, list(layer_dense(input, 1, name = "a"),
                                   layer_dense(input, 1, name = "b")))
  x <- matrix(1, 2, 3)
  compile(model, "sgd", "mse")
  got <- test_on_batch(model, x, list(a = c(0, 0), b = c(1, 1)))
  expect_equal(got$loss, got$a_loss + got$b_loss, tolerance = 1e-6)
  compile(model, "sgd", list(b = "mse"))
  got <- test_on_batch(model, x, list(b = c(1, 1)))
  expect_equal(got, mean((predict(model, x)[[2]] - 1)^2), tolerance = 1e-6)
})

test_that("the same metric twice and weighted gets its own name", {
  withr::local_seed(2)
  model <- small_model()
  compile(model, "sgd", "mse", metrics = c("mae", "mae"),
          weighted_metrics = "mae")
  data <- series_data(4)
  got <- test_on_batch(model, data$x, data$y, sample_weight = c(1, 0, 0, 1))
  expect_named(got, c("loss", "mae", "mae_1", "weighted_mae"))
  error <- abs(data$y - predict(model, data$x))
  expect_equal(got$weighted_mae, mean(error[c(1, 4)]), tolerance = 1e-6)
})

test_that("own losses and metrics are functions of tensors", {
  model <- small_model()
  compile(model, "sgd",
          loss = function(y_true, y_pred) op_mean((y_true - y_pred)^2),
          metrics = list(bias = function(y_true, y_pred) y_pred - y_true))
  data <- series_data(4)
  got <- test_on_batch(model, data$x, data$y)
  error <- predict(model, data$x) - data$y
  expect_equal(got$loss, mean(error^2), tolerance = 1e-6)
  expect_equal(got$bias, mean(error), tolerance = 1e-5)
})

test_that("wrong names are met with the nearest, before anything changes", {
  clear_session()
  model <- small_model()
  compile(model, "adam", "mse")
  kept <- model$optimizer
  expect_snapshot(error = TRUE, {
    compile(model, "adma", "mse")
    compile(model, "adam", "msee")
    compile(model, "adam", "mse", metrics = "acuracy_binary")
    compile(model, "adam", list(dnse = "mse"))
    compile(model, "adam", "mse", foo = 1)
    compile(model, "adam", "mse", loss_weights = "a")
    compile(model, "adam", c("mse", "mae"))
  })
  expect_identical(model$optimizer, kept)
})
