# Initializers: exact where they are exact, their distribution where random.

value_of <- function(initializer, shape, ...) {
  as.array(initializer(shape, ...))
}

test_that("constants are what they say", {
  expect_identical(value_of(initializer_zeros(), c(2, 3)), matrix(0, 2, 3))
  expect_identical(value_of(initializer_ones(), 3), array(1, 3))
  expect_identical(value_of(initializer_constant(0.25), c(2, 2)),
                   matrix(0.25, 2, 2))
  expect_identical(value_of(initializer_identity(2), c(2, 3)),
                   2 * diag(1, 2, 3))
})

test_that("uniform draws keep their bounds and fill them", {
  x <- value_of(initializer_random_uniform(-1, 3, seed = 1), c(100, 100))
  expect_true(all(x >= -1 & x < 3))
  # Mean of 1e4 draws: standard error 4 / sqrt(12e4), about 0.012.
  expect_lt(abs(mean(x) - 1), 0.05)
  expect_lt(abs(sd(x) - 4 / sqrt(12)), 0.05)
})

test_that("normal draws have their mean and deviation, cut ones their range", {
  x <- value_of(initializer_random_normal(1, 2, seed = 1), c(100, 100))
  expect_lt(abs(mean(x) - 1), 0.08)
  expect_lt(abs(sd(x) - 2), 0.06)
  cut <- value_of(initializer_truncated_normal(0, 0.05, seed = 1), c(100, 100))
  expect_lte(max(abs(cut)), 0.1)
  expect_lt(abs(sd(cut) - 0.05 * 0.8796), 0.001)
})

test_that("scaled draws have the variance of their rule", {
  rules <- list(
    list(initializer_glorot_uniform, 2 / (40 + 60)),
    list(initializer_glorot_normal, 2 / (40 + 60)),
    list(initializer_he_uniform, 2 / 40),
    list(initializer_he_normal, 2 / 40),
    list(initializer_lecun_uniform, 1 / 40),
    list(initializer_lecun_normal, 1 / 40)
  )
  for (rule in rules) {
    x <- value_of(rule[[1]](seed = 3), c(40, 60))
    # The variance of 2400 draws is known to about 3 percent.
    expect_lt(abs(mean(x^2) / rule[[2]] - 1), 0.12)
  }
  limit <- sqrt(6 / 100)
  x <- value_of(initializer_glorot_uniform(seed = 3), c(40, 60))
  expect_lte(max(abs(x)), limit)
  expect_gt(max(abs(x)), 0.99 * limit)
  wide <- initializer_variance_scaling(3, "fan_out", "untruncated_normal", 1)
  expect_lt(abs(mean(value_of(wide, c(40, 60))^2) / (3 / 60) - 1), 0.12)
})

test_that("fans count inputs and outputs, filters by their extent", {
  expect_identical(fans(5L), c(5L, 5L))
  expect_equal(fans(c(3L, 7L)), c(3, 7))
  expect_equal(fans(c(2L, 4L, 3L, 7L)), c(24, 56))
})

test_that("orthogonal matrices are orthogonal, whatever their shape", {
  for (shape in list(c(5, 5), c(7, 3), c(3, 7), c(1, 1), c(2, 3, 4))) {
    q <- value_of(initializer_orthogonal(gain = 2, seed = 1), shape,
                  dtype = "float64")
    rows <- prod(shape[-length(shape)])
    m <- matrix(aperm(q), rows, byrow = TRUE)
    gram <- if (nrow(m) >= ncol(m)) crossprod(m) else tcrossprod(m)
    expect_equal(gram, 4 * diag(nrow(gram)), tolerance = 1e-12)
  }
})

test_that("signs make the orthogonal matrix uniform: no entry is favoured", {
  set.seed(1)
  corners <- replicate(400, value_of(initializer_orthogonal(), c(2, 2))[1, 1])
  # The mean of 400 cosines of a uniform angle: standard error 0.035.
  expect_lt(abs(mean(corners)), 0.12)
  expect_lt(abs(mean(corners^2) - 0.5), 0.07)
})

test_that("an object repeats itself, set.seed() repeats objects", {
  one <- initializer_glorot_uniform()
  expect_identical(one(c(2, 3)), one(c(2, 3)))
  expect_false(identical(one(c(2, 3)), initializer_glorot_uniform()(c(2, 3))))
  set.seed(1)
  first <- initializer_random_normal()
  set.seed(1)
  expect_identical(initializer_random_normal()(4), first(4))
  seeded <- function() initializer_orthogonal(seed = 5)(c(3, 3))
  expect_identical(seeded(), seeded())
  drawing <- initializer_random_normal(seed = random_seed_generator(1))
  expect_false(identical(drawing(4), drawing(4)))
})

test_that("the type follows the argument, then config_floatx()", {
  expect_identical(initializer_orthogonal()(c(2, 2), "float64")$dtype,
                   "float64")
  with_floatx("float64", {
    expect_identical(initializer_zeros()(2)$dtype, "float64")
  })
})

test_that("layers find initializers by any name and form", {
  same <- function(x, class) expect_s3_class(get_initializer(x), class)
  same("glorot_uniform", "GlorotUniform")
  same("GlorotUniform", "GlorotUniform")
  same("OrthogonalInitializer", "Orthogonal")
  same("zero", "Zeros")
  same("normal", "RandomNormal")
  same(initializer_he_normal, "HeNormal")
  same(list(module = "keras.initializers", class_name = "Constant",
            config = list(value = 3)), "Constant")
  expect_null(get_initializer(NULL))
  expect_error(get_initializer("ortogonal"), "Did you mean \"orthogonal\"",
               class = "elman_error_argument")
  expect_error(get_initializer(new.env()), class = "elman_error_argument")
})

test_that("own functions and arrays give the values themselves", {
  values <- waves(3, 2)
  weight <- function(initializer) {
    layer <- layer_dense(units = 2, kernel_initializer = initializer,
                         use_bias = FALSE, dtype = "float64")
    layer$build(c(NA, 3))
    get_weights(layer)[[1]]
  }
  expect_identical(weight(values), values)
  expect_identical(weight(function(shape, dtype) values), values)
  expect_identical(weight(function(shape) array(2, shape)), matrix(2, 3, 2))
  expect_error(weight(waves(2, 2)), "values of shape \\[3, 2\\]",
               class = "elman_error_shape")
  expect_error(weight(function(shape) 1), class = "elman_error_shape")
})

test_that("configurations are Keras's and make the same object", {
  for (object in list(
    initializer_constant(2), initializer_zeros(), initializer_identity(3),
    initializer_random_uniform(-1, 1, 3L), initializer_truncated_normal(0, 1),
    initializer_variance_scaling(2, "fan_out", "uniform", 1L),
    initializer_glorot_normal(4L), initializer_orthogonal(2, 7L)
  )) {
    again <- from_config(get_config(object))
    expect_identical(get_config(again), get_config(object))
    expect_identical(class(again), class(object))
  }
  expect_identical(names(get_config(initializer_orthogonal())),
                   c("seed", "gain"))
  expect_identical(
    names(get_config(initializer_variance_scaling())),
    c("seed", "scale", "mode", "distribution", "input_axes", "output_axes")
  )
  expect_identical(initializer_orthogonal(gain = 3)$gain, 3)
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    initializer_orthogonal()(3)
    initializer_identity()(c(2, 2, 2))
    initializer_variance_scaling(scale = 0)
    initializer_variance_scaling(mode = "fan_inn")
    initializer_variance_scaling(distribution = "cauchy")
    initializer_random_normal(stddev = -1)
    initializer_constant("a")
    initializer_zeros()(c(2, NA))
    initializer_glorot_uniform(seed = "a")
    initializer_glorot_uniform()(c(2, 2), dtype = "int32")
  })
})
