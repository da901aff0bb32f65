# Measures a model with the moving averages of its weights.

SwapEMAWeights <- R6::R6Class(
  "SwapEMAWeights",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    swap_on_epoch = FALSE,
    # Does the model hold the averages, and the optimizer the weights? And is
    # that for a measurement only?
    swapped = FALSE,
    measuring = FALSE,
    state_fields = c("swapped", "measuring"),

    initialize = function(swap_on_epoch) {
      self$swap_on_epoch <- check_flag(swap_on_epoch, "swap_on_epoch")
    },

    on_train_begin = function(logs = NULL) averaging_optimizer(self$model),

    on_epoch_begin = function(epoch, logs = NULL) {
      if (self$swap_on_epoch) private$swap(FALSE)
      NULL
    },

    on_epoch_end = function(epoch, logs = NULL) {
      if (!self$swap_on_epoch) return()
      private$swap(TRUE)
      # After the last epoch the averages stay.
      if (epoch == self$params$epochs) keep_averages(self$model)
      NULL
    },

    on_test_begin = function(logs = NULL) private$measure(TRUE),
    on_test_end = function(logs = NULL) private$measure(FALSE),
    on_predict_begin = function(logs = NULL) private$measure(TRUE),
    on_predict_end = function(logs = NULL) private$measure(FALSE),

    on_leave = function() private$measure(FALSE)
  ),
  private = list(
    swap = function(swapped) {
      if (swapped == self$swapped) return()
      suspendInterrupts({
        averaging_optimizer(self$model)$swap_averages()
        self$swapped <- swapped
      })
    },
    measure = function(begins) {
      if (begins && !self$swapped) {
        self$measuring <- TRUE
        private$swap(TRUE)
      } else if (!begins && self$measuring) {
        private$swap(FALSE)
        self$measuring <- FALSE
      }
      NULL
    }
  )
)

# The optimizer, which must keep moving averages.
averaging_optimizer <- function(model) {
  self <- unwrap_layer(model)
  optimizer <- self$optimizer
  optimizer <- optimizer$inner_optimizer %||% optimizer
  if (!isTRUE(optimizer$use_ema)) {
    abort_state(paste("There are no moving averages of the weights: give the",
                      "optimizer `use_ema = TRUE`."))
  }
  if (!optimizer$built) optimizer$build(self$trainable_weights)
  optimizer
}

# The averages become what the weights are.
keep_averages <- function(model) {
  optimizer <- averaging_optimizer(model)
  for (k in seq_along(optimizer$trained)) {
    write_value(optimizer$averages[[k]], optimizer$trained[[k]])
  }
}

#' Measure with averaged weights
#'
#' Puts the optimizer's moving averages of the weights into the model before
#' validation, [evaluate()] and [predict()], and the weights back afterwards.
#' The optimizer must have `use_ema = TRUE`.
#'
#' @param swap_on_epoch Whether the averages stay in the model from the end of
#'   an epoch to the beginning of the next, for callbacks that come later, such
#'   as [callback_model_checkpoint()]. After the last epoch they stay for good.
#' @return A callback for `callbacks =`.
#' @section Errors: `elman_error_state` where the optimizer keeps no averages.
#' @section Compatibility: Keras 3.15.1 leaves the averages in the model after
#'   [predict()]; here the weights are put back, also after an error or Ctrl-C.
#'   Weights are exchanged exactly, where TensorFlow rounds.
#' @source Polyak and Juditsky (1992), Acceleration of stochastic approximation
#'   by averaging. SIAM Journal on Control and Optimization 30.
#' @family callbacks
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(0.1, use_ema = TRUE), loss = "mse")
#' x <- matrix(rnorm(40), 20)
#' fit(model, x, x[, 1], validation_split = 0.2, epochs = 3, verbose = 0,
#'     callbacks = callback_swap_ema_weights())
#' @export
callback_swap_ema_weights <- function(swap_on_epoch = FALSE) {
  SwapEMAWeights$new(swap_on_epoch)
}
