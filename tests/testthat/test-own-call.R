# Calling layers that were written in R, and the shapes they give.

masked <- function(x, mask) {
  set_mask(as_tensor(x), as_tensor(array(mask, dim(x))))
}

test_that("training and mask reach the arguments of call()", {
  seen <- list()
  note <- Layer("Note", call = function(inputs, mask = NULL, training = NULL) {
    seen[[length(seen) + 1]] <<- list(training, mask)
    inputs
  }, initialize = function(...) {
    super$initialize(...)
    self$supports_masking <- TRUE
  })
  layer <- note()
  outer <- Layer("Outer", call = function(inputs) self$inner(inputs),
                 initialize = function() {
                   super$initialize()
                   self$inner <- layer
                 })()
  x <- masked(matrix(1, 2, 3), c(TRUE, FALSE))
  expect_identical(as.array(get_mask(layer(x))),
                   matrix(c(TRUE, FALSE), 2, 3))
  layer(matrix(1, 1, 1), training = TRUE)
  outer(matrix(1, 1, 1), training = TRUE)
  expect_identical(lapply(seen, `[[`, 1), list(FALSE, TRUE, TRUE))
  expect_identical(as.array(seen[[1]][[2]]), matrix(c(TRUE, FALSE), 2, 3))
  trained <- Layer("Trained", call = function(inputs, training = TRUE) {
    if (training) inputs + 1 else inputs
  })()
  expect_identical(as.numeric(trained(as_tensor(1))), 2)
  expect_identical(as.numeric(trained(as_tensor(1), training = FALSE)), 1)
})

test_that("compute_mask hands the mask on, without it it ends with a warning", {
  x <- masked(matrix(1, 2, 3), TRUE)
  ends <- Layer("Ends", call = function(inputs) inputs + 0)()
  expect_warning(y <- ends(x), "does not use masks")
  expect_null(get_mask(y))
  flips <- Layer("Flips", call = function(inputs) inputs,
                 compute_mask = function(inputs, mask = NULL) !mask)()
  expect_true(flips$supports_masking)
  y <- Layer("Id", call = function(inputs) inputs + 0,
             compute_mask = function(inputs, mask) op_logical_not(mask))()(x)
  expect_identical(as.array(get_mask(y)), matrix(FALSE, 2, 3))
})

test_that("several tensors, with their shapes and masks", {
  seen <- NULL
  mix <- Layer(
    "Mix",
    build = function(a_shape, b_shape) {
      self$w <- self$add_weight(shape(tail(a_shape, 1), tail(b_shape, 1)),
                                "ones")
    },
    call = function(a, b, a_mask = NULL, scale = 1) {
      seen <<- a_mask
      op_matmul(a, self$w) * scale + b
    }
  )
  layer <- mix()
  a <- masked(matrix(1, 2, 3), TRUE)
  y <- suppressWarnings(layer(a, matrix(1, 2, 4), scale = 2))
  expect_identical(as.array(y), matrix(7, 2, 4))
  expect_true(is_tensor(seen))
  expect_identical(dim(layer$w), c(3L, 4L))
  ends <- list(keras_input(3), keras_input(4))
  model <- keras_model(ends, mix()(ends[[1]], b = ends[[2]], scale = 3))
  expect_identical(
    predict(model, list(matrix(1, 2, 3), matrix(0, 2, 4)), verbose = 0),
    matrix(9, 2, 4)
  )
  expect_snapshot(error = TRUE, layer(matrix(1, 2, 3), scael = 2))
})

test_that("lists and names of tensors go in and come out", {
  both <- Layer("Both", call = function(inputs) {
    list(sum = inputs$a + inputs$b, difference = inputs$a - inputs$b)
  })
  layer <- both()
  y <- layer(list(a = matrix(3, 1, 1), b = matrix(1, 1, 1)))
  expect_identical(y, list(sum = matrix(4), difference = matrix(2)))
  a <- keras_input(2, name = "a")
  b <- keras_input(2, name = "b")
  model <- keras_model(list(a, b), layer(list(a = a, b = b)))
  y <- predict(model, list(matrix(3, 1, 2), matrix(1, 1, 2)), verbose = 0)
  expect_identical(y, list(sum = matrix(4, 1, 2),
                           difference = matrix(2, 1, 2)))
})

test_that("floats follow the layer's type, whole numbers stay", {
  type <- NULL
  layer <- Layer("Type", call = function(inputs) {
    type <<- inputs$dtype
    inputs
  })
  layer(dtype = "float64")(matrix(1, 1, 1))
  expect_identical(type, "float64")
  layer(dtype = "float64")(as_tensor(1, "float32"))
  expect_identical(type, "float64")
  layer()(matrix(1L, 1, 1))
  expect_identical(type, "int32")
  layer(autocast = FALSE)(as_tensor(1, "float64"))
  expect_identical(type, "float64")
  dense <- own_dense()(units = 2, dtype = "float64")
  expect_identical(dtype_of(dense(keras_input(2, dtype = "float64"))),
                   "float64")
})

test_that("shapes are found by symbols, by zeros, or as the layer says", {
  by_zeros <- Layer("ByZeros", initialize = function() {
    super$initialize()
    self$seen <- self$add_weight(shape(), "zeros", trainable = FALSE)
  }, call = function(inputs) {
    self$seen$assign(op_sum(inputs) + 5)
    op_reshape(inputs, c(dim(inputs)[1], prod(dim(inputs)[-1])))
  })
  layer <- by_zeros()
  symbol <- layer(keras_input(c(3, 4)))
  expect_identical(shape_of(symbol), c(NA, 12L))
  # A look at the shape leaves no trace.
  expect_identical(as.numeric(layer$seen), 0)
  before <- .Random.seed
  Layer("Random", call = function(inputs) {
    inputs + random_normal(shape(inputs))
  })()(keras_input(3))
  expect_identical(.Random.seed, before)
  said <- Layer("Said", call = function(inputs) stop("not now"),
                compute_output_shape = function(input_shape) {
                  list(input_shape[[1]], input_shape[[2]] * 2L)
                })
  expect_identical(shape_of(said()(keras_input(3))), c(NA, 6L))
  expect_identical(said()$compute_output_shape(shape(NA, 3)), shape(NA, 6))
  wrong <- Layer("Wrong", call = function(inputs) inputs + missing_value)
  expect_snapshot(error = TRUE, {
    wrong(name = "wrong")(keras_input(3))
    Layer("Text", call = function(inputs) "x")(name = "text")(keras_input(3))
  })
})
