# Models written in plain R.

test_that("an own model is the functional one, bit for bit", {
  data <- series_data()
  own <- own_forecaster()(units = 3)
  inputs <- keras_input(c(5, 2))
  plain <- keras_model(inputs, inputs |> layer_simple_rnn(3) |> layer_dense(1))
  own$build(shape(NA, 5, 2))
  set_weights(own, get_weights(plain))
  x <- data$x
  expect_identical(predict(own, x, verbose = 0), predict(plain, x, verbose = 0))
  fits <- lapply(list(own, plain), function(model) {
    compile(model, optimizer_adam(0.01), loss = "mse", metrics = "mae")
    withr::with_seed(1, fit(model, x, data$y, epochs = 3, batch_size = 7,
                            validation_split = 0.25, verbose = 0))
  })
  expect_identical(fits[[1]]$metrics, fits[[2]]$metrics)
  expect_identical(weight_bits(own), weight_bits(plain))
  expect_identical(evaluate(own, x, data$y, verbose = 0),
                   evaluate(plain, x, data$y, verbose = 0))
  expect_identical(train_on_batch(own, x, data$y),
                   train_on_batch(plain, x, data$y))
})

test_that("it is built by the first data it sees", {
  data <- series_data()
  model <- own_forecaster()(units = 3)
  expect_false(model$built)
  expect_length(get_weights(model), 0)
  compile(model, "sgd", loss = "mse")
  fit(model, data$x, data$y, verbose = 0)
  expect_identical(count_params(model), 22L)
  expect_identical(vapply(model$layers, function(l) class(l)[1], ""),
                   c("SimpleRNN", "Dense"))
  expect_identical(get_layer(model, index = 2)$units, 1L)
  # Another length of the series is no matter.
  expect_identical(dim(predict(model, data$x[, 1:3, ], verbose = 0)),
                   c(24L, 1L))
  expect_true(is_tensor(model(as_tensor(data$x))))
  expect_true(is.matrix(model(data$x)))
  named <- own_forecaster()(units = 3, name = "forecaster")
  named$build(shape(NA, 5, 2))
  expect_true(any(grepl("?  ", format(own_forecaster()(units = 3)),
                        fixed = TRUE)))
  text <- format(named)
  expect_true(any(grepl("(None, 3)", text, fixed = TRUE)))
  expect_true(any(grepl("Total params: 22", text, fixed = TRUE)))
})

test_that("several inputs and outputs, by name and in order", {
  Two <- Model(
    "Two",
    initialize = function(...) {
      super$initialize(...)
      self$up <- layer_dense(units = 1, kernel_initializer = "ones")
      self$down <- layer_dense(units = 2, kernel_initializer = "ones")
    },
    call = function(inputs) {
      list(up = self$up(inputs$a), down = self$down(inputs$b))
    }
  )
  a <- matrix(1, 4, 2)
  b <- matrix(2, 4, 3)
  model <- Two()
  y <- predict(model, list(b = b, a = a), verbose = 0)
  expect_identical(y, list(up = matrix(2, 4, 1), down = matrix(6, 4, 2)))
  compile(model, "sgd", loss = list(up = "mse", down = "mae"),
          metrics = list(down = "mse"))
  h <- fit(model, list(a = a, b = b),
           list(down = matrix(0, 4, 2), up = matrix(0, 4, 1)), verbose = 0)
  expect_identical(names(h$metrics),
                   c("down_loss", "down_mse", "loss", "up_loss"))
  expect_equal(h$metrics$loss, 10)
  Sum <- Model("Sum", call = function(inputs) {
    inputs[[1]] + op_sum(inputs[[2]], axis = 2, keepdims = TRUE)
  })
  expect_identical(predict(Sum(), list(a, b), verbose = 0), matrix(7, 4, 2))
})

test_that("own models nest in models, and models in own ones", {
  data <- series_data()
  inner <- own_forecaster()(units = 3)
  model <- keras_model_sequential(input_shape = c(5, 2))
  model$add(inner)
  layer_dense(model, 1)
  expect_identical(model$output_shape, shape(NA, 1))
  expect_length(model$weights, 7)
  inputs <- keras_input(c(5, 2))
  graph <- keras_model(inputs, inner(inputs) * 2)
  expect_identical(predict(graph, data$x, verbose = 0),
                   2 * predict(inner, data$x, verbose = 0))
  Outer <- Model("Outer", initialize = function(inner) {
    super$initialize()
    self$inner <- inner
    self$net <- keras_model_sequential(layers = list(layer_dense(units = 2)))
  }, call = function(inputs) self$net(self$inner(inputs)))
  outer <- Outer(inner)
  compile(outer, "sgd", loss = "mse")
  fit(outer, data$x, cbind(data$y, data$y), verbose = 0)
  expect_length(outer$weights, 7)
  expect_identical(outer$weights[[1]], inner$weights[[1]])
  freeze_weights(outer, which = 1)
  expect_length(outer$trainable_weights, 2)
})

test_that("training reaches the layers inside", {
  Dropped <- Model("Dropped", initialize = function() {
    super$initialize()
    self$dropout <- layer_dropout(rate = 0.5)
  }, call = function(inputs) self$dropout(inputs))
  model <- Dropped()
  x <- matrix(1, 50, 4)
  expect_identical(predict(model, x, verbose = 0), x)
  expect_identical(model(x), x)
  expect_setequal(as.vector(model(x, training = TRUE)), c(0, 2))
})

test_that("the loss may be the layers' own, without targets", {
  Coder <- Model("Coder", initialize = function() {
    super$initialize()
    self$code <- layer_dense(units = 2)
    self$decode <- layer_dense(units = 3)
  }, call = function(inputs) {
    y <- self$decode(self$code(inputs))
    self$add_loss(op_mean(op_square(y - inputs)))
    y
  })
  data <- flat_data()
  model <- Coder()
  compile(model, optimizer_adam(0.05))
  h <- fit(model, data$x, epochs = 10, verbose = 0)
  expect_lt(h$metrics$loss[10], h$metrics$loss[1])
})

test_that("configurations make models again", {
  model <- own_forecaster()(units = 3, name = "mine")
  again <- from_config(get_config(model))
  expect_s3_class(again, c("Forecaster", "elman_model"), exact = FALSE)
  expect_identical(again$name, "mine")
  expect_identical(again$memory$units, 3L)
  model <- functional_by(by_hand())
  again <- from_config(get_config(model))
  expect_s3_class(again, "ByHand")
  expect_identical(again$output_shape, shape(NA, 1))
  expect_length(again$weights, 4)
})

test_that("a model with steps of its own survives saveRDS", {
  data <- flat_data()
  model <- functional_by(by_hand())
  compile(model, "adam", loss = "mse", metrics = "mae")
  fit(model, data$x, data$y, verbose = 0)
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(model, file)
  again <- readRDS(file)
  fits <- lapply(list(model, again), function(m) {
    fit(m, data$x, data$y, epochs = 2, verbose = 0, shuffle = FALSE)$metrics
  })
  expect_identical(fits[[1]], fits[[2]])
  expect_identical(weight_bits(again), weight_bits(model))
})

test_that("wrong models are refused", {
  Nothing <- Model("Nothing")
  inputs <- keras_input(3)
  expect_snapshot(error = TRUE, {
    Nothing()
    Nothing(inputs)
    Model("M", inherit = layer_dense)
    Model("M", train_step = "sgd")
  })
})
