# The way back from a convolution along a sequence: from its places to the
# steps.

Conv1DTranspose <- R6::R6Class(
  "Conv1DTranspose",
  inherit = SequenceConv,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    filters = NULL,
    output_padding = NULL,
    kernel = NULL,
    first_entries = "filters",
    between_entries = NULL,

    initialize = function(filters, kernel_size, ..., output_padding = NULL) {
      super$initialize(kernel_size, ...)
      self$filters <- check_count(filters, "filters")
      if (is.null(output_padding)) return()
      self$output_padding <- check_whole(unlist(output_padding),
                                         "output_padding", 0)
      if (self$output_padding >= self$strides) {
        must_be(output_padding, "output_padding",
                sprintf("less than `strides`, %d", self$strides))
      }
    },

    # With "same" padding, one that a convolution would have brought here.
    places = function(size) {
      reach <- (self$kernel_size - 1L) * self$dilation_rate + 1L
      extra <- self$output_padding
      if (self$padding == "valid") {
        extra <- extra %||% max(self$strides - reach, 0L)
        return((size - 1L) * self$strides + reach + extra)
      }
      if (is.null(extra)) return(size * self$strides)
      (size - 1L) * self$strides + reach %% 2L + extra
    },

    check_input = function(shape) {
      super$check_input(shape)
      size <- shape[private$time_axis()]
      back <- conv_places(self$places(size), self$kernel_size, self$strides,
                          self$padding, self$dilation_rate)
      if (isTRUE(back != size)) {
        abort_shape(sprintf(paste(
          "`output_padding` must be such that a convolution leads back to %d",
          "steps, not to %d."), size, back), "output_padding")
      }
    },

    kernels = function(channels) {
      list(kernel = c(self$kernel_size, self$filters, channels))
    },
    out_channels = function(channels) self$filters,

    convolve = function(x) {
      convolve_transposed(x, self$kernel, self$places(shape_of(x)[2]),
                          self$strides, self$padding, self$dilation_rate)
    },

    # `output_padding` stands in the middle of the window's entries.
    layer_config = function() {
      config <- super$layer_config()
      after <- match("padding", names(config))
      padding <- self$output_padding
      append(config, list(output_padding = if (!is.null(padding)) {
        as.list(padding)
      }), after)
    }
  )
)

#' Transposed convolution along a sequence
#'
#' Leads from the places of a convolution back to the steps: each step of the
#' input adds its products with the kernel to a window of the output, and
#' windows overlap. With strides above 1 the sequence becomes longer. It is the
#' gradient of [layer_conv_1d()], taken as a layer of its own.
#'
#' Weights: `kernel` `[window, filters, channels]`, `bias` `[filters]`.
#'
#' @inheritParams layer_conv_1d
#' @param strides Distance between the windows of neighbouring steps.
#' @param padding `"valid"`: all that the windows reach; `"same"`: `strides`
#'   times the steps of the input.
#' @param output_padding How many steps are added at the end, less than
#'   `strides`; `NULL` for as many as `padding` says.
#' @section Shapes: Output `[batch, places, filters]`, where a convolution over
#'   `places` steps has as many places as the input has steps.
#' @inherit layer_conv_1d return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input does not have three axes or has another
#'   number of channels than before, and where a convolution would not lead back
#'   to the steps of the input.
#' @family convolution layers
#' @examples
#' x <- array(rnorm(30), c(2, 5, 3))
#' layer <- layer_conv_1d_transpose(filters = 4, kernel_size = 3, strides = 2)
#' dim(layer(x))
#' @export
layer_conv_1d_transpose <- function(object,
                                    filters,
                                    kernel_size,
                                    strides = 1L,
                                    padding = "valid",
                                    output_padding = NULL,
                                    data_format = NULL,
                                    dilation_rate = 1L,
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
  compose_conv(object, Conv1DTranspose, arguments, ...)
}
