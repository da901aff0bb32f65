# Learning rate schedules written in plain R.

own_harmonic <- function() {
  LearningRateSchedule(
    "Harmonic",
    initialize = function(first) self$first <- first,
    call = function(step) self$first / (step + 1)
  )
}

test_that("the rate of each update is the schedule's", {
  schedule <- own_harmonic()(0.5)
  expect_equal(as.numeric(schedule(3)), 0.125)
  data <- flat_data()
  models <- lapply(list(schedule, function(step) 0.5 / (step + 1)),
                   function(rate) {
    model <- functional_by(keras_model)
    compile(model, optimizer_sgd(rate), loss = "mse")
  })
  set_weights(models[[2]], get_weights(models[[1]]))
  for (model in models) {
    fit(model, data$x, data$y, batch_size = 5, shuffle = FALSE, verbose = 0)
  }
  expect_identical(weight_bits(models[[1]]), weight_bits(models[[2]]))
})

test_that("the configuration makes it again", {
  again <- from_config(serialize_object(own_harmonic()(0.5)))
  expect_equal(as.numeric(again(1)), 0.25)
  half <- LearningRateSchedule("Half", inherit = own_harmonic(),
                               call = function(step) super$call(step) / 2)
  expect_equal(as.numeric(half(first = 1)(0)), 0.5)
})

test_that("wrong schedules are refused", {
  expect_snapshot(error = TRUE, {
    LearningRateSchedule("S", call = 3)
    LearningRateSchedule("S", inherit = layer_dense)
    LearningRateSchedule("S")()(1)
  })
})
