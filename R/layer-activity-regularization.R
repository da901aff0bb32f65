# A layer that puts a penalty on what comes through it.

ActivityRegularization <- R6::R6Class(
  "ActivityRegularization",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    l1 = 0,
    l2 = 0,

    initialize = function(l1 = 0, l2 = 0, ...) {
      super$initialize(activity_regularizer = regularizer_l1_l2(l1, l2), ...)
      self$supports_masking <- TRUE
      self$l1 <- as.numeric(l1)
      self$l2 <- as.numeric(l2)
    },

    get_config = function() {
      config <- super$get_config()
      config$activity_regularizer <- NULL
      config
    },
    layer_config = function() list(l1 = self$l1, l2 = self$l2)
  )
)

#' Activity regularization layer
#'
#' Gives back its input, and adds to the loss the penalty
#' `l1 * sum(abs(x)) + l2 * sum(x^2)`, divided by the number of samples.
#'
#' @inheritParams layer_dropout
#' @param l1,l2 Factors of the two parts, at least 0.
#' @return A layer, the model (invisibly), or what the layer gives, which is its
#'   input. Masks are handed on.
#' @section Errors: `elman_error_argument` for factors below 0.
#' @examples
#' layer <- layer_activity_regularization(l1 = 0.5)
#' x <- layer(matrix(c(-1, 3), 2))
#' as.numeric(layer$losses[[1]])
#' @export
layer_activity_regularization <- function(object, l1 = 0, l2 = 0, ...) {
  compose_layer(object, function() ActivityRegularization$new(l1, l2, ...))
}
