# The cell of the simple recurrent layer: one step, and the weights it needs.
#
#   h_t = activation(x_t W + h_{t-1} R + b)

SimpleRNNCell <- R6::R6Class(
  "SimpleRNNCell",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    units = NULL,
    state_size = NULL,
    output_size = NULL,
    activation = NULL,
    activation_name = NULL,
    use_bias = TRUE,
    dropout = 0,
    recurrent_dropout = 0,
    seed = NULL,
    kernel = NULL,
    recurrent_kernel = NULL,
    bias = NULL,

    initialize = function(units,
                          activation = "tanh",
                          use_bias = TRUE,
                          kernel_initializer = "glorot_uniform",
                          recurrent_initializer = "orthogonal",
                          bias_initializer = "zeros",
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
      self$units <- check_count(units, "units")
      self$state_size <- self$output_size <- self$units
      self$activation <- get_activation(activation)
      self$activation_name <- activation_name(self$activation)
      if (identical(self$activation_name, "glu")) {
        must_be("glu", "activation", "one that keeps the number of units")
      }
      self$use_bias <- check_flag(use_bias, "use_bias")
      self$kernel_initializer <-
        get_initializer(kernel_initializer, "kernel_initializer")
      self$recurrent_initializer <-
        get_initializer(recurrent_initializer, "recurrent_initializer")
      self$bias_initializer <-
        get_initializer(bias_initializer, "bias_initializer")
      self$kernel_regularizer <-
        get_regularizer(kernel_regularizer, "kernel_regularizer")
      self$recurrent_regularizer <-
        get_regularizer(recurrent_regularizer, "recurrent_regularizer")
      self$bias_regularizer <-
        get_regularizer(bias_regularizer, "bias_regularizer")
      self$kernel_constraint <-
        get_constraint(kernel_constraint, "kernel_constraint")
      self$recurrent_constraint <-
        get_constraint(recurrent_constraint, "recurrent_constraint")
      self$bias_constraint <- get_constraint(bias_constraint, "bias_constraint")
      self$dropout <- check_rate(dropout, "dropout")
      self$recurrent_dropout <- check_rate(recurrent_dropout,
                                           "recurrent_dropout")
      self$seed <- check_seed(seed)
      private$seeds <- if (inherits(self$seed, "elman_seed_generator")) {
        self$seed
      } else {
        new_seed_generator(self$seed)
      }
      self$input_axes <- c("batch", "features")
    },

    create_weights = function(input_shape) {
      features <- known_features(self, input_shape)
      self$input_features <- features
      self$kernel <- self$add_weight(
        name = "kernel", shape = c(features, self$units),
        initializer = self$kernel_initializer,
        regularizer = self$kernel_regularizer,
        constraint = self$kernel_constraint
      )
      self$recurrent_kernel <- self$add_weight(
        name = "recurrent_kernel", shape = c(self$units, self$units),
        initializer = self$recurrent_initializer,
        regularizer = self$recurrent_regularizer,
        constraint = self$recurrent_constraint
      )
      if (self$use_bias) {
        self$bias <- self$add_weight(
          name = "bias", shape = self$units,
          initializer = self$bias_initializer,
          regularizer = self$bias_regularizer,
          constraint = self$bias_constraint
        )
      }
    },

    # One pair of masks serves all steps of a call: [batch, features] for the
    # input, [batch, units] for the state; NULL where nothing is dropped.
    draw_drops = function(batch, training) {
      if (!training) return(list(NULL, NULL))
      draw <- function(rate, size) {
        if (rate > 0) {
          dropout_mask(c(batch, size), rate, self$dtype, next_key(private$seeds))
        }
      }
      list(draw(self$dropout, self$input_features),
           draw(self$recurrent_dropout, self$units))
    },

    step = function(x, h, drops) {
      if (!is.null(drops[[1]])) x <- op_multiply(x, drops[[1]])
      kept <- if (is.null(drops[[2]])) h else op_multiply(h, drops[[2]])
      z <- op_add(op_matmul(x, self$kernel),
                  op_matmul(kept, self$recurrent_kernel))
      if (!is.null(self$bias)) z <- op_add(z, self$bias)
      y <- self$activation(z)
      check_step(y, z, self)
      list(y, list(y))
    },

    call = function(inputs, states, mask = NULL, training = FALSE) {
      if (is.list(states)) states <- states[[1]]
      self$step(inputs, as_tensor(states, self$dtype),
                self$draw_drops(shape_of(inputs)[1], training))
    },

    compute_output_shape = function(input_shape) {
      state <- c(input_shape[1], self$units)
      list(state, state)
    },

    layer_config = function() {
      c(cell_config(self), list(seed = self$seed))
    }
  ),
  private = list(seeds = NULL)
)

# The entries that the cell and its layer share, but for the seed.
cell_config <- function(cell, activity_regularizer = NULL, layer = FALSE) {
  penalties <- list(
    kernel_regularizer = serialize_object(cell$kernel_regularizer),
    recurrent_regularizer = serialize_object(cell$recurrent_regularizer),
    bias_regularizer = serialize_object(cell$bias_regularizer)
  )
  if (layer) {
    penalties["activity_regularizer"] <-
      list(serialize_object(activity_regularizer))
  }
  c(
    list(
      units = cell$units,
      activation = serialize_activation(cell$activation),
      use_bias = cell$use_bias,
      kernel_initializer = serialize_object(cell$kernel_initializer),
      recurrent_initializer = serialize_object(cell$recurrent_initializer),
      bias_initializer = serialize_object(cell$bias_initializer)
    ),
    penalties,
    list(
      kernel_constraint = serialize_object(cell$kernel_constraint),
      recurrent_constraint = serialize_object(cell$recurrent_constraint),
      bias_constraint = serialize_object(cell$bias_constraint),
      dropout = cell$dropout,
      recurrent_dropout = cell$recurrent_dropout
    )
  )
}

# An activation of the user's own must keep the shape.
check_step <- function(y, z, cell) {
  if (!is_tensor(y) || !identical(tensor_shape(y), tensor_shape(z))) {
    abort_shape(sprintf(
      "`activation` must give a tensor of the shape of its argument, %s, not %s.",
      format_shape(tensor_shape(z)), describe(y)), "activation")
  }
}

# The size of the last axis, which weights depend on.
known_features <- function(layer, shape) {
  features <- shape[length(shape)]
  if (is.na(features)) {
    abort_shape(sprintf(
      "Layer `%s` must know the size of the last axis of its input, not %s.",
      layer$name, format_shape(shape)), "input_shape")
  }
  features
}
