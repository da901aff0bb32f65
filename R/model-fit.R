# fit(): its arguments and its data. The training loop stands in model-loop.R.

#' Train a model
#'
#' @param object A compiled model; trained in place.
#' @param x Data: an array, matrix, vector, factor, data frame of numbers, time
#'   series or tensor with samples along the first axis, such as
#'   `[batch, time, feature]`; for several inputs a list of these, by name or in
#'   order. A `ts` of one series is a vector, one of many a matrix
#'   `[time, series]`. Or what gives its batches itself: a dataset, such as
#'   [timeseries_dataset_from_array()], or a generator, which is a function that
#'   gives `list(x, y)` or `list(x, y, sample_weight)` of one batch at each
#'   call, and `NULL` at its end.
#' @param y Targets, as `x`; a factor becomes 0-based class numbers. `NULL`
#'   where `x` gives its batches itself.
#' @param ... None; a trailing comma is forgiven.
#' @param batch_size Number of samples per update; `NULL` for 32, or for what
#'   makes so many batches as there are steps, where their number is given. The
#'   last batch of an epoch may be smaller. Generators, and datasets in batches,
#'   have their own.
#' @param epochs Number of the last epoch.
#' @param callbacks A callback or a list of them, such as [callback_lambda()].
#' @param validation_split Share of the samples, from the end and before
#'   shuffling, that is kept out of training to measure on.
#' @param validation_data `list(x, y)` or `list(x, y, sample_weight)` to measure
#'   on instead, a dataset, or a generator.
#' @param shuffle Whether each epoch goes through the samples of arrays in a new
#'   order; `"batch"` leaves the batches and mixes the samples within each.
#' @param class_weight Numbers named by 0-based classes that weigh the samples
#'   of each class.
#' @param sample_weight One number per sample, or per sample and time step.
#' @param initial_epoch Number of the first epoch.
#' @param steps_per_epoch Number of batches per epoch; `NULL` for all. With a
#'   number, an epoch goes on where the one before stopped; where the data ends
#'   within an epoch, a warning says so, the epoch ends there, and the next one
#'   begins anew. A generator that never ends needs it.
#' @param validation_steps,validation_batch_size The same for validation;
#'   `NULL` for all, and for `batch_size`. Each validation begins anew, except
#'   that a generator goes on.
#' @param validation_freq Validate every so many epochs, or at the epochs in
#'   this vector.
#' @param verbose 0 for nothing, 1 for a bar, 2 for a line per epoch; `"auto"`
#'   is 2 in knitr, 0 under testthat, else 1.
#' @param view_metrics Accepted for compatibility.
#' @param distribution [distribution_data_parallel()] to train on several ranks
#'   that `mpirun` has started; `NULL` for what [set_distribution()] has set.
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
#'   data of another shape. All come before any weight changes; those of a
#'   generator's later batches name the batch and leave the model as it was
#'   after its last update.
#' @section Compatibility: `class_weight` works with generators too, which Keras
#'   refuses. A generator is an R function, called as long as it gives batches;
#'   one that has ended is called again in the next epoch, and it is an error of
#'   class `elman_error_state` if it then gives none.
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
                                                     default = "auto"),
                            distribution = NULL) {
  self <- as_model(object)
  check_dots(..., .known = names(formals(fit.elman_model)))
  require_compiled(self)
  epochs <- check_count(epochs, "epochs")
  initial_epoch <- check_count(initial_epoch, "initial_epoch")
  validation_freq <- check_frequency(validation_freq)
  verbose <- resolve_verbose(verbose)
  callbacks <- check_callbacks(callbacks)
  distribution <- check_distribution(distribution) %||% the$distribution
  shared <- new_shared(distribution)
  if (is_elsewhere(shared)) {
    callbacks <- list()
    verbose <- 0L
  }
  invisible(sharing(shared, {
    feeds <- training_feeds(
      self, x, y, batch_size, validation_split, validation_data,
      shuffle, class_weight, sample_weight, steps_per_epoch, validation_steps,
      validation_batch_size
    )
    params <- list(verbose = verbose, epochs = epochs,
                   steps = feeds$train$steps)
    run <- new_run(self, feeds, callbacks, params, initial_epoch,
                   validation_freq)
    begin_sharing(run, shared)
    new_history(params, train_model(run))
  }))
}

# 1 for every epoch, 2 for every second, or the epochs themselves.
check_frequency <- function(x) {
  if (length(x) == 1L) return(check_count(x, "validation_freq"))
  if (!is.numeric(x) || anyNA(x) || any(x < 1 | x != round(x))) {
    must_be(x, "validation_freq", "positive whole numbers")
  }
  as.integer(x)
}
