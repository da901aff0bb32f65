# Batch normalization: each channel over the whole batch in training, by moving
# statistics otherwise.

BatchNormalization <- R6::R6Class(
  "BatchNormalization",
  inherit = ScaleShift,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    momentum = NULL,
    synchronized = FALSE,
    moving_mean = NULL,
    moving_variance = NULL,

    initialize = function(axis = -1L,
                          momentum = 0.99,
                          ...,
                          moving_mean_initializer = "zeros",
                          moving_variance_initializer = "ones",
                          synchronized = FALSE,
                          renorm = FALSE,
                          renorm_clipping = NULL,
                          renorm_momentum = 0.99) {
      super$initialize(axis = axis, ...)
      one_axis(self$axis)
      self$momentum <- check_rate(momentum, "momentum")
      self$moving_mean_initializer <-
        get_initializer(moving_mean_initializer, "moving_mean_initializer")
      self$moving_variance_initializer <- get_initializer(
        moving_variance_initializer, "moving_variance_initializer")
      self$synchronized <- check_flag(synchronized, "synchronized")
      if (check_flag(renorm, "renorm")) must_be(renorm, "renorm", "FALSE")
      private$renorm <- list(renorm = FALSE, renorm_clipping = renorm_clipping,
                             renorm_momentum = renorm_momentum)
    },

    create_weights = function(input_shape) {
      self$add_scale_shift(input_shape)
      moving <- function(name, initializer) {
        self$add_weight(name = name, shape = private$axis_sizes,
                        initializer = initializer, trainable = FALSE)
      }
      self$moving_mean <- moving("moving_mean", self$moving_mean_initializer)
      self$moving_variance <- moving("moving_variance",
                                     self$moving_variance_initializer)
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      at <- axis_of_layer(self, self$axis, length(shape))
      wide <- wide_shape(shape, at)
      if (!is.null(mask)) mask <- private$checked_mask(mask, shape)
      if (!training || !self$trainable) {
        return(self$standardize(inputs, op_reshape(self$moving_mean, wide),
                                op_reshape(self$moving_variance, wide), wide))
      }
      rest <- setdiff(seq_along(shape), at)
      m <- batch_moments(inputs, mask, rest)
      untaped({
        private$move(self$moving_mean, m$mean)
        private$move(self$moving_variance, m$variance)
      })
      self$standardize(inputs, m$mean, m$variance, wide)
    },

    layer_config = function() {
      c(list(axis = zero_based_config(self$axis)),
        entries_of(self, c(
          "momentum", "epsilon", "center", "scale", "beta_initializer",
          "gamma_initializer", "moving_mean_initializer",
          "moving_variance_initializer", scale_shift_entries[3:6],
          "synchronized"
        )), private$renorm)
    }
  ),
  private = list(
    # Entries of Keras's configurations, at their defaults.
    renorm = NULL,

    # In place, so that a recorded step moves them, too.
    move = function(variable, value) {
      value <- op_reshape(value, shape_of(variable))
      write_value(variable, op_add(op_multiply(variable, self$momentum),
                                   op_multiply(value, 1 - self$momentum)))
    },

    checked_mask = function(mask, shape) {
      want <- shape[-length(shape)]
      have <- shape_of(mask)
      if (length(have) != length(want) || !all(have == want | have == 1L)) {
        abort_shape(sprintf(
          "`mask` must have shape %s in layer `%s`, not %s.",
          format_shape(want), self$name, format_shape(have)), "mask")
      }
      op_broadcast_to(op_expand_dims(mask, -1L), shape)
    }
  )
)

# Those of the whole batch, also where this rank has a part of it.
batch_moments <- function(x, mask, axes) {
  if (shares_rows()) return(joint_moments(x, mask, axes))
  if (is.null(mask)) moments(x, axes) else masked_moments(x, mask, axes)
}

# What is masked counts as nothing. The small number keeps a batch in which all
# is masked from 0/0.
masked_moments <- function(x, mask, axes) {
  used <- op_cast(mask, dtype_of(x))
  count <- op_add(op_sum(used, axis = axes, keepdims = TRUE), the$epsilon)
  over_count <- function(x) {
    op_divide(op_sum(op_where(mask, x, 0), axis = axes, keepdims = TRUE), count)
  }
  mean <- over_count(x)
  list(mean = mean, variance = over_count(op_square(op_subtract(x, mean))))
}

from_config_batch_normalization <- function(config, custom_objects = NULL) {
  read_axis(BatchNormalization, config)
}

#' Batch normalization
#'
#' In training, gives each channel mean 0 and variance 1 over the batch and all
#' steps or places, and then a learned scale and shift:
#'
#' \deqn{y = \gamma \frac{x - \bar x}{\sqrt{v + \epsilon}} + \beta}{
#'   y = gamma (x - mean) / sqrt(variance + epsilon) + beta}
#'
#' Meanwhile the moving mean and variance follow those of the batches,
#' `moving = momentum * moving + (1 - momentum) * batch`; outside training they
#' take their place. Masked steps count neither in the statistics nor as rows of
#' the batch.
#'
#' Weights, each with one number a channel: `gamma`, `beta`, and, not trained,
#' `moving_mean` and `moving_variance`.
#'
#' With `trainable = FALSE` the layer is frozen: it uses the moving statistics
#' in training, too, and leaves them as they are.
#'
#' @inheritParams layer_layer_normalization
#' @param axis The axis of the channels, counted from 1 (the batch), negative
#'   ones from the end.
#' @param momentum How much of the moving statistics each batch leaves in place,
#'   from 0 to 1.
#' @param moving_mean_initializer,moving_variance_initializer How the moving
#'   statistics start.
#' @param synchronized Accepted for compatibility: there is one device, and
#'   ranks (see [distribution_data_parallel()]) always take the statistics of
#'   the batch that they share.
#' @section Call arguments: `mask` `[batch, time]`, and `training`.
#' @inherit layer_layer_normalization return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input has no such axis, or a number of
#'   channels that is unknown or another than before, or where the mask does not
#'   have the input's axes but the last.
#' @source Ioffe and Szegedy (2015) <https://arxiv.org/abs/1502.03167>.
#' @family normalization layers
#' @examples
#' layer <- layer_batch_normalization(momentum = 0.5)
#' x <- matrix(c(1, 3, 5, 0, 10, 20), 3)
#' layer(x, training = TRUE)
#' as.array(layer$moving_mean)
#' @export
layer_batch_normalization <- function(object,
                                      axis = -1L,
                                      momentum = 0.99,
                                      epsilon = 0.001,
                                      center = TRUE,
                                      scale = TRUE,
                                      beta_initializer = "zeros",
                                      gamma_initializer = "ones",
                                      moving_mean_initializer = "zeros",
                                      moving_variance_initializer = "ones",
                                      beta_regularizer = NULL,
                                      gamma_regularizer = NULL,
                                      beta_constraint = NULL,
                                      gamma_constraint = NULL,
                                      synchronized = FALSE,
                                      ...) {
  arguments <- own_arguments("object")
  compose_layer(object, function() {
    make_instance(BatchNormalization, arguments, ...)
  })
}
