sgd_rule <- function(lr, momentum = 0, nesterov = FALSE) {
  function(state, w, g, t) {
    if (momentum == 0) return(list(w = w - lr * g))
    m <- momentum * (state %||% 0) - lr * g
    list(w = if (nesterov) w + momentum * m - lr * g else w + m, state = m)
  }
}

test_that("sgd follows its rule", {
  expect_follows_rule(optimizer_sgd(0.1), sgd_rule(0.1))
  expect_follows_rule(optimizer_sgd(0.1, momentum = 0.9), sgd_rule(0.1, 0.9))
  expect_follows_rule(optimizer_sgd(0.1, momentum = 0.9, nesterov = TRUE),
                      sgd_rule(0.1, 0.9, TRUE))
})

test_that("a momentum outside [0, 1] is refused", {
  expect_error(optimizer_sgd(momentum = 2), "momentum",
               class = "elman_error_argument")
})
