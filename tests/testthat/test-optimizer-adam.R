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
