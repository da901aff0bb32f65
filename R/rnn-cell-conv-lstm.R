# The cell of the convolutional LSTM: an LSTM whose products are convolutions.
#
#   i, f, o = g(W * x + R * h + b)
#   c = f c + i a(W * x + R * h + b)
#   h = o a(c)

ConvLSTMCell <- R6::R6Class(
  "ConvLSTMCell",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    rank = NULL,
    kernel = NULL,
    recurrent_kernel = NULL,
    bias = NULL,
    # The input's sizes but for the batch, and the states'.
    step_shape = NULL,
    state_shape = NULL,

    initialize = function(rank,
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
                          kernel_constraint = NULL,
                          recurrent_constraint = NULL,
                          bias_constraint = NULL,
                          dropout = 0,
                          recurrent_dropout = 0,
                          seed = NULL,
                          ...) {
      super$initialize(...)
      self$rank <- rank
      self$filters <- check_count(filters, "filters")
      self$kernel_size <- check_sides(kernel_size, rank, "kernel_size")
      self$strides <- check_sides(strides, rank, "strides")
      self$padding <- match_name(tolower(check_string(padding, "padding")),
                                 c("valid", "same"), "padding")
      self$data_format <- match_name(data_format %||% "channels_last",
                                     c("channels_last", "channels_first"),
                                     "data_format")
      self$dilation_rate <- check_sides(dilation_rate, rank, "dilation_rate")
      if (any(self$strides > 1L) && any(self$dilation_rate > 1L)) {
        abort_argument(paste("`strides` must be 1 where `dilation_rate` is",
                             "larger than 1."), "strides")
      }
      self$activation <- get_activation(activation)
      self$recurrent_activation <- get_activation(recurrent_activation)
      self$use_bias <- check_flag(use_bias, "use_bias")
      self$unit_forget_bias <- check_flag(unit_forget_bias, "unit_forget_bias")
      given <- environment()
      for (what in c("kernel", "recurrent", "bias")) {
        for (role in c("initializer", "regularizer", "constraint")) {
          name <- paste0(what, "_", role)
          resolve <- get(paste0("get_", role), own_namespace())
          assign(name, resolve(given[[name]], name), envir = self)
        }
      }
      self$dropout <- check_rate(dropout, "dropout")
      self$recurrent_dropout <- check_rate(recurrent_dropout,
                                           "recurrent_dropout")
      self$seed <- check_seed(seed)
      private$seeds <- if (inherits(self$seed, "elman_seed_generator")) {
        self$seed
      } else {
        new_seed_generator(self$seed)
      }
    },

    create_weights = function(input_shape) {
      last <- self$to_last(input_shape[-1])
      if (anyNA(last)) {
        abort_shape(sprintf(paste(
          "Layer `%s` must know all sizes of a step but the batch, not %s."),
          self$name, format_shape(input_shape)), "input_shape")
      }
      self$step_shape <- last
      places <- conv_places(last[seq_len(self$rank)], self$kernel_size,
                            self$strides, self$padding, self$dilation_rate)
      if (any(places < 1L)) {
        abort_shape(sprintf(
          "The window of layer `%s` must fit into the input, not be %s for %s.",
          self$name, format_shape(self$kernel_size),
          format_shape(input_shape)), "kernel_size")
      }
      self$state_shape <- c(places, self$filters)
      weight <- function(name, what, shape, initializer) {
        self$add_weight(
          name = name, shape = shape, initializer = initializer,
          regularizer = self[[paste0(what, "_regularizer")]],
          constraint = self[[paste0(what, "_constraint")]]
        )
      }
      gates <- 4L * self$filters
      self$kernel <- weight(
        "kernel", "kernel", c(self$kernel_size, last[self$rank + 1L], gates),
        self$kernel_initializer)
      self$recurrent_kernel <- weight(
        "recurrent_kernel", "recurrent",
        c(self$kernel_size, self$filters, gates), self$recurrent_initializer)
      if (self$use_bias) {
        self$bias <- weight("bias", "bias", gates, private$first_bias())
      }
    },

    # Four masks each for the input and the state serve all steps of a call.
    draw_drops = function(batch, training) {
      draw <- function(rate, shape) {
        if (!training || rate <= 0 || rate >= 1) return(NULL)
        lapply(1:4, function(gate) {
          dropout_mask(c(batch, shape), rate, self$dtype,
                       next_key(private$seeds))
        })
      }
      list(draw(self$dropout, self$step_shape),
           draw(self$recurrent_dropout, self$state_shape))
    },

    # States have the channels where the input has them.
    step = function(x, states, drops) {
      h <- channels_last(states[[1]], self$data_format)
      carry <- channels_last(states[[2]], self$data_format)
      z <- Map(op_add,
               private$gates(channels_last(x, self$data_format), self$kernel,
                             drops[[1]], self$strides, self$padding,
                             self$dilation_rate, self$bias),
               private$gates(h, self$recurrent_kernel, drops[[2]],
                             rep(1L, self$rank), "same", rep(1L, self$rank)))
      open <- self$recurrent_activation
      carry <- op_add(op_multiply(open(z[[2]]), carry),
                      op_multiply(open(z[[1]]), self$activation(z[[3]])))
      h <- op_multiply(open(z[[4]]), self$activation(carry))
      h <- channels_back(h, self$data_format)
      list(h, list(h, channels_back(carry, self$data_format)))
    },

    call = function(inputs, states, mask = NULL, training = FALSE) {
      self$step(inputs, lapply(states, as_tensor, dtype = self$dtype),
                self$draw_drops(shape_of(inputs)[1], training))
    },

    # Shapes of the two states.
    state_shapes = function(batch) {
      rep(list(c(batch, self$from_last(self$state_shape))), 2L)
    },

    get_initial_state = function(batch_size) {
      lapply(self$state_shapes(batch_size), op_zeros, dtype = self$dtype)
    },

    compute_output_shape = function(input_shape) {
      last <- self$to_last(input_shape[-1])
      places <- conv_places(last[seq_len(self$rank)], self$kernel_size,
                            self$strides, self$padding, self$dilation_rate)
      rep(list(c(input_shape[1], self$from_last(c(places, self$filters)))), 3L)
    },

    # Sizes of one sample with the channels last, and back.
    to_last = function(sizes) {
      if (self$data_format == "channels_last") sizes else c(sizes[-1], sizes[1])
    },
    from_last = function(sizes) {
      n <- length(sizes)
      if (self$data_format == "channels_last") sizes else c(sizes[n], sizes[-n])
    },

    layer_config = function() conv_lstm_config(self)
  ),
  active = list(
    state_size = function() rep(self$filters, 2L),
    output_size = function() self$filters
  ),
  private = list(
    seeds = NULL,

    # Ones for the forget gate, the second of four.
    first_bias = function() {
      if (!self$unit_forget_bias) return(self$bias_initializer)
      function(shape, dtype) {
        part <- function(gates) {
          initial_value(self$bias_initializer, gates * self$filters, dtype,
                        paste0(self$path, "/bias"))
        }
        op_concatenate(list(part(1L), op_ones(self$filters, dtype), part(2L)))
      }
    },

    # The convolution's four parts: in one go where nothing is dropped.
    gates = function(x, kernel, drops, strides, padding, dilation,
                     bias = NULL) {
      if (is.null(drops)) {
        z <- convolve(x, kernel, strides, padding, dilation)
        if (!is.null(bias)) z <- op_add(z, bias)
        return(op_split(z, 4L, axis = -1L))
      }
      biases <- if (!is.null(bias)) op_split(bias, 4L)
      kernels <- op_split(kernel, 4L, axis = -1L)
      lapply(1:4, function(k) {
        z <- convolve(op_multiply(x, drops[[k]]), kernels[[k]], strides,
                      padding, dilation)
        if (is.null(bias)) z else op_add(z, biases[[k]])
      })
    }
  )
)

# One whole number for all axes or one for each.
check_sides <- function(x, rank, arg) {
  x <- unlist(x)
  ok <- are_whole(x) && length(x) %in% c(1L, rank) && all(x >= 1)
  if (!ok) {
    must_be(x, arg, if (rank == 1L) "a positive whole number" else
      sprintf("one positive whole number or %d", rank))
  }
  rep_len(as.integer(x), rank)
}

# [batch, channels, places] as [batch, places, channels], and back.
channels_last <- function(x, data_format) {
  if (data_format == "channels_last") return(x)
  axes <- seq_len(rank_of(x))
  op_transpose(x, c(1L, axes[-(1:2)], 2L))
}

channels_back <- function(x, data_format) {
  if (data_format == "channels_last") return(x)
  n <- rank_of(x)
  op_transpose(x, c(1L, n, seq_len(n - 2L) + 1L))
}

# The entries that cell and layer share.
conv_lstm_config <- function(cell) {
  entry <- function(names) {
    sapply(names, function(name) serialize_object(cell[[name]]),
           simplify = FALSE)
  }
  c(
    entry(c("filters", "kernel_size", "strides", "padding", "data_format",
            "dilation_rate")),
    list(activation = serialize_activation(cell$activation),
         recurrent_activation =
           serialize_activation(cell$recurrent_activation)),
    entry(c("use_bias", "kernel_initializer", "recurrent_initializer",
            "bias_initializer", "unit_forget_bias", "kernel_regularizer",
            "recurrent_regularizer", "bias_regularizer", "kernel_constraint",
            "recurrent_constraint", "bias_constraint", "dropout",
            "recurrent_dropout", "seed"))
  )
}
