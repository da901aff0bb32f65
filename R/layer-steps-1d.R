# Layers that make a sequence longer or shorter: repeated steps, zeros around
# it, steps cut off.

UpSampling1D <- R6::R6Class(
  "UpSampling1D",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    size = NULL,

    initialize = function(size = 2L, ...) {
      super$initialize(...)
      self$size <- check_count(size, "size")
      self$input_axes <- c("batch", "time", "channels")
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      wide <- append(shape, self$size, 2L)
      op_reshape(op_broadcast_to(op_expand_dims(inputs, 3L), wide),
                 self$compute_output_shape(shape))
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      input_shape[2] <- input_shape[2] * self$size
      input_shape
    },

    layer_config = function() list(size = self$size)
  )
)

ZeroPadding1D <- R6::R6Class(
  "ZeroPadding1D",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    padding = NULL,
    data_format = NULL,

    initialize = function(padding = 1L, data_format = NULL, ...) {
      super$initialize(...)
      self$padding <- check_both_ends(padding, "padding")
      self$data_format <- check_data_format(data_format)
      self$input_axes <- sequence_axes(self$data_format)
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      at <- match("time", self$input_axes)
      zeros <- function(steps) {
        op_zeros(replace(shape_of(inputs), at, steps), dtype_of(inputs))
      }
      op_concatenate(list(zeros(self$padding[1]), inputs,
                          zeros(self$padding[2])), axis = at)
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      at <- match("time", self$input_axes)
      input_shape[at] <- input_shape[at] + sum(self$padding)
      input_shape
    },

    layer_config = function() {
      list(padding = as.list(self$padding), data_format = self$data_format)
    }
  )
)

Cropping1D <- R6::R6Class(
  "Cropping1D",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    cropping = NULL,

    initialize = function(cropping = list(1L, 1L), ...) {
      super$initialize(...)
      self$cropping <- check_both_ends(cropping, "cropping")
      self$input_axes <- c("batch", "time", "channels")
    },

    check_input = function(shape) {
      super$check_input(shape)
      if (isTRUE(shape[2] <= sum(self$cropping))) {
        abort_shape(sprintf(
          "The input of layer `%s` must have more than %d steps, not shape %s.",
          self$name, sum(self$cropping), format_shape(shape)), "inputs")
      }
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      slice_axis(inputs, 1L, self$cropping[1],
                 shape_of(inputs)[2] - sum(self$cropping))
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      input_shape[2] <- input_shape[2] - sum(self$cropping)
      input_shape
    },

    layer_config = function() list(cropping = as.list(self$cropping))
  )
)

# How many steps in front and behind: one number for both, or two.
check_both_ends <- function(x, arg) {
  given <- x
  x <- unlist(x)
  ok <- are_whole(x) && length(x) %in% 1:2 && all(x >= 0)
  if (!ok) must_be(given, arg, "one or two whole numbers of at least 0")
  rep_len(as.integer(x), 2L)
}

#' Longer and shorter sequences
#'
#' `layer_upsampling_1d()` repeats each step, `layer_zero_padding_1d()` puts
#' steps of zeros in front and behind, `layer_cropping_1d()` cuts steps off.
#'
#' @inheritParams layer_conv_1d
#' @param size How often each step comes.
#' @param padding,cropping Numbers of steps in front and behind: one for both,
#'   or two.
#' @param data_format For `layer_zero_padding_1d()`: `"channels_last"` (also for
#'   `NULL`) or `"channels_first"`, `[batch, channels, time]`.
#' @inherit layer_conv_1d return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input does not have three axes, or no step
#'   would be left.
#' @family reshaping layers
#' @examples
#' x <- array(1:3, c(1, 3, 1))
#' layer_upsampling_1d(x)
#' layer_zero_padding_1d(x, padding = c(0, 2))
#' layer_cropping_1d(x, cropping = c(1, 0))
#' @name step_layers
NULL

#' @rdname step_layers
#' @export
layer_upsampling_1d <- function(object, size = 2L, ...) {
  compose_layer(object, function() UpSampling1D$new(size, ...))
}

#' @rdname step_layers
#' @export
layer_zero_padding_1d <- function(object, padding = 1L, data_format = NULL,
                                  ...) {
  compose_layer(object, function() ZeroPadding1D$new(padding, data_format, ...))
}

#' @rdname step_layers
#' @export
layer_cropping_1d <- function(object, cropping = list(1L, 1L), ...) {
  compose_layer(object, function() Cropping1D$new(cropping, ...))
}
