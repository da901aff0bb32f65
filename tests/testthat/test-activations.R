# Activations by their formulas in plain R.

sigma <- function(x) 1 / (1 + exp(-x))
over_rows <- function(f) function(x) t(apply(x, 1, f))
# Keras's: the threshold comes from the sum of all partial sums of the support.
sparsemax <- function(z) {
  falling <- sort(z, decreasing = TRUE)
  partial <- cumsum(falling)
  support <- 1 + seq_along(z) * falling > partial
  pmax(z - (sum(partial[support]) - 1) / sum(support), 0)
}

formulas <- list(
  celu = function(x) ifelse(x > 0, x, expm1(x)),
  elu = function(x) ifelse(x > 0, x, expm1(x)),
  exponential = exp,
  gelu = function(x) x * stats::pnorm(x),
  hard_shrink = function(x) x * (abs(x) > 0.5),
  hard_sigmoid = function(x) pmin(pmax(x / 6 + 0.5, 0), 1),
  hard_silu = function(x) x * pmin(pmax(x / 6 + 0.5, 0), 1),
  hard_swish = function(x) x * pmin(pmax(x / 6 + 0.5, 0), 1),
  hard_tanh = function(x) pmin(pmax(x, -1), 1),
  leaky_relu = function(x) ifelse(x > 0, x, 0.2 * x),
  linear = identity,
  log_sigmoid = function(x) log(sigma(x)),
  log_softmax = over_rows(function(z) z - log(sum(exp(z)))),
  mish = function(x) x * tanh(log1p(exp(x))),
  relu = function(x) pmax(x, 0),
  relu6 = function(x) pmin(pmax(x, 0), 6),
  selu = function(x) {
    1.0507009873554805 * ifelse(x > 0, x, 1.6732632423543772 * expm1(x))
  },
  sigmoid = sigma,
  silu = function(x) x * sigma(x),
  soft_shrink = function(x) sign(x) * pmax(abs(x) - 0.5, 0),
  softmax = over_rows(function(z) exp(z) / sum(exp(z))),
  softplus = function(x) log1p(exp(x)),
  softsign = function(x) x / (1 + abs(x)),
  sparse_plus = function(x) {
    ifelse(x <= -1, 0, ifelse(x >= 1, x, (x + 1)^2 / 4))
  },
  sparse_sigmoid = function(x) pmin(pmax((x + 1) / 2, 0), 1),
  sparsemax = over_rows(sparsemax),
  squareplus = function(x) (x + sqrt(x^2 + 4)) / 2,
  tanh = tanh,
  tanh_shrink = function(x) x - tanh(x)
)

# On both sides of every bend, none of them at one.
points <- matrix(c(-7.1, -3.2, -1.3, -0.7, -0.3, 0.2, 0.4, 0.8, 1.4, 2.6, 3.3,
                   6.7), 3)

test_that("every activation is its formula", {
  for (name in names(formulas)) {
    f <- getExportedValue("elman", paste0("activation_", name))
    got <- as.array(f(as_tensor(points, "float64")))
    expect_equal(got, formulas[[name]](points), tolerance = 1e-12, label = name)
    single <- as.array(f(as_tensor(points, "float32")))
    # A few units in the last place of float32.
    expect_equal(single, formulas[[name]](points), tolerance = 1e-6,
                 label = name)
  }
})

test_that("every activation has its gradient", {
  for (name in setdiff(names(formulas), "glu")) {
    f <- getExportedValue("elman", paste0("activation_", name))
    expect_gradient(f, points)
  }
  expect_gradient(activation_glu, points)
})

test_that("at zero, where slopes jump, they are those of Keras on TensorFlow", {
  slopes <- c(selu = 1.0507009873554804, elu = 1, relu = 0, relu6 = 0,
              leaky_relu = 0.2, softsign = 1, hard_shrink = 0, soft_shrink = 0)
  for (name in names(slopes)) for (dtype in c("float32", "float64")) {
    activation <- get_activation(name)
    found <- value_and_grad(function(x) op_sum(activation(x)))(
      as_tensor(numeric(9), dtype)
    )
    expect_equal(as.numeric(found$gradients[[1]]), rep(slopes[[name]], 9),
                 tolerance = 1e-6, label = name)
  }
})

test_that("every exported activation has its formula here", {
  exported <- sub("activation_", "", grep("^activation_",
    getNamespaceExports("elman"), value = TRUE))
  expect_setequal(exported,
                  c(names(formulas), "glu", "threshold"))
})

test_that("parameters enter the formulas", {
  x <- as_tensor(points, "float64")
  same <- function(got, want) {
    expect_equal(as.array(got), want, tolerance = 1e-12)
  }
  p <- points
  same(activation_elu(x, alpha = 2), ifelse(p > 0, p, 2 * expm1(p)))
  same(activation_celu(x, alpha = 2), ifelse(p > 0, p, 2 * expm1(p / 2)))
  same(activation_leaky_relu(x, negative_slope = 0.3),
       ifelse(p > 0, p, 0.3 * p))
  same(activation_hard_shrink(x, threshold = 1), p * (abs(p) > 1))
  same(activation_soft_shrink(x, threshold = 1),
       sign(p) * pmax(abs(p) - 1, 0))
  same(activation_squareplus(x, b = 2), (p + sqrt(p^2 + 2)) / 2)
  same(activation_threshold(x, 1, -5), ifelse(p > 1, p, -5))
  same(activation_softmax(x, axis = 1), t(formulas$softmax(t(p))))
  same(activation_glu(x), p[, 1:2] * sigma(p[, 3:4]))
  near <- activation_gelu(x, approximate = TRUE)
  same(near, 0.5 * p * (1 + tanh(sqrt(2 / pi) * (p + 0.044715 * p^3))))
})

test_that("relu bends, slopes and stops where it is told to", {
  x <- as_tensor(points, "float64")
  p <- points
  relu <- function(...) as.array(activation_relu(x, ...))
  expect_equal(relu(max_value = 2), pmin(pmax(p, 0), 2))
  expect_equal(relu(threshold = 1), ifelse(p > 1, p, 0))
  expect_equal(relu(negative_slope = 0.1), ifelse(p > 0, p, 0.1 * p))
  expect_equal(relu(negative_slope = 0.1, threshold = 1, max_value = 3),
               ifelse(p > 1, pmin(p, 3), -0.1 * (1 - p)))
  expect_gradient(function(x) {
    activation_relu(x, negative_slope = 0.1, threshold = 1, max_value = 3)
  }, points)
})

test_that("layers find activations by name, alias, function and NULL", {
  expect_identical(get_activation("relu"), activation_relu)
  expect_identical(get_activation("swish"), activation_silu)
  expect_identical(get_activation(NULL), activation_linear)
  expect_identical(get_activation(activation_mish), activation_mish)
  own <- function(x) x
  expect_identical(get_activation(own), own)
  expect_identical(serialize_activation(activation_silu), "silu")
  expect_identical(serialize_activation(activation_hard_swish), "hard_silu")
  expect_identical(serialize_activation(own), own)
  expect_error(get_activation("rellu"), "Did you mean \"relu\"",
               class = "elman_error_argument")
})
