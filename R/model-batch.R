# One step by hand: train, test or predict on a single batch.

#' Single steps
#'
#' `train_on_batch()` makes one update from one batch, `test_on_batch()`
#' measures it, `predict_on_batch()` gives the outputs. Metrics are those of the
#' batch alone; those of `train_on_batch()` come from before its update.
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
  if (is.null(sample_weight) && is.null(class_weight)) {
    # Without its R function, and what came looked at here: one call of an R
    # function takes as long as a small model.
    logs <- .Call(step_at_once, object, "train", x, y, the)
    if (is.character(logs)) abort_state(logs)
    if (!is.null(logs)) return(logs)
  }
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
  if (is.null(sample_weight) && !...length()) {
    logs <- .Call(step_at_once, object, "test", x, y, the)
    if (is.character(logs)) abort_state(logs)
    if (!is.null(logs)) return(logs)
  }
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
  y <- .Call(step_at_once, object, "predict", x, NULL, the)
  if (is.character(y)) abort_state(y)
  if (!is.null(y)) return(y)
  self <- as_model(object)
  inputs <- simple_inputs(self, x)
  if (is.null(inputs)) {
    inputs <- prediction_inputs(self, x)
    check_stateful_batches(self, tensor_shape(inputs[[1]])[1], "x")
  }
  named_outputs(self, predict_step(self, inputs))
}

single_batch <- function(self, x, y, sample_weight, class_weight = NULL) {
  if (is.null(sample_weight) && is.null(class_weight)) {
    batch <- simple_batch(self$plan$simple, x, y)
    if (!is.null(batch)) return(batch)
  }
  batch <- labelled_data(self, x, y, sample_weight, class_weight,
                         finite = FALSE)
  batch$size <- tensor_shape(batch$x[[1]])[1]
  check_stateful_batches(self, batch$size, "x")
  check_targets(self, batch)
  batch
}

# What one input and one output of numbers must look like, or NULL where more is
# to be looked at: several of either, class numbers, states not yet there.
# `batch` is the size that states have been made for.
simple_data <- function(self) {
  if (length(self$inputs) != 1L || length(self$outputs) != 1L) return(NULL)
  input <- self$inputs[[1]]
  if (!is_float(dtype_of(input)) || takes_ids(self)) return(NULL)
  batch <- stateful_batch(self)
  if (is.null(batch) && any_stateful(self)) return(NULL)
  list(dtype = dtype_of(input), x = shape_of(input)[-1],
       y = shape_of(self$outputs[[1]])[-1], batch = batch)
}

# Are there inputs whose numbers are looked at one by one?
takes_ids <- function(self) {
  for (input in self$inputs) {
    if (!is.null(.subset2(input, "id_limit"))) return(TRUE)
  }
  FALSE
}

# A batch from data of exactly this form, NULL for any other, which then takes
# the long way with its checks and messages.
simple_batch <- function(form, x, y) {
  x <- simple_tensor(form, x, form$x)
  y <- simple_tensor(form, y, form$y)
  if (is.null(x) || is.null(y)) return(NULL)
  n <- attr(x, "shape")[1]
  if (attr(y, "shape")[1] != n) return(NULL)
  list(x = list(x), y = list(y), weight = NULL, size = n)
}

# The same for data alone.
simple_inputs <- function(self, x) {
  if (!self$built) return(NULL)
  form <- prediction_log(self)$simple
  x <- simple_tensor(form, x, form$x)
  if (!is.null(x)) list(x)
}

simple_tensor <- function(form, x, shape) {
  if (is.null(form)) return(NULL)
  dtype <- form$dtype
  d <- dim(x)
  # A plain vector is one column.
  if (is.null(d) && is.double(x) && identical(shape, 1L)) {
    dim(x) <- d <- c(length(x), 1L)
  }
  if (is.null(d) || !fits_shape(d[-1], shape)) return(NULL)
  if (!is.null(form$batch) && d[1] != form$batch) return(NULL)
  if (inherits(x, "elman_tensor")) {
    return(if (identical(attr(x, "dtype"), dtype)) x)
  }
  if (is.double(x)) cpp_tensor_from_r(x, dtype)
}

one_number <- function(logs) if (length(logs) == 1L) logs[[1]] else logs
