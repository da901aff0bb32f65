# Regularizers by their formulas.

w <- matrix(c(1, -2, 3, -4, 5, -6), 2)

test_that("penalties are their formulas", {
  penalty <- function(regularizer, x = w) as.array(regularizer(x))
  with_floatx("float64", {
    expect_equal(penalty(regularizer_l1(0.1)), 2.1)
    expect_equal(penalty(regularizer_l2(0.1)), 9.1)
    expect_equal(penalty(regularizer_l1_l2(0.1, 0.1)), 11.2)
    expect_equal(penalty(regularizer_l1_l2()), 0)
    unit <- w / sqrt(rowSums(w^2))
    cosine <- abs(sum(unit[1, ] * unit[2, ]))
    expect_equal(penalty(regularizer_orthogonal(0.5)), 0.5 * cosine)
    columns <- t(t(w) / sqrt(colSums(w^2)))
    gram <- abs(crossprod(columns))
    expect_equal(penalty(regularizer_orthogonal(0.5, "columns")),
                 0.5 * mean(gram[upper.tri(gram)]))
  })
})

test_that("penalties have gradients", {
  for (regularizer in list(
    regularizer_l1(0.1), regularizer_l2(0.1), regularizer_l1_l2(0.1, 0.2),
    regularizer_orthogonal(0.3), regularizer_orthogonal(0.3, "columns")
  )) {
    expect_gradient(regularizer, w)
  }
})

test_that("a layer's losses are those of Keras", {
  layer <- layer_simple_rnn(
    units = 2, kernel_initializer = "ones", recurrent_initializer = "ones",
    bias_initializer = "ones", kernel_regularizer = regularizer_l2(0.1),
    recurrent_regularizer = "l1", bias_regularizer = "l2"
  )
  layer$build(c(NA, NA, 3))
  expect_equal(vapply(layer$losses, as.numeric, 0), c(0.6, 0.04, 0.02),
               tolerance = 1e-7)
  layer$trainable <- FALSE
  expect_identical(layer$losses, list())
})

test_that("activity is divided by the batch size and counts every output", {
  layer <- double_rnn(2, 3, activity_regularizer = regularizer_l2(0.5),
                      return_state = TRUE, return_sequences = TRUE)
  y <- layer(waves(4, 3, 2))
  want <- lapply(y, function(y) 0.5 * sum(y^2) / 4)
  expect_equal(lapply(layer$losses, as.numeric), unname(want),
               tolerance = 1e-14)
  layer(waves(4, 3, 2))
  expect_length(layer$losses, 2L)
})

test_that("penalties of weights and outputs have gradients in a layer", {
  layer <- double_rnn(2, 3, activity_regularizer = "l2",
                      kernel_regularizer = regularizer_l2(0.1),
                      recurrent_regularizer = "orthogonal_regularizer",
                      bias_regularizer = function(b) op_sum(op_square(b)))
  x <- waves(4, 3, 2)
  layer(x)
  expect_gradient(function(x) {
    y <- layer(x)
    Reduce(op_add, layer$losses, op_sum(y))
  }, x, variables = layer$trainable_weights)
})

test_that("layers find regularizers by any name and form", {
  same <- function(x, class) expect_s3_class(get_regularizer(x), class)
  same("l1", "L1")
  same("L2", "L2")
  same("l1l2", "L1L2")
  same("L1L2", "L1L2")
  same("OrthogonalRegularizer", "OrthogonalRegularizer")
  same(regularizer_l2, "L2")
  same(list(module = "keras.regularizers", class_name = "L1L2",
            config = list(l1 = 1, l2 = 2)), "L1L2")
  own <- function(w) op_sum(w)
  expect_identical(get_regularizer(own), own)
})

test_that("configurations are Keras's and make the same object", {
  for (object in list(regularizer_l1(0.5), regularizer_l2(),
                      regularizer_l1_l2(1, 2),
                      regularizer_orthogonal(0.5, "columns"))) {
    again <- from_config(get_config(object))
    expect_identical(get_config(again), get_config(object))
  }
  expect_identical(serialize_object(regularizer_l1_l2(1, 2)), list(
    module = "keras.regularizers", class_name = "L1L2",
    config = list(l1 = 1, l2 = 2), registered_name = NULL
  ))
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    regularizer_l1(-1)
    regularizer_l2(NaN)
    regularizer_l1_l2(l2 = Inf)
    regularizer_orthogonal(mode = "row")
    regularizer_orthogonal()(1:3)
    get_regularizer("l3")
    get_regularizer(5)
    penalty_of(function(w) w, as_tensor(c(1, 2)))
  })
})
