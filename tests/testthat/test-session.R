# Settings of the session.

test_that("the default type and epsilon are set and given back", {
  old <- config_set_floatx("float64")
  expect_identical(config_floatx(), "float64")
  expect_identical(config_set_floatx(old), "float64")
  expect_error(config_set_floatx("float16"), class = "elman_error_argument")
  old <- config_set_epsilon(1e-5)
  expect_identical(config_epsilon(), 1e-5)
  config_set_epsilon(old)
})

test_that("names count per class until the session is cleared", {
  clear_session()
  names <- replicate(2, layer_dense(units = 1)$name)
  expect_identical(names, c("dense", "dense_1"))
  clear_session()
  expect_identical(layer_dense(units = 1)$name, "dense")
})

test_that("class names become Keras's names", {
  expect_identical(snake_case("SimpleRNN"), "simple_rnn")
  expect_identical(snake_case("StackedRNNCells"), "stacked_rnn_cells")
  expect_identical(snake_case("Conv1D"), "conv1d")
})

test_that("the option rules the threads, and leaves with it", {
  before <- elman_threads()
  withr::with_options(list(elman.threads = 1),
                      expect_identical(elman_threads(), 1L))
  expect_identical(elman_threads(), before)
  withr::with_envvar(c(ELMAN_NUM_THREADS = "3", `_R_CHECK_LIMIT_CORES_` = ""),
                     expect_identical(default_threads(), 3L))
  withr::with_envvar(c(ELMAN_NUM_THREADS = "3",
                       `_R_CHECK_LIMIT_CORES_` = "TRUE"),
                     expect_identical(default_threads(), 2L))
})
