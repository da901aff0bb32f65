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
  # The mean of errors may be much smaller than they are.
  expect_lt(abs(got$bias - mean(error)), 1e-6)
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

test_that("logs have Keras's names: counted, prefixed, weighted", {
  input <- keras_input(3)
  model <- keras_model(input, list(layer_dense(input, 1, name = "a"),
                                   layer_dense(input, 1, name = "b")))
  compile(model, "sgd", "mse",
          metrics = list(c("mae", "mae"), "MAE"),
          weighted_metrics = list(c("mae", "mae"), "mse"))
  got <- test_on_batch(model, matrix(1, 2, 3), list(c(0, 0), c(1, 1)),
                       sample_weight = c(1, 2))
  expect_named(got, c("a_loss", "a_mae", "a_mae_1", "a_weighted_mae",
                      "a_weighted_mae_1", "b_MAE", "b_loss", "b_mse", "loss"))
})

test_that("a metric that is the loss has its value, unless there are weights", {
  withr::local_seed(3)
  model <- small_model()
  data <- series_data(10)
  compile(model, optimizer_sgd(0), "mse", metrics = "mse",
          weighted_metrics = list("mae"))
  error <- data$y - predict(model, data$x)
  got <- evaluate(model, data$x, data$y, batch_size = 4, verbose = 0)
  expect_equal(got$mse, mean(error^2), tolerance = 1e-6)
  expect_equal(got$loss, got$mse, tolerance = 1e-6)
  w <- seq_len(10)
  got <- evaluate(model, data$x, data$y, batch_size = 4, verbose = 0,
                  sample_weight = w)
  expect_equal(got$mse, mean(error^2), tolerance = 1e-6)
  expect_equal(got$loss, mean(w * error^2), tolerance = 1e-5)
  expect_equal(got$mae, sum(w * abs(error)) / sum(w), tolerance = 1e-5)
})

test_that("losses and metrics come as configurations and un-called functions", {
  model <- small_model()
  data <- series_data(6)
  compile(model, "sgd", loss_huber,
          metrics = list(metric_huber, metric_mean_absolute_error))
  plain <- test_on_batch(model, data$x, data$y)
  expect_named(plain, c("huber", "loss", "mean_absolute_error"))
  expect_equal(plain$huber, plain$loss, tolerance = 1e-6)
  compile(model, "sgd", get_config(loss_huber()), metrics = list(
    list(module = "keras.metrics", class_name = "MeanAbsoluteError",
         config = list(name = "error"))
  ))
  made <- test_on_batch(model, data$x, data$y)
  expect_equal(made$loss, plain$loss)
  expect_equal(made$error, plain$mean_absolute_error)
})

test_that("metrics with several numbers are vectors in single steps", {
  model <- keras_model_sequential(input_shape = 2) |>
    layer_dense(3, activation = "softmax")
  compile(model, "sgd", "categorical_crossentropy",
          metrics = list(metric_f1_score()))
  got <- test_on_batch(model, diag(2), diag(3)[1:2, ])
  expect_length(got$f1_score, 3)
})

test_that("targets that the loss cannot use change nothing", {
  model <- keras_model_sequential(input_shape = 2) |>
    layer_dense(3, activation = "softmax", name = "out")
  x <- matrix(1, 4, 2)
  kept <- get_weights(model)
  expect_snapshot(error = TRUE, {
    compile(model, "sgd", "sparse_categorical_crossentropy")
    train_on_batch(model, x, c(0, 1, 2, 3))
    fit(model, x, c(0, 1, -1, 2))
    fit(model, x, diag(4)[, 1:3])
    fit(model, x, c(0, 1, 2, 2), sample_weight = matrix(1, 4, 2))
    fit(model, x, c(0, 1, 2, 2), sample_weight = c(1, 2))
    fit(model, x, c(0, 1, 2, 2), class_weight = c("0" = 1, "1" = 2))
    fit(model, function() list(x, c(0, 1, 2, 7)), steps_per_epoch = 1)
    evaluate(model, x, c(0, 1, 2, 9))
    compile(model, "sgd", "categorical_crossentropy")
    fit(model, x, c(0, 1, 2, 2))
    compile(model, "sgd", "crossentropy")
    fit(model, x, c(0, 1, 2, 5))
    compile(model, "sgd", "mse", loss_weights = list(ut = 1))
    compile(model, "sgd", "mse", loss_weights = c(1, 2))
  })
  expect_equal(get_weights(model), kept)
})

test_that("metrics of an output that is not there are refused", {
  input <- keras_input(3)
  model <- keras_model(input, list(layer_dense(input, 1, name = "first"),
                                   layer_dense(input, 1, name = "second")))
  expect_snapshot(error = TRUE, {
    compile(model, "sgd", "mse", metrics = list(frist = "mae"))
    compile(model, "sgd", "mse", weighted_metrics = list("mae"))
  })
})
