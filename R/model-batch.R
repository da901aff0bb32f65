# One step by hand: train, test or predict on a single batch.

#' Single steps
#'
#' `train_on_batch()` makes one update from one batch, `test_on_batch()` measures
#' it, `predict_on_batch()` gives the outputs. Metrics are those of the batch
#' alone; those of `train_on_batch()` come from before its update.
#'
#' @param object A model, compiled except for `predict_on_batch()`.
#' @param x,y Data and targets of the batch, as in [fit()].
#' @param sample_weight,class_weight Weights, as in [fit()].
#' @param ... None.
#' @return A named list of numbers, by name, or a single number where there is
#'   only the loss; `predict_on_batch()` an R array or a list of them.
#' @section Errors: as for [fit()], except that values that are not finite flow
#'   through.
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(0.1), loss = "mse", metrics = "mae")
#' x <- matrix(rnorm(20), 10)
#' train_on_batch(model, x, x[, 1])
#' test_on_batch(model, x, x[, 1])
#' predict_on_batch(model, x)
#' @export
train_on_batch <- function(object, x, y = NULL, sample_weight = NULL,
                           class_weight = NULL) {
  self <- as_model(object)
  require_compiled(self)
  batch <- single_batch(self, x, y, sample_weight, class_weight)
  plan <- training_plan(self)
  reset_trackers(plan)
  train_step(plan, batch)
  one_number(plan_logs(plan))
}

#' @rdname train_on_batch
#' @export
test_on_batch <- function(object, x, y = NULL, sample_weight = NULL, ...) {
  self <- as_model(object)
  check_dots(...)
  require_compiled(self)
  batch <- single_batch(self, x, y, sample_weight)
  plan <- training_plan(self)
  reset_trackers(plan)
  test_step(plan, batch)
  one_number(plan_logs(plan))
}

#' @rdname train_on_batch
#' @export
predict_on_batch <- function(object, x) {
  self <- as_model(object)
  inputs <- prediction_inputs(self, x)
  check_stateful_batches(self, tensor_shape(inputs[[1]])[1], "x")
  named_outputs(self, forward(self, inputs, training = FALSE))
}

single_batch <- function(self, x, y, sample_weight, class_weight = NULL) {
  batch <- labelled_data(self, x, y, sample_weight, class_weight,
                         finite = FALSE)
  batch$size <- tensor_shape(batch$x[[1]])[1]
  check_stateful_batches(self, batch$size, "x")
  check_targets(self, batch)
  batch
}

one_number <- function(logs) if (length(logs) == 1L) logs[[1]] else logs
