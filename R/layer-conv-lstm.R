# Convolutional LSTM layers over sequences of rows, images and volumes.

ConvLSTM <- R6::R6Class(
  "ConvLSTM",
  inherit = RecurrentLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    # How many axes a step has, but for the batch and the channels.
    rank = NULL,

    initialize = function(...) {
      arguments <- list(...)
      of_cell <- names(arguments) %in%
        names(formals(ConvLSTMCell$public_methods$initialize))
      do.call(super$initialize, arguments[!of_cell], quote = TRUE)
      self$cell <- make_instance(
        ConvLSTMCell, arguments[of_cell], rank = self$rank,
        name = "conv_lstm_cell", dtype = self$dtype, trainable = self$trainable
      )
      places <- c("rows", "columns", "depth")[seq_len(self$rank)]
      self$input_axes <- c("batch", "time", self$cell$from_last(
        c(places, "channels")))
    },

    check_input = function(shape) {
      super$check_input(shape)
      step <- self$cell$step_shape
      if (is.null(step)) return()
      want <- c(NA, NA, self$cell$from_last(step))
      if (!fits_shape(shape, want)) {
        abort_shape(sprintf(
          "The input of layer `%s` must have shape %s, not %s.", self$name,
          format_shape(want), format_shape(shape)), "inputs")
      }
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      last <- self$cell$compute_output_shape(input_shape[-2])[[1]]
      output <- if (self$return_sequences) append(last, input_shape[2], 1L)
      if (!self$return_state) return(output %||% last)
      list(output %||% last, last, last)
    },

    layer_config = function() {
      c(self$recurrent_config(), conv_lstm_config(self$cell))
    }
  ),
  active = delegate(
    c("filters", "kernel_size", "strides", "padding", "data_format",
      "dilation_rate", "activation", "recurrent_activation", "use_bias",
      "dropout", "recurrent_dropout", "seed"),
    "cell"
  )
)

ConvLSTM1D <- R6::R6Class("ConvLSTM1D", inherit = ConvLSTM,
                          lock_objects = FALSE, cloneable = FALSE,
                          public = list(rank = 1L))
ConvLSTM2D <- R6::R6Class("ConvLSTM2D", inherit = ConvLSTM,
                          lock_objects = FALSE, cloneable = FALSE,
                          public = list(rank = 2L))
ConvLSTM3D <- R6::R6Class("ConvLSTM3D", inherit = ConvLSTM,
                          lock_objects = FALSE, cloneable = FALSE,
                          public = list(rank = 3L))

# The layer from all arguments of the function `frame` belongs to.
compose_conv_lstm <- function(object, generator, frame, ...) {
  names <- setdiff(names(formals(sys.function(-1))),
                   c("object", "...", "unroll"))
  if (eval(quote(missing(filters)), frame)) {
    must_be_given("filters", "a positive whole number")
  }
  if (eval(quote(missing(kernel_size)), frame)) {
    must_be_given("kernel_size", "positive whole numbers")
  }
  arguments <- mget(names, envir = frame)
  arguments$unroll <- isTRUE(frame$unroll)
  compose_layer(object, function() {
    make_instance(generator, arguments, ...)
  })
}

#' Convolutional LSTM layers
#'
#' LSTM layers whose products with input and state are convolutions, for
#' sequences whose steps are rows (1d), images (2d) or volumes (3d) of channels:
#'
#' \deqn{i, f, o = g(W * x_t + R * h_{t-1} + b),\quad
#'   c_t = f c_{t-1} + i\, a(W * x_t + R * h_{t-1} + b),\quad h_t = o\, a(c_t)}{
#'   i, f, o = g(W * x_t + R * h_(t-1) + b),
#'   c_t = f c_(t-1) + i a(W * x_t + R * h_(t-1) + b), h_t = o a(c_t)}
#'
#' with one part of W, R and b for each of i, f, c and o, in this order. The
#' convolution of the state keeps its size.
#'
#' Weights: `kernel` `[window, channels, 4 filters]`, `recurrent_kernel`
#' `[window, filters, 4 filters]`, `bias` `[4 filters]`.
#'
#' @inheritParams layer_simple_rnn
#' @param object What the layer is composed with, see [layer_simple_rnn()]; a
#'   sequence `[batch, time, rows, channels]`, with one more axis for 2d and two
#'   for 3d.
#' @param filters Number of channels of the output.
#' @param kernel_size Sizes of the window: one for all axes or one each.
#' @param strides Steps of the window over the input, likewise.
#' @param padding `"valid"`: the window stays inside; `"same"`: zeros are put
#'   around, so that with strides of 1 the size stays.
#' @param data_format `"channels_last"` (also for `NULL`) or
#'   `"channels_first"`: `[batch, time, channels, rows]`.
#' @param dilation_rate Distance between the elements of the window; with one
#'   above 1, strides must be 1.
#' @param activation The function a.
#' @param recurrent_activation The function g of the gates.
#' @param unit_forget_bias Whether the forget gate's bias starts at 1.
#' @param dropout,recurrent_dropout Fractions of input and state to drop, in
#'   training only, with one mask for each gate; 0 and 1 drop nothing.
#' @param ... `name`, `dtype`, `trainable`, `zero_output_for_mask`,
#'   `input_shape` and the like, see [layer_simple_rnn()].
#' @section Shapes: Output `[batch, places, filters]`, with `return_sequences`
#'   `[batch, time, places, filters]`; with `return_state` a list of that and
#'   the states h and c. All sizes of a step must be known.
#' @section Call arguments: `mask` `[batch, time]`, `training`, and
#'   `initial_state`, a list of h and c.
#' @inherit layer_simple_rnn return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input has other axes or unknown sizes, or is
#'   smaller than the window.
#' @source Shi et al. (2015). Convolutional LSTM network: a machine learning
#'   approach for precipitation nowcasting. *NeurIPS* 28.
#' @examples
#' x <- array(0.1, c(2, 3, 8, 8, 1))
#' layer <- layer_conv_lstm_2d(filters = 4, kernel_size = 3, padding = "same")
#' dim(layer(x))
#' @name layer_conv_lstm
NULL

#' @rdname layer_conv_lstm
#' @export
layer_conv_lstm_1d <- function(object,
                               filters,
                               kernel_size,
                               strides = 1L,
                               padding = "valid",
                               data_format = NULL,
                               dilation_rate = 1L,
                               activation = "tanh",
                               recurrent_activation = "sigmoid",
                               use_bias = TRUE,
                               kernel_initializer = "glorot_uniform",
                               recurrent_initializer = "orthogonal",
                               bias_initializer = "zeros",
                               unit_forget_bias = TRUE,
                               kernel_regularizer = NULL,
                               recurrent_regularizer = NULL,
                               bias_regularizer = NULL,
                               activity_regularizer = NULL,
                               kernel_constraint = NULL,
                               recurrent_constraint = NULL,
                               bias_constraint = NULL,
                               dropout = 0,
                               recurrent_dropout = 0,
                               seed = NULL,
                               return_sequences = FALSE,
                               return_state = FALSE,
                               go_backwards = FALSE,
                               stateful = FALSE,
                               ...,
                               unroll = NULL) {
  compose_conv_lstm(object, ConvLSTM1D, environment(), ...)
}

#' @rdname layer_conv_lstm
#' @export
layer_conv_lstm_2d <- function(object,
                               filters,
                               kernel_size,
                               strides = 1L,
                               padding = "valid",
                               data_format = NULL,
                               dilation_rate = 1L,
                               activation = "tanh",
                               recurrent_activation = "sigmoid",
                               use_bias = TRUE,
                               kernel_initializer = "glorot_uniform",
                               recurrent_initializer = "orthogonal",
                               bias_initializer = "zeros",
                               unit_forget_bias = TRUE,
                               kernel_regularizer = NULL,
                               recurrent_regularizer = NULL,
                               bias_regularizer = NULL,
                               activity_regularizer = NULL,
                               kernel_constraint = NULL,
                               recurrent_constraint = NULL,
                               bias_constraint = NULL,
                               dropout = 0,
                               recurrent_dropout = 0,
                               seed = NULL,
                               return_sequences = FALSE,
                               return_state = FALSE,
                               go_backwards = FALSE,
                               stateful = FALSE,
                               ...,
                               unroll = NULL) {
  compose_conv_lstm(object, ConvLSTM2D, environment(), ...)
}

#' @rdname layer_conv_lstm
#' @export
layer_conv_lstm_3d <- function(object,
                               filters,
                               kernel_size,
                               strides = 1L,
                               padding = "valid",
                               data_format = NULL,
                               dilation_rate = 1L,
                               activation = "tanh",
                               recurrent_activation = "sigmoid",
                               use_bias = TRUE,
                               kernel_initializer = "glorot_uniform",
                               recurrent_initializer = "orthogonal",
                               bias_initializer = "zeros",
                               unit_forget_bias = TRUE,
                               kernel_regularizer = NULL,
                               recurrent_regularizer = NULL,
                               bias_regularizer = NULL,
                               activity_regularizer = NULL,
                               kernel_constraint = NULL,
                               recurrent_constraint = NULL,
                               bias_constraint = NULL,
                               dropout = 0,
                               recurrent_dropout = 0,
                               seed = NULL,
                               return_sequences = FALSE,
                               return_state = FALSE,
                               go_backwards = FALSE,
                               stateful = FALSE,
                               ...,
                               unroll = NULL) {
  compose_conv_lstm(object, ConvLSTM3D, environment(), ...)
}
