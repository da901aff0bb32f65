# Convolution and pooling as operations, along one to three axes.

# `inputs` [batch, places, channels], and what windows are told: strides and so
# on, one for each axis of places.
windowed <- function(inputs, strides, padding, data_format, dilation_rate) {
  data_format <- check_data_format(data_format)
  padding <- match_name(tolower(check_string(padding, "padding")),
                        c("valid", "same"), "padding")
  x <- float_of_any(operand(inputs, "inputs"))
  rank <- rank_of(x) - 2L
  if (!rank %in% 1:3) {
    abort_shape(sprintf(paste(
      "`inputs` must have a batch, one to three axes and channels,",
      "not shape %s."
    ), format_shape(shape_of(x))), "inputs")
  }
  list(x = channels_last(x, data_format), padding = padding, rank = rank,
       strides = check_sides(strides, rank, "strides"),
       dilation = check_sides(dilation_rate, rank, "dilation_rate"),
       data_format = data_format)
}

check_places <- function(to, window) {
  size <- shape_of(to$x)
  places <- conv_places(size[-c(1L, length(size))], window, to$strides,
                        to$padding, to$dilation)
  if (any(places < 1L, na.rm = TRUE)) {
    abort_shape(sprintf(
      "A window of %s does not fit into `inputs` of shape %s.",
      describe(window), format_shape(size)
    ), "inputs")
  }
}

# A kernel whose axes of places, and of channels at axis `at`, fit.
kernel_operand <- function(kernel, to, arg = "kernel") {
  kernel <- op_cast(operand(kernel, arg), dtype_of(to$x))
  if (rank_of(kernel) != to$rank + 2L) {
    abort_shape(sprintf("`%s` must have %d axes, not %d.", arg, to$rank + 2L,
                        rank_of(kernel)), arg)
  }
  kernel
}

must_fit_channels <- function(ok, kernel, to, arg = "kernel") {
  if (isTRUE(ok)) return(invisible())
  abort_shape(sprintf("`%s` of shape %s does not fit %s channels.", arg,
                      format_shape(shape_of(kernel)),
                      utils::tail(shape_of(to$x), 1L)), arg)
}

#' Convolution
#'
#' A window slides over the inputs; each place gives the sums of the window's
#' numbers times the kernel's. `op_depthwise_conv()` takes each channel by
#' itself, `op_separable_conv()` mixes the channels afterwards, and
#' `op_conv_transpose()` leads back from places to inputs.
#'
#' @param inputs Tensor or array `[batch, places, channels]` with one to three
#'   axes of places.
#' @param kernel `[window, channels, filters]`; with fewer channels than the
#'   inputs each group of channels has its own filters. For
#'   `op_depthwise_conv()` `[window, channels, multiplier]`, for
#'   `op_conv_transpose()` `[window, filters, channels]`.
#' @param depthwise_kernel,pointwise_kernel `[window, channels, multiplier]` and
#'   `[1, channels * multiplier, filters]`, with as many 1 as axes of places.
#' @param strides By how many places the window goes on, a number or one for
#'   each axis.
#' @param padding `"valid"`: the window stays inside; `"same"`: there are as
#'   many places as inputs, divided by `strides`.
#' @param output_padding How many places are added at the end: less than
#'   `strides`, `NULL` for what fits `padding`.
#' @param data_format `"channels_last"` (also for `NULL`) or `"channels_first"`.
#' @param dilation_rate How far apart the numbers of a window are.
#' @return A tensor `[batch, places, filters]`.
#' @section Errors: `elman_error_shape` where a window or kernel does not fit,
#'   `elman_error_argument` for other numbers and names.
#' @examples
#' x <- array(1:6, c(1, 6, 1))
#' op_conv(x, array(c(1, -1), c(2, 1, 1)))
#' op_depthwise_conv(x, array(c(1, 1), c(2, 1, 1)), strides = 2)
#' @export
op_conv <- function(inputs, kernel, strides = 1L, padding = "valid",
                    data_format = NULL, dilation_rate = 1L) {
  to <- windowed(inputs, strides, padding, data_format, dilation_rate)
  kernel <- kernel_operand(kernel, to)
  shape <- shape_of(kernel)
  channels <- known_size(to$x, to$rank + 1L)
  groups <- channels %/% shape[to$rank + 1L]
  must_fit_channels(groups >= 1L && groups * shape[to$rank + 1L] == channels &&
                      shape[to$rank + 2L] %% groups == 0L, kernel, to)
  check_places(to, shape[seq_len(to$rank)])
  channels_back(convolve(to$x, kernel, to$strides, to$padding, to$dilation,
                         groups), to$data_format)
}

#' @rdname op_conv
#' @export
op_depthwise_conv <- function(inputs, kernel, strides = 1L, padding = "valid",
                              data_format = NULL, dilation_rate = 1L) {
  to <- windowed(inputs, strides, padding, data_format, dilation_rate)
  channels_back(depthwise(to, kernel, "kernel"), to$data_format)
}

depthwise <- function(to, kernel, arg) {
  kernel <- kernel_operand(kernel, to, arg)
  shape <- shape_of(kernel)
  must_fit_channels(shape[to$rank + 1L] == known_size(to$x, to$rank + 1L),
                    kernel, to, arg)
  check_places(to, shape[seq_len(to$rank)])
  convolve_depthwise(to$x, kernel, to$strides, to$padding, to$dilation)
}

#' @rdname op_conv
#' @export
op_separable_conv <- function(inputs, depthwise_kernel, pointwise_kernel,
                              strides = 1L, padding = "valid",
                              data_format = NULL, dilation_rate = 1L) {
  to <- windowed(inputs, strides, padding, data_format, dilation_rate)
  y <- depthwise(to, depthwise_kernel, "depthwise_kernel")
  point <- kernel_operand(pointwise_kernel, to, "pointwise_kernel")
  shape <- shape_of(point)
  channels <- shape_of(y)[to$rank + 2L]
  if (any(shape[seq_len(to$rank)] != 1L) || shape[to$rank + 1L] != channels) {
    abort_shape(sprintf("`pointwise_kernel` must have shape %s, not %s.",
                        format_shape(c(rep(1L, to$rank), channels, NA)),
                        format_shape(shape)), "pointwise_kernel")
  }
  y <- op_matmul(y, op_reshape(point, shape[-seq_len(to$rank)]))
  channels_back(y, to$data_format)
}

#' @rdname op_conv
#' @export
op_conv_transpose <- function(inputs, kernel, strides = 1L, padding = "valid",
                              output_padding = NULL, data_format = NULL,
                              dilation_rate = 1L) {
  to <- windowed(inputs, strides, padding, data_format, dilation_rate)
  kernel <- kernel_operand(kernel, to)
  shape <- shape_of(kernel)
  must_fit_channels(shape[to$rank + 2L] == known_size(to$x, to$rank + 1L),
                    kernel, to)
  window <- shape[seq_len(to$rank)]
  places <- shape_of(to$x)[seq_len(to$rank) + 1L]
  size <- transposed_size(places, window, to, output_padding)
  back <- conv_places(size, window, to$strides, to$padding, to$dilation)
  if (any(back != places, na.rm = TRUE)) {
    abort_shape(sprintf(paste(
      "`output_padding` must be such that a convolution leads back to %s",
      "places, not to %s."), describe(places), describe(back)),
      "output_padding")
  }
  channels_back(convolve_transposed(to$x, kernel, size, to$strides, to$padding,
                                    to$dilation), to$data_format)
}

transposed_size <- function(places, window, to, output_padding) {
  reach <- (window - 1L) * to$dilation + 1L
  extra <- if (!is.null(output_padding)) {
    rep_len(whole_numbers(output_padding, "output_padding", 0L), to$rank)
  }
  if (any(extra >= to$strides)) {
    must_be(extra, "output_padding", "less than `strides`")
  }
  if (to$padding == "valid") {
    return((places - 1L) * to$strides + reach +
             (extra %||% pmax(to$strides - reach, 0L)))
  }
  if (is.null(extra)) return(places * to$strides)
  (places - 1L) * to$strides + reach %% 2L + extra
}

#' Pooling
#'
#' The largest number (`op_max_pool()`) or the mean (`op_average_pool()`) of
#' each channel in windows that slide over the inputs. What lies outside counts
#' as nothing.
#'
#' @inheritParams op_conv
#' @param pool_size Size of the window, a number or one for each axis.
#' @param strides By how many places the window goes on; `NULL` for `pool_size`.
#' @return A tensor `[batch, places, channels]`.
#' @section Errors: `elman_error_shape` where the window does not fit,
#'   `elman_error_argument` for other numbers and names.
#' @examples
#' x <- array(c(1, 4, 2, 8, 5, 7), c(1, 6, 1))
#' op_max_pool(x, 2)
#' op_average_pool(x, 3, strides = 1, padding = "same")
#' @name op_pool
NULL

#' @rdname op_pool
#' @export
op_max_pool <- function(inputs, pool_size, strides = NULL, padding = "valid",
                        data_format = NULL) {
  pool_with(pool_largest, inputs, pool_size, strides, padding, data_format)
}

#' @rdname op_pool
#' @export
op_average_pool <- function(inputs, pool_size, strides = NULL,
                            padding = "valid", data_format = NULL) {
  pool_with(pool_mean, inputs, pool_size, strides, padding, data_format)
}

pool_with <- function(pool, inputs, pool_size, strides, padding, data_format) {
  to <- windowed(inputs, strides %||% pool_size, padding, data_format, 1L)
  window <- check_sides(pool_size, to$rank, "pool_size")
  check_places(to, window)
  channels_back(pool(to$x, window, to$strides, to$padding), to$data_format)
}
