# Python writes the masks that layers compute as operations of the graph, and
# that it drew the graph outside of training.

masked_model <- function() {
  set.seed(1)
  x <- keras_input(c(4, 2), name = "x")
  used <- op_any(op_not_equal(x, 0.5), axis = -1)
  h <- layer_simple_rnn(units = 3, dropout = 0.5)(x, mask = used)
  keras_model(x, layer_dense(h, 1))
}

masked_data <- function() {
  x <- array(sin(1:16), c(2, 4, 2))
  x[1, 2:3, ] <- 0.5
  x
}

test_that("masks that are operations of the graph are saved and loaded", {
  skip_without_files()
  model <- masked_model()
  text <- save_model_config(model)
  expect_match(text, '"NotEqual"')
  expect_match(text, '"Any".*"axis": \\[2\\], "keepdims": false')
  again <- load_model(save_model(model))
  expect_identical(predict(again, masked_data(), verbose = 0),
                   predict(model, masked_data(), verbose = 0))
  every_step <- load_model(save_model(model))
  other <- masked_data()
  other[1, 2:3, ] <- 0.25
  expect_false(isTRUE(all.equal(predict(every_step, other, verbose = 0),
                                predict(model, masked_data(), verbose = 0))))
})

test_that("a layer that Python drew outside of training drops in training", {
  skip_without_files()
  text <- save_model_config(masked_model())
  drawn <- gsub('"kwargs": {"mask"', '"kwargs": {"training": false, "mask"',
                text, fixed = TRUE)
  expect_false(identical(drawn, text))
  path <- withr::local_tempfile(lines = drawn)
  model <- load_model_config(path)
  x <- as_tensor(masked_data())
  expect_false(identical(as.array(model(x, training = TRUE)),
                         as.array(model(x, training = FALSE))))
})

test_that("operations of an axis out of range are refused", {
  skip_without_files()
  text <- save_model_config(masked_model())
  for (axis in c('"a"', "[99]", "[1e9]", '{"a": 1}')) {
    path <- withr::local_tempfile(
      lines = sub('"axis": [2]', paste0('"axis": ', axis), text, fixed = TRUE)
    )
    expect_error(load_model_config(path), class = "elman_error_file")
  }
})
