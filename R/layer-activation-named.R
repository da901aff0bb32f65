# Activations with arguments as layers: relu, leaky relu, elu, softmax, and the
# parametric relu, which learns its slope.

# A child defines activate(inputs) and layer_config().
NamedActivation <- R6::R6Class(
  "NamedActivation",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(...) {
      super$initialize(...)
      self$supports_masking <- TRUE
    },
    call = function(inputs, mask = NULL, training = FALSE) {
      self$activate(inputs)
    }
  )
)

ReLU <- R6::R6Class(
  "ReLU",
  inherit = NamedActivation,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    max_value = NULL,
    negative_slope = 0,
    threshold = 0,

    initialize = function(max_value = NULL, negative_slope = 0, threshold = 0,
                          ...) {
      super$initialize(...)
      self$max_value <- check_number(max_value, "max_value", min = 0,
                                     null_ok = TRUE)
      self$negative_slope <- check_number(negative_slope, "negative_slope",
                                          min = 0)
      self$threshold <- check_number(threshold, "threshold", min = 0)
    },

    activate = function(x) {
      activation_relu(x, self$negative_slope, self$max_value, self$threshold)
    },

    layer_config = function() {
      c(list(max_value = self$max_value),
        list(negative_slope = self$negative_slope, threshold = self$threshold))
    }
  )
)

LeakyReLU <- R6::R6Class(
  "LeakyReLU",
  inherit = NamedActivation,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    negative_slope = NULL,

    initialize = function(negative_slope = 0.3, ...) {
      super$initialize(...)
      self$negative_slope <- check_number(negative_slope, "negative_slope",
                                          min = 0)
    },

    activate = function(x) op_leaky_relu(x, self$negative_slope),
    layer_config = function() list(negative_slope = self$negative_slope)
  )
)

ELU <- R6::R6Class(
  "ELU",
  inherit = NamedActivation,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    alpha = NULL,

    initialize = function(alpha = 1, ...) {
      super$initialize(...)
      self$alpha <- check_number(alpha, "alpha")
    },

    activate = function(x) op_elu(x, self$alpha),
    layer_config = function() list(alpha = self$alpha)
  )
)

# Keras's lowest number that is safe to add to a logit.
masked_logit <- -3e4

Softmax <- R6::R6Class(
  "Softmax",
  inherit = NamedActivation,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axis = NULL,

    initialize = function(axis = -1L, ...) {
      super$initialize(...)
      self$axis <- check_axes(axis)
    },

    # A mask given by hand, of a shape that broadcasts to the input's, leaves
    # zeros where it is FALSE.
    call = function(inputs, mask = NULL, training = FALSE) {
      usable <- !is.null(mask) && rank_of(mask) == rank_of(inputs)
      if (usable) {
        inputs <- op_where(mask, inputs, masked_logit)
      }
      y <- softmax_over(inputs, self$axis)
      if (usable) op_where(mask, y, 0) else y
    },

    layer_config = function() list(axis = config_axis(self$axis))
  )
)

softmax_over <- function(x, axis) {
  if (length(axis) == 1L) return(op_softmax(x, axis))
  top <- op_max(x, axis = axis, keepdims = TRUE)
  e <- op_exp(op_subtract(x, op_stop_gradient(top)))
  op_divide(e, op_sum(e, axis = axis, keepdims = TRUE))
}

# One or more axes, from 1 or from -1 backwards.
check_axes <- function(axis, arg = "axis") {
  axis <- unlist(axis)
  ok <- is.numeric(axis) && length(axis) && all(is.finite(axis)) &&
    all(axis == round(axis) & axis != 0)
  if (!ok) must_be(axis, arg, "whole numbers from 1, or from -1 backwards")
  as.integer(axis)
}

# Configurations count axes from 0, as Keras does.
config_axis <- function(axis) ifelse(axis > 0L, axis - 1L, axis)

# Axes of a configuration, from 1.
axis_from_config <- function(config) {
  config$axis <- vapply(config$axis, function(a) if (a >= 0) a + 1L else a, 1)
  config
}

from_config_softmax <- function(config, custom_objects = NULL) {
  wrap_layer(construct(Softmax$new, axis_from_config(config)))
}

PReLU <- R6::R6Class(
  "PReLU",
  inherit = NamedActivation,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    alpha = NULL,
    alpha_initializer = NULL,
    alpha_regularizer = NULL,
    alpha_constraint = NULL,
    shared_axes = NULL,

    initialize = function(alpha_initializer = "Zeros", alpha_regularizer = NULL,
                          alpha_constraint = NULL, shared_axes = NULL, ...) {
      super$initialize(...)
      self$alpha_initializer <- get_initializer(alpha_initializer,
                                                "alpha_initializer")
      self$alpha_regularizer <- get_regularizer(alpha_regularizer,
                                                "alpha_regularizer")
      self$alpha_constraint <- get_constraint(alpha_constraint,
                                              "alpha_constraint")
      if (!is.null(shared_axes)) {
        self$shared_axes <- as_shape(shared_axes, "shared_axes")
        if (anyNA(self$shared_axes) || any(self$shared_axes < 1L)) {
          must_be(shared_axes, "shared_axes",
                  "axes of a sample, from 1, or NULL")
        }
      }
    },

    create_weights = function(input_shape) {
      shape <- input_shape[-1]
      if (any(self$shared_axes > length(shape))) {
        abort_shape(sprintf(
          "`shared_axes` must be axes of a sample of shape %s, not %s.",
          format_shape(shape), describe(self$shared_axes)), "shared_axes")
      }
      shape[self$shared_axes] <- 1L
      if (anyNA(shape)) {
        abort_shape(sprintf(paste(
          "Layer `%s` learns a slope for every place of a sample: sizes that",
          "are unknown, %s, must be among `shared_axes`."), self$name,
          format_shape(shape)), "shared_axes")
      }
      self$alpha <- self$add_weight(
        name = "alpha", shape = shape, initializer = self$alpha_initializer,
        regularizer = self$alpha_regularizer, constraint = self$alpha_constraint
      )
    },

    activate = function(x) {
      below <- op_relu(op_negative(x))
      op_subtract(op_relu(x), op_multiply(self$alpha, below))
    },

    layer_config = function() {
      c(list(alpha_initializer = serialize_object(self$alpha_initializer)),
        list(alpha_regularizer = serialize_object(self$alpha_regularizer)),
        list(alpha_constraint = serialize_object(self$alpha_constraint)),
        list(shared_axes = self$shared_axes))
    }
  )
)

#' Activations as layers
#'
#' The activation functions with arguments, as layers: see [activation_relu()]
#' and the others for their formulas. `layer_activation_parametric_relu()` is
#' `x` where it is positive and `alpha * x` elsewhere, with a learned `alpha` for
#' every place of a sample.
#'
#' @inheritParams layer_dropout
#' @param max_value The most that relu gives; `NULL` for no bound.
#' @param negative_slope Slope below 0 (below `threshold` for relu), at least 0.
#' @param threshold Where relu begins, at least 0.
#' @param alpha The value that elu tends to on the left is `-alpha`.
#' @param axis Axis or axes over which softmax sums to 1, from 1, or from -1
#'   backwards.
#' @param alpha_initializer,alpha_regularizer,alpha_constraint How `alpha`
#'   starts, its penalty and its constraint.
#' @param shared_axes Axes of a sample, from 1, along which one `alpha` serves
#'   all: `1` shares it over the steps of `[batch, time, features]`.
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input. Masks are handed on.
#' @section Errors: `elman_error_argument` for numbers outside their range,
#'   `elman_error_shape` for a place of unknown size that is not shared.
#' @section Compatibility: As in Keras, the layer's slope of leaky relu is 0.3,
#'   that of `"leaky_relu"` by name 0.2.
#' @source He et al. (2015) <https://arxiv.org/abs/1502.01852> for the
#'   parametric relu.
#' @examples
#' layer_activation_leaky_relu(c(-1, 2))
#' layer <- layer_activation_parametric_relu(alpha_initializer = "ones")
#' layer(matrix(c(-1, 2), 1))
#' @name activation_layers
NULL

#' @rdname activation_layers
#' @export
layer_activation_relu <- function(object, max_value = NULL, negative_slope = 0,
                                  threshold = 0, ...) {
  compose_layer(object, function() {
    ReLU$new(max_value, negative_slope, threshold, ...)
  })
}

#' @rdname activation_layers
#' @export
layer_activation_leaky_relu <- function(object, negative_slope = 0.3, ...) {
  compose_layer(object, function() LeakyReLU$new(negative_slope, ...))
}

#' @rdname activation_layers
#' @export
layer_activation_elu <- function(object, alpha = 1, ...) {
  compose_layer(object, function() ELU$new(alpha, ...))
}

#' @rdname activation_layers
#' @export
layer_activation_softmax <- function(object, axis = -1L, ...) {
  compose_layer(object, function() Softmax$new(axis, ...))
}

#' @rdname activation_layers
#' @export
layer_activation_parametric_relu <- function(object,
                                             alpha_initializer = "Zeros",
                                             alpha_regularizer = NULL,
                                             alpha_constraint = NULL,
                                             shared_axes = NULL, ...) {
  compose_layer(object, function() {
    PReLU$new(alpha_initializer, alpha_regularizer, alpha_constraint,
              shared_axes, ...)
  })
}
