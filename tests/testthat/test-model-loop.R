# Training that ends in the middle: by errors of callbacks.

test_that("a callback's error names it and its event, and keeps the model", {
  data <- series_data(12)
  for (event in c("on_train_begin", "on_epoch_begin", "on_train_batch_begin",
                  "on_train_batch_end", "on_epoch_end", "on_train_end",
                  "on_test_begin", "on_test_end")) {
    model <- compiled_model()
    fails <- do.call(own_callback, c(stats::setNames(list(function(...) {
      stop("my mistake")
    }), event), classname = "Careless"))
    condition <- expect_error(
      fit(model, data$x, data$y, epochs = 2, verbose = 0, callbacks = fails,
          validation_split = 0.25),
      paste0("`Careless` failed in ", event), class = "elman_error_callback"
    )
    expect_identical(conditionMessage(condition$parent), "my mistake")
    expect_identical(condition$event, event)
    expect_true(all(is.finite(weight_bits(model))))
    history <- fit(model, data$x, data$y, epochs = 1, verbose = 0)
    expect_true(is.finite(history$metrics$loss))
  }
})
