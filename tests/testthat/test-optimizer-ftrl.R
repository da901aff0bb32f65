ftrl_rule <- function(lr, power = -0.5, start = 0.1, l1 = 0, l2 = 0,
                      shrinkage = 0, beta = 0) {
  function(state, w, g, t) {
    s <- state %||% list(n = start, z = 0)
    n <- s$n + g^2
    s$z <- s$z + g + 2 * shrinkage * w - (n^-power - s$n^-power) / lr * w
    s$n <- n
    z <- pmin(pmax(s$z, -l1), l1) - s$z
    list(w = z / ((beta + n^-power) / lr + 2 * l2), state = s)
  }
}

test_that("ftrl follows its rule", {
  expect_follows_rule(optimizer_ftrl(0.1), ftrl_rule(0.1))
  expect_follows_rule(
    optimizer_ftrl(0.1, -0.7, 0.5, 0.4, 0.3, 0.2, 0.1),
    ftrl_rule(0.1, -0.7, 0.5, 0.4, 0.3, 0.2, 0.1)
  )
})

test_that("ftrl sets weights whose gradients stay small to zero", {
  v <- new_variable(as_tensor(array(c(1, 1)), "float64"), "w")
  optimizer <- optimizer_ftrl(0.1, l1_regularization_strength = 5)
  optimizer$apply(list(as_tensor(array(c(0.1, 20)), "float64")), list(v))
  expect_equal(as.numeric(v) == 0, c(TRUE, FALSE))
})

test_that("what has to be negative or positive is named", {
  expect_error(optimizer_ftrl(learning_rate_power = 1), "learning_rate_power",
               class = "elman_error_argument")
  expect_error(optimizer_ftrl(initial_accumulator_value = -1),
               "initial_accumulator_value", class = "elman_error_argument")
})
