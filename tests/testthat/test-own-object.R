# Fields of users' layers, and what they hold.

test_that("weights are its own, then those of its fields in order", {
  block <- Layer(
    "Block",
    initialize = function(...) {
      super$initialize(...)
      self$list <- list()
      self$last <- layer_dense(units = 1, name = "last")
      for (k in 1:2) {
        self$list[[k]] <- layer_dense(units = k, name = paste0("d", k))
      }
      self$scale <- self$add_weight(shape = NULL, initializer = "ones",
                                    name = "scale")
      self$count <- self$add_weight(shape(), "zeros", trainable = FALSE,
                                    name = "count")
    },
    call = function(inputs) {
      for (layer in self$list) inputs <- layer(inputs)
      self$last(inputs) * self$scale
    }
  )
  layer <- block(name = "b")
  layer(matrix(0, 2, 3))
  paths <- vapply(layer$weights, function(v) v$path, "")
  expect_identical(paths, c(
    "b/scale", "b/count", "b/last/kernel", "b/last/bias", "b/d1/kernel",
    "b/d1/bias", "b/d2/kernel", "b/d2/bias"
  ))
  expect_identical(layer$count_params(), 13L)
  expect_length(layer$trainable_weights, 7)
  layer$trainable <- FALSE
  expect_length(layer$trainable_weights, 0)
  expect_false(layer$last$trainable)
  layer$trainable <- TRUE
  # What no field holds any more is forgotten.
  layer$list <- list()
  expect_length(layer$weights, 4)
  layer$last <- NULL
  expect_length(layer$weights, 2)
})

test_that("a layer cannot hold itself", {
  holder <- Layer("Holder", call = function(inputs) inputs)
  outer <- holder(name = "outer")
  inner <- holder(name = "inner")
  outer$inner <- inner
  expect_snapshot(error = TRUE, {
    inner$outer <- outer
    outer$self <- list(outer)
  })
  expect_length(inner$weights, 0)
})

test_that("state is kept in variables that training leaves alone", {
  total <- Layer("Total", initialize = function(size) {
    super$initialize()
    self$total <- self$add_weight(shape(size), "zeros", trainable = FALSE)
  }, call = function(inputs) {
    self$total$assign_add(op_sum(inputs, axis = 1))
    self$total$assign_sub(1)
    self$total
  })
  layer <- total(size = 2)
  layer(matrix(1, 2, 2))
  expect_identical(layer(matrix(1, 2, 2)), array(c(2, 2)))
  expect_length(layer$trainable_weights, 0)
  expect_length(layer$non_trainable_weights, 1)
})
