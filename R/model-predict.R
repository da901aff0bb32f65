# predict(): a model's outputs for data, batch by batch.

#' Predictions of a model
#'
#' @inheritParams evaluate.elman_model
#' @param object A model; it need not be compiled.
#' @return An R array, its first axis the samples; for several outputs a list of
#'   arrays, with names where the outputs have them.
#' @section Errors: `elman_error_shape` for data of another shape. Values that
#'   are not finite flow through.
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 1)) |>
#'   layer_simple_rnn(3)
#' predict(model, array(0, c(2, 5, 1)), verbose = 0)
#' @importFrom stats predict
#' @export
predict.elman_model <- function(object, x, ..., batch_size = NULL,
                                verbose = getOption("keras.verbose",
                                                    default = "auto"),
                                steps = NULL, callbacks = NULL) {
  self <- as_model(object)
  check_dots(..., .known = names(formals(predict.elman_model)))
  verbose <- resolve_verbose(verbose)
  callbacks <- check_callbacks(callbacks)
  batch_size <- check_batch_size(batch_size)
  steps <- check_steps(steps, "steps")
  feed <- prediction_feed(self, x, batch_size, steps)
  check_stateful_batches(self, feed$sizes)
  events <- new_events(callbacks, wrap_layer(self),
                       list(verbose = verbose, steps = feed$steps))
  progress <- Progress$new(verbose, feed$steps)
  named_outputs(self, predict_feed(self, feed, events, progress))
}

prediction_feed <- function(self, x, batch_size, steps) {
  if (is.function(x) && !is_layer(x)) {
    return(new_function_feed(x, steps, function(batch) {
      if (is.list(batch) && length(input_names(self)) == 1L) batch <- batch[1]
      inputs <- prediction_inputs(self, batch)
      list(x = inputs, size = tensor_shape(inputs[[1]])[1])
    }))
  }
  new_array_feed(prediction_inputs(self, x), batch_size = batch_size,
                 steps = steps)
}

prediction_inputs <- function(self, x) {
  inputs <- fit_inputs(self, feed_tensors(x, input_names(self), "x"), "x")
  check_same_length(inputs, labels("x", inputs))
  ensure_built(self, inputs)
  fit_inputs(self, inputs, "x")
}

# A list of outputs, each the batches' outputs put together.
predict_feed <- function(self, feed, events, progress) {
  announce(events, "on_predict_begin")
  feed$start()
  watched <- is_watched(events, "on_predict_batch")
  parts <- list()
  step <- 0L
  while (!is.null(batch <- feed$next_batch())) {
    step <- step + 1L
    if (watched) announce(events, "on_predict_batch_begin", step)
    parts[[step]] <- forward(self, batch$x, training = FALSE)
    if (watched) announce(events, "on_predict_batch_end", step)
    if (progress$live) progress$step(step, list())
  }
  if (!step) abort_state("The data ended before the first batch.")
  progress$finish(step, list())
  announce(events, "on_predict_end")
  bind_outputs(parts)
}

bind_outputs <- function(parts) {
  if (length(parts) == 1L) return(parts[[1]])
  lapply(seq_along(parts[[1]]), function(k) {
    op_concatenate(lapply(parts, `[[`, k), axis = 1L)
  })
}

# R arrays; one output alone is not a list.
named_outputs <- function(self, outputs) {
  outputs <- lapply(outputs, as.array)
  if (length(outputs) == 1L && is.null(self$given_output_names)) {
    return(outputs[[1]])
  }
  stats::setNames(outputs, self$given_output_names)
}
