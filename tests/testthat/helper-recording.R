# A twin trained without programs, step by step in R.
as_written <- function(code) {
  old <- record_steps(FALSE)
  withr::defer(record_steps(old))
  code
}

# The weights after some steps, recorded and as written.
expect_same_training <- function(make, train) {
  run <- function() {
    set.seed(1)
    model <- make()
    logs <- train(model)
    list(logs = logs, weights = get_weights(model), next_draw = stats::runif(1))
  }
  expect_identical(run(), as_written(run()))
}

# Holds a model's step to its recording: what is recorded on the first data and
# run again on the second must give loss, gradients and states of the step
# itself, bit for bit.
expect_records <- function(model, first, second, y) {
  self <- unwrap_layer(model)
  compile(model, optimizer_sgd(0.1), "mse")
  plan <- training_plan(self)
  batches <- lapply(list(first, second), function(x) {
    c(labelled_data(self, x, y), size = dim(y)[1])
  })
  step <- function(batch) {
    recorded <- record_gradients(function() batch_loss(plan, batch, TRUE),
                                 plan$variables)
    c(list(recorded$result$loss), recorded$gradients)
  }
  states <- function() {
    lapply(all_layers(self), function(layer) lapply(layer$states, as.array))
  }
  step(batches[[1]])
  data <- lapply(batches, batch_data)
  run <- function(record) {
    withr::local_seed(1)
    reset_state(model)
    log <- step_log(new.env(), is_recordable(self))
    log$recordable <- record
    if (record) {
      record_step(log, "train", batches[[1]], step,
                  lapply(data[[1]], data_form))
    } else {
      step(batches[[1]])
    }
    testthat::expect_identical(can_record(log, "train"), record)
    list(run_step(log, "train", batches[[2]], step), states())
  }
  testthat::expect_identical(run(TRUE), run(FALSE))
}
