# predict(): a model's outputs for data, batch by batch.

#' Predictions of a model
#'
#' @inheritParams evaluate.elman_model
#' @param object A model; it need not be compiled.
#' @param x Data, as in [fit()]. A generator may give `x` alone, and targets in
#'   what it or a dataset gives are passed over.
#' @param into Where predictions go batch by batch, for data that give more of
#'   them than memory holds: a function of `(outputs, first)`, called with the
#'   outputs of each batch, as they would be returned, and the number of its
#'   first sample; or the name of a `.csv` file, which gets a line for each
#'   sample, the numbers of the outputs in row-major order. `NULL` to return
#'   them.
#' @return An R array, its first axis the samples; for several outputs a list of
#'   arrays, with names where the outputs have them. With `into` the number of
#'   samples, invisibly.
#' @section Errors: `elman_error_shape` for data of another shape;
#'   `elman_error_file` for a file that cannot be written, which is then as it
#'   was before. Values that are not finite flow through.
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 1)) |>
#'   layer_simple_rnn(3)
#' predict(model, array(0, c(2, 5, 1)), verbose = 0)
#' # As much data as you like, in the memory of a batch.
#' left <- 3
#' give <- function() {
#'   left <<- left - 1
#'   if (left >= 0) array(rnorm(40), c(8, 5, 1))
#' }
#' predict(model, give, into = function(outputs, first) print(first),
#'         verbose = 0)
#' @importFrom stats predict
#' @export
predict.elman_model <- function(object, x, ..., batch_size = NULL,
                                verbose = getOption("keras.verbose",
                                                    default = "auto"),
                                steps = NULL, callbacks = NULL, into = NULL) {
  self <- as_model(object)
  check_dots(..., .known = names(formals(predict.elman_model)))
  if (!is.null(into)) into <- check_into(into)
  verbose <- resolve_verbose(verbose)
  callbacks <- check_callbacks(callbacks)
  on.exit(leave_callbacks(callbacks))
  batch_size <- check_batch_size(batch_size)
  steps <- check_steps(steps, "steps")
  feed <- prediction_feed(self, x, batch_size, steps)
  check_stateful_batches(self, feed$sizes)
  events <- new_events(callbacks, wrap_layer(self),
                       list(verbose = verbose, steps = feed$steps))
  progress <- Progress$new(verbose, feed$steps)
  run <- function(take) predict_feed(self, feed, events, progress, take)
  if (!is.null(into)) return(invisible(stream_predictions(self, into, run)))
  parts <- list()
  run(function(outputs) parts[[length(parts) + 1L]] <<- outputs)
  named_outputs(self, lapply(bind_outputs(parts), as.array))
}

prediction_feed <- function(self, x, batch_size, steps) {
  if (!is_stream(x)) {
    return(new_array_feed(prediction_inputs(self, x), batch_size = batch_size,
                          steps = steps))
  }
  convert <- function(data) {
    inputs <- prediction_inputs(self, inputs_of(self, data))
    size <- tensor_shape(inputs[[1]])[1]
    check_stateful_batches(self, size)
    list(x = inputs, size = size)
  }
  source <- if (is_dataset(x)) {
    dataset_source(x, default_batch_size(batch_size, x$size, steps), convert)
  } else {
    function_source(x, convert)
  }
  new_feed(source, steps)
}

# The inputs in what a generator or dataset gives: x alone, list(x), list(x, y)
# or list(x, y, sample_weight).
inputs_of <- function(self, data) {
  if (!is.list(data) || is.data.frame(data) || !length(data)) return(data)
  names <- input_names(self)
  if (!is.null(names(data))) {
    if (all(names %in% names(data))) return(data)
    return(if ("x" %in% names(data)) data$x else data)
  }
  several <- is.list(data[[1]]) && !is.data.frame(data[[1]])
  if (length(names) == 1L || several) data[[1]] else data
}

prediction_inputs <- function(self, x) {
  if (!is.null(self$own)) note_inputs(self, x)
  inputs <- feed_tensors(x, input_names(self), "x", input_dtypes(self))
  inputs <- fit_inputs(self, inputs, "x")
  check_same_length(inputs, labels("x", inputs))
  ensure_built(self, inputs)
  fit_inputs(self, inputs, "x")
}

# Calls `take` with the outputs of each batch, a list of tensors.
predict_feed <- function(self, feed, events, progress, take) {
  announce(events, "on_predict_begin")
  feed$start()
  watched <- is_watched(events, "on_predict_batch")
  step <- 0L
  while (!is.null(batch <- feed$next_batch())) {
    step <- step + 1L
    if (watched) announce(events, "on_predict_batch_begin", step)
    take(predict_step(self, batch$x, as_tensors = TRUE))
    if (watched) announce(events, "on_predict_batch_end", step)
    if (progress$live) progress$step(step, list())
  }
  if (!step) abort_state("The data ended before the first batch.")
  progress$finish(step, list())
  announce(events, "on_predict_end")
}

predictions <- function(self, inputs) {
  if (!is.null(self$own) && !is.null(self$own$methods$predict_step)) {
    return(own_predictions(self, inputs))
  }
  forward(self, inputs, training = FALSE)
}

# Each output of all batches put together.
bind_outputs <- function(parts) {
  if (length(parts) == 1L) return(parts[[1]])
  lapply(seq_along(parts[[1]]), function(k) {
    op_concatenate(lapply(parts, `[[`, k), axis = 1L)
  })
}

# R arrays; one output alone is not a list.
named_outputs <- function(self, outputs) {
  if (length(outputs) == 1L && is.null(self$given_output_names)) {
    return(outputs[[1]])
  }
  stats::setNames(outputs, self$given_output_names)
}
