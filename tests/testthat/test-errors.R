# Errors are classed, name the argument, and show the call the user wrote.

caught <- function(code) tryCatch(code, error = identity)

test_that("every child is an elman_error and names its argument", {
  e <- caught(abort_argument("no", "units"))
  expect_s3_class(e, c("elman_error_argument", "elman_error", "rlang_error",
                       "error", "condition"), exact = TRUE)
  expect_identical(e$arg, "units")
  expect_s3_class(caught(abort_shape("no")), "elman_error_shape")
  expect_s3_class(caught(abort_state("no")), "elman_error_state")
  expect_s3_class(caught(abort_file("no")), "elman_error_file")
})

# As if written in a script: outside of the package.
script <- function(code) {
  run <- function() NULL
  body(run) <- substitute(code)
  environment(run) <- new.env(parent = globalenv())
  caught(run())
}

test_that("the call shown is the user's, without its arguments", {
  e <- script(elman::layer_simple_rnn(units = -3))
  expect_identical(deparse(e$call), "elman::layer_simple_rnn()")
  e <- script(lapply(1:2, function(i) elman::op_add(1:2, 1:3)))
  expect_identical(deparse(e$call), "elman::op_add()")
})

test_that("a method is shown as its generic, an inner call as the user's own", {
  e <- script({
    model <- elman::keras_model_sequential(input_shape = 2)
    elman::fit(model, matrix(0, 2, 2), 1:2)
  })
  expect_identical(deparse(e$call), "fit()")
  e <- script(elman::value_and_grad(function(x) elman::op_reshape(x, 7))(1:2))
  expect_identical(deparse(e$call), "elman::op_reshape()")
})

test_that("of a pipe the step is shown that has the argument", {
  piped <- function(expected, code) {
    e <- code
    expect_s3_class(e, "elman_error_argument")
    expect_identical(deparse(e$call), paste0("elman::", expected, "()"))
  }
  piped("layer_simple_rnn", script({
    model <- elman::keras_model_sequential(input_shape = c(3, 2))
    elman::layer_dense(elman::layer_simple_rnn(model, 3, foo = 1), 1)
  }))
  piped("layer_simple_rnn", script({
    `%>%` <- elman::`%>%`
    elman::keras_model_sequential(input_shape = c(3, 2)) %>%
      elman::layer_simple_rnn(3, foo = 1) %>%
      elman::layer_dense(1)
  }))
  piped("layer_dense", script({
    model <- elman::keras_model_sequential(input_shape = c(3, 2))
    elman::compile(elman::layer_dense(elman::layer_simple_rnn(model, 3), 1,
                                      foo = 1), "sgd", "mse")
  }))
  piped("layer_lstm", script({
    elman::layer_bidirectional(layer = elman::layer_lstm(units = 2, foo = 1))
  }))
})

test_that("missing values are counted, and a way out of them is named", {
  model <- compiled_model()
  data <- series_data(4)
  data$x[2, 1, 1] <- NA
  expect_error(fit(model, data$x, data$y, verbose = 0),
               "1 of 40 are NA.*Fill them.*layer_masking",
               class = "elman_error_argument")
})
