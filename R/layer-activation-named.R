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
    # Keras has `alpha` before what all layers have.
    get_config = function() {
      config <- super$get_config()
      order <- unique(c("name", "alpha", names(config)))
      structure(config[order], `__class__` = attr(config, "__class__"))
    },
    layer_config = function() list(alpha = self$alpha)
  )
)

# What a masked place counts as; all of them alike give equal shares.
masked_logit <- -1e9

Softmax <- R6::R6Class(
  "Softmax",
  inherit = NamedActivation,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axis = NULL,

    initialize = function(axis = -1L, ...) {
      super$initialize(...)
      self$axis <- check_layer_axes(axis)
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      if (is.null(mask) || !private$chooses(mask, inputs)) {
        return(softmax_over(inputs, self$axis))
      }
      y <- softmax_over(op_where(mask, inputs, masked_logit), self$axis)
      op_where(mask, y, 0)
    },

    layer_config = function() {
      axis <- zero_based_config(self$axis)
      list(axis = if (length(axis) > 1L) as.list(axis) else axis)
    }
  ),
  private = list(
    # A mask that broadcasts to the input chooses among its elements; one of the
    # leading axes, such as [batch, time], only travels on.
    chooses = function(mask, inputs) {
      have <- shape_of(mask)
      want <- shape_of(inputs)
      n <- length(have)
      end <- utils::tail(want, n)
      if (n <= length(want) && all(have == 1L | have == end)) return(TRUE)
      if (n < length(want) && all(have == want[seq_len(n)])) return(FALSE)
      abort_shape(sprintf(
        "`mask` must broadcast to shape %s in layer `%s`, not have shape %s.",
        format_shape(want), self$name, format_shape(have)), "mask")
    }
  )
)

softmax_over <- function(x, axis) {
  if (length(axis) == 1L) return(op_softmax(x, axis))
  top <- op_max(x, axis = axis, keepdims = TRUE)
  e <- op_exp(op_subtract(x, op_stop_gradient(top)))
  op_divide(e, op_sum(e, axis = axis, keepdims = TRUE))
}

# One or more axes, from 1 or from -1 backwards.
check_layer_axes <- function(axis, arg = "axis") {
  axis <- unlist(axis)
  ok <- are_whole(axis) && length(axis) && all(axis != 0)
  if (!ok) must_be(axis, arg, "whole numbers from 1, or from -1 backwards")
  as.integer(axis)
}

from_config_softmax <- function(config, custom_objects = NULL) {
  read_axis(Softmax, config)
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
        if (anyNA(self$shared_axes) || any(self$shared_axes < 2L)) {
          must_be(shared_axes, "shared_axes",
                  "axes counted from the batch, which is 1, or NULL")
        }
      }
    },

    create_weights = function(input_shape) {
      if (any(self$shared_axes > length(input_shape))) {
        abort_shape(sprintf(
          "`shared_axes` must be axes of an input of shape %s, not %s.",
          format_shape(input_shape), describe(self$shared_axes)), "shared_axes")
      }
      shape <- replace(input_shape, self$shared_axes, 1L)[-1]
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
        list(shared_axes = if (!is.null(self$shared_axes)) {
          as.list(zero_based_config(self$shared_axes))
        }))
    }
  )
)

from_config_p_re_lu <- function(config, custom_objects = NULL) {
  if (length(config$shared_axes)) {
    config$shared_axes <- one_based_config(config$shared_axes)
  }
  wrap_layer(construct(PReLU$new, config))
}

#' Activations as layers
#'
#' The activation functions with arguments, as layers: see [activation_relu()]
#' and the others for their formulas. `layer_activation_parametric_relu()` is
#' `x` where it is positive and `alpha * x` elsewhere, with a learned `alpha`
#' for every place of a sample.
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
#' @param shared_axes Axes along which one `alpha` serves all, counted from the
#'   batch, which is 1: `2` shares it over the steps of `[batch, time,
#'   features]`.
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input. Masks are handed on.
#' @section Masks: Softmax, called with a `mask` that broadcasts to its input,
#'   shares out 1 among the elements where it is `TRUE` and gives 0 elsewhere.
#' @section Errors: `elman_error_argument` for numbers outside their range,
#'   `elman_error_shape` for a place of unknown size that is not shared, and a
#'   mask that does not broadcast.
#' @section Compatibility: As in Keras, the layer's slope of leaky relu is 0.3,
#'   that of `"leaky_relu"` by name 0.2. A
#'   mask `[batch, time]` that does not broadcast is handed on by softmax, where
#'   Keras has an error.
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
