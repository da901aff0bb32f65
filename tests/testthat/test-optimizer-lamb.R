lamb_rule <- function(lr, b1 = 0.9, b2 = 0.999, epsilon = 1e-7) {
  function(state, w, g, t) {
    s <- state %||% list(m = 0, v = 0)
    s$m <- b1 * s$m + (1 - b1) * g
    s$v <- b2 * s$v + (1 - b2) * g^2
    u <- s$m / (1 - b1^t) / (sqrt(s$v / (1 - b2^t)) + epsilon)
    ratio <- if (any(w != 0) && any(u != 0)) sqrt(sum(w^2) / sum(u^2)) else 1
    list(w = w - ratio * lr * u, state = s)
  }
}

test_that("lamb follows its rule", {
  expect_follows_rule(optimizer_lamb(0.01), lamb_rule(0.01))
  expect_follows_rule(optimizer_lamb(0.01, 0.5, 0.6, 1e-3),
                      lamb_rule(0.01, 0.5, 0.6, 1e-3))
})
