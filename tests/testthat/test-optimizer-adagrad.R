adagrad_rule <- function(lr, start = 0.1, epsilon = 1e-7) {
  function(state, w, g, t) {
    s <- (state %||% start) + g^2
    list(w = w - lr * g / sqrt(s + epsilon), state = s)
  }
}

test_that("adagrad follows its rule", {
  expect_follows_rule(optimizer_adagrad(0.1), adagrad_rule(0.1))
  expect_follows_rule(optimizer_adagrad(0.1, 0, 1e-3),
                      adagrad_rule(0.1, 0, 1e-3))
})
