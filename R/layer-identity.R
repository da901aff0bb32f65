# The identity layer.

Identity <- R6::R6Class(
  "Identity",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(...) {
      super$initialize(...)
      self$supports_masking <- TRUE
    }
  )
)

#' Identity layer
#'
#' Gives its input back, with its mask: a place to look at, or an end of a
#' branch.
#'
#' @inheritParams layer_dropout
#' @return A layer, the model (invisibly), or its input.
#' @section Errors: `elman_error_argument` where the input holds no numbers or
#'   an argument is unknown.
#' @family reshaping layers
#' @examples
#' layer_identity(1:3)
#' @export
layer_identity <- function(object, ...) {
  compose_layer(object, function() Identity$new(...))
}
