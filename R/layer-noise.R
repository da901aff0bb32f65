# Layers that make inputs noisy in training and leave them alone otherwise:
# Gaussian noise, and kinds of dropout.

# A child defines noisy(inputs, key), and `rate` or `stddev`.
NoiseLayer <- R6::R6Class(
  "NoiseLayer",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    seed = NULL,

    initialize = function(seed = NULL, ...) {
      super$initialize(...)
      self$seed <- check_seed(seed)
      private$seeds <- if (inherits(self$seed, "elman_seed_generator")) {
        self$seed
      } else {
        new_seed_generator(self$seed)
      }
      self$supports_masking <- TRUE
    },

    active_in_training = function() self$rate > 0,

    call = function(inputs, mask = NULL, training = FALSE) {
      if (!training || !self$active_in_training()) return(inputs)
      self$noisy(inputs, next_key(private$seeds))
    }
  ),
  private = list(seeds = NULL)
)

GaussianNoise <- R6::R6Class(
  "GaussianNoise",
  inherit = NoiseLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    stddev = NULL,

    initialize = function(stddev, seed = NULL, ...) {
      super$initialize(seed = seed, ...)
      self$stddev <- check_rate(stddev, "stddev")
    },

    active_in_training = function() self$stddev > 0,

    noisy = function(inputs, key) {
      op_add(inputs, random_tensor("normal", shape_of(inputs), self$dtype, key,
                                   mean = 0, stddev = self$stddev, rows = 1L))
    },

    layer_config = function() list(stddev = self$stddev, seed = self$seed)
  )
)

GaussianDropout <- R6::R6Class(
  "GaussianDropout",
  inherit = NoiseLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    rate = NULL,

    initialize = function(rate, seed = NULL, ...) {
      super$initialize(seed = seed, ...)
      self$rate <- check_number(rate, "rate", min = 0, max = 1)
      if (self$rate == 1) must_be(rate, "rate", "below 1")
    },

    noisy = function(inputs, key) {
      stddev <- sqrt(self$rate / (1 - self$rate))
      op_multiply(inputs, random_tensor("normal", shape_of(inputs), self$dtype,
                                        key, mean = 1, stddev = stddev,
                                        rows = 1L))
    },

    layer_config = function() list(rate = self$rate, seed = self$seed)
  )
)

# What is dropped becomes the value that SELU tends to; a scale and a shift keep
# mean 0 and variance 1.
AlphaDropout <- R6::R6Class(
  "AlphaDropout",
  inherit = NoiseLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    rate = NULL,
    noise_shape = NULL,

    initialize = function(rate, noise_shape = NULL, seed = NULL, ...) {
      super$initialize(seed = seed, ...)
      self$rate <- check_rate(rate, "rate")
      self$noise_shape <- check_noise_shape(noise_shape)
    },

    noisy = function(inputs, key) {
      p <- self$rate
      floor <- -1.6732632423543772 * 1.0507009873554805
      scale <- if (p < 1) ((1 - p) * (1 + p * floor^2))^-0.5 else 0
      shape <- drop_shape(self$noise_shape, shape_of(inputs))
      draws <- random_tensor("uniform", shape, self$dtype, key, minval = 0,
                             maxval = 1, rows = rows_of_noise(self$noise_shape))
      kept <- op_cast(op_greater_equal(draws, p), self$dtype)
      dropped <- op_subtract(1, kept)
      mixed <- op_add(op_multiply(inputs, kept), op_multiply(dropped, floor))
      op_add(op_multiply(mixed, scale), -scale * floor * p)
    },

    layer_config = function() {
      c(list(rate = self$rate, seed = self$seed),
        list(noise_shape = self$noise_shape))
    }
  )
)

#' Noise layers
#'
#' Make their input noisy in training, as regularization, and give it back
#' unchanged otherwise. `layer_gaussian_noise()` adds normal noise of mean 0;
#' `layer_gaussian_dropout()` multiplies by normal noise of mean 1 and standard
#' deviation `sqrt(rate / (1 - rate))`; `layer_alpha_dropout()` sets a share
#' `rate` to the lowest value of SELU, then scales and shifts so that inputs of
#' mean 0 and variance 1 keep both.
#'
#' @inheritParams layer_dropout
#' @param stddev Standard deviation of the noise, from 0 to 1.
#' @param rate Share to drop, from 0 to 1; below 1 for
#'   `layer_gaussian_dropout()`.
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input. Masks are handed on.
#' @section Errors: `elman_error_argument` for numbers outside their range.
#' @source Srivastava et al. (2014). Dropout. *JMLR* 15, 1929-1958; Klambauer et
#'   al. (2017) <https://arxiv.org/abs/1706.02515> for alpha dropout.
#' @examples
#' layer <- layer_gaussian_noise(stddev = 0.1, seed = 1)
#' layer(matrix(0, 2, 3), training = TRUE)
#' @name noise_layers
NULL

#' @rdname noise_layers
#' @export
layer_gaussian_noise <- function(object, stddev, seed = NULL, ...) {
  if (missing(stddev)) must_be_given("stddev", "a number from 0 to 1")
  compose_layer(object, function() GaussianNoise$new(stddev, seed, ...))
}

#' @rdname noise_layers
#' @export
layer_gaussian_dropout <- function(object, rate, seed = NULL, ...) {
  if (missing(rate)) must_be_given("rate", "a number from 0 to 1")
  compose_layer(object, function() GaussianDropout$new(rate, seed, ...))
}

#' @rdname noise_layers
#' @export
layer_alpha_dropout <- function(object, rate, noise_shape = NULL, seed = NULL,
                                ...) {
  if (missing(rate)) must_be_given("rate", "a number from 0 to 1")
  compose_layer(object, function() {
    AlphaDropout$new(rate, noise_shape, seed, ...)
  })
}
