# Gradients of a function of the user's by programs: the numbers of the function
# as it is written, and when R runs it.

calls_of <- function(g, ...) lapply(list(...), function(x) g(x))

numbers_of <- function(calls) {
  lapply(calls, rapply, f = as.array, how = "list")
}

recurrent_loss <- function(...) {
  layer <- layer_simple_rnn(units = 3, return_sequences = TRUE, ...)
  layer$build(c(NA, 4, 2))
  set_weights(layer, lapply(get_weights(layer), function(w) {
    array(sin(seq_along(w)), dim(w))
  }))
  list(layer = layer, loss = function(x) op_sum(layer(x)^2))
}

test_that("compiled calls give the numbers of the function as it is written", {
  made <- recurrent_loss()
  weights <- made$layer$trainable_weights
  batches <- lapply(1:6, function(k) {
    array(cos(k * seq_len(k %% 2 * 8 + 8)), c(k %% 2 + 1, 4, 2))
  })
  written <- value_and_grad(made$loss, weights)
  compiled <- value_and_grad(made$loss, weights, jit_compile = TRUE)
  expect_identical(numbers_of(lapply(batches, compiled)),
                   numbers_of(lapply(batches, written)))
})

test_that("compiled calls see new values of variables", {
  v <- new_variable(as_tensor(c(2, 3)), "v")
  g <- value_and_grad(function(x) op_sum(v * v * x), list(v),
                      jit_compile = TRUE)
  for (k in 1:4) {
    v$assign(c(k, 2 * k))
    got <- g(c(1, 10))
    expect_equal(as.double(got$value), 41 * k^2)
    expect_equal(as.double(got$variable_gradients[[1]]), c(2 * k, 40 * k))
    expect_equal(as.double(got$gradients[[1]]), c(k^2, 4 * k^2))
  }
})

test_that("R runs a compiled function twice per shape, and after a change", {
  runs <- 0
  g <- value_and_grad(function(x) {
    runs <<- runs + 1
    op_sum(x * x)
  }, jit_compile = TRUE)
  for (k in 1:5) g(c(1, 2))
  expect_identical(runs, 2)
  for (k in 1:5) g(c(1, 2, k))
  expect_identical(runs, 4)
  old <- config_set_epsilon(1e-6)
  g(c(1, 2))
  config_set_epsilon(old)
  expect_identical(runs, 5)
})

test_that("a compiled function that looks at its numbers runs as written", {
  g <- value_and_grad(function(x) {
    if (as.numeric(op_sum(x)) > 0) op_sum(x) else op_sum(-3 * x)
  }, jit_compile = TRUE)
  slopes <- vapply(c(1, 1, 1, -1, -1, 1), function(x) {
    as.double(g(x)$gradients[[1]])
  }, 0)
  expect_identical(slopes, c(1, 1, 1, -3, -3, 1))
})

test_that("a compiled function within another tape is differentiated", {
  cube <- value_and_grad(function(x) op_sum(x * x * x), jit_compile = TRUE)
  for (k in 1:3) cube(c(1, 2))
  first <- value_and_grad(function(x) op_sum(cube(x)$gradients[[1]]))
  expect_equal(as.double(first(c(1, 2))$gradients[[1]]), c(6, 12))
})

test_that("compiled calls draw the random numbers of the function as written", {
  drawn <- function(jit_compile) {
    withr::local_seed(7)
    drop <- layer_dropout(rate = 0.5)
    g <- value_and_grad(function(x) op_sum(drop(x, training = TRUE) * x),
                        jit_compile = jit_compile)
    numbers_of(calls_of(g, 1:9, 2:10, 3:11, 4:12))
  }
  expect_identical(drawn(TRUE), drawn(FALSE))
})

test_that("arguments of a compiled function keep their names", {
  g <- value_and_grad(function(a, b) op_sum(a * a * b), jit_compile = TRUE)
  for (k in 1:3) got <- g(b = 5, a = 2)
  expect_named(got$gradients, c("b", "a"))
  expect_equal(as.double(got$gradients$a), 20)
  expect_equal(as.double(got$gradients$b), 4)
})

test_that("recorded calls on arrays and tensors run without R", {
  loss <- function(a, b) op_sum(a * a * b)
  a <- matrix(1:6 / 7, 2)
  b <- as_tensor(cos(a))
  written <- value_and_grad(loss)(a, b)
  g <- value_and_grad(loss, jit_compile = TRUE)
  for (k in 1:2) g(a, b)
  for (k in 1:2) by_name <- g(a = a, b = b)
  at_once <- function(...) {
    .Call(gradients_at_once, environment(g)$programs, list(...), the)
  }
  expect_identical(at_once(a, b), written)
  expect_identical(at_once(as_tensor(a), cos(a)), written)
  expect_identical(g(as_tensor(a), cos(a)), written)
  hollow <- structure(1, class = class(b))
  expect_type(at_once(hollow, b), "character")
  expect_error(g(hollow, b), class = "elman_error_state")
  expect_null(at_once(a = a, b = b))
  expect_null(at_once(a))
  expect_null(at_once(1:6 / 7, b))
  expect_null(at_once(matrix(1:6, 2), b))
  expect_null(at_once(a, as_tensor(cos(a), "float64")))
  expect_null(at_once(a, structure(cos(a), class = "difftime")))
  # Attributes of the user's own, even those that tensors have.
  expect_identical(g(a, structure(cos(a), dtype = "mine")), written)
  value_and_grad(function(x) {
    expect_null(at_once(a, b))
    op_sum(x)
  })(a)
  expect_named(by_name$gradients, c("a", "b"))
})

test_that("recorded calls tell columns from vectors and float64 from arrays", {
  g <- value_and_grad(function(x) op_sum(x * x), jit_compile = TRUE)
  shapes <- function(x) {
    for (k in 1:3) got <- g(x)
    list(dim(as.array(got$gradients[[1]])), op_dtype(got$value))
  }
  expect_identical(shapes(matrix(c(1, 2, 3))), list(c(3L, 1L), "float32"))
  expect_identical(shapes(c(1, 2, 3)), list(3L, "float32"))
  x <- as_tensor(c(1, 2), "float64")
  expect_identical(shapes(x), list(2L, "float64"))
  expect_identical(shapes(c(1, 2)), list(2L, "float32"))
  expect_identical(shapes(3), shapes(as_tensor(3)))
})

test_that("an error in a compiled function leaves nothing recorded", {
  fails <- FALSE
  g <- value_and_grad(function(x) {
    if (fails) stop("no")
    op_sum(x)
  }, jit_compile = TRUE)
  g(1)
  fails <- TRUE
  expect_error(g(1), "no")
  expect_null(the$recording)
  expect_false(is_taping())
  fails <- FALSE
  expect_equal(as.double(g(4)$value), 4)
})

test_that("a compiled function's value must be a scalar", {
  g <- value_and_grad(function(x) x, jit_compile = TRUE)
  expect_error(g(c(1, 2)), class = "elman_error_shape")
  expect_error(value_and_grad(sum, jit_compile = NA),
               class = "elman_error_argument")
})
