# A generator over the batches of arrays, which begins anew after its end.
generator_of <- function(x, y, size, ends = TRUE) {
  starts <- seq(1, dim(x)[1], by = size)
  at <- 0
  function() {
    if (at == length(starts)) {
      at <<- 0
      if (ends) return(NULL)
    }
    at <<- at + 1
    rows <- starts[at]:min(starts[at] + size - 1, dim(x)[1])
    list(x[rows, , , drop = FALSE], y[rows])
  }
}

# What training leaves: history and weights.
trained <- function(...) {
  set.seed(3)
  model <- compiled_model(optimizer_adam(0.01), metrics = "mae")
  history <- fit(model, ..., epochs = 3, verbose = 0)
  list(history$metrics, get_weights(model))
}

test_that("generators and datasets train as the arrays they come from", {
  data <- series_data(22)
  arrays <- trained(data$x, data$y, batch_size = 8, shuffle = FALSE)
  expect_identical(trained(generator_of(data$x, data$y, 8)), arrays)
  endless <- generator_of(data$x, data$y, 8, ends = FALSE)
  expect_identical(trained(endless, steps_per_epoch = 3), arrays)
  single <- dataset_of_arrays(list(data$x, data$y))
  expect_identical(trained(single, batch_size = 8), arrays)
  expect_identical(trained(single$batch(8)), arrays)
})

test_that("weights in a generator or dataset are sample weights", {
  data <- series_data(16)
  w <- seq(0.5, 2, length.out = 16)
  arrays <- trained(data$x, data$y, sample_weight = w, shuffle = FALSE)
  whole <- function() {
    done <- FALSE
    function() {
      done <<- !done
      if (done) list(data$x, data$y, w)
    }
  }
  expect_identical(trained(whole()), arrays)
  named <- function() {
    done <- FALSE
    function() {
      done <<- !done
      if (done) list(sample_weight = w, y = data$y, x = data$x)
    }
  }
  expect_identical(trained(named()), arrays)
  ds <- dataset_of_arrays(list(data$x, data$y, w))
  expect_identical(trained(ds), arrays)
})

test_that("class weights work with generators", {
  set.seed(1)
  x <- matrix(rnorm(24), 12)
  y <- rep(0:2, 4)
  weights <- c("0" = 1, "1" = 3, "2" = 0.5)
  run <- function(...) {
    set.seed(2)
    model <- keras_model_sequential(input_shape = 2) |>
      layer_dense(3, activation = "softmax")
    compile(model, optimizer_sgd(0.1), "sparse_categorical_crossentropy")
    fit(model, ..., class_weight = weights, verbose = 0)$metrics$loss
  }
  one <- function() {
    done <- FALSE
    function() {
      done <<- !done
      if (done) list(x, y)
    }
  }
  expect_identical(run(one()), run(x, y))
})

test_that("every form of validation data measures the same", {
  data <- series_data(20)
  held <- series_data(9, seed = 5)
  run <- function(validation, ...) {
    trained(data$x, data$y, validation_data = validation, shuffle = FALSE,
            ...)[[1]]
  }
  arrays <- run(list(held$x, held$y), validation_batch_size = 4)
  expect_identical(run(generator_of(held$x, held$y, 4)), arrays)
  ds <- dataset_of_arrays(list(held$x, held$y))
  expect_identical(run(ds, validation_batch_size = 4), arrays)
  expect_identical(run(ds$batch(4)), arrays)
  expect_named(arrays, c("loss", "mae", "val_loss", "val_mae"))
})

test_that("validation_split measures the last samples, trains on the others", {
  data <- series_data(20)
  split <- trained(data$x, data$y, validation_split = 0.25, shuffle = FALSE)
  first <- 1:15
  given <- trained(data$x[first, , ], data$y[first], shuffle = FALSE,
                   validation_data = list(data$x[-first, , ], data$y[-first]))
  expect_identical(split, given)
})

test_that("validation_split works for lists and weights", {
  withr::local_seed(1)
  a <- keras_input(2, name = "a")
  b <- keras_input(3, name = "b")
  sum <- layer_dense(a, 1) + layer_dense(b, 1)
  model <- keras_model(list(a, b), sum)
  compile(model, optimizer_sgd(0), "mse")
  x <- list(b = matrix(rnorm(30), 10), a = matrix(rnorm(20), 10))
  y <- rnorm(10)
  w <- runif(10)
  history <- fit(model, x, y, sample_weight = w, validation_split = 0.3)
  last <- lapply(x, function(m) m[8:10, ])
  first <- lapply(x, function(m) m[1:7, ])
  expect_equal(history$metrics$val_loss,
               evaluate(model, last, y[8:10], sample_weight = w[8:10])$loss)
  expect_equal(history$metrics$loss,
               evaluate(model, first, y[1:7], sample_weight = w[1:7])$loss,
               tolerance = 1e-6)
})

test_that("evaluate and predict give the same for every form and batch size", {
  data <- series_data(13)
  set.seed(1)
  model <- compiled_model(metrics = "mae")
  whole <- predict(model, data$x, batch_size = 13)
  ds <- dataset_of_arrays(list(data$x, data$y))
  alone <- function(size) {
    g <- generator_of(data$x, data$y, size)
    function() g()[[1]]
  }
  for (size in c(1, 4, 13, 50)) {
    expect_equal(predict(model, data$x, batch_size = size), whole)
    expect_equal(predict(model, generator_of(data$x, data$y, size)), whole)
    expect_equal(predict(model, alone(size)), whole)
    expect_equal(predict(model, ds, batch_size = size), whole)
    expect_equal(predict(model, ds$batch(size)), whole)
  }
  measured <- evaluate(model, data$x, data$y, batch_size = 4)
  expect_equal(evaluate(model, generator_of(data$x, data$y, 4)), measured)
  expect_equal(evaluate(model, ds$batch(4)), measured)
  expect_equal(dim(predict(model, ds$batch(4), steps = 2)), c(8, 1))
  expect_equal(dim(predict(model, data$x, batch_size = 4, steps = 2)), c(8, 1))
})

test_that("a model of two inputs is predicted from all that gives both", {
  set.seed(1)
  a <- keras_input(2, name = "a")
  b <- keras_input(2, name = "b")
  model <- keras_model(list(a, b), layer_dense(a, 1) + layer_dense(b, 1))
  x <- list(matrix(rnorm(6), 3), matrix(rnorm(6), 3))
  y <- rnorm(3)
  whole <- predict(model, x)
  once <- function(value) {
    done <- FALSE
    function() {
      done <<- !done
      if (done) value
    }
  }
  expect_equal(predict(model, once(x)), whole)
  expect_equal(predict(model, once(list(x, y))), whole)
  expect_equal(predict(model, once(list(x = x, y = y))), whole)
  expect_equal(predict(model, once(list(b = x[[2]], a = x[[1]]))), whole)
  named <- list(list(b = x[[2]], a = x[[1]]), y)
  expect_equal(predict(model, dataset_of_arrays(named)$batch(2)), whole)
})

test_that("a generator that ends early says so, and training goes on", {
  data <- series_data(20)
  model <- compiled_model()
  expect_warning(
    history <- fit(model, generator_of(data$x, data$y, 8), epochs = 2,
                   steps_per_epoch = 4, verbose = 0),
    "`x` ended after 3 of 4 steps"
  ) |> suppressWarnings()
  expect_length(history$metrics$loss, 2)
})

test_that("what is wrong with a generator comes before training", {
  data <- series_data(4)
  model <- compiled_model()
  before <- weight_bits(model)
  begun <- FALSE
  watch <- callback_lambda(on_train_begin = function(...) begun <<- TRUE)
  wrong <- list(
    function() NULL,
    function() data$x,
    function() list(data$x),
    function() list(data$x, data$y, data$y, data$y),
    function() list(data$x[, 1:3, ], data$y),
    function() list(data$x, data$y[1:3]),
    function() list(data$x, c(1, NA, 2, 3)),
    function() stop("no more files")
  )
  expect_snapshot({
    for (x in wrong) {
      error <- tryCatch(fit(model, x, callbacks = watch), error = identity)
      cat(class(error)[1], ": ", conditionMessage(error), "\n", sep = "")
      stopifnot(error$arg == "x")
    }
  })
  expect_false(begun)
  expect_identical(weight_bits(model), before)
})

test_that("a later batch that is wrong is numbered; the model stays whole", {
  data <- series_data(8)
  after <- function(steps, last) {
    at <- 0
    function() {
      at <<- at + 1
      if (at <= steps) list(data$x, data$y) else last()
    }
  }
  set.seed(1)
  model <- compiled_model()
  start <- get_weights(model)
  fit(model, after(2, function() NULL))
  two <- weight_bits(model)
  cases <- list(
    function() list(data$x[, 1:3, ], data$y),
    function() stop("disk gone"),
    function() "text"
  )
  for (last in cases) {
    set_weights(model, start)
    expect_error(fit(model, after(2, last)), "atch 3", class = "elman_error")
    expect_identical(weight_bits(model), two)
  }
  expect_snapshot(error = TRUE, {
    fit(model, after(1, cases[[1]]))
    fit(model, after(1, cases[[2]]))
  })
  expect_length(predict(model, data$x), 8)
})

test_that("an ended generator that does not begin anew is an error", {
  data <- series_data(4)
  left <- 2
  x <- function() {
    left <<- left - 1
    if (left >= 0) list(data$x, data$y)
  }
  expect_error(fit(compiled_model(), x, epochs = 2, verbose = 0),
               class = "elman_error_state")
})

test_that("arguments that do not go together are named", {
  data <- series_data(4)
  model <- compiled_model()
  g <- function() list(data$x, data$y)
  ds <- dataset_of_arrays(list(data$x, data$y))
  expect_snapshot(error = TRUE, {
    fit(model, g, data$y)
    fit(model, ds, sample_weight = data$y)
    fit(model, ds, validation_split = 0.5)
    fit(model, data$x, data$y, validation_split = 0.9)
    fit(model, data$x, data$y, shuffle = "batches")
    fit(model, data$x, data$y, validation_data = data$x)
    fit(model, dataset_of_arrays(data$x))
    evaluate(model, data$x, ds)
  })
})

test_that("values that are not finite in a dataset are counted where used", {
  x <- c(NA, NA, 1:12)
  y <- x
  model <- keras_model_sequential(input_shape = c(3, 1)) |>
    layer_simple_rnn(1)
  compile(model, loss = "mse")
  windows <- function(...) timeseries_dataset_from_array(x, y, 3, ...)
  expect_snapshot(error = TRUE, fit(model, windows(), verbose = 0))
  expect_no_error(fit(model, windows(start_index = 2), verbose = 0))
})

test_that("steps and initial_epoch count as in Keras", {
  data <- series_data(10)
  model <- compiled_model()
  history <- fit(model, data$x, data$y, steps_per_epoch = 5, epochs = 6,
                 initial_epoch = 5, batch_size = 2)
  expect_equal(history$params$steps, 5)
  expect_length(history$metrics$loss, 2)
})

test_that("generators of coro end as functions do", {
  data <- series_data(4)
  at <- 0
  x <- function() {
    at <<- at + 1
    if (at > 2) quote(.__exhausted__.) else list(data$x, data$y)
  }
  history <- fit(compiled_model(), x)
  expect_length(history$metrics$loss, 1)
})
