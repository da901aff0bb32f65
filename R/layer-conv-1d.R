# Convolution along a sequence.

Conv1D <- R6::R6Class(
  "Conv1D",
  inherit = SequenceConv,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    filters = NULL,
    groups = 1L,
    kernel = NULL,
    paddings = c("valid", "same", "causal"),
    first_entries = "filters",
    between_entries = "groups",

    initialize = function(filters, kernel_size, ..., groups = 1L) {
      super$initialize(kernel_size, ...)
      self$filters <- check_count(filters, "filters")
      self$groups <- check_count(groups, "groups")
      if (self$filters %% self$groups != 0L) {
        abort_argument(sprintf(
          "`groups` must divide the %d filters, not be %d.", self$filters,
          self$groups), "groups")
      }
    },

    check_channels = function(channels) {
      if (channels %% self$groups != 0L) {
        abort_shape(sprintf(
          "`groups` must divide the %d channels of the input, not be %d.",
          channels, self$groups), "groups")
      }
    },

    kernels = function(channels) {
      list(kernel = c(self$kernel_size, channels %/% self$groups, self$filters))
    },
    out_channels = function(channels) self$filters,

    convolve = function(x) {
      convolve(x, self$kernel, self$strides, self$padding, self$dilation_rate,
               self$groups)
    }
  )
)

#' Convolution along a sequence
#'
#' Slides a window over the steps; each filter gives the sum of its products
#' with what is in the window:
#'
#' \deqn{y_{o f} =
#'   a\Bigl(\sum_{k, c} W_{k c f}\, x_{o s + k d,\, c} + b_f\Bigr)}{
#'   y[o, f] = a(sum over k and c of W[k, c, f] x[o s + k d, c] + b[f])}
#'
#' with strides s, dilation d and activation a.
#'
#' Weights: `kernel` `[window, channels / groups, filters]`, `bias` `[filters]`.
#'
#' @inheritParams layer_dense
#' @param object What the layer is composed with, see [layer_dense()]; sequences
#'   `[batch, time, channels]`.
#' @param filters Number of channels of the output.
#' @param kernel_size Number of steps in the window.
#' @param strides How many steps the window goes on at a time.
#' @param padding `"valid"`: the window stays inside; `"same"`: zeros are put on
#'   both sides, so that with strides of 1 the length stays; `"causal"`, for
#'   `layer_conv_1d()`: zeros are put in front, so that an output never depends
#'   on later steps.
#' @param data_format `"channels_last"` (also for `NULL`) or
#'   `"channels_first"`: `[batch, channels, time]`.
#' @param dilation_rate Distance between the steps of the window; with one above
#'   1, strides must be 1.
#' @param groups Number of groups of channels, each with filters of its own.
#' @param activation The function a, see [activation_relu()] and its like;
#'   `NULL` for none.
#' @section Shapes: Output `[batch, places, filters]`. Of `time` steps and a
#'   window that reaches over r of them there are `floor((time - r) / strides) +
#'   1` places with `"valid"` padding, and `ceiling(time / strides)` otherwise.
#' @return A layer, the model (invisibly), or what the layer gives. A mask ends
#'   here, with a warning.
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input does not have three axes, has another
#'   number of channels than before or fewer steps than the window, or where
#'   `groups` does not divide its channels.
#' @family convolution layers
#' @examples
#' x <- array(rnorm(60), c(2, 10, 3))
#' layer <- layer_conv_1d(filters = 4, kernel_size = 3, padding = "causal")
#' dim(layer(x))
#' @export
layer_conv_1d <- function(object,
                          filters,
                          kernel_size,
                          strides = 1L,
                          padding = "valid",
                          data_format = NULL,
                          dilation_rate = 1L,
                          groups = 1L,
                          activation = NULL,
                          use_bias = TRUE,
                          kernel_initializer = "glorot_uniform",
                          bias_initializer = "zeros",
                          kernel_regularizer = NULL,
                          bias_regularizer = NULL,
                          activity_regularizer = NULL,
                          kernel_constraint = NULL,
                          bias_constraint = NULL,
                          ...) {
  filters <- check_count(filters, "filters")
  kernel_size <- check_window(kernel_size)
  arguments <- own_arguments("object")
  compose_conv(object, Conv1D, arguments, ...)
}
