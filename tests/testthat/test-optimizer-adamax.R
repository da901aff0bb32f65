adamax_rule <- function(lr, b1 = 0.9, b2 = 0.999, epsilon = 1e-7) {
  function(state, w, g, t) {
    s <- state %||% list(m = 0, u = 0)
    s$m <- b1 * s$m + (1 - b1) * g
    s$u <- pmax(b2 * s$u, abs(g))
    list(w = w - lr * s$m / ((1 - b1^t) * (s$u + epsilon)), state = s)
  }
}

test_that("adamax follows its rule", {
  expect_follows_rule(optimizer_adamax(0.01), adamax_rule(0.01))
  expect_follows_rule(optimizer_adamax(0.01, 0.5, 0.6, 1e-3),
                      adamax_rule(0.01, 0.5, 0.6, 1e-3))
})
