# Files of logs, and the smaller callbacks.

test_that("the file is the one that Keras writes", {
  file <- withr::local_tempfile()
  fit_on_logs(list(loss = c(0.5, 0.1)), callback_csv_logger(file) |> list())
  lines <- readBin(file, "raw", 1000) |> rawToChar()
  expect_match(lines, "^epoch,loss,mae,val_loss,val_mae\r\n0,0.5,")
  expect_match(lines, "\r\n1,0.1,[^\r]*,NA,NA\r\n$")
  fit_on_logs(list(loss = 3), list(callback_csv_logger(file, append = TRUE)))
  expect_match(readLines(file)[4], "^0,3.0,")
  expect_length(readLines(file), 4)
})

test_that("training ends at a loss that is not finite", {
  model <- still_model(1e30)
  h <- NULL
  expect_output(h <- fit(model, matrix(1:4, 4), 1:4 * 1e10, epochs = 20,
                         verbose = 0, callbacks = callback_terminate_on_nan()),
                "training ends")
  expect_lt(length(h$metrics$loss), 20)
  expect_error(fit(model, matrix(1:4, 4), 1:4 * 1e10, verbose = 0,
                   callbacks = callback_terminate_on_nan(raise_error = TRUE)),
               class = "elman_error_state")
})

test_that("averages are measured and the weights put back", {
  data <- series_data(12)
  model <- compiled_model(optimizer_sgd(0.1, use_ema = TRUE,
                                        ema_momentum = 0.5))
  seen <- list()
  look <- callback_lambda(
    on_epoch_end = function(epoch, logs) seen$raw <<- weight_bits(model),
    on_test_batch_begin = function(batch, logs) {
      seen$averages <<- weight_bits(model)
    }
  )
  fit(model, data$x, data$y, epochs = 3, verbose = 0, validation_split = 0.25,
      callbacks = list(callback_swap_ema_weights(), look))
  expect_false(identical(seen$raw, seen$averages))
  # fit() ends with the averages.
  expect_identical(weight_bits(model), seen$averages)
  expect_error(fit(compiled_model(), data$x, data$y, verbose = 0,
                   callbacks = callback_swap_ema_weights()),
               class = "elman_error_state")
})
