# Convolution of every channel by itself, and followed by a mixing of channels.

DepthwiseConv1D <- R6::R6Class(
  "DepthwiseConv1D",
  inherit = SequenceConv,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    depth_multiplier = 1L,
    kernel = NULL,
    kernel_roles = "depthwise",
    strides_or_dilation = FALSE,
    first_entries = "depth_multiplier",
    between_entries = NULL,

    initialize = function(kernel_size, ..., depth_multiplier = 1L) {
      super$initialize(kernel_size, ...)
      self$depth_multiplier <- check_count(depth_multiplier, "depth_multiplier")
    },

    kernels = function(channels) {
      list(kernel = c(self$kernel_size, channels, self$depth_multiplier))
    },
    out_channels = function(channels) channels * self$depth_multiplier,

    convolve = function(x) {
      convolve_depthwise(x, self$kernel, self$strides, self$padding,
                         self$dilation_rate)
    }
  )
)

SeparableConv1D <- R6::R6Class(
  "SeparableConv1D",
  inherit = SequenceConv,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    filters = NULL,
    depth_multiplier = 1L,
    depthwise_kernel = NULL,
    pointwise_kernel = NULL,
    kernel_roles = c("depthwise", "pointwise"),
    strides_or_dilation = FALSE,
    first_entries = c("depth_multiplier", "filters"),
    between_entries = NULL,

    initialize = function(filters, kernel_size, ..., depth_multiplier = 1L) {
      super$initialize(kernel_size, ...)
      self$filters <- check_count(filters, "filters")
      self$depth_multiplier <- check_count(depth_multiplier, "depth_multiplier")
    },

    kernels = function(channels) {
      list(depthwise_kernel = c(self$kernel_size, channels,
                                self$depth_multiplier),
           pointwise_kernel = c(1L, channels * self$depth_multiplier,
                                self$filters))
    },
    out_channels = function(channels) self$filters,

    convolve = function(x) {
      y <- convolve_depthwise(x, self$depthwise_kernel, self$strides,
                              self$padding, self$dilation_rate)
      op_matmul(y, op_squeeze(self$pointwise_kernel, 1L))
    }
  )
)

#' Convolution of channels by themselves
#'
#' `layer_depthwise_conv_1d()` slides windows over the steps as
#' [layer_conv_1d()] does, but gives each channel `depth_multiplier` filters of
#' its own and adds nothing up across channels. `layer_separable_conv_1d()` does
#' the same and then mixes the channels at each step into `filters` new ones,
#' which takes far fewer weights than a whole convolution.
#'
#' Weights: `layer_depthwise_conv_1d()` has `kernel`
#' `[window, channels, multiplier]` and `bias` `[channels * multiplier]`;
#' `layer_separable_conv_1d()` has `depthwise_kernel`
#' `[window, channels, multiplier]`, `pointwise_kernel`
#' `[1, channels * multiplier, filters]` and `bias` `[filters]`.
#'
#' @inheritParams layer_conv_1d
#' @param padding `"valid"`: the window stays inside; `"same"`: zeros are put on
#'   both sides, so that with strides of 1 the length stays.
#' @param dilation_rate Distance between the steps of the window.
#' @param depth_multiplier Number of filters of each channel.
#' @param depthwise_initializer,pointwise_initializer,bias_initializer How the
#'   weights start, see [initializers].
#' @param depthwise_regularizer,pointwise_regularizer,bias_regularizer Penalties
#'   on the weights, see [regularizers].
#' @param depthwise_constraint,pointwise_constraint,bias_constraint Applied to
#'   the weights after each update, see [constraints].
#' @inherit layer_conv_1d return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input does not have three axes, has another
#'   number of channels than before or fewer steps than the window.
#' @family convolution layers
#' @examples
#' x <- array(rnorm(60), c(2, 10, 3))
#' dim(layer_depthwise_conv_1d(x, kernel_size = 3, depth_multiplier = 2))
#' dim(layer_separable_conv_1d(x, filters = 4, kernel_size = 3))
#' @name depthwise_layers
NULL

#' @rdname depthwise_layers
#' @export
layer_depthwise_conv_1d <- function(object,
                                    kernel_size,
                                    strides = 1L,
                                    padding = "valid",
                                    depth_multiplier = 1L,
                                    data_format = NULL,
                                    dilation_rate = 1L,
                                    activation = NULL,
                                    use_bias = TRUE,
                                    depthwise_initializer = "glorot_uniform",
                                    bias_initializer = "zeros",
                                    depthwise_regularizer = NULL,
                                    bias_regularizer = NULL,
                                    activity_regularizer = NULL,
                                    depthwise_constraint = NULL,
                                    bias_constraint = NULL,
                                    ...) {
  kernel_size <- check_window(kernel_size)
  arguments <- own_arguments("object")
  compose_conv(object, DepthwiseConv1D, arguments, ...)
}

#' @rdname depthwise_layers
#' @export
layer_separable_conv_1d <- function(object,
                                    filters,
                                    kernel_size,
                                    strides = 1L,
                                    padding = "valid",
                                    data_format = NULL,
                                    dilation_rate = 1L,
                                    depth_multiplier = 1L,
                                    activation = NULL,
                                    use_bias = TRUE,
                                    depthwise_initializer = "glorot_uniform",
                                    pointwise_initializer = "glorot_uniform",
                                    bias_initializer = "zeros",
                                    depthwise_regularizer = NULL,
                                    pointwise_regularizer = NULL,
                                    bias_regularizer = NULL,
                                    activity_regularizer = NULL,
                                    depthwise_constraint = NULL,
                                    pointwise_constraint = NULL,
                                    bias_constraint = NULL,
                                    ...) {
  filters <- check_count(filters, "filters")
  kernel_size <- check_window(kernel_size)
  arguments <- own_arguments("object")
  compose_conv(object, SeparableConv1D, arguments, ...)
}
