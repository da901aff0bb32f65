lion_rule <- function(lr, b1 = 0.9, b2 = 0.99) {
  function(state, w, g, t) {
    m <- state %||% 0
    list(w = w - lr * sign(b1 * m + (1 - b1) * g),
         state = b2 * m + (1 - b2) * g)
  }
}

test_that("lion follows its rule", {
  expect_follows_rule(optimizer_lion(0.01), lion_rule(0.01))
  expect_follows_rule(optimizer_lion(0.01, 0.5, 0.3), lion_rule(0.01, 0.5, 0.3))
})

test_that("lion takes a share of the mean above zero", {
  expect_error(optimizer_lion(beta_1 = 0), "beta_1",
               class = "elman_error_argument")
})
