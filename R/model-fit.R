# fit(): the one training loop.

#' Train a model
#'
#' @param object A compiled model; trained in place.
#' @param x Data: an array, matrix, vector, data frame of numbers or tensor with
#'   samples along the first axis, such as `[batch, time, feature]`; for several
#'   inputs a list of these, by name or in order. Or a function that gives
#'   `list(x, y)` or `list(x, y, sample_weight)` of one batch at each call, and
#'   `NULL` at its end.
#' @param y Targets, as `x`; a factor becomes 0-based class numbers.
#' @param ... None; a trailing comma is forgiven.
#' @param batch_size Number of samples per update; `NULL` for 32. The last batch
#'   of an epoch may be smaller.
#' @param epochs Number of the last epoch.
#' @param callbacks A callback or a list of them, such as [callback_lambda()].
#' @param validation_split Share of the samples, from the end and before
#'   shuffling, that is kept out of training to measure on.
#' @param validation_data `list(x, y)` or `list(x, y, sample_weight)` to measure
#'   on instead.
#' @param shuffle Whether each epoch goes through the samples in a new order.
#' @param class_weight Numbers named by 0-based classes that weigh the samples of
#'   each class.
#' @param sample_weight One number per sample, or per sample and time step.
#' @param initial_epoch Number of the first epoch.
#' @param steps_per_epoch Number of batches per epoch; `NULL` for all.
#' @param validation_steps,validation_batch_size The same for validation;
#'   `NULL` for all, and for `batch_size`.
#' @param validation_freq Validate every so many epochs, or at the epochs in this
#'   vector.
#' @param verbose 0 for nothing, 1 for a bar, 2 for a line per epoch; `"auto"` is
#'   2 in knitr, 0 under testthat, else 1.
#' @param view_metrics Accepted for compatibility.
#' @return A history, invisibly: `$metrics` is a named list of numeric vectors,
#'   one number per epoch; see [as.data.frame.keras_training_history()] and
#'   [plot.keras_training_history()]. Ctrl-C ends training: the model keeps its
#'   last complete update, and the history so far is returned.
#' @details `loss` is the mean over samples and includes regularizers; other
#'   metrics do not. Order of samples, dropout and initial weights follow
#'   `set.seed()`, whatever the number of threads.
#' @section Errors: `elman_error_state` where the model is not compiled;
#'   `elman_error_argument` for values that are not finite (counted), numbers of
#'   samples that differ and arguments out of range; `elman_error_shape` for
#'   data of another shape. All come before any weight changes.
#' @examples
#' set.seed(1)
#' x <- array(rnorm(64 * 5), c(64, 5, 1))
#' y <- x[, 5, 1] - x[, 4, 1]
#' model <- keras_model_sequential(input_shape = c(5, 1)) |>
#'   layer_simple_rnn(4) |>
#'   layer_dense(1)
#' compile(model, optimizer_adam(0.01), loss = "mse")
#' history <- fit(model, x, y, epochs = 3, verbose = 0)
#' history
#' @export
fit.elman_model <- function(object, x = NULL, y = NULL, ..., batch_size = NULL,
                            epochs = 1L, callbacks = NULL,
                            validation_split = 0, validation_data = NULL,
                            shuffle = TRUE, class_weight = NULL,
                            sample_weight = NULL, initial_epoch = 1L,
                            steps_per_epoch = NULL, validation_steps = NULL,
                            validation_batch_size = NULL, validation_freq = 1L,
                            verbose = getOption("keras.verbose",
                                                default = "auto"),
                            view_metrics = getOption("keras.view_metrics",
                                                     default = "auto")) {
  self <- as_model(object)
  check_dots(..., .known = names(formals(fit.elman_model)))
  require_compiled(self)
  epochs <- check_count(epochs, "epochs")
  initial_epoch <- check_count(initial_epoch, "initial_epoch")
  validation_freq <- check_frequency(validation_freq)
  verbose <- resolve_verbose(verbose)
  callbacks <- check_callbacks(callbacks)
  feeds <- training_feeds(
    self, x, y, batch_size, validation_split, validation_data,
    check_flag(shuffle, "shuffle"), class_weight, sample_weight,
    steps_per_epoch, validation_steps, validation_batch_size
  )
  params <- list(verbose = verbose, epochs = epochs, steps = feeds$train$steps)
  metrics <- train_model(self, feeds, callbacks, params, initial_epoch,
                         validation_freq)
  invisible(new_history(params, metrics))
}

# ---- the loop ----------------------------------------------------------------

# Gives the metrics of each epoch done.
train_model <- function(self, feeds, callbacks, params, initial_epoch,
                        validation_freq) {
  plan <- training_plan(self)
  events <- new_events(callbacks, wrap_layer(self), params)
  history <- new_history_log()
  self$stop_training <- FALSE
  announce(events, "on_train_begin")
  logs <- list()
  tryCatch({
    for (epoch in seq_to(initial_epoch, params$epochs)) {
      announce(events, "on_epoch_begin", epoch)
      progress <- begin_epoch(params, epoch, feeds$train$steps)
      done <- train_epoch(plan, feeds$train, events, progress)
      logs <- done$logs
      if (validates(feeds$validation, epoch, validation_freq)) {
        logs <- c(logs, validation_logs(plan, feeds$validation, events))
      }
      progress$finish(done$steps, logs)
      logs <- announce(events, "on_epoch_end", epoch, logs)
      history$add(logs)
      if (isTRUE(self$stop_training)) break
    }
  }, interrupt = function(condition) {
    message("\nTraining was interrupted; the model keeps its last update.")
  })
  announce(events, "on_train_end", logs = logs)
  history$metrics()
}

# One pass over the data: list(logs, steps).
train_epoch <- function(plan, feed, events, progress) {
  reset_trackers(plan)
  feed$start()
  watched <- is_watched(events, "on_train_batch")
  step <- 0L
  while (!is.null(batch <- feed$next_batch())) {
    step <- step + 1L
    if (watched) announce(events, "on_train_batch_begin", step)
    train_step(plan, batch)
    if (watched) announce(events, "on_train_batch_end", step, plan_logs(plan))
    if (progress$live) progress$step(step, plan_logs(plan))
    if (isTRUE(plan$self$stop_training)) break
  }
  if (!step) abort_state("The data ended before the first batch.")
  list(logs = plan_logs(plan), steps = step)
}

validation_logs <- function(plan, feed, events) {
  logs <- test_feed(plan, feed, events)
  stats::setNames(logs, paste0("val_", names(logs)))
}

validates <- function(feed, epoch, frequency) {
  if (is.null(feed)) return(FALSE)
  if (length(frequency) > 1L) epoch %in% frequency else epoch %% frequency == 0
}

begin_epoch <- function(params, epoch, steps) {
  if (params$verbose > 0L) {
    cat(sprintf("Epoch %d/%d\n", epoch, params$epochs))
  }
  Progress$new(params$verbose, steps)
}

is_watched <- function(events, stem) {
  !is.null(events[[paste0(stem, "_begin")]]) ||
    !is.null(events[[paste0(stem, "_end")]])
}

seq_to <- function(from, to) if (from > to) integer() else from:to

check_frequency <- function(x) {
  if (length(x) == 1L) return(check_count(x, "validation_freq"))
  if (!is.numeric(x) || anyNA(x) || any(x < 1 | x != round(x))) {
    must_be(x, "validation_freq", "positive whole numbers")
  }
  as.integer(x)
}

# ---- the data of fit() -------------------------------------------------------

# list(train, validation) of feeds, everything checked; builds the model.
training_feeds <- function(self, x, y, batch_size, validation_split,
                           validation_data, shuffle, class_weight,
                           sample_weight, steps_per_epoch, validation_steps,
                           validation_batch_size) {
  batch_size <- check_batch_size(batch_size)
  validation_batch_size <- check_batch_size(validation_batch_size, batch_size,
                                            "validation_batch_size")
  steps_per_epoch <- check_steps(steps_per_epoch, "steps_per_epoch")
  validation_steps <- check_steps(validation_steps, "validation_steps")
  validation_split <- check_split(validation_split)
  if (is.function(x) && !is_layer(x)) {
    data <- NULL
    validation <- NULL
  } else {
    data <- labelled_data(self, x, y, sample_weight, class_weight)
    validation <- NULL
  }
  if (!is.null(validation_data)) {
    validation <- labelled_list(self, validation_data)
  } else if (validation_split > 0) {
    if (is.null(data)) {
      abort_argument("`validation_split` needs arrays, not a function.",
                     "validation_split")
    }
    parts <- split_validation(data$x, data$y, data$weight, validation_split)
    data <- parts$train
    validation <- parts$validation
  }
  if (!is.null(validation)) {
    validation <- new_array_feed(validation$x, validation$y, validation$weight,
                                 validation_batch_size,
                                 steps = validation_steps)
  }
  train <- if (is.null(data)) {
    function_feed(self, x, steps_per_epoch)
  } else {
    ensure_built(self, data$x)
    new_array_feed(data$x, data$y, data$weight, batch_size, shuffle,
                   steps_per_epoch)
  }
  check_stateful_batches(self, c(train$sizes, validation$sizes))
  check_targets(self, data)
  list(train = train, validation = validation)
}

# Tensors of x, y and weights, checked: finite, of one length, of fitting shape.
labelled_data <- function(self, x, y, sample_weight = NULL,
                          class_weight = NULL, arg = "x", finite = TRUE) {
  if (is.null(x)) abort_argument("`x` must be given.", "x")
  if (is.null(y)) abort_argument("`y` must be given.", "y")
  x <- feed_tensors(x, input_names(self), "x")
  y <- feed_tensors(y, target_names(self), "y")
  if (finite) {
    check_finite(x, "x")
    check_finite(y, "y")
  }
  x <- fit_inputs(self, x, "x")
  ensure_built(self, x)
  y <- place_targets(self, y)
  weight <- feed_weights(sample_weight, class_weight, y, output_names(self))
  check_same_length(c(x, y, weight),
                    c(labels("x", x), labels("y", y),
                      labels("sample_weight", weight)))
  list(x = x, y = y, weight = weight)
}

labels <- function(arg, tensors) {
  if (length(tensors) == 1L) return(arg)
  sprintf("%s[[%d]]", arg, seq_along(tensors))
}

# list(x, y) or list(x, y, sample_weight).
labelled_list <- function(self, data, arg = "validation_data") {
  if (!is.list(data) || !length(data) %in% 2:3) {
    must_be(data, arg, "list(x, y) or list(x, y, sample_weight)")
  }
  labelled_data(self, data[[1]], data[[2]],
                if (length(data) == 3L) data[[3]])
}

# Outputs that have a loss have targets.
target_names <- function(self) {
  names <- output_names(self)
  if (!self$built) return(names)
  losses <- arrange_losses(self$compile_arguments, names)
  given <- !vapply(losses, is.null, NA)
  if (any(given)) names[given] else names
}

# Targets in the order of all outputs, NULL for those without.
place_targets <- function(self, y) {
  names <- output_names(self)
  if (length(y) == length(names)) return(y)
  placed <- vector("list", length(names))
  placed[match(target_names(self), names)] <- y
  placed
}

# Targets whose shape no loss can use are found before the first update, on one
# sample's prediction shape.
check_targets <- function(self, data) {
  if (is.null(data)) return(invisible())
  plan <- training_plan(self)
  for (k in plan$with_loss) {
    check_target_rank(data$y[[k]], shape_of(self$outputs[[k]]),
                      plan$losses[[k]]$loss)
  }
}

check_target_rank <- function(y, predicted, loss) {
  if (is.null(y) || identical(loss$class, "Function")) return(invisible())
  have <- tensor_shape(y)[-1]
  want <- predicted[-1]
  sparse <- identical(loss$class, "SparseCategoricalCrossentropy") ||
    isTRUE(loss$automatic)
  if (sparse) return(invisible())
  if (length(have) + 1L == length(want) && want[length(want)] %in% 1L) {
    have <- c(have, 1L)
  } else if (length(have) == length(want) + 1L && have[length(have)] == 1L) {
    have <- have[-length(have)]
  }
  if (!fits_shape(have, want)) {
    abort_shape(sprintf("`y` must have shape %s, as the predictions, not %s.",
                        format_batch(c(NA, want)),
                        format_shape(tensor_shape(y))), "y")
  }
}

function_feed <- function(self, x, steps) {
  new_function_feed(x, steps, function(batch) {
    data <- labelled_list(self, batch, "the value of `x()`")
    check_stateful_batches(self, tensor_shape(data$x[[1]])[1])
    c(data, size = tensor_shape(data$x[[1]])[1])
  })
}

check_batch_size <- function(batch_size, default = 32L, arg = "batch_size") {
  if (is.null(batch_size)) return(default)
  check_count(batch_size, arg)
}

check_steps <- function(steps, arg) {
  if (is.null(steps)) NULL else check_count(steps, arg)
}

check_split <- function(x) {
  if (!is_number(x) || x < 0 || x >= 1) {
    must_be(x, "validation_split", "a number of at least 0 and below 1")
  }
  as.numeric(x)
}
