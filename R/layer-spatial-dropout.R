# Dropout of whole channels: one draw for a feature at all steps or places.

SpatialDropout <- R6::R6Class(
  "SpatialDropout",
  inherit = Dropout,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    data_format = NULL,
    places = 1L,

    initialize = function(rate, data_format = NULL, seed = NULL, ...) {
      self$data_format <- check_data_format(data_format)
      ones <- rep(1L, self$places)
      first <- self$data_format == "channels_first"
      super$initialize(rate, seed = seed, noise_shape = c(
        NA, if (first) c(NA, ones) else c(ones, NA)
      ), ...)
      places <- if (self$places == 1L) "time" else rep("place", self$places)
      self$input_axes <- c("batch", if (first) "features", places,
                           if (!first) "features")
    },

    # Keras writes these entries and no others, and reads no others.
    get_config = function() {
      config <- c(
        list(rate = self$rate, seed = self$seed, name = self$name,
             dtype = self$dtype),
        if (self$places > 1L) list(data_format = self$data_format)
      )
      structure(config, `__class__` = attr(super$get_config(), "__class__"))
    }
  )
)

SpatialDropout1D <- R6::R6Class(
  "SpatialDropout1D", inherit = SpatialDropout, lock_objects = FALSE,
  cloneable = FALSE
)

SpatialDropout2D <- R6::R6Class(
  "SpatialDropout2D", inherit = SpatialDropout, lock_objects = FALSE,
  cloneable = FALSE, public = list(places = 2L)
)

SpatialDropout3D <- R6::R6Class(
  "SpatialDropout3D", inherit = SpatialDropout, lock_objects = FALSE,
  cloneable = FALSE, public = list(places = 3L)
)

#' Dropout of whole features
#'
#' In training, drops a share `rate` of the features of a sample at all steps or
#' places at once, where neighbours are too alike for [layer_dropout()] to tell
#' them apart; the rest is scaled by `1 / (1 - rate)`. Inputs are
#' `[batch, time, features]`, and with two or three axes of places for the 2d
#' and 3d forms.
#'
#' @inheritParams layer_flatten
#' @inheritParams layer_dropout
#' @param name,dtype Name and type of the layer, see [layer_dense()].
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input. Masks are handed on.
#' @section Errors: `elman_error_argument` for a rate outside 0 to 1,
#'   `elman_error_shape` for an input with another number of axes.
#' @source Tompson et al. (2015) <https://arxiv.org/abs/1411.4280>.
#' @examples
#' layer <- layer_spatial_dropout_1d(rate = 0.5, seed = 1)
#' layer(array(1, c(1, 3, 4)), training = TRUE)
#' @export
layer_spatial_dropout_1d <- function(object, rate, seed = NULL, name = NULL,
                                     dtype = NULL) {
  if (missing(rate)) must_be_given("rate", "a number from 0 to 1")
  compose_layer(object, function() {
    SpatialDropout1D$new(rate, seed = seed, name = name, dtype = dtype)
  })
}

#' @rdname layer_spatial_dropout_1d
#' @export
layer_spatial_dropout_2d <- function(object, rate, data_format = NULL,
                                     seed = NULL, name = NULL, dtype = NULL) {
  if (missing(rate)) must_be_given("rate", "a number from 0 to 1")
  compose_layer(object, function() {
    SpatialDropout2D$new(rate, data_format, seed, name = name, dtype = dtype)
  })
}

#' @rdname layer_spatial_dropout_1d
#' @export
layer_spatial_dropout_3d <- function(object, rate, data_format = NULL,
                                     seed = NULL, name = NULL, dtype = NULL) {
  if (missing(rate)) must_be_given("rate", "a number from 0 to 1")
  compose_layer(object, function() {
    SpatialDropout3D$new(rate, data_format, seed, name = name, dtype = dtype)
  })
}
