rmsprop_rule <- function(lr, rho = 0.9, momentum = 0, epsilon = 1e-7,
                         centered = FALSE) {
  function(state, w, g, t) {
    s <- state %||% list(v = 0, m = 0, a = 0)
    s$v <- rho * s$v + (1 - rho) * g^2
    spread <- s$v
    if (centered) {
      s$a <- rho * s$a + (1 - rho) * g
      spread <- s$v - s$a^2
    }
    s$m <- momentum * s$m + lr * g / sqrt(spread + epsilon)
    list(w = w - s$m, state = s)
  }
}

test_that("rmsprop follows its rule", {
  expect_follows_rule(optimizer_rmsprop(0.01), rmsprop_rule(0.01))
  expect_follows_rule(
    optimizer_rmsprop(0.01, rho = 0.8, momentum = 0.5, epsilon = 1e-3),
    rmsprop_rule(0.01, 0.8, 0.5, 1e-3)
  )
  expect_follows_rule(
    optimizer_rmsprop(0.01, rho = 0.8, centered = TRUE),
    rmsprop_rule(0.01, 0.8, centered = TRUE)
  )
  expect_follows_rule(
    optimizer_rmsprop(0.01, momentum = 0.5, centered = TRUE),
    rmsprop_rule(0.01, momentum = 0.5, centered = TRUE)
  )
})
