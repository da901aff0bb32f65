# Names of users' own classes and functions.

local_objects <- function(envir = parent.frame()) {
  before <- set_custom_objects()
  withr::defer(set_custom_objects(before), envir = envir)
}

# Registers a value by its name, as a script does.
register_from_script <- function(name, value) {
  script <- new.env(parent = globalenv())
  assign(name, value, envir = script)
  script$register <- register_keras_serializable
  eval(bquote(withVisible(register(.(as.name(name))))), script)
}

# A record as a file would hold it: without the class.
forget <- function(x) {
  record <- serialize_object(x)
  attributes(record) <- list(names = names(record))
  record
}

test_that("a registered class is found by its record", {
  local_objects()
  layer_own <- own_dense()
  record <- forget(layer_own(units = 3, name = "o"))
  expect_identical(record$class_name, "OwnDense")
  expect_identical(record$registered_name, "OwnDense")
  expect_error(from_config(record), class = "elman_error_argument")
  expect_identical(register_from_script("layer_own", layer_own),
                   list(value = layer_own, visible = FALSE))
  expect_identical(get_registered_name(layer_own), "Custom>OwnDense")
  expect_identical(get_registered_object("Custom>OwnDense"), layer_own)
  record <- forget(layer_own(units = 3, name = "o"))
  expect_identical(record$registered_name, "Custom>OwnDense")
  layer <- from_config(record)
  expect_s3_class(layer, "OwnDense")
  expect_identical(layer$units, 3L)
})

test_that("custom_objects, scopes and lists of objects mean the same", {
  local_objects()
  layer_own <- own_dense()
  record <- forget(layer_own(units = 3))
  for (objects in list(list(OwnDense = layer_own), list(layer_own),
                       layer_own)) {
    expect_s3_class(from_config(record, custom_objects = objects), "OwnDense")
  }
  expect_s3_class(with_custom_object_scope(list(OwnDense = layer_own),
                                           from_config(record)), "OwnDense")
  expect_null(get_registered_object("OwnDense"))
  expect_identical(get_registered_object("OwnDense", list(layer_own)),
                   layer_own)
  expect_identical(set_custom_objects(list(OwnDense = layer_own)), list())
  expect_s3_class(from_config(record), "OwnDense")
  set_custom_objects(list(f = mean), clear = FALSE)
  expect_named(get_custom_objects(), c("OwnDense", "f"))
  set_custom_objects(list(f = mean))
  expect_named(get_custom_objects(), "f")
})

test_that("a model's record brings its own layers back", {
  local_objects()
  layer_own <- own_dense()
  register_keras_serializable(layer_own, name = "D", package = "here")
  model <- keras_model_sequential(input_shape = 3)
  layer_own(model, units = 2)
  again <- from_config(forget(model))
  expect_s3_class(again$layers[[1]], "OwnDense")
  inputs <- keras_input(3)
  net <- keras_model(inputs, layer_own(inputs, units = 2))
  again <- from_config(forget(net))
  expect_s3_class(again$layers[[2]], "OwnDense")
  expect_identical(again$output_shape, shape(NA, 2))
})

test_that("functions are registered under the name they are given by", {
  local_objects()
  my_activation <- function(x) x
  register_from_script("my_activation", my_activation)
  expect_identical(get_registered_name(my_activation), "Custom>my_activation")
  expect_identical(get_registered_object("Custom>my_activation"),
                   my_activation)
})

test_that("what has no name or is no object is refused", {
  local_objects()
  expect_snapshot(error = TRUE, {
    register_keras_serializable(3)
    get_registered_name(function(x) x)
    set_custom_objects(list(function(x) x))
    with_custom_object_scope(list(a = 3), NULL)
    get_registered_object(3)
  })
})
