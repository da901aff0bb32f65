test_that("training ends at the batch whose loss is not finite", {
  data <- series_data(12)
  for (loss in c(NaN, Inf)) {
    spoil <- callback_lambda(on_train_batch_end = function(batch, logs) {
      if (batch == 2) list(loss = loss)
    })
    model <- compiled_model()
    out <- utils::capture.output(
      history <- fit(model, data$x, data$y, batch_size = 4, epochs = 3,
                     callbacks = list(spoil, callback_terminate_on_nan()))
    )
    expect_match(out[2], "^Batch 2: the loss is (NaN|Inf), so training ends.$")
    expect_equal(as.numeric(model$optimizer$iterations), 2)
    expect_length(history$metrics$loss, 1)
    model <- compiled_model()
    expect_error(
      fit(model, data$x, data$y, batch_size = 4,
          callbacks = list(spoil, callback_terminate_on_nan(TRUE))),
      class = "elman_error_state"
    )
  }
})

test_that("finite losses go on", {
  data <- series_data(8)
  history <- fit(compiled_model(), data$x, data$y, epochs = 2,
                 callbacks = callback_terminate_on_nan(raise_error = TRUE))
  expect_length(history$metrics$loss, 2)
})
