# Pooling along a sequence: the largest number or the mean of each window, or of
# all steps.

Pooling1D <- R6::R6Class(
  "Pooling1D",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    pool_size = NULL,
    strides = NULL,
    padding = NULL,
    data_format = NULL,

    initialize = function(pool_size = 2L, strides = NULL, padding = "valid",
                          data_format = NULL, ...) {
      super$initialize(...)
      self$pool_size <- check_window(pool_size, "pool_size")
      self$strides <- if (is.null(strides)) self$pool_size else
        check_window(strides, "strides")
      self$padding <- match_name(tolower(check_string(padding, "padding")),
                                 c("valid", "same"), "padding")
      self$data_format <- check_data_format(data_format)
      self$input_axes <- sequence_axes(self$data_format)
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      at <- match("time", self$input_axes)
      input_shape[at] <- conv_places(input_shape[at], self$pool_size,
                                     self$strides, self$padding, 1L)
      input_shape
    },

    check_input = function(shape) {
      super$check_input(shape)
      steps <- shape[match("time", self$input_axes)]
      if (self$padding == "valid" && isTRUE(steps < self$pool_size)) {
        abort_shape(sprintf(
          "The input of layer `%s` must have at least %d steps, not shape %s.",
          self$name, self$pool_size, format_shape(shape)), "inputs")
      }
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      y <- self$pool(channels_last(inputs, self$data_format), self$pool_size,
                     self$strides, self$padding)
      channels_back(y, self$data_format)
    },

    layer_config = function() {
      list(pool_size = as.list(self$pool_size), padding = self$padding,
           strides = as.list(self$strides), data_format = self$data_format)
    }
  )
)

MaxPooling1D <- R6::R6Class(
  "MaxPooling1D", inherit = Pooling1D, lock_objects = FALSE, cloneable = FALSE,
  public = list(pool = function(...) pool_largest(...))
)

AveragePooling1D <- R6::R6Class(
  "AveragePooling1D", inherit = Pooling1D, lock_objects = FALSE,
  cloneable = FALSE,
  public = list(pool = function(...) pool_mean(...))
)

# ---- of all steps ------------------------------------------------------------

GlobalPooling1D <- R6::R6Class(
  "GlobalPooling1D",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    data_format = NULL,
    keepdims = FALSE,

    initialize = function(data_format = NULL, keepdims = FALSE, ...) {
      super$initialize(...)
      self$data_format <- check_data_format(data_format)
      self$keepdims <- check_flag(keepdims, "keepdims")
      self$input_axes <- sequence_axes(self$data_format)
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      at <- self$time_axis()
      if (!self$keepdims) return(input_shape[-at])
      replace(input_shape, at, 1L)
    },

    time_axis = function() match("time", self$input_axes),

    layer_config = function() {
      list(data_format = self$data_format, keepdims = self$keepdims)
    }
  )
)

GlobalMaxPooling1D <- R6::R6Class(
  "GlobalMaxPooling1D", inherit = GlobalPooling1D, lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    call = function(inputs, mask = NULL, training = FALSE) {
      op_max(inputs, axis = self$time_axis(), keepdims = self$keepdims)
    }
  )
)

GlobalAveragePooling1D <- R6::R6Class(
  "GlobalAveragePooling1D",
  inherit = GlobalPooling1D,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(...) {
      super$initialize(...)
      self$supports_masking <- TRUE
    },

    # The mean of the steps that are not masked.
    call = function(inputs, mask = NULL, training = FALSE) {
      at <- self$time_axis()
      if (is.null(mask)) {
        return(op_mean(inputs, axis = at, keepdims = self$keepdims))
      }
      shape <- shape_of(inputs)[c(1L, at)]
      if (!identical(shape_of(mask), shape)) {
        abort_shape(sprintf(
          "`mask` must have shape [batch, time] = %s in layer `%s`, not %s.",
          format_shape(shape), self$name, format_shape(shape_of(mask))), "mask")
      }
      used <- op_expand_dims(mask, if (at == 2L) 3L else 2L)
      over <- function(x) op_sum(x, axis = at, keepdims = self$keepdims)
      op_divide(over(op_where(used, inputs, 0)),
                over(op_cast(used, dtype_of(inputs))))
    },

    compute_mask = function(inputs, mask = NULL) NULL
  )
)

#' Pooling along a sequence
#'
#' The largest number (`layer_max_pooling_1d()`) or the mean
#' (`layer_average_pooling_1d()`) of each channel in windows that slide over the
#' steps, which makes a sequence shorter. With `"same"` padding what lies
#' outside counts as nothing.
#'
#' @inheritParams layer_conv_1d
#' @param pool_size Number of steps in the window.
#' @param strides How many steps the window goes on at a time; `NULL` for
#'   `pool_size`: windows lie side by side.
#' @param padding `"valid"`: the window stays inside; `"same"`: it also begins
#'   and ends outside, so that there are `ceiling(time / strides)` places.
#' @param name Name of the layer.
#' @param ... `dtype`, `trainable`, `input_shape` and the like, see
#'   [layer_dense()].
#' @inherit layer_conv_1d return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input does not have three axes or has fewer
#'   steps than the window.
#' @section Gradients: Where the largest number stands several times in a
#'   window, the first takes the gradient.
#' @family pooling layers
#' @examples
#' x <- array(c(1, 4, 2, 8, 5, 7), c(1, 6, 1))
#' layer_max_pooling_1d(x)
#' layer_average_pooling_1d(x, pool_size = 3)
#' @name pooling_layers
NULL

#' @rdname pooling_layers
#' @export
layer_max_pooling_1d <- function(object, pool_size = 2L, strides = NULL,
                                 padding = "valid", data_format = NULL,
                                 name = NULL, ...) {
  arguments <- own_arguments("object")
  compose_layer(object, function() {
    make_instance(MaxPooling1D, arguments, ...)
  })
}

#' @rdname pooling_layers
#' @export
layer_average_pooling_1d <- function(object, pool_size, strides = NULL,
                                     padding = "valid", data_format = NULL,
                                     name = NULL, ...) {
  pool_size <- check_window(pool_size, "pool_size")
  arguments <- own_arguments("object")
  compose_layer(object, function() {
    make_instance(AveragePooling1D, arguments, ...)
  })
}

#' Pooling over all steps
#'
#' The largest number (`layer_global_max_pooling_1d()`) or the mean
#' (`layer_global_average_pooling_1d()`) of each channel over the whole
#' sequence: `[batch, time, channels]` becomes `[batch, channels]`.
#'
#' @inheritParams layer_conv_1d
#' @param keepdims Whether the axis of steps stays, with size 1.
#' @return A layer, the model (invisibly), or what the layer gives.
#' @section Masks: The mean is taken over the steps that are not masked; where
#'   all are, it is `NaN`. The output carries no mask. For the largest number a
#'   mask ends here, with a warning, and has no effect.
#' @section Errors: `elman_error_shape` where the input does not have three
#'   axes, or the mask not the first two of them.
#' @family pooling layers
#' @examples
#' x <- array(c(1, 4, 2, 8, 5, 7), c(1, 3, 2))
#' layer_global_max_pooling_1d(x)
#' layer_global_average_pooling_1d(x)
#' @name global_pooling_layers
NULL

#' @rdname global_pooling_layers
#' @export
layer_global_max_pooling_1d <- function(object, data_format = NULL,
                                        keepdims = FALSE, ...) {
  compose_layer(object, function() {
    GlobalMaxPooling1D$new(data_format, keepdims, ...)
  })
}

#' @rdname global_pooling_layers
#' @export
layer_global_average_pooling_1d <- function(object, data_format = NULL,
                                            keepdims = FALSE, ...) {
  compose_layer(object, function() {
    GlobalAveragePooling1D$new(data_format, keepdims, ...)
  })
}
