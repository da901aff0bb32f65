# What convolutions along a sequence share: a window that slides over the steps,
# a bias and an activation. A child defines
#   kernels(channels)       shapes of its kernels by name
#   convolve(x)             [batch, time, channels] to [batch, places, filters]
#   out_channels(channels)  how many channels come out

window_entries <- c("kernel_size", "strides", "padding", "data_format",
                    "dilation_rate")

SequenceConv <- R6::R6Class(
  "SequenceConv",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    kernel_size = NULL,
    strides = NULL,
    padding = NULL,
    data_format = NULL,
    dilation_rate = NULL,
    activation = NULL,
    use_bias = TRUE,
    bias = NULL,
    # How the kernels' initializers and so on are called, less the role.
    kernel_roles = "kernel",
    paddings = c("valid", "same"),
    # Which need not go together.
    strides_or_dilation = TRUE,

    initialize = function(kernel_size,
                          strides = 1L,
                          padding = "valid",
                          data_format = NULL,
                          dilation_rate = 1L,
                          activation = NULL,
                          use_bias = TRUE,
                          ...) {
      given <- rlang::dots_list(..., .ignore_empty = "trailing")
      own <- names(given) %in% private$role_arguments()
      do.call(super$initialize, given[!own], quote = TRUE)
      self$kernel_size <- check_sides(kernel_size, 1L, "kernel_size")
      self$strides <- check_sides(strides, 1L, "strides")
      self$padding <- match_name(tolower(check_string(padding, "padding")),
                                 self$paddings, "padding")
      self$data_format <- check_data_format(data_format)
      self$dilation_rate <- check_sides(dilation_rate, 1L, "dilation_rate")
      if (self$strides_or_dilation && self$strides > 1L &&
            self$dilation_rate > 1L) {
        abort_argument(paste("`strides` must be 1 where `dilation_rate` is",
                             "larger than 1."), "strides")
      }
      self$activation <- get_activation(activation)
      self$use_bias <- check_flag(use_bias, "use_bias")
      private$resolve_roles(given[own])
      self$input_axes <- sequence_axes(self$data_format)
    },

    check_input = function(shape) {
      super$check_input(shape)
      channels <- shape[private$channel_axis()]
      known <- private$channels
      if (!is.null(known) && !is.na(channels) && channels != known) {
        axes <- self$input_axes
        axes[private$channel_axis()] <- known
        abort_shape(sprintf(
          "The input of layer `%s` must have shape [%s], not %s.", self$name,
          paste(axes, collapse = ", "), format_shape(shape)), "inputs")
      }
      if (isTRUE(self$places(shape[private$time_axis()]) < 1L)) {
        abort_shape(sprintf(paste(
          "The window of layer `%s` must fit into the input of shape %s, not",
          "reach over %d steps."), self$name, format_shape(shape),
          (self$kernel_size - 1L) * self$dilation_rate + 1L), "inputs")
      }
    },

    # How many steps come out for so many that come in.
    places = function(size) {
      conv_places(size, self$kernel_size, self$strides, self$padding,
                  self$dilation_rate)
    },

    create_weights = function(input_shape) {
      channels <- input_shape[private$channel_axis()]
      if (is.na(channels)) {
        abort_shape(sprintf(
          "Layer `%s` must know the number of channels, not %s.", self$name,
          format_shape(input_shape)), "input_shape")
      }
      self$check_channels(channels)
      private$channels <- channels
      shapes <- self$kernels(channels)
      for (k in seq_along(shapes)) {
        self[[names(shapes)[k]]] <- private$add_role(
          names(shapes)[k], self$kernel_roles[k], shapes[[k]])
      }
      if (self$use_bias) {
        self$bias <- private$add_role("bias", "bias",
                                      self$out_channels(channels))
      }
    },

    check_channels = function(channels) NULL,

    call = function(inputs, mask = NULL, training = FALSE) {
      y <- self$convolve(channels_last(inputs, self$data_format))
      if (self$use_bias) y <- op_add(y, self$bias)
      self$activation(channels_back(y, self$data_format))
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      shape <- input_shape
      shape[private$time_axis()] <- self$places(shape[private$time_axis()])
      shape[private$channel_axis()] <-
        self$out_channels(input_shape[private$channel_axis()])
      shape
    },

    # Entries in Keras's order: `first`, the window's, `between`, the rest.
    layer_config = function() {
      roles <- c(self$kernel_roles, "bias")
      entry <- function(role) paste0(roles, "_", role)
      config <- entries_of(self, c(
        self$first_entries, window_entries, self$between_entries, "activation",
        "use_bias", entry("initializer"), entry("regularizer"),
        "activity_regularizer", entry("constraint")
      ))
      sizes <- intersect(names(config), c("kernel_size", "strides",
                                          "dilation_rate", "output_padding"))
      config[sizes] <- lapply(config[sizes], function(size) {
        if (!is.null(size)) as.list(size)
      })
      config
    }
  ),

  private = list(
    channels = NULL,

    channel_axis = function() match("channels", self$input_axes),
    time_axis = function() match("time", self$input_axes),

    role_arguments = function() {
      outer(c(self$kernel_roles, "bias"),
            c("_initializer", "_regularizer", "_constraint"), paste0)
    },

    resolve_roles = function(given) {
      for (name in private$role_arguments()) {
        role <- sub(".*_", "", name)
        resolve <- get(paste0("get_", role), own_namespace())
        default <- if (role == "initializer") {
          if (startsWith(name, "bias")) "zeros" else "glorot_uniform"
        }
        value <- if (name %in% names(given)) given[[name]] else default
        assign(name, resolve(value, name), envir = self)
      }
    },

    add_role = function(name, role, shape) {
      self$add_weight(
        name = name, shape = shape,
        initializer = self[[paste0(role, "_initializer")]],
        regularizer = self[[paste0(role, "_regularizer")]],
        constraint = self[[paste0(role, "_constraint")]]
      )
    }
  )
)

# An instance from the arguments of the layer function that asks.
compose_conv <- function(object, generator, arguments, ...) {
  compose_layer(object, function() make_instance(generator, arguments, ...))
}

# [batch, time, channels], or with the channels in front.
sequence_axes <- function(data_format) {
  if (data_format == "channels_first") c("batch", "channels", "time") else
    c("batch", "time", "channels")
}

# A window's size, said where it is missing.
check_window <- function(size, arg = "kernel_size") {
  if (missing(size)) must_be_given(arg, "a positive whole number")
  check_sides(size, 1L, arg)
}
