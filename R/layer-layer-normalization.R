# Layer normalization: each sample by itself.

LayerNormalization <- R6::R6Class(
  "LayerNormalization",
  inherit = ScaleShift,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    # An older way, without subtracting the mean.
    rms_scaling = FALSE,

    initialize = function(axis = -1L, ..., rms_scaling = FALSE) {
      super$initialize(axis = axis, ...)
      self$rms_scaling <- check_flag(rms_scaling, "rms_scaling")
      if (self$rms_scaling) {
        warn_elman(paste("`rms_scaling` divides by the standard deviation, not",
                         "by the root of the mean square."))
        self$center <- FALSE
        self$scale <- TRUE
      }
    },

    create_weights = function(input_shape) self$add_scale_shift(input_shape),

    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      at <- axis_of_layer(self, self$axis, length(shape))
      m <- moments(inputs, at)
      mean <- if (self$rms_scaling) op_zeros_like(m$mean) else m$mean
      self$standardize(inputs, mean, m$variance, wide_shape(shape, at))
    },

    layer_config = function() {
      axis <- zero_based_config(self$axis)
      # As in Keras, a list once it is built.
      if (self$built || length(axis) > 1L) axis <- as.list(axis)
      c(list(axis = axis),
        entries_of(self, c("epsilon", "center", "scale", "rms_scaling",
                           scale_shift_entries)))
    }
  )
)

from_config_layer_normalization <- function(config, custom_objects = NULL) {
  read_axis(LayerNormalization, config)
}

# A layer whose `axis` is written as Keras counts it.
read_axis <- function(generator, config) {
  if (!is.null(config$axis)) config$axis <- one_based_config(config$axis)
  wrap_layer(construct(generator$new, config))
}

#' Layer normalization
#'
#' Gives each sample, and each step of a sequence, mean 0 and variance 1 over
#' the axis `axis`, and then a learned scale and shift:
#'
#' \deqn{y = \gamma \frac{x - \bar x}{\sqrt{v + \epsilon}} + \beta}{
#'   y = gamma (x - mean) / sqrt(variance + epsilon) + beta}
#'
#' with the mean and the variance (the mean squared deviation) of the numbers
#' along the axis. Training and prediction do the same.
#'
#' Weights: `gamma` and `beta`, each of the sizes of the axes.
#'
#' @inheritParams layer_dropout
#' @param axis The axis or axes to normalize over, counted from 1 (the batch),
#'   negative ones from the end.
#' @param epsilon A small number that keeps the root away from 0.
#' @param center,scale Whether there is a shift `beta` and a scale `gamma`.
#' @param beta_initializer,gamma_initializer How they start, see [initializers].
#' @param beta_regularizer,gamma_regularizer Their penalties, see
#'   [regularizers].
#' @param beta_constraint,gamma_constraint Applied to them after each update,
#'   see [constraints].
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input. Masks are handed on.
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input has no such axis, or a size along it
#'   that is unknown or another than before.
#' @source Ba, Kiros and Hinton (2016) <https://arxiv.org/abs/1607.06450>.
#' @family normalization layers
#' @examples
#' layer_layer_normalization(matrix(c(1, 4, 2, 5, 3, 9), 2))
#' @export
layer_layer_normalization <- function(object,
                                      axis = -1L,
                                      epsilon = 0.001,
                                      center = TRUE,
                                      scale = TRUE,
                                      beta_initializer = "zeros",
                                      gamma_initializer = "ones",
                                      beta_regularizer = NULL,
                                      gamma_regularizer = NULL,
                                      beta_constraint = NULL,
                                      gamma_constraint = NULL,
                                      ...) {
  arguments <- own_arguments("object")
  compose_layer(object, function() {
    make_instance(LayerNormalization, arguments, ...)
  })
}
