# Stops training when a number of the logs no longer gets better.

EarlyStopping <- R6::R6Class(
  "EarlyStopping",
  inherit = MonitorCallback,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    patience = 0L,
    baseline = NULL,
    restore_best_weights = FALSE,
    start_from_epoch = 0L,
    wait = 0L,
    stopped_epoch = 0L,
    best_epoch = 0L,
    best_weights = NULL,
    state_fields = c("mode", "best", "wait", "stopped_epoch", "best_epoch",
                     "best_weights"),

    initialize = function(monitor, min_delta, patience, verbose, mode,
                          baseline, restore_best_weights, start_from_epoch) {
      self$watch(monitor, mode, verbose, min_delta)
      self$patience <- check_whole(patience, "patience", min = 0)
      self$baseline <- check_number(baseline, "baseline", null_ok = TRUE)
      self$restore_best_weights <- check_flag(restore_best_weights,
                                              "restore_best_weights")
      self$start_from_epoch <- check_whole(start_from_epoch,
                                           "start_from_epoch", min = 0)
    },

    on_train_begin = function(logs = NULL) {
      private$warned <- FALSE
      self$wait <- 0L
      self$stopped_epoch <- 0L
      self$best_epoch <- 0L
      self$best <- NULL
      self$best_weights <- NULL
    },

    on_epoch_end = function(epoch, logs = NULL) {
      self$direction(logs)
      current <- self$monitored(logs)
      if (is.null(current) || epoch <= self$start_from_epoch) return()
      if (self$restore_best_weights && is.null(self$best_weights)) {
        private$keep_weights(epoch)
      }
      self$wait <- self$wait + 1L
      if (self$is_better(current, self$best, logs)) {
        self$best <- current
        private$keep_weights(epoch)
        if (self$is_better(current, self$baseline, logs)) self$wait <- 0L
      } else if (self$wait >= self$patience && epoch > 1L) {
        self$stopped_epoch <- as.integer(epoch)
        self$model$stop_training <- TRUE
      }
      NULL
    },

    on_train_end = function(logs = NULL) {
      talks <- self$verbose > 0L
      if (talks && self$stopped_epoch > 0L) {
        say("Epoch %d: training stops early, as %s got no better.",
            self$stopped_epoch, self$monitor)
      }
      if (is.null(self$best_weights)) return()
      if (talks) say("The weights of epoch %d are put back.", self$best_epoch)
      suspendInterrupts(set_weights(self$model, self$best_weights))
      NULL
    }
  ),
  private = list(
    keep_weights = function(epoch) {
      self$best_epoch <- as.integer(epoch)
      if (self$restore_best_weights) {
        self$best_weights <- get_weights(self$model)
      }
    }
  )
)

#' Stop training when it no longer helps
#'
#' Ends [fit()] once a number of the logs has not become better for `patience`
#' epochs.
#'
#' @inheritParams callback_model_checkpoint
#' @param min_delta The least change that counts as better. Fractions are kept.
#' @param patience Number of epochs without improvement after which training
#'   ends; 0 and 1 end it at the first such epoch.
#' @param verbose 1 for a line when training ends early, 0 for none.
#' @param baseline Only epochs better than this number start the patience anew;
#'   `NULL` for every improvement.
#' @param restore_best_weights Whether the weights of the best epoch are put
#'   back at the end; otherwise those of the last epoch stay.
#' @param start_from_epoch Number of epochs before watching begins.
#' @return A callback for `callbacks =`. Its fields `$stopped_epoch` (0 where
#'   training ran to its end), `$best`, `$best_epoch` and `$best_weights` tell
#'   what happened; epochs count from 1.
#' @section Errors: `elman_error_argument` for arguments out of range, and at
#'   the first epoch's end for a `monitor` that is not logged or of which
#'   neither direction is known to be better, naming what is logged. With `mode`
#'   given, a `monitor` that is not logged is a warning,
#'   `elman_warning_monitor`, and training goes on.
#' @section Compatibility: keras3 cuts `min_delta` to a whole number. A loss of
#'   one of several outputs needs no `mode` here. After Ctrl-C, too, the best
#'   weights are put back.
#' @family callbacks
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(0), loss = "mse")
#' stop_early <- callback_early_stopping("loss", patience = 2)
#' x <- matrix(rnorm(40), 20)
#' history <- fit(model, x, x[, 1], epochs = 10, callbacks = stop_early,
#'                verbose = 0)
#' stop_early$stopped_epoch
#' @export
callback_early_stopping <- function(monitor = "val_loss", min_delta = 0L,
                                    patience = 0L, verbose = 0L, mode = "auto",
                                    baseline = NULL,
                                    restore_best_weights = FALSE,
                                    start_from_epoch = 0L) {
  EarlyStopping$new(monitor, min_delta, patience, verbose, mode, baseline,
                    restore_best_weights, start_from_epoch)
}
