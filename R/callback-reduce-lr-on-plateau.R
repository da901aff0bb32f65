# Lowers the learning rate when a number of the logs no longer gets better.

ReduceLROnPlateau <- R6::R6Class(
  "ReduceLROnPlateau",
  inherit = MonitorCallback,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    factor = 0.1,
    patience = 10L,
    cooldown = 0L,
    min_lr = 0,
    wait = 0L,
    cooldown_counter = 0L,
    state_fields = c("mode", "best", "wait", "cooldown_counter"),

    initialize = function(monitor, factor, patience, verbose, mode, min_delta,
                          cooldown, min_lr) {
      self$watch(monitor, mode, verbose, min_delta)
      self$factor <- check_number(factor, "factor")
      if (self$factor >= 1) must_be(factor, "factor", "a number below 1")
      self$patience <- check_whole(patience, "patience", min = 0)
      self$cooldown <- check_whole(cooldown, "cooldown", min = 0)
      self$min_lr <- check_number(min_lr, "min_lr")
    },

    on_train_begin = function(logs = NULL) {
      private$warned <- FALSE
      self$best <- NULL
      self$wait <- 0L
      self$cooldown_counter <- 0L
    },

    on_epoch_end = function(epoch, logs = NULL) {
      self$direction(logs)
      rate <- learning_rate_of(self$model)
      current <- self$monitored(c(logs, learning_rate = rate))
      if (!is.null(current)) private$judge(current, epoch, rate, logs)
      list(learning_rate = rate)
    }
  ),
  private = list(
    judge = function(current, epoch, rate, logs) {
      if (self$cooldown_counter > 0L) {
        self$cooldown_counter <- self$cooldown_counter - 1L
        self$wait <- 0L
      }
      if (self$is_better(current, self$best, logs)) {
        self$best <- current
        self$wait <- 0L
      } else if (self$cooldown_counter == 0L) {
        self$wait <- self$wait + 1L
        if (self$wait >= self$patience) private$reduce(epoch, rate)
      }
    },

    reduce = function(epoch, rate) {
      if (rate <= self$min_lr) return()
      rate <- max(rate * self$factor, self$min_lr)
      set_learning_rate(self$model, rate)
      self$cooldown_counter <- self$cooldown
      self$wait <- 0L
      if (self$verbose > 0L) {
        say("Epoch %d: the learning rate is lowered to %s.", epoch,
            format(rate))
      }
    }
  )
)

#' Lower the learning rate on a plateau
#'
#' Multiplies the learning rate by `factor` when a number of the logs has not
#' become better for `patience` epochs. The learning rate of each epoch is put
#' into the logs as `learning_rate`.
#'
#' @inheritParams callback_early_stopping
#' @param factor What the learning rate is multiplied by, below 1.
#' @param patience Number of epochs without improvement before that.
#' @param verbose 1 for a line at each change, 0 for none.
#' @param cooldown Number of epochs after a change before waiting begins again.
#' @param min_lr The learning rate is not lowered below this.
#' @param ... None.
#' @return A callback for `callbacks =`.
#' @section Errors: as for [callback_early_stopping()], and `elman_error_state`
#'   where the learning rate follows a schedule and would have to be lowered.
#' @family callbacks
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(0.5), loss = "mse")
#' x <- matrix(rnorm(40), 20)
#' history <- fit(
#'   model, x, x[, 1], epochs = 6, verbose = 0,
#'   callbacks = callback_reduce_lr_on_plateau("loss", factor = 0.5,
#'                                             patience = 1, min_delta = 0.1)
#' )
#' history$metrics$learning_rate
#' @export
callback_reduce_lr_on_plateau <- function(monitor = "val_loss", factor = 0.1,
                                          patience = 10L, verbose = 0L,
                                          mode = "auto", min_delta = 1e-04,
                                          cooldown = 0L, min_lr = 0, ...) {
  check_dots(...)
  ReduceLROnPlateau$new(monitor, factor, patience, verbose, mode, min_delta,
                        cooldown, min_lr)
}
