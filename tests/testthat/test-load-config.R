# What configurations are refused, and what is said of them. Known attacks stand
# in test-load-attacks.R.

test_that("functions that are no losses, metrics or activations are refused", {
  skip_without_files()
  for (name in c("system", "base::system", "load_model", "replace_file",
                 "LayerBase", "ModelBase", "RecurrentLayer", "elman_model",
                 "SequentialModel", "../x", "")) {
    layer <- object_json("keras.layers", name, '{"name": "l"}')
    expect_refused(with_config(swap_layer(layer)), "not known here")
    expect_error(load_model(with_config(
      swap('"tanh"', sprintf('"%s"', name))
    )), class = "elman_error_file")
  }
})

test_that("numbers that want more memory than the file has are refused", {
  skip_without_files()
  for (units in c("100000", "30000000", "2147483647", "1e300", "-3", "0",
                  '"3"', "null", "[3]", "3.5")) {
    bytes <- with_config(swap('"units": 3,', sprintf('"units": %s,', units)))
    expect_error(load_model(bytes), class = "elman_error_file")
  }
  bytes <- with_config(swap('"units": 3,', '"units": 30000,'))
  expect_refused(bytes, "more weights than there are numbers")
  bytes <- with_config(swap('"batch_shape": [null', '"batch_shape": [99999'))
  expect_refused(bytes, "batches of 99999")
})

test_that("what is missing or of another kind is an error of the file", {
  skip_without_files()
  edits <- list(
    swap('"class_name": "SimpleRNN"', '"class_name": 3'),
    swap('"class_name": "SimpleRNN"', '"class_name": ["SimpleRNN"]'),
    swap('"class_name": "Sequential"', '"class_name": "Dense"'),
    swap('"layers": [', '"layers": 3, "other": ['),
    swap('"activation": "tanh"', '"activation": {"a": 1}'),
    swap('"units": 3,', ""),
    function(text) "[]", function(text) "3", function(text) "{}",
    function(text) '{"class_name": "Sequential"}',
    function(text) '{"class_name": "Sequential", "config": []}'
  )
  for (edit in edits) {
    expect_error(load_model(with_config(edit)), class = "elman_error_file")
  }
})

test_that("a class that stands for a value is no model", {
  skip_without_files()
  for (class in c("DTypePolicy", "__tuple__", "TensorShape")) {
    expect_refused(with_config(function(text) {
      sprintf('{"class_name": "%s", "config": {"name": "float32"}}', class)
    }), "is not that of a model")
  }
})

test_that("nothing of a refused file is left behind, and R's generator stays", {
  skip_without_files()
  bytes <- with_config(swap_layer(lambda))
  good <- save_model(file_model())
  set.seed(4)
  before <- .Random.seed
  files <- list.files(tempdir(), "^elman-")
  expect_error(load_model(bytes), class = "elman_error_file")
  load_model(good)
  expect_identical(.Random.seed, before)
  expect_identical(list.files(tempdir(), "^elman-"), files)
  expect_null(the$weights_in_file)
})

test_that("functions and layers of your own are given by custom_objects", {
  skip_without_files()
  doubled <- structure(function(x) op_multiply(x, 2), name = "doubled")
  model <- keras_model_sequential(input_shape = 3) |>
    layer_dense(2, activation = doubled)
  bytes <- save_model(model)
  expect_refused(bytes, "function \"doubled\".*custom_objects = list\\(doubled")
  again <- load_model(bytes, custom_objects = list(doubled = doubled))
  x <- matrix(1:6 / 6, 2)
  expect_equal(predict(again, x, verbose = 0), predict(model, x, verbose = 0))
  expect_error(load_model(bytes, custom_objects = doubled), "named list",
               class = "elman_error_argument")
})

test_that("a function without a name cannot be saved", {
  skip_without_files()
  model <- keras_model_sequential(input_shape = 3) |>
    layer_dense(2, activation = function(x) x)
  expect_error(save_model(model), "without a name",
               class = "elman_error_argument")
})
