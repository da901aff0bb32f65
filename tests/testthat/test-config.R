# Configurations and the names in them.

test_that("nested objects are read by module and class name", {
  config <- list(module = "keras.layers", class_name = "Dense",
                 config = list(units = 3, activation = "relu", name = "d"))
  layer <- from_config(config)
  expect_s3_class(layer, "Dense")
  expect_identical(layer$units, 3L)
  written <- serialize_object(layer)
  expect_identical(names(written),
                   c("module", "class_name", "config", "registered_name"))
  expect_identical(written$module, "keras.layers")
  expect_identical(get_config(from_config(written)), get_config(layer))
})

test_that("a layer made again has fresh weights", {
  layer <- layer_dense(units = 3)
  layer$build(c(NA, 2))
  again <- from_config(get_config(layer))
  expect_false(again$built)
  again$build(c(NA, 2))
  expect_false(identical(get_weights(again), get_weights(layer)))
})

test_that("classes of the user's own come from custom_objects", {
  config <- list(class_name = "Mine", config = list(units = 2))
  made <- from_config(config, list(Mine = function(units) {
    layer_dense(units = units * 2)
  }))
  expect_identical(made$units, 4L)
})

test_that("names are spelled in snake or camel case", {
  f <- function(name) named_constructor(name, "initializer_", "initializer")
  expect_identical(f("he_normal"), initializer_he_normal)
  expect_identical(f("HeNormal"), initializer_he_normal)
  expect_true(is_uncalled(initializer_he_normal, "initializer_"))
  expect_false(is_uncalled(initializer_he_normal(), "initializer_"))
  expect_false(is_uncalled(sum, "initializer_"))
})

test_that("what is no configuration is refused", {
  expect_snapshot(error = TRUE, {
    from_config(list(units = 3))
    from_config(list(class_name = "Dence", config = list(units = 3)))
    from_config(list(module = "keras.initializers", class_name = "Orthgonal",
                     config = list()))
  })
})
