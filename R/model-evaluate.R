# evaluate(): loss and metrics over data, without training.

#' Measure a model
#'
#' The generic is elman's own, because its first argument is `object`, as in
#' keras3: `evaluate(model, x = x, y = y)` finds the model.
#'
#' @inheritParams fit.elman_model
#' @param batch_size Number of samples per step; `NULL` for 32, or for what
#'   makes `steps` batches.
#' @param steps Number of batches; `NULL` for all.
#' @return A named list of numbers, by name: `loss` and the metrics.
#' @section Errors: as for [fit()], except that values that are not finite flow
#'   through.
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, loss = "mse", metrics = "mae")
#' evaluate(model, matrix(rnorm(20), 10), rnorm(10), verbose = 0)
#' @export
evaluate <- function(object, ...) UseMethod("evaluate")

#' @export
evaluate.default <- function(object, ...) must_be(object, "object", "a model")

#' @rdname evaluate
#' @export
evaluate.elman_model <- function(object, x = NULL, y = NULL, ...,
                                 batch_size = NULL,
                                 verbose = getOption("keras.verbose",
                                                     default = "auto"),
                                 sample_weight = NULL, steps = NULL,
                                 callbacks = NULL) {
  self <- as_model(object)
  check_dots(..., .known = names(formals(evaluate.elman_model)))
  require_compiled(self)
  verbose <- resolve_verbose(verbose)
  callbacks <- check_callbacks(callbacks)
  on.exit(leave_callbacks(callbacks))
  batch_size <- check_batch_size(batch_size)
  steps <- check_steps(steps, "steps")
  feed <- if (is_stream(x)) {
    stream_feed(self, x, y, sample_weight, NULL, batch_size, steps,
                finite = FALSE)
  } else {
    data <- labelled_data(self, x, y, sample_weight, finite = FALSE)
    check_targets(self, data)
    new_array_feed(data$x, data$y, data$weight, batch_size, steps = steps)
  }
  check_stateful_batches(self, feed$sizes)
  plan <- training_plan(self)
  events <- new_events(callbacks, wrap_layer(self),
                       list(verbose = verbose, steps = feed$steps))
  test_feed(plan, feed, events, Progress$new(verbose, feed$steps))
}

# Logs of one pass over a feed.
test_feed <- function(plan, feed, events, progress = NULL) {
  reset_trackers(plan)
  announce(events, "on_test_begin")
  share_weights(plan, "on_test_begin")
  feed$start()
  watched <- is_watched(events, "on_test_batch")
  step <- 0L
  done <- function(count) {
    step <<- step + count
    if (isTRUE(progress$live)) progress$step(step, plan_logs(plan))
  }
  repeat {
    if (!watched) follow_stretches(plan, "test", feed, done)
    if (is.null(batch <- feed$next_batch())) break
    step <- step + 1L
    if (watched) announce(events, "on_test_batch_begin", step)
    test_step(plan, batch)
    if (watched) announce(events, "on_test_batch_end", step, plan_logs(plan))
    if (isTRUE(progress$live)) progress$step(step, plan_logs(plan))
  }
  if (!step) abort_state("The data ended before the first batch.")
  logs <- plan_logs(plan)
  if (!is.null(progress)) progress$finish(step, logs)
  announce(events, "on_test_end", logs = logs)
  share_weights(plan, "on_test_end")
  logs
}
