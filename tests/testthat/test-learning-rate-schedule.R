# Rates that Keras 3.15.1 gives, in float32.
test_that("schedules give Keras's rates", {
  near <- function(schedule, step, rate) {
    expect_equal(schedule(step), rate, tolerance = 1e-6)
  }
  near(learning_rate_schedule_cosine_decay_restarts(0.1, 10, 2, 0.5, 0.1),
       c(1, 5, 10, 15, 29, 30, 70),
       c(0.09779754, 0.055, 0.055, 0.04840991, 0.01027701, 0.0325, 0.02125))
  near(learning_rate_schedule_cosine_decay_restarts(0.1, 10, 1, 0.5, 0.1),
       c(9, 11, 31, 71),
       c(0.01220246, 0.05389877, 0.02097469, 0.01068592))
  near(learning_rate_schedule_cosine_decay(0.1, 10, 0.1, warmup_target = 0.3,
                                           warmup_steps = 4),
       c(0, 1, 4, 6, 11, 70),
       c(0.1, 0.15, 0.3, 0.27421731, 0.08564900, 0.03))
  near(learning_rate_schedule_polynomial_decay(0.1, 5, 0.01, 2, cycle = TRUE),
       c(0, 1, 5, 6, 11, 69),
       c(0.1, 0.0676, 0.01, 0.0244, 0.0164, 0.01001837))
  near(learning_rate_schedule_piecewise_constant_decay(c(2, 5),
                                                       c(0.1, 0.2, 0.3)),
       c(0, 2, 3, 5, 6), c(0.1, 0.1, 0.2, 0.2, 0.3))
})

test_that("schedules follow their formulas", {
  step <- c(0, 3, 4, 9)
  s <- learning_rate_schedule_exponential_decay(0.1, 4, 0.5)
  expect_equal(s(step), 0.1 * 0.5^(step / 4))
  s <- learning_rate_schedule_exponential_decay(0.1, 4, 0.5, staircase = TRUE)
  expect_equal(s(step), 0.1 * 0.5^c(0, 0, 1, 2))
  s <- learning_rate_schedule_inverse_time_decay(0.1, 4, 0.5)
  expect_equal(s(step), 0.1 / (1 + 0.5 * step / 4))
  s <- learning_rate_schedule_inverse_time_decay(0.1, 4, 0.5, TRUE)
  expect_equal(s(step), 0.1 / (1 + 0.5 * c(0, 0, 1, 2)))
  s <- learning_rate_schedule_polynomial_decay(0.1, 4, 0.02)
  expect_equal(s(c(0, 2, 4, 9)), c(0.1, 0.06, 0.02, 0.02))
  s <- learning_rate_schedule_cosine_decay(0.1, 4)
  expect_equal(s(c(0, 2, 4, 9)), c(0.1, 0.05, 0, 0))
})

test_that("a restart begins anew where logarithms miss by a bit", {
  s <- learning_rate_schedule_cosine_decay_restarts(1, 1, t_mul = 3)
  # Falls begin at 0, 1, 4, 13, 40, 121, 364.
  expect_equal(s((3^(0:6) - 1) / 2), rep(1, 7))
})

test_that("schedules take tensors and are made again from configurations", {
  s <- learning_rate_schedule_exponential_decay(0.1, 4, 0.5)
  expect_equal(s(as_tensor(4L)), 0.05)
  expect_equal(names(get_config(s)), c("initial_learning_rate", "decay_steps",
                                       "decay_rate", "staircase", "name"))
  for (s in list(
    s, learning_rate_schedule_inverse_time_decay(0.1, 4, 0.5),
    learning_rate_schedule_polynomial_decay(0.1, 4),
    learning_rate_schedule_piecewise_constant_decay(c(1, 2), c(1, 2, 3)),
    learning_rate_schedule_cosine_decay(0.1, 4, warmup_target = 1),
    learning_rate_schedule_cosine_decay_restarts(0.1, 4)
  )) {
    again <- from_config(get_config(s))
    expect_equal(again(0:9), s(0:9))
    expect_equal(get_config(again), get_config(s))
    optimizer <- from_config(get_config(optimizer_adam(s)))
    expect_equal(get_config(optimizer), get_config(optimizer_adam(s)))
    optimizer$iterations <- 3
    expect_equal(optimizer$learning_rate, s(3))
  }
})

test_that("a schedule of one's own has a class, a call and a configuration", {
  Halving <- R6::R6Class(
    "Halving", inherit = LearningRateScheduleBase,
    public = list(
      from = NULL,
      initialize = function(from) self$from <- from,
      call = function(step) op_divide(as_tensor(self$from), step + 1),
      get_config = function() list(from = self$from)
    )
  )
  schedule <- as_schedule(Halving$new(8))
  expect_equal(as.numeric(schedule(1)), 4)
  expect_equal(schedule$from, 8)
  optimizer <- optimizer_sgd(Halving$new(8))
  expect_equal(optimizer$learning_rate, 8)
  config <- get_config(optimizer)
  expect_equal(config$learning_rate$class_name, "Halving")
  again <- from_config(config, custom_objects = list(Halving = Halving))
  again$iterations <- 3
  expect_equal(again$learning_rate, 2)
  bare <- as_schedule(LearningRateScheduleBase$new())
  expect_error(bare(1), class = "elman_error_state")
  expect_error(get_config(bare), class = "elman_error_state")
})

test_that("a schedule that gives no finite number stops before any change", {
  for (bad in list(NULL, NA_real_, Inf, c(1, 2), "a")) {
    optimizer <- optimizer_sgd(function(step) if (step < 1) 0.5 else bad)
    v <- new_variable(as_tensor(array(1)), "w")
    g <- list(as_tensor(array(1)))
    optimizer$apply(g, list(v))
    expect_error(optimizer$apply(g, list(v)), "learning_rate",
                 class = "elman_error_argument")
    expect_equal(as.numeric(v), 0.5)
    expect_equal(optimizer$iterations, 1)
  }
})

test_that("wrong arguments of schedules are named", {
  expect_snapshot(error = TRUE, {
    learning_rate_schedule_exponential_decay(0.1, 0, 0.5)
    learning_rate_schedule_exponential_decay(0.1, decay_rate = 0.5)
    learning_rate_schedule_polynomial_decay("a", 3)
    learning_rate_schedule_piecewise_constant_decay(c(1, 2), c(1, 2))
    learning_rate_schedule_piecewise_constant_decay(c(2, 1), c(1, 2, 3))
    learning_rate_schedule_cosine_decay(0.1, 10, warmup_target = -1)
    learning_rate_schedule_cosine_decay_restarts(0.1, 10, t_mul = 0)
    learning_rate_schedule_cosine_decay(0.1, 10)(-1)
    optimizer_sgd(function(step) c(1, 2))$learning_rate
  })
})
