# The route of arrays whose form is known: NULL where they go the long way.
at_once <- function(object, mode, x, y = NULL) {
  .Call(step_at_once, object, mode, x, y, the)
}

test_that("known arrays give logs, weights and draws of steps as written", {
  data <- series_data(n = 8)
  x <- function(k) data$x + k
  for (metrics in list(NULL, c("mae", "mse"))) {
    expect_same_training(
      function() {
        compiled_model(optimizer_adam(0.1), dropout = 0.3, metrics = metrics)
      },
      function(model) {
        lapply(1:5, function(k) {
          list(train_on_batch(model, x(k), data$y),
               test_on_batch(model, x(k), data$y),
               predict_on_batch(model, x(k)), stats::runif(1))
        })
      }
    )
  }
})

test_that("batches of a known form go at once, others go the long way", {
  data <- series_data(n = 8)
  model <- compiled_model(metrics = "mae")
  go <- function(x, y) at_once(model, "train", x, y)
  # The first one settles the metrics, the second is seen, the third recorded.
  for (k in 1:3) {
    expect_null(go(data$x, data$y))
    train_on_batch(model, data$x, data$y)
  }
  expect_named(go(data$x, data$y), c("loss", "mae"))
  expect_named(go(data$x, matrix(data$y)), c("loss", "mae"))
  expect_null(go(data$x[1:7, , ], data$y[1:7]))
  expect_null(go(data$x, data$y[1:7]))
  expect_null(go(data$x, t(data$y)))
  expect_null(go(as_tensor(data$x), data$y))
  expect_null(go(array(1L, dim(data$x)), data$y))
  expect_null(go(NULL, data$y))
  expect_null(at_once(model, "test", data$x, data$y))
  expect_null(at_once(mean, "train", data$x, data$y))
  as_written(expect_null(go(data$x, data$y)))
  expect_named(go(data$x, data$y), c("loss", "mae"))
  expect_error(train_on_batch(model, data$x[, , 1], data$y),
               class = "elman_error_shape")
  compile(model, "sgd", "mse")
  expect_null(go(data$x, data$y))
})

test_that("metrics of the model hold what the latest batch gave", {
  data <- series_data(n = 8)
  model <- compiled_model(metrics = "mae")
  for (k in 1:4) logs <- train_on_batch(model, data$x + k, data$y)
  model <- unwrap_layer(model)
  expect_identical(model$metrics[[1]]$result(), logs$loss)
  expect_identical(model$get_metrics_result()$mae, logs$mae)
})

test_that("a metric's state that somebody holds stays as it was", {
  data <- series_data(n = 8)
  model <- compiled_model(metrics = "mae")
  for (k in 1:4) train_on_batch(model, data$x + k, data$y)
  metrics <- unwrap_layer(model)$metrics[1]
  held <- lapply(metrics, function(metric) metric$state)
  sums <- lapply(metrics, function(metric) metric$state$sums)
  before <- lapply(held, function(state) state$sums + 0)
  for (k in 5:7) {
    logs <- train_on_batch(model, data$x + k, data$y)
    expect_identical(lapply(held, function(state) state$sums), before)
    expect_identical(sums, before)
    expect_identical(metrics[[1]]$result(), logs$loss)
  }
  for (metric in metrics) {
    metric$reset_state()
    expect_identical(metric$state, list(sums = c(0, 0)))
  }
  train_on_batch(model, data$x, data$y)
  expect_identical(metrics[[1]]$initial, list(sums = c(0, 0)))
})

test_that("settings of the optimizer hold from the next step on", {
  data <- series_data(n = 8)
  for (rule in list(optimizer_sgd, optimizer_adam)) {
    expect_same_training(
      function() compiled_model(rule(0.1, clipvalue = 0.5)),
      function(model) {
        optimizer <- model$optimizer
        step <- function() {
          for (k in 1:3) train_on_batch(model, data$x + k, data$y)
          get_weights(model)
        }
        change <- list(
          function() NULL,
          function() optimizer$learning_rate <- 0.01,
          function() optimizer$clipvalue <- 0.001,
          function() optimizer$weight_decay <- 0.25,
          # A part of a setting, in place.
          function() optimizer$decayed <- rep(TRUE, 5),
          function() optimizer$decayed[2:3] <- FALSE,
          # To the next program, and back to the value before.
          function() {
            optimizer$clipvalue <- 0.5
            fit(model, data$x, data$y, batch_size = 2, epochs = 3, verbose = 0)
            optimizer$clipvalue <- 0.001
          },
          function() variable_assign(optimizer$variables[[2]], as_tensor(0.3)),
          function() {
            optimizer$learning_rate <-
              learning_rate_schedule_exponential_decay(0.1, 2, 0.5)
          }
        )
        lapply(change, function(act) {
          act()
          step()
        })
      }
    )
  }
})

test_that("several losses and weighted batches agree with steps as written", {
  data <- series_data(n = 8)
  expect_same_training(
    function() {
      x <- keras_input(c(5, 2))
      h <- layer_gru(x, 3)
      model <- keras_model(x, list(layer_dense(h, 1, name = "a"),
                                    layer_dense(h, 2, name = "b")))
      compile(model, "rmsprop", loss = list("mse", "mae"),
              metrics = list("mae", "auc"))
    },
    function(model) {
      y <- list(data$y, cbind(data$y > 0, data$y < 0) + 0)
      list(lapply(1:4, function(k) train_on_batch(model, data$x, y)),
           lapply(1:4, function(k) {
             train_on_batch(model, data$x, y,
                            sample_weight = list(1:8 / 8, NULL))
           }),
           fit(model, data$x, y, batch_size = 2, epochs = 3,
               verbose = 0)$metrics)
    }
  )
})

test_that("class numbers and ids are looked at in every batch", {
  model <- keras_model_sequential(input_shape = 3) |> layer_embedding(4, 2) |>
    layer_flatten() |> layer_dense(2, activation = "softmax")
  compile(model, "sgd", "sparse_categorical_crossentropy")
  x <- matrix(c(0, 1, 2, 3, 0, 1), 2)
  for (k in 1:4) {
    train_on_batch(model, x, c(0, 1))
    predict_on_batch(model, x)
    model(x)
  }
  expect_error(train_on_batch(model, x, c(0, 2)),
               class = "elman_error_argument")
  expect_error(predict_on_batch(model, x + 3), class = "elman_error_argument")
  expect_error(model(x + 3), class = "elman_error_argument")
})

# ---- calls of layers ---------------------------------------------------------

# What a layer gives for arrays of one form, called as a user calls it.
expect_same_calls <- function(make, x = series_data(4)$x) {
  run <- function() {
    set.seed(1)
    layer <- make()
    lapply(1:5, function(k) layer(x + k))
  }
  testthat::expect_identical(run(), as_written(run()))
}

test_that("a layer called on known arrays gives what it gives as written", {
  expect_same_calls(function() layer_simple_rnn(units = 3))
  expect_same_calls(function() layer_lstm(units = 3, return_state = TRUE))
  expect_same_calls(function() layer_gru(units = 2, stateful = TRUE))
  expect_same_calls(function() layer_dropout(rate = 0.5))
  expect_same_calls(function() {
    layer_bidirectional(layer = layer_simple_rnn(units = 2), merge_mode = NULL)
  })
  expect_same_calls(function() small_model(activity_regularizer = "l2"))
  expect_same_calls(function() {
    layer_lambda(f = function(x) x * 2)
  })
})

test_that("the third call on an array of a form goes at once", {
  x <- series_data(4)$x
  layer <- layer_simple_rnn(units = 3)
  self <- unwrap_layer(layer)
  for (k in 1:2) {
    expect_null(at_once(self, "call", x))
    layer(x)
  }
  expect_identical(at_once(self, "call", x), layer(x))
  expect_null(at_once(self, "call", x[1:3, , ]))
  before <- layer(x)
  layer$trainable <- FALSE
  expect_null(at_once(self, "call", x))
  expect_identical(layer(x), before)
})

test_that("a layer in training, on a tape or with a mask goes the long way", {
  x <- series_data(4)$x
  layer <- layer_dropout(rate = 0.5)
  for (k in 1:3) expect_equal(layer(x), x, tolerance = 1e-6)
  expect_true(any(layer(x, training = TRUE) == 0))
  rnn <- layer_simple_rnn(units = 3, return_sequences = TRUE)
  for (k in 1:3) rnn(x)
  mask <- matrix(FALSE, 4, 5)
  expect_identical(rnn(x, mask = mask), array(0, c(4, 5, 3)))
  found <- value_and_grad(function(w) {
    expect_null(at_once(unwrap_layer(rnn), "call", x))
    op_sum(op_square(rnn(x)) * w)
  })(as_tensor(1))
  expect_equal(as.numeric(found$gradients[[1]]), sum(rnn(x)^2),
               tolerance = 1e-5)
})

test_that("losses of a layer are those of its latest call", {
  x <- series_data(4)$x
  layer <- layer_dense(units = 2, activity_regularizer = "l2")
  for (k in 1:4) {
    layer(x * k)
    expect_equal(as.numeric(layer$losses[[1]]),
                 0.01 * sum(layer(x * k)^2) / 4, tolerance = 1e-5)
  }
})

test_that("what goes wrong in a recorded step is an error", {
  x <- series_data(4)$x
  model <- compiled_model()
  for (k in 1:3) expected <- predict_on_batch(model, x)
  withr::with_options(list(elman.threads = 5000), {
    expect_error(predict_on_batch(model, x), "1..1024",
                 class = "elman_error_state")
  })
  expect_identical(predict_on_batch(model, x), expected)
})
