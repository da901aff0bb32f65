# Ends training at a loss that is not finite.

TerminateOnNaN <- R6::R6Class(
  "TerminateOnNaN",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    raise_error = FALSE,
    state_fields = character(),

    initialize = function(raise_error) {
      self$raise_error <- check_flag(raise_error, "raise_error")
    },

    on_train_batch_end = function(batch, logs = NULL) {
      loss <- logs$loss
      if (is.null(loss) || is.finite(loss)) return()
      if (self$raise_error) {
        abort_state(sprintf("The loss is %s after batch %d.", format(loss),
                            batch))
      }
      say("Batch %d: the loss is %s, so training ends.", batch, format(loss))
      self$model$stop_training <- TRUE
      NULL
    }
  )
)

#' End training at a loss that is not finite
#'
#' Looks at the loss after every batch: `NaN` and infinite ones end training.
#'
#' @param raise_error Whether to end it by an error instead of quietly.
#' @return A callback for `callbacks =`.
#' @section Errors: `elman_error_state` at such a loss with
#'   `raise_error = TRUE`.
#' @family callbacks
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, optimizer_sgd(1e30), loss = "mse")
#' x <- matrix(rnorm(40), 20)
#' history <- fit(model, x, x[, 1], epochs = 20, verbose = 0,
#'                callbacks = callback_terminate_on_nan())
#' length(history$metrics$loss)
#' @export
callback_terminate_on_nan <- function(raise_error = FALSE) {
  TerminateOnNaN$new(raise_error)
}
