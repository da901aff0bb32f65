# Which layers of a model are trained.

deep_model <- function() {
  keras_model_sequential(input_shape = 3) |>
    layer_dense(4, name = "first") |>
    layer_activation("relu", name = "relu") |>
    layer_dense(3, name = "second") |>
    layer_dense(2, name = "third") |>
    layer_dense(1, name = "last")
}

frozen <- function(model) {
  names <- vapply(model$layers, function(l) l$name, "")
  names[!vapply(model$layers, function(l) l$trainable, NA)]
}

test_that("all is frozen and unfrozen", {
  model <- deep_model()
  expect_identical(withVisible(freeze_weights(model)),
                   list(value = model, visible = FALSE))
  expect_length(model$trainable_weights, 0)
  expect_length(model$non_trainable_weights, 8)
  unfreeze_weights(model)
  expect_length(model$trainable_weights, 8)
  layer <- freeze_weights(layer_dense(units = 2))
  expect_false(layer$trainable)
})

test_that("ranges go by place, name and layer, the others get the opposite", {
  model <- deep_model()
  freeze_weights(model, from = 2, to = 3)
  expect_identical(frozen(model), c("relu", "second"))
  freeze_weights(model, from = "third")
  expect_identical(frozen(model), c("third", "last"))
  freeze_weights(model, to = get_layer(model, "relu"))
  expect_identical(frozen(model), c("first", "relu"))
  freeze_weights(model, from = -2)
  expect_identical(frozen(model), c("third", "last"))
  unfreeze_weights(model, from = -2)
  expect_identical(frozen(model), c("first", "relu", "second"))
})

test_that("layers are chosen one by one", {
  model <- deep_model()
  freeze_weights(model, which = c(1, -1))
  expect_identical(frozen(model), c("first", "last"))
  freeze_weights(model, which = list(3, "third"))
  expect_identical(frozen(model), c("second", "third"))
  unfreeze_weights(model, which = ~ startsWith(.x$name, "l"))
  expect_identical(frozen(model), c("first", "relu", "second", "third"))
  freeze_weights(model, which = function(layer) layer$name == "first")
  expect_identical(frozen(model), "first")
  freeze_weights(model, which = c(TRUE, FALSE, FALSE, FALSE, TRUE))
  expect_identical(frozen(model), c("first", "last"))
  freeze_weights(model, which = get_layer(model, "second"))
  expect_identical(frozen(model), "second")
})

test_that("training leaves frozen layers bit for bit and moves the others", {
  data <- flat_data()
  model <- deep_model()
  freeze_weights(model, which = c("first", "third"))
  compile(model, optimizer_adam(0.05), loss = "mse")
  before <- get_weights(model)
  fit(model, data$x, data$y, epochs = 2, verbose = 0)
  same <- mapply(identical, before, get_weights(model))
  expect_identical(same, rep(c(TRUE, FALSE, TRUE, FALSE), each = 2))
  unfreeze_weights(model)
  compile(model, optimizer_adam(0.05), loss = "mse")
  fit(model, data$x, data$y, epochs = 2, verbose = 0)
  expect_false(any(mapply(identical, before, get_weights(model))))
})

test_that("a model inside is frozen with its layers", {
  inner <- keras_model_sequential(input_shape = 3, name = "inner") |>
    layer_dense(2)
  model <- keras_model_sequential(input_shape = 3)
  model$add(inner)
  layer_dense(model, 1)
  freeze_weights(model, which = "inner")
  expect_length(model$trainable_weights, 2)
  expect_false(inner$layers[[1]]$trainable)
  expect_length(get_weights(model, trainable = FALSE), 2)
  text <- format(model)
  expect_true(any(grepl("Non-trainable params: 8 ", text, fixed = TRUE)))
})

test_that("wrong choices are refused, and nothing changes", {
  model <- deep_model()
  expect_snapshot(error = TRUE, {
    freeze_weights(3)
    freeze_weights(model, from = 2, which = 3)
    freeze_weights(model, from = "frist")
    freeze_weights(model, from = 6)
    freeze_weights(model, from = 3, to = 2)
    freeze_weights(model, which = TRUE)
    freeze_weights(model, which = layer_dense(units = 1))
    freeze_weights(model, which = function(layer) "yes")
    freeze_weights(layer_dense(units = 1), from = 1)
  })
  expect_length(frozen(model), 0)
})
