adam_rule <- function(lr, b1 = 0.9, b2 = 0.999, epsilon = 1e-7,
                      amsgrad = FALSE) {
  function(state, w, g, t) {
    s <- state %||% list(m = 0, v = 0, top = 0)
    s$m <- b1 * s$m + (1 - b1) * g
    s$v <- b2 * s$v + (1 - b2) * g^2
    s$top <- pmax(s$top, s$v)
    v <- if (amsgrad) s$top else s$v
    a <- lr * sqrt(1 - b2^t) / (1 - b1^t)
    list(w = w - a * s$m / (sqrt(v) + epsilon), state = s)
  }
}

test_that("adam follows its rule", {
  expect_follows_rule(optimizer_adam(0.01), adam_rule(0.01))
  expect_follows_rule(
    optimizer_adam(0.01, beta_1 = 0.7, beta_2 = 0.8, epsilon = 1e-3),
    adam_rule(0.01, 0.7, 0.8, 1e-3)
  )
  expect_follows_rule(
    optimizer_adam(0.01, beta_2 = 0.5, amsgrad = TRUE),
    adam_rule(0.01, b2 = 0.5, amsgrad = TRUE), steps = 8
  )
})
