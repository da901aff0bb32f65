# The dropout layer.

Dropout <- R6::R6Class(
  "Dropout",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    rate = NULL,
    noise_shape = NULL,
    seed = NULL,

    initialize = function(rate, noise_shape = NULL, seed = NULL, ...) {
      super$initialize(...)
      self$rate <- check_rate(rate, "rate")
      self$noise_shape <- check_noise_shape(noise_shape)
      self$seed <- check_seed(seed)
      private$seeds <- if (inherits(self$seed, "elman_seed_generator")) {
        self$seed
      } else {
        new_seed_generator(self$seed)
      }
      self$supports_masking <- TRUE
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      if (!training || self$rate == 0) return(inputs)
      shape <- drop_shape(self$noise_shape, shape_of(inputs))
      op_multiply(inputs, dropout_mask(shape, self$rate, self$dtype,
                                       next_key(private$seeds),
                                       rows_of_noise(self$noise_shape)))
    },

    layer_config = function() {
      list(rate = self$rate, seed = self$seed, noise_shape = self$noise_shape)
    }
  ),
  private = list(seeds = NULL)
)

check_noise_shape <- function(shape) {
  shape <- as_shape(shape, "noise_shape")
  if (any(shape[!is.na(shape)] < 1L)) {
    must_be(shape, "noise_shape", "positive sizes, NA for the input's own")
  }
  shape
}

# The shape of the mask: sizes of 1 share one draw.
drop_shape <- function(noise_shape, shape) {
  if (is.null(noise_shape)) return(shape)
  if (length(noise_shape) != length(shape) ||
        !all(is.na(noise_shape) | noise_shape == 1L | noise_shape == shape)) {
    abort_shape(sprintf(
      "`noise_shape` must broadcast to the input's shape %s, not be %s.",
      format_shape(shape), format_shape(noise_shape)), "noise_shape")
  }
  ifelse(is.na(noise_shape), shape, noise_shape)
}

# The axis of the samples, unless they share one draw.
rows_of_noise <- function(noise_shape) {
  if (!length(noise_shape) || is.na(noise_shape[1]) || noise_shape[1] != 1L) 1L
}

#' Dropout layer
#'
#' In training, sets a fraction `rate` of its input to 0 and scales the rest by
#' 1 / (1 - rate), so that the mean stays; otherwise gives its input back.
#'
#' @param object What the layer is composed with, see [layer_dense()]; inputs of
#'   any shape.
#' @param rate Fraction to drop, from 0 to 1.
#' @param noise_shape Shape of the mask, `NULL` for that of the input. `NA`
#'   stands for the input's own size and 1 for one draw shared along an axis:
#'   `c(NA, 1, NA)` drops the same features at all steps of a sequence.
#' @param seed A whole number that fixes the draws, or `NULL`: then they follow
#'   R's generator.
#' @param ... `name`, `dtype`, `trainable`, `autocast`, `input_shape` and the
#'   like, see [layer_dense()].
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input.
#' @section Errors: `elman_error_argument` for a rate outside 0 to 1,
#'   `elman_error_shape` where `noise_shape` does not fit the input.
#' @source Srivastava et al. (2014). Dropout. *JMLR* 15, 1929-1958.
#' @examples
#' layer <- layer_dropout(rate = 0.5, seed = 1)
#' layer(matrix(1, 2, 6), training = TRUE)
#' @export
layer_dropout <- function(object, rate, noise_shape = NULL, seed = NULL, ...) {
  if (missing(rate)) must_be_given("rate", "a number from 0 to 1")
  rate <- check_rate(rate, "rate")
  compose_layer(object, function() {
    Dropout$new(rate = rate, noise_shape = noise_shape, seed = seed, ...)
  })
}
