# What normalization layers share: after it a scale gamma and a shift beta, one
# of each for every place along the axis.

scale_shift_entries <- c("beta_initializer", "gamma_initializer",
                         "beta_regularizer", "gamma_regularizer",
                         "beta_constraint", "gamma_constraint")

ScaleShift <- R6::R6Class(
  "ScaleShift",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axis = NULL,
    epsilon = NULL,
    center = TRUE,
    scale = TRUE,
    gamma = NULL,
    beta = NULL,

    initialize = function(axis = -1L,
                          epsilon = 0.001,
                          center = TRUE,
                          scale = TRUE,
                          beta_initializer = "zeros",
                          gamma_initializer = "ones",
                          beta_regularizer = NULL,
                          gamma_regularizer = NULL,
                          beta_constraint = NULL,
                          gamma_constraint = NULL,
                          ...) {
      super$initialize(...)
      self$supports_masking <- TRUE
      self$min_ndim <- 1L
      self$axis <- check_layer_axes(axis)
      self$epsilon <- check_not_negative(epsilon, "epsilon")
      self$center <- check_flag(center, "center")
      self$scale <- check_flag(scale, "scale")
      given <- mget(scale_shift_entries)
      for (name in scale_shift_entries) {
        resolve <- get(sub(".*_", "get_", name), own_namespace())
        assign(name, resolve(given[[name]], name), envir = self)
      }
    },

    check_input = function(shape) {
      super$check_input(shape)
      at <- axis_of_layer(self, self$axis, length(shape))
      known <- private$axis_sizes
      if (!is.null(known) && !fits_shape(shape[at], known)) {
        want <- rep(NA_integer_, length(shape))
        want[at] <- known
        abort_shape(sprintf(
          "The input of layer `%s` must have shape %s, not %s.", self$name,
          format_shape(want), format_shape(shape)), "inputs")
      }
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      input_shape
    },

    # gamma and beta for the sizes of the axis.
    add_scale_shift = function(input_shape) {
      shape <- known_sizes(self, input_shape, self$axis)
      private$axis_sizes <- shape
      add <- function(name) {
        self$add_weight(
          name = name, shape = shape,
          initializer = self[[paste0(name, "_initializer")]],
          regularizer = self[[paste0(name, "_regularizer")]],
          constraint = self[[paste0(name, "_constraint")]]
        )
      }
      if (self$scale) self$gamma <- add("gamma")
      if (self$center) self$beta <- add("beta")
    },

    # (x - mean) / sqrt(variance + epsilon) gamma + beta. The statistics
    # broadcast to x; gamma and beta are given the shape `wide` first.
    standardize = function(x, mean, variance, wide) {
      slope <- op_rsqrt(op_add(variance, self$epsilon))
      if (self$scale) slope <- op_multiply(slope, op_reshape(self$gamma, wide))
      shift <- op_negative(op_multiply(mean, slope))
      if (self$center) shift <- op_add(shift, op_reshape(self$beta, wide))
      op_add(op_multiply(x, slope), shift)
    }
  ),
  private = list(axis_sizes = NULL)
)

# The layer's axes as positions from 1, in order.
axis_of_layer <- function(self, axis, rank) {
  if (any(abs(axis) > rank)) {
    abort_shape(sprintf(
      "The input of layer `%s` must have axis %d, not %d axes.", self$name,
      axis[abs(axis) > rank][1], rank), "inputs")
  }
  sort(zero_based_axis(axis, rank) + 1L)
}

known_sizes <- function(self, shape, axis) {
  sizes <- shape[axis_of_layer(self, axis, length(shape))]
  if (anyNA(sizes)) {
    abort_shape(sprintf(
      "Layer `%s` must know the sizes along its `axis`, not %s.", self$name,
      format_shape(shape)), "input_shape")
  }
  sizes
}

# Ones but for the axes `at`.
wide_shape <- function(shape, at) {
  shape[-at] <- 1L
  shape
}

# Mean and mean squared deviation over axes, which stay with size 1.
moments <- function(x, axes) {
  mean <- op_mean(x, axis = axes, keepdims = TRUE)
  list(mean = mean,
       variance = op_mean(op_square(op_subtract(x, mean)), axis = axes,
                          keepdims = TRUE))
}
