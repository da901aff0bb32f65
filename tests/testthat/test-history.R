history <- function() {
  new_history(list(verbose = 0, epochs = 3, steps = 2),
              list(loss = c(2, 1), mae = c(1.23456, 0.09867),
                   val_loss = c(3, 1234567), val_mae = c(1, 2)))
}

test_that("a history prints its last epoch", {
  expect_snapshot(print(history()))
})

test_that("a data frame has one row per epoch and metric, NA after a stop", {
  d <- as.data.frame(history())
  expect_equal(names(d), c("epoch", "value", "metric", "data"))
  expect_equal(nrow(d), 12)
  expect_equal(d$epoch, rep(1:3, 4))
  expect_equal(d$value[1:3], c(2, 1, NA))
  expect_equal(levels(d$metric), c("loss", "mae"))
  expect_equal(levels(d$data), c("training", "validation"))
  expect_equal(as.character(d$data[c(1, 7)]), c("training", "validation"))
})

test_that("metrics come by name, those of validation after", {
  log <- new_history_log()
  log$add(list(mae = 1, loss = 2, val_mae = 3, val_loss = 4))
  log$add(list(mae = 1, loss = 2))
  expect_named(log$metrics(), c("loss", "mae", "val_loss", "val_mae"))
  expect_equal(log$metrics()$val_loss, c(4, NA))
})

test_that("a history without an epoch prints", {
  expect_length(new_history_log()$metrics(), 0)
  expect_output(print(new_history(list(epochs = 1), list())), "No epoch")
})

test_that("metrics with a number per class are shown, drawn and refused", {
  x <- matrix(stats::rnorm(24), 12)
  y <- to_categorical(rep(0:2, 4), 3)
  model <- keras_model_sequential(input_shape = 2) |>
    layer_dense(3, activation = "softmax")
  compile(model, loss = "categorical_crossentropy", metrics = metric_f1_score())
  fit_model <- function(...) fit(model, x, y, epochs = 2, ...)
  shown <- capture.output(history <- fit_model(verbose = 1,
                                               validation_split = 0.25))
  expect_equal(lengths(history$metrics$f1_score), c(3, 3))
  last <- history$metrics$f1_score[[2]]
  expect_match(shown[4], sprintf("f1_score: %.4f - loss", mean(last)))
  expect_match(format(history)[2], paste(format(last[1], digits = 4), ""),
               fixed = TRUE)
  table <- as.data.frame(history)
  expect_setequal(levels(table$metric),
                  c("loss", "f1_score[1]", "f1_score[2]", "f1_score[3]"))
  expect_equal(subset(table, metric == "f1_score[3]" & epoch == 2 &
                        data == "training")$value, last[3])
  expect_error(fit_model(callbacks = callback_early_stopping("f1_score",
                                                             mode = "max")),
               "\"f1_score\" has 3", class = "elman_error_argument")
})
