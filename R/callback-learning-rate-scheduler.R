# Sets the learning rate at the beginning of each epoch.

LearningRateScheduler <- R6::R6Class(
  "LearningRateScheduler",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    schedule = NULL,
    verbose = 0L,
    state_fields = character(),

    initialize = function(schedule, verbose) {
      if (!is.function(schedule)) must_be(schedule, "schedule", "a function")
      self$schedule <- schedule
      self$verbose <- check_verbose_flag(verbose)
    },

    on_epoch_begin = function(epoch, logs = NULL) {
      rate <- scheduled_rate(self$schedule, epoch - 1L,
                             learning_rate_of(self$model))
      set_learning_rate(self$model, rate)
      if (self$verbose > 0L) {
        say("Epoch %d: the learning rate is set to %s.", epoch, format(rate))
      }
      NULL
    },

    on_epoch_end = function(epoch, logs = NULL) {
      list(learning_rate = learning_rate_of(self$model))
    }
  )
)

# Functions of the epoch alone are called with it alone.
scheduled_rate <- function(schedule, epoch, rate) {
  arguments <- names(formals(args(schedule)))
  new <- if (length(arguments) == 1L && arguments != "...") {
    schedule(epoch)
  } else {
    schedule(epoch, rate)
  }
  value <- if (is_tensor(new)) as.numeric(new) else new
  if (!is_number(value) || value < 0) {
    must_be(new, "the value of `schedule()`", "a number of at least 0")
  }
  as.numeric(value)
}

#' Set the learning rate by epoch
#'
#' Asks a function for the learning rate at the beginning of each epoch. The
#' learning rate of each epoch is put into the logs as `learning_rate`.
#'
#' @param schedule A function of `(epoch, lr)`, or of the epoch alone, that
#'   gives the new learning rate. Here epochs count from 0, as in keras3.
#' @param verbose 1 for a line at each epoch, 0 for none.
#' @return A callback for `callbacks =`.
#' @section Errors: `elman_error_argument` for what is no function, and during
#'   training where it gives no number of at least 0; `elman_error_state` where
#'   the optimizer follows a schedule of its own.
#' @family callbacks
#' @examples
#' halve <- callback_learning_rate_scheduler(function(epoch, lr) {
#'   if (epoch < 2) lr else lr / 2
#' })
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(0.1), loss = "mse")
#' x <- matrix(rnorm(40), 20)
#' history <- fit(model, x, x[, 1], epochs = 4, callbacks = halve, verbose = 0)
#' history$metrics$learning_rate
#' @export
callback_learning_rate_scheduler <- function(schedule, verbose = 0L) {
  if (missing(schedule)) must_be_given("schedule", "a function")
  LearningRateScheduler$new(schedule, verbose)
}
