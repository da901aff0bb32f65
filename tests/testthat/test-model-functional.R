test_that("a functional model equals its layers called one by one", {
  withr::local_seed(1)
  rnn <- layer_simple_rnn(units = 3)
  dense <- layer_dense(units = 2)
  input <- keras_input(c(5, 2))
  model <- keras_model(input, dense(rnn(input)))
  x <- array(rnorm(30), c(3, 5, 2))
  expect_equal(predict(model, x), dense(rnn(x)))
})

test_that("several inputs are taken in order and by name", {
  withr::local_seed(2)
  a <- keras_input(3, name = "a")
  b <- keras_input(2, name = "b")
  out <- op_add(layer_dense(a, 2, name = "da"), layer_dense(b, 2, name = "db"))
  model <- keras_model(list(a, b), out)
  xa <- matrix(rnorm(12), 4)
  xb <- matrix(rnorm(8), 4)
  want <- predict(model, list(xa, xb))
  expect_equal(predict(model, list(b = xb, a = xa)), want)
  expect_equal(model(list(xa, xb)), want)
  named <- keras_model(list(left = a, right = b), out)
  expect_equal(predict(named, list(right = xb, left = xa)), want)
  expect_error(predict(named, list(right = xb, lfet = xa)), "left",
               class = "elman_error_argument")
})

test_that("several outputs are lists, with the names they were given", {
  input <- keras_input(c(5, 1))
  both <- layer_simple_rnn(input, 2, return_state = TRUE)
  model <- keras_model(input, both)
  got <- predict(model, array(1, c(3, 5, 1)))
  expect_length(got, 2)
  expect_equal(dim(got[[1]]), c(3, 2))
  named <- keras_model(input, list(y = both[[1]], state = both[[2]]))
  expect_named(predict(named, array(1, c(3, 5, 1))), c("y", "state"))
})

test_that("a layer called twice has one set of weights", {
  shared <- layer_dense(units = 2)
  a <- keras_input(3)
  b <- keras_input(3)
  model <- keras_model(list(a, b), op_subtract(shared(a), shared(b)))
  expect_length(model$trainable_weights, 2)
  x <- matrix(1:6, 2)
  expect_equal(predict(model, list(x, x)), matrix(0, 2, 2))
})

test_that("models nest", {
  withr::local_seed(3)
  inner <- small_model()
  input <- keras_input(c(5, 2))
  outer <- keras_model(input, op_multiply(inner(input), 2))
  x <- array(rnorm(20), c(2, 5, 2))
  expect_equal(predict(outer, x), 2 * predict(inner, x), tolerance = 1e-6)
  expect_length(outer$trainable_weights, 5)
  stacked <- keras_model_sequential(input_shape = c(5, 2))
  stacked$add(inner)
  layer_dense(stacked, 1, name = "last")
  expect_length(stacked$weights, 7)
})

test_that("weights come by depth, as in Keras", {
  a <- keras_input(2, name = "a")
  deep <- layer_dense(a, 2, name = "d1") |> layer_dense(2, name = "d2")
  flat <- layer_dense(a, 2, name = "f")
  model <- keras_model(a, op_add(flat, deep))
  names <- vapply(model$layers, function(layer) layer$name, "")
  expect_equal(names, c("a", "d1", "f", "d2"))
})

test_that("states flow from one layer to the next", {
  withr::local_seed(4)
  input <- keras_input(c(4, 1))
  c(out, state) %<-% layer_simple_rnn(input, 3, return_state = TRUE)
  second <- layer_simple_rnn(units = 3)
  model <- keras_model(input, second(input, initial_state = state))
  x <- array(rnorm(8), c(2, 4, 1))
  first <- model$layers[[2]]
  want <- second(x, initial_state = first(x)[[2]])
  expect_equal(predict(model, x), want)
})

test_that("an input may have other sizes where the model leaves them open", {
  input <- keras_input(c(NA, 1))
  model <- keras_model(input, layer_simple_rnn(input, 2))
  expect_equal(dim(predict(model, array(0, c(3, 7, 1)))), c(3, 2))
  expect_equal(model$compute_output_shape(c(NA, 9, 1)), shape(NA, 2))
})

test_that("inputs need not be used, and may be what a layer gave", {
  a <- keras_input(3, name = "a")
  b <- keras_input(2, name = "b")
  unused <- keras_model(list(a, b), layer_dense(a, 1, name = "d"))
  x <- list(matrix(1, 2, 3), matrix(1, 2, 2))
  expect_identical(dim(predict(unused, x, verbose = 0)), c(2L, 1L))
  expect_error(predict(unused, x[1], verbose = 0),
               class = "elman_error_argument")
  hidden <- layer_dense(a, 4, name = "hidden")
  top <- keras_model(hidden, layer_dense(hidden, 1, name = "top"))
  expect_length(top$weights, 2)
  expect_identical(dim(predict(top, matrix(1, 2, 4), verbose = 0)), c(2L, 1L))
})

test_that("wrong graphs are refused", {
  clear_session()
  a <- keras_input(3, name = "a")
  b <- keras_input(3, name = "b")
  expect_snapshot(error = TRUE, {
    keras_model(a, layer_dense(b, 1))
    keras_model(a, matrix(1))
    keras_model(list(), a)
    keras_model(a, layer_dense(layer_dense(a, 1, name = "x"), 1, name = "x"))
    keras_model(list(a, b, a), layer_dense(a, 1))
    keras_model(a, op_add(a, b))
    keras_model(NULL, a)
  })
})
