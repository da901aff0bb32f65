test_that("adam_w is adam after weights have decayed", {
  expect_follows_rule(
    optimizer_adam_w(0.01, weight_decay = 0.1),
    function(state, w, g, t) {
      adam_rule(0.01)(state, w * (1 - 0.01 * 0.1), g, t)
    }
  )
})

test_that("adam_w needs a weight decay", {
  expect_error(optimizer_adam_w(weight_decay = NULL), "weight_decay",
               class = "elman_error_argument")
})
