# Constraints by their formulas.

w <- matrix(c(3, 4, 0.3, 0.4, -6, 8), 2)
norms <- sqrt(colSums(w^2))

test_that("constraints are their formulas", {
  # Keras divides by the norm plus epsilon, 1e-7.
  project <- function(constraint) {
    as.array(constraint(as_tensor(w, "float64")))
  }
  scaled <- function(wanted) t(t(w) * wanted / (norms + 1e-7))
  expect_equal(project(constraint_maxnorm(2)), scaled(pmin(norms, 2)),
               tolerance = 1e-12)
  expect_equal(project(constraint_maxnorm(0.5)), scaled(pmin(norms, 0.5)),
               tolerance = 1e-12)
  expect_equal(project(constraint_unitnorm()), scaled(1), tolerance = 1e-12)
  expect_equal(project(constraint_nonneg()), pmax(w, 0))
  inside <- pmin(pmax(norms, 1), 2)
  expect_equal(project(constraint_minmaxnorm(1, 2)), scaled(inside),
               tolerance = 1e-12)
  expect_equal(project(constraint_minmaxnorm(1, 2, rate = 0.25)),
               scaled(0.25 * inside + 0.75 * norms), tolerance = 1e-12)
})

test_that("axes count from 1 and may be several", {
  rows <- as.array(constraint_unitnorm(axis = 2)(as_tensor(w, "float64")))
  expect_equal(rowSums(rows^2), c(1, 1), tolerance = 1e-6)
  all <- as.array(constraint_unitnorm(axis = 1:2)(as_tensor(w, "float64")))
  expect_equal(sum(all^2), 1, tolerance = 1e-6)
  expect_identical(get_config(constraint_unitnorm(1:2))$axis, 0:1)
})

test_that("constraints do not touch a weight at its start nor when it is set", {
  layer <- layer_dense(units = 2, kernel_constraint = "non_neg",
                       use_bias = FALSE, kernel_initializer = -diag(2))
  layer$build(c(NA, 2))
  expect_identical(get_weights(layer)[[1]], -diag(2))
  set_weights(layer, list(-2 * diag(2)))
  expect_identical(get_weights(layer)[[1]], -2 * diag(2))
  expect_s3_class(layer$weights[[1]]$constraint, "NonNeg")
})

test_that("layers find constraints by any name and form", {
  same <- function(x, class) expect_s3_class(get_constraint(x), class)
  same("max_norm", "MaxNorm")
  same("MaxNorm", "MaxNorm")
  same("non_neg", "NonNeg")
  same("UnitNorm", "UnitNorm")
  same("min_max_norm", "MinMaxNorm")
  same(constraint_nonneg, "NonNeg")
  own <- function(w) op_abs(w)
  expect_identical(get_constraint(own), own)
})

test_that("configurations count axes from 0 and make the same object", {
  for (object in list(constraint_maxnorm(0.5, 2), constraint_nonneg(),
                      constraint_unitnorm(1:2),
                      constraint_minmaxnorm(0.75, 0.875, 0.5, 1))) {
    again <- from_config(get_config(object))
    expect_identical(get_config(again), get_config(object))
    expect_identical(again$axis, object$axis)
  }
  expect_identical(get_config(constraint_maxnorm(0.5, 2))$axis, 1L)
})

test_that("bad arguments are refused", {
  expect_snapshot(error = TRUE, {
    constraint_maxnorm(-1)
    constraint_maxnorm(axis = 0)
    constraint_unitnorm(axis = 1.5)
    constraint_minmaxnorm(2, 1)
    constraint_minmaxnorm(rate = 2)
    get_constraint("maxnrom")
    get_constraint(TRUE)
  })
})
