# Callbacks written in plain R.

trained_with <- function(callbacks, ...) {
  data <- flat_data()
  model <- functional_by(keras_model)
  compile(model, optimizer_sgd(0.01), loss = "mse")
  h <- fit(model, data$x, data$y, verbose = 0, callbacks = callbacks, ...)
  list(model = model, history = h)
}

test_that("methods answer events with self, model, params and logs", {
  Notes <- Callback(
    "Notes",
    initialize = function(limit = 2) {
      super$initialize()
      self$limit <- limit
      self$epochs <- NULL
    },
    on_train_begin = function(logs = NULL) self$steps <- self$params$steps,
    on_epoch_end = function(epoch, logs = NULL) {
      private$note(epoch)
      self$loss <- logs$loss
      if (epoch >= self$limit) self$model$stop_training <- TRUE
    },
    private = list(note = function(epoch) {
      self$epochs <- c(self$epochs, epoch)
    })
  )
  notes <- Notes(limit = 3)
  expect_s3_class(notes, c("Notes", "elman_callback"), exact = FALSE)
  t <- trained_with(notes, epochs = 9, batch_size = 5)
  expect_identical(as.numeric(notes$epochs), c(1, 2, 3))
  expect_equal(notes$steps, 4)
  expect_identical(notes$loss, t$history$metrics$loss[3])
  expect_identical(notes$model, t$model)
})

test_that("classes of callbacks inherit, and change logs", {
  Base <- Callback("Base", initialize = function() self$seen <- 0,
                   on_epoch_end = function(epoch, logs = NULL) {
                     self$seen <- self$seen + 1
                   })
  More <- Callback("More", inherit = Base,
                   on_epoch_end = function(epoch, logs = NULL) {
                     super$on_epoch_end(epoch, logs)
                     list(seen = self$seen)
                   })
  more <- More()
  t <- trained_with(list(more, Base()), epochs = 3)
  expect_identical(t$history$metrics$seen, c(1, 2, 3))
  expect_identical(new_callback_class, Callback)
})

test_that("older names of events and batches are known", {
  batches <- 0
  Old <- Callback("Old", on_batch_end = function(batch, logs = NULL) {
    batches <<- batches + 1
  })
  trained_with(Old(), batch_size = 5)
  expect_identical(batches, 4)
})

test_that("wrong callbacks are refused", {
  expect_snapshot(error = TRUE, {
    Callback("C", on_epoch_end = 3)
    Callback("C", inherit = layer_dense)
    Callback("C")(1)
  })
})
