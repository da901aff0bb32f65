# Checks say what must hold, then what came, in the user's call.

test_that("counts are positive whole numbers", {
  expect_identical(check_count(3, "units"), 3L)
  bad <- list(0, -3, 2.5, NA, "a", c(1, 2), NULL, Inf, TRUE)
  for (x in bad) {
    expect_error(check_count(x, "units"), class = "elman_error_argument")
  }
  f <- function(units) check_count(units, "units")
  expect_error(f(), "`units` must be a positive whole number, not missing",
               class = "elman_error_argument")
})

test_that("messages name the argument, what must hold and what came", {
  expect_snapshot(error = TRUE, {
    check_count(-3, "units")
    check_rate(1.5, "dropout")
    check_flag("yes", "use_bias")
    check_string(1, "name")
    check_number("a", "alpha", min = 0)
    match_name("tahn", c("tanh", "relu"), "activation")
    check_dots(nmae = "a", .allowed = c("name", "dtype"))
    check_dots(1)
  })
})

test_that("a trailing comma is forgiven", {
  expect_identical(check_dots(name = "a", , .allowed = "name")$name, "a")
})

test_that("wrong objects and numbers are refused in the package's own words", {
  x <- as_tensor(matrix(1:6 / 6, 2))
  refused <- function(code) expect_error(code, class = "elman_error")
  for (wrong in list(3, "a", keras_input(2))) {
    refused(get_weights(wrong))
    refused(set_weights(wrong, list()))
    refused(count_params(wrong))
    refused(reset_state(wrong))
    refused(get_config(wrong))
    refused(evaluate(wrong))
  }
  for (axis in list(2^31, Inf, 1.5, "a", TRUE)) {
    refused(op_sum(x, axis = axis))
    refused(op_swapaxes(x, 1L, axis))
    refused(constraint_maxnorm(axis = axis))
  }
  refused(op_reshape(x, 2^31))
  refused(op_full(2, "a"))
  refused(op_arange("a", 3))
  refused(op_arange(0, 1e300))
  refused(op_quantile(x, 0.5, method = NA_character_))
  refused(op_associative_scan(function(a, b) op_sum(a), as_tensor(1:4)))
  refused(as_tensor(array(0, rep(1, 9))))
  refused(as_tensor(list(NULL)))
  config <- get_config(keras_model_sequential(input_shape = 2))
  config$layers <- 3
  refused(from_config(config))
  input <- keras_input(3)
  config <- get_config(keras_model(input, layer_dense(input, 2)))
  for (places in list(identity, list())) {
    config$input_layers <- places
    refused(from_config(config))
  }
})

test_that("functions, symbols and numbers past integers are refused by name", {
  x <- c(1, 2, 3)
  batch <- array(1, c(2, 4, 2))
  wrong <- list(
    strides = quote(op_average_pool(batch, 3L, strides = 1e300)),
    x2 = quote(op_correlate(x, identity)),
    range = quote(op_histogram(x, bins = 8L, range = identity)),
    elems = quote(op_associative_scan(`+`, NULL)),
    axes = quote(layer_dot(batch, axes = identity)),
    x = quote(op_bitwise_or(-Inf, 1L)),
    zero_indexed = quote(op_take(x, 1L, zero_indexed = data.frame(a = 1))),
    zero_indexed = quote(op_one_hot(1L, 3L, zero_indexed = "no"))
  )
  for (k in seq_along(wrong)) {
    expect_error(eval(wrong[[k]]), paste0("`", names(wrong)[k], "` must be"),
                 class = "elman_error_argument")
  }
  # A symbol is a value here, and is not looked up.
  a_symbol <- list(units = 2L, kernel_initializer = as.name("nowhere"))
  expect_error(do.call(layer_lstm, a_symbol, quote = TRUE),
               "kernel_initializer", class = "elman_error_argument")
  expect_error(do.call(layer_conv_1d, list(
    filters = 2L, kernel_size = 3L, padding = as.name("nowhere")
  ), quote = TRUE), "padding", class = "elman_error_argument")
})
