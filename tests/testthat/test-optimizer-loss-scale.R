one_step <- function(optimizer, v, ...) {
  optimizer$apply(list(as_tensor(array(c(...)), "float64")), list(v))
  as.numeric(v)
}

test_that("gradients are divided by a scale that follows them", {
  optimizer <- optimizer_loss_scale(optimizer_sgd(1), 8,
                                    dynamic_growth_steps = 2)
  v <- new_variable(as_tensor(array(0), "float64"), "w")
  expect_equal(as.numeric(optimizer$scale_loss(as_tensor(2))), 16)
  expect_equal(one_step(optimizer, v, 8), -1)
  expect_equal(one_step(optimizer, v, Inf), -1)
  expect_equal(optimizer$dynamic_scale, 4)
  expect_equal(optimizer$iterations, 1)
  one_step(optimizer, v, 4)
  expect_equal(one_step(optimizer, v, 4), -3)
  expect_equal(optimizer$dynamic_scale, 8)
})

test_that("it answers for the optimizer within", {
  optimizer <- optimizer_loss_scale("adam")
  expect_s3_class(optimizer$inner_optimizer, "Adam")
  optimizer$learning_rate <- 0.5
  expect_equal(optimizer$inner_optimizer$learning_rate, 0.5)
  again <- from_config(get_config(optimizer))
  expect_equal(get_config(again), get_config(optimizer))
  expect_s3_class(resolve_optimizer("LossScaleOptimizer"), NA) |>
    expect_error("inner_optimizer", class = "elman_error_argument")
})

test_that("a trained model with a scale moves as one without", {
  data <- series_data()
  fitted <- function(optimizer) {
    set.seed(1)
    model <- compiled_model(optimizer)
    fit(model, data$x, data$y, epochs = 2, verbose = 0)
    get_weights(model)
  }
  # Powers of two change no bit.
  expect_equal(fitted(optimizer_loss_scale(optimizer_adam(0.01))),
               fitted(optimizer_adam(0.01)))
})

test_that("what belongs to the optimizer within is refused", {
  expect_error(optimizer_loss_scale("adam", clipnorm = 1), "inner_optimizer",
               class = "elman_error_argument")
  expect_error(optimizer_loss_scale("adam", initial_scale = 0), "initial_scale",
               class = "elman_error_argument")
})
