adadelta_rule <- function(lr, rho = 0.95, epsilon = 1e-7) {
  function(state, w, g, t) {
    s <- state %||% list(g = 0, d = 0)
    s$g <- rho * s$g + (1 - rho) * g^2
    d <- -g * sqrt(s$d + epsilon) / sqrt(s$g + epsilon)
    s$d <- rho * s$d + (1 - rho) * d^2
    list(w = w + lr * d, state = s)
  }
}

test_that("adadelta follows its rule", {
  expect_follows_rule(optimizer_adadelta(1), adadelta_rule(1))
  expect_follows_rule(optimizer_adadelta(0.5, 0.6, 1e-3),
                      adadelta_rule(0.5, 0.6, 1e-3))
})
