nadam_rule <- function(lr, b1 = 0.9, b2 = 0.999, epsilon = 1e-7) {
  mu <- function(t) b1 * (1 - 0.5 * 0.96^t)
  function(state, w, g, t) {
    s <- state %||% list(m = 0, v = 0)
    s$m <- b1 * s$m + (1 - b1) * g
    s$v <- b2 * s$v + (1 - b2) * g^2
    product <- prod(mu(seq_len(t)))
    m <- mu(t + 1) * s$m / (1 - product * mu(t + 1)) +
      (1 - mu(t)) * g / (1 - product)
    list(w = w - lr * m / (sqrt(s$v / (1 - b2^t)) + epsilon), state = s)
  }
}

test_that("nadam follows its rule", {
  expect_follows_rule(optimizer_nadam(0.01), nadam_rule(0.01))
  expect_follows_rule(optimizer_nadam(0.01, 0.5, 0.6, 1e-3),
                      nadam_rule(0.01, 0.5, 0.6, 1e-3))
})

test_that("nadam stores the product of its momenta last", {
  optimizer <- optimizer_nadam()
  v <- new_variable(as_tensor(1, "float64"), "w")
  optimizer$apply(list(as_tensor(1, "float64")), list(v))
  expect_equal(as.numeric(optimizer$variables[[5]]), 0.9 * (1 - 0.48))
})
