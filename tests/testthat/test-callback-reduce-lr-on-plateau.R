rates <- function(loss, ..., rate = 1) {
  model <- still_model(rate)
  plateau <- callback_reduce_lr_on_plateau("loss", ...)
  fit_on_logs(list(loss = loss), list(plateau), model)$metrics$learning_rate
}

test_that("the rate falls after `patience` epochs, and is logged before", {
  expect_equal(rates(c(1, 1, 1, 1, 1, 1), factor = 0.5, patience = 2),
               c(1, 1, 1, 0.5, 0.5, 0.25))
  expect_equal(rates(c(1, 1, 0.5, 0.5), factor = 0.5, patience = 1),
               c(1, 1, 0.5, 0.5))
})

test_that("small improvements do not count, min_lr is the end", {
  expect_equal(rates(c(1, 0.95, 0.9, 0.8), factor = 0.5, patience = 1,
                     min_delta = 0.125), c(1, 1, 0.5, 0.25))
  expect_equal(rates(rep(1, 5), factor = 0.5, patience = 1, min_lr = 0.375),
               c(1, 1, 0.5, 0.375, 0.375))
})

test_that("cooldown waits before waiting", {
  expect_equal(rates(rep(1, 7), factor = 0.5, patience = 1, cooldown = 2),
               c(1, 1, 0.5, 0.5, 0.25, 0.25, 0.125))
})

test_that("more can be better", {
  expect_equal(rates(c(1, 2, 3, 3), factor = 0.5, patience = 1, mode = "max",
                     verbose = 0), c(1, 1, 1, 1))
  out <- utils::capture.output(
    seen <- rates(c(1, 2), patience = 1, verbose = 1)
  )
  expect_equal(seen, c(1, 1))
  expect_equal(out, c("", "Epoch 2: the learning rate is lowered to 0.1."))
})

test_that("a rate that follows a schedule cannot be lowered", {
  model <- still_model(function(step) 0.1)
  expect_error(
    fit_on_logs(list(loss = c(1, 1)),
                list(callback_reduce_lr_on_plateau("loss", patience = 1)),
                model), class = "elman_error_state"
  )
})
