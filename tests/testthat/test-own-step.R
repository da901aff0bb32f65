# Steps that models of users' own define.

twins <- function(create, ...) {
  data <- flat_data()
  own <- functional_by(create)
  plain <- functional_by(keras_model)
  set_weights(own, get_weights(plain))
  for (model in list(own, plain)) {
    compile(model, optimizer_adam(0.01), loss = "mse", ...)
  }
  list(own = own, plain = plain, data = data)
}

test_that("a step by hand is the package's own, bit for bit", {
  weight <- seq(0.5, 1.5, length.out = 20)
  for (w in list(NULL, weight)) {
    t <- twins(by_hand(), metrics = "mae", weighted_metrics = "mae")
    fits <- lapply(t[1:2], function(model) {
      withr::with_seed(1, fit(
        model, t$data$x, t$data$y, sample_weight = w, epochs = 3,
        batch_size = 7, validation_data = list(t$data$x, t$data$y),
        verbose = 0
      ))
    })
    expect_equal(fits$own$metrics, fits$plain$metrics, tolerance = 1e-6)
    expect_identical(weight_bits(t$own), weight_bits(t$plain))
    expect_equal(evaluate(t$own, t$data$x, t$data$y, verbose = 0),
                 evaluate(t$plain, t$data$x, t$data$y, verbose = 0),
                 tolerance = 1e-6)
  }
})

test_that("compute_loss replaces the loss of compile", {
  Half <- Model("Half", compute_loss = function(x, y, y_pred, sample_weight) {
    0.5 * super$compute_loss(x, y, y_pred, sample_weight)
  })
  t <- twins(Half)
  compile(t$plain, optimizer_adam(0.01), loss = "mse", loss_weights = 0.5)
  fits <- lapply(t[1:2], function(model) {
    fit(model, t$data$x, t$data$y, epochs = 3, shuffle = FALSE,
        verbose = 0)$metrics
  })
  expect_equal(fits$own, fits$plain, tolerance = 1e-6)
  expect_identical(weight_bits(t$own), weight_bits(t$plain))
  told <- NULL
  Told <- Model("Told", compute_loss = function(..., training = TRUE) {
    told <<- c(told, training)
    super$compute_loss(...)
  })
  t <- twins(Told)
  train_on_batch(t$own, t$data$x, t$data$y)
  test_on_batch(t$own, t$data$x, t$data$y)
  expect_identical(told, c(TRUE, FALSE))
})

test_that("a loss by hand needs none in compile, nor targets", {
  Coder <- Model("Coder", train_step = function(data) {
    x <- data[[1]]
    step <- value_and_grad(function() {
      op_mean(op_square(self(x, training = TRUE) - x[, 1:1]))
    }, self$trainable_variables)()
    self$optimizer$apply(step$variable_gradients, self$trainable_variables)
    list(loss = step$value)
  })
  data <- flat_data()
  model <- functional_by(Coder)
  compile(model, optimizer_adam(0.05))
  h <- fit(model, data$x, epochs = 20, verbose = 0)
  expect_lt(h$metrics$loss[20], h$metrics$loss[1])
})

test_that("metrics in fields are reported and reset at each epoch", {
  Kept <- Model(
    "Kept",
    initialize = function(...) {
      super$initialize(...)
      self$largest <- metric_mean(name = "largest")
    },
    compute_metrics = function(x, y, y_pred, sample_weight) {
      self$largest$update_state(op_max(op_abs(y_pred)))
      super$compute_metrics(x, y, y_pred, sample_weight)
    }
  )
  t <- twins(Kept, metrics = "mae")
  h <- fit(t$own, t$data$x, t$data$y, epochs = 2, batch_size = 20,
           shuffle = FALSE, verbose = 0)
  expect_identical(names(h$metrics), c("largest", "loss", "mae"))
  names <- vapply(t$own$metrics, function(m) m$name, "")
  expect_identical(names, c("loss", "compile_metrics", "largest"))
  one <- evaluate(t$own, t$data$x, t$data$y, verbose = 0)
  p <- predict(t$own, t$data$x, verbose = 0)
  expect_equal(one$largest, max(abs(p)), tolerance = 1e-6)
})

test_that("the metrics property says what is reset", {
  Low <- Model(
    "Low",
    initialize = function(...) {
      super$initialize(...)
      self$tracker <- metric_mean(name = "loss")
    },
    train_step = function(data) {
      c(x, y) %<-% data
      step <- value_and_grad(function() {
        op_mean(op_square(y - self(x, training = TRUE)[, 1]))
      }, self$trainable_variables)()
      self$optimizer$apply(step$variable_gradients, self$trainable_variables)
      self$tracker$update_state(step$value)
      list(loss = self$tracker$result())
    },
    metrics = mark_active(function() list(self$tracker))
  )
  t <- twins(Low)
  compile(t$own, optimizer_adam(0.01))
  fits <- lapply(t[1:2], function(model) {
    fit(model, t$data$x, t$data$y, epochs = 3, batch_size = 10,
        shuffle = FALSE, verbose = 0)$metrics
  })
  expect_equal(fits$own, fits$plain, tolerance = 1e-5)
})

test_that("test_step and predict_step are used", {
  Own <- Model(
    "Own",
    test_step = function(data) list(count = dim(data[[1]])[1] + 0),
    predict_step = function(data) -self(data[[1]])
  )
  t <- twins(Own)
  expect_identical(evaluate(t$own, t$data$x, t$data$y, batch_size = 20,
                            verbose = 0), list(count = 20))
  x <- t$data$x
  expect_identical(predict(t$own, x, verbose = 0),
                   -predict(t$plain, x, verbose = 0))
  expect_identical(predict_on_batch(t$own, x), -predict_on_batch(t$plain, x))
  h <- fit(t$own, x, t$data$y, validation_split = 0.5, verbose = 0)
  expect_identical(h$metrics$val_count, 10)
})

test_that("steps extend the package's through super", {
  Counting <- Model("Counting", train_step = function(data) {
    logs <- super$train_step(data)
    c(logs, list(steps = self$optimizer$iterations))
  })
  t <- twins(Counting)
  h <- fit(t$own, t$data$x, t$data$y, batch_size = 5, epochs = 2, verbose = 0)
  expect_identical(h$metrics$steps, c(4, 8))
})

test_that("a tensor of an earlier tape is a constant in the next", {
  layer <- layer_dense(units = 1)
  layer$build(shape(NA, 2))
  kept <- NULL
  first <- value_and_grad(function() {
    kept <<- layer(as_tensor(matrix(1, 3, 2)))
    op_sum(kept)
  }, layer$trainable_weights)()
  second <- value_and_grad(function() {
    op_sum(kept * layer$trainable_weights[[2]])
  }, layer$trainable_weights)()
  expect_equal(as.numeric(second$variable_gradients[[2]]),
               sum(as.numeric(kept)), tolerance = 1e-6)
  expect_identical(as.numeric(second$variable_gradients[[1]]), c(0, 0))
})

test_that("what a step gives is checked", {
  wrong <- function(value) {
    force(value)
    model <- functional_by(Model("Wrong", train_step = function(data) value))
    compile(model, "sgd", loss = "mse")
  }
  no_loss <- functional_by(Model("NoLoss", compute_loss = function(...) NULL))
  compile(no_loss, "sgd", loss = "mse")
  x <- matrix(1, 2, 3)
  expect_snapshot(error = TRUE, {
    fit(wrong(3), x, c(1, 2), verbose = 0)
    fit(wrong(list(1, 2)), x, c(1, 2), verbose = 0)
    fit(wrong(list(loss = 1:2)), x, c(1, 2), verbose = 0)
    fit(no_loss, x, c(1, 2), verbose = 0)
  })
})
