# Several tensors into one: values, shapes, masks and gradients.

test_that("members are the arithmetic they are named after", {
  a <- waves(2, 3)
  b <- waves(2, 3, shift = 1)
  c <- waves(2, 3, shift = 2)
  check <- function(layer, want) expect_equal(layer, want, tolerance = 1e-6)
  check(layer_add(a, b, c), a + b + c)
  check(layer_subtract(a, b), a - b)
  check(layer_multiply(list(a, b, c)), a * b * c)
  check(layer_average(list(a, b), c), (a + b + c) / 3)
  check(layer_maximum(a, b, c), pmax(a, b, c))
  check(layer_minimum(a, b, c), pmin(a, b, c))
  check(layer_add(a), a)
})

test_that("a layer is made without inputs, and called on a list", {
  layer <- layer_add(name = "sum")
  expect_identical(layer$name, "sum")
  a <- waves(2, 3)
  expect_equal(layer(list(a, a)), 2 * a, tolerance = 1e-6)
  expect_identical(layer$compute_output_shape(list(c(NA, 3), c(NA, 3))),
                   shape(NA, 3))
  expect_s3_class(layer(list(as_tensor(a), a)), "elman_tensor")
  config <- get_config(layer)
  expect_identical(get_config(from_config(config)), config)
})

test_that("shapes broadcast behind the batch axis", {
  a <- waves(2, 3, 4)
  b <- waves(2, 4)
  want <- a
  for (t in 1:3) want[, t, ] <- a[, t, ] + b
  expect_equal(layer_add(a, b), want, tolerance = 1e-6)
  got <- layer_add(keras_input(c(NA, 4)), keras_input(c(3, 1)))
  expect_identical(dim(got), c(NA, 3L, 4L))
  expect_equal(layer_multiply(array(2, 3), array(4, 3)), array(8, 3))
})

test_that("gradients reach all inputs", {
  for (layer in list(layer_add(dtype = "float64"),
                     layer_multiply(dtype = "float64"),
                     layer_average(dtype = "float64"),
                     layer_maximum(dtype = "float64"),
                     layer_minimum(dtype = "float64"))) {
    expect_gradient(function(a, b, c) layer(list(a, b, c)), waves(2, 3, 2),
                    waves(2, 3, 2, shift = 1), waves(2, 2, shift = 2))
  }
})

masked <- function(x, ...) {
  set_mask(as_tensor(x, "float64"), as_tensor(rbind(...)))
}

test_that("a step counts where it counts in any input", {
  a <- masked(waves(1, 3, 2), c(TRUE, FALSE, FALSE))
  b <- masked(waves(1, 3, 2, shift = 1), c(TRUE, TRUE, FALSE))
  makers <- list(layer_add, layer_subtract, layer_multiply, layer_average,
                 layer_maximum, layer_minimum)
  for (make in makers) {
    layer <- make(dtype = "float64")
    expect_equal(as.array(get_mask(layer(list(a, b)))),
                 rbind(c(TRUE, TRUE, FALSE)))
    expect_null(get_mask(layer(list(a, as_tensor(b + 0)))))
  }
})

test_that("products and extremes leave masked elements out", {
  x <- waves(1, 3, 2)
  y <- waves(1, 3, 2, shift = 1)
  a <- masked(x, c(TRUE, FALSE, FALSE))
  b <- masked(y, c(TRUE, TRUE, FALSE))
  run <- function(make, ...) as.array(make(dtype = "float64")(list(...)))
  product <- x * y
  product[, 2, ] <- y[, 2, ]
  product[, 3, ] <- 0
  expect_equal(run(layer_multiply, a, b), product)
  largest <- pmax(x, y)
  largest[, 2, ] <- y[, 2, ]
  # Where both are masked, it is the first.
  largest[, 3, ] <- x[, 3, ]
  expect_equal(run(layer_maximum, a, b), largest)
  smallest <- pmin(x, y)
  smallest[, 2:3, ] <- y[, 2:3, ]
  expect_equal(run(layer_minimum, a, as_tensor(y, "float64")), smallest)
})

test_that("merging works in models, and configurations bring it back", {
  a <- keras_input(3)
  b <- keras_input(3)
  model <- keras_model(list(a, b), layer_subtract(a, b) |> layer_dense(1))
  again <- from_config(get_config(model))
  set_weights(again, get_weights(model))
  data <- list(waves(4, 3), waves(4, 3, shift = 1))
  expect_identical(predict(again, data, verbose = 0),
                   predict(model, data, verbose = 0))
})

test_that("what cannot be merged is refused", {
  a <- matrix(0, 2, 3)
  expect_snapshot(error = TRUE, {
    layer_add(a, matrix(0, 2, 4))
    layer_add(a, matrix(0, 4, 3), name = "add")
    layer_subtract(a, name = "subtract")
    layer_subtract(a, a, a, name = "subtract")
    layer_add()(a)
    layer_add(a, a, size = 3)
    layer_add()$build(c(2, 3))
  })
})

test_that("a step that merges can be recorded, ids inside a model included", {
  series <- keras_input(c(5, 2))
  ids <- keras_input(5)
  inner <- keras_model_sequential(input_shape = 5) |> layer_embedding(7, 2)
  a <- layer_masking(series)
  b <- inner(ids)
  joined <- layer_concatenate(
    layer_add(a, b), layer_subtract(a, b), layer_multiply(a, b),
    layer_average(a, b), layer_maximum(a, b), layer_minimum(a, b)
  )
  last <- layer_simple_rnn(joined, 3)
  output <- layer_dot(last, layer_dense(last, 3), axes = 2, normalize = TRUE)
  model <- keras_model(list(series, ids), output)
  expect_records(model, list(waves(4, 5, 2), matrix(0:19 %% 7, 4)),
                 list(waves(4, 5, 2, shift = 1), matrix(3:22 %% 7, 4)),
                 waves(4, 1))
})
