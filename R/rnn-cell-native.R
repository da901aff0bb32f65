# What the native cells share: their arguments, their weights, their dropout
# masks, and the call of their kernel. A child sets `gates`, `state_size` and
# `config_entries`, and defines step() and kernel_name().

NativeCell <- R6::R6Class(
  "NativeCell",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    gates = 1L,
    units = NULL,
    state_size = NULL,
    output_size = NULL,
    activation = NULL,
    activation_name = NULL,
    # Of the gates, for cells that have any.
    recurrent_activation = NULL,
    recurrent_name = "sigmoid",
    use_bias = TRUE,
    dropout = 0,
    recurrent_dropout = 0,
    seed = NULL,
    kernel = NULL,
    recurrent_kernel = NULL,
    bias = NULL,
    # Names of the configuration's entries, in Keras's order.
    config_entries = NULL,

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
      self$activation_name <- step_activation(self$activation, "activation")
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
      columns <- self$gates * self$units
      self$kernel <- self$add_weight(
        name = "kernel", shape = c(features, columns),
        initializer = self$kernel_initializer,
        regularizer = self$kernel_regularizer,
        constraint = self$kernel_constraint
      )
      self$recurrent_kernel <- self$add_weight(
        name = "recurrent_kernel", shape = c(self$units, columns),
        initializer = self$recurrent_initializer,
        regularizer = self$recurrent_regularizer,
        constraint = self$recurrent_constraint
      )
      if (self$use_bias) {
        self$bias <- self$add_weight(
          name = "bias", shape = self$bias_shape(),
          initializer = self$first_bias(),
          regularizer = self$bias_regularizer,
          constraint = self$bias_constraint
        )
      }
    },
    bias_shape = function() self$gates * self$units,
    first_bias = function() self$bias_initializer,

    # One pair of masks serves all steps of a call: [batch, features] for the
    # input, [batch, units] for the state; NULL where nothing is dropped.
    draw_drops = function(batch, training) {
      if (!training) return(list(NULL, NULL))
      draw <- function(rate, size) {
        if (!self$drops_at(rate)) return(NULL)
        gates <- self$mask_axis()
        dropout_mask(c(gates, batch, size), rate, self$dtype,
                     next_key(private$seeds), rows = length(gates) + 1L)
      }
      list(draw(self$dropout, self$input_features),
           draw(self$recurrent_dropout, self$units))
    },
    drops_at = function(rate) rate > 0,
    # The number of masks where every gate has its own.
    mask_axis = function() NULL,

    # The whole sequence on the native kernel, which knows activations by name.
    run_native = function(inputs, states, mask, drops, flags) {
      if (is.null(self$activation_name) || is.null(self$recurrent_name)) {
        return(NULL)
      }
      weights <- list(self$kernel, self$recurrent_kernel)
      if (self$use_bias) weights[[3]] <- self$bias
      run_rnn(inputs, weights, states, mask, drops, self$kernel_name(),
              self$activation_name, flags, self$recurrent_name)
    },

    call = function(inputs, states, mask = NULL, training = FALSE) {
      call_native_cell(self, inputs, states, training)
    },

    arrange_outputs = function(outputs) list(outputs[[1]], outputs[-1]),

    compute_output_shape = function(input_shape) {
      cell_output_shape(self, input_shape)
    },

    layer_config = function() entries_of(self, self$config_entries)
  ),
  private = list(seeds = NULL)
)

# What a cell with several gates has besides. Keras draws a mask for each gate
# where it drops the state, and takes a rate of 1 for none.
GatedCell <- R6::R6Class(
  "GatedCell",
  inherit = NativeCell,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    implementation = 2L,

    initialize = function(units, ..., recurrent_activation = "sigmoid",
                          implementation = 2L) {
      super$initialize(units, ...)
      self$recurrent_activation <- get_activation(recurrent_activation)
      self$recurrent_name <- step_activation(self$recurrent_activation,
                                             "recurrent_activation")
      if (!is_whole(implementation) || !implementation %in% 1:2) {
        must_be(implementation, "implementation", "1 or 2")
      }
      self$implementation <- if (self$recurrent_dropout > 0) 1L else
        as.integer(implementation)
    },

    drops_at = function(rate) rate > 0 && rate < 1,
    mask_axis = function() if (self$implementation == 1L) self$gates,

    # What goes into each gate from x, and from h, bias and masks included.
    gates_of_x = function(x, drop) {
      bias <- self$bias
      if (!is.null(bias) && rank_of(bias) == 2L) bias <- op_unstack(bias)[[1]]
      gate_products(x, self$kernel, bias, drop, self$gates)
    },
    gates_of_h = function(h, drop) {
      bias <- self$bias
      bias <- if (!is.null(bias) && rank_of(bias) == 2L) op_unstack(bias)[[2]]
      gate_products(h, self$recurrent_kernel, bias, drop, self$gates)
    },
    open_gate = function(z) {
      y <- self$recurrent_activation(z)
      check_step(y, z, "recurrent_activation")
      y
    },
    activate = function(z) {
      y <- self$activation(z)
      check_step(y, z)
      y
    }
  )
)

# x W + b for each of the gates, a list. `drop` is one mask for all, or one for
# each along its first axis.
gate_products <- function(x, weight, bias, drop, gates) {
  if (!is.null(drop) && rank_of(drop) == 3L) {
    z <- Map(function(mask, w) op_matmul(op_multiply(x, mask), w),
             op_unstack(drop), op_split(weight, gates, axis = 2L))
    if (is.null(bias)) return(z)
    return(Map(op_add, z, op_split(bias, gates)))
  }
  if (!is.null(drop)) x <- op_multiply(x, drop)
  z <- op_matmul(x, weight)
  if (!is.null(bias)) z <- op_add(z, bias)
  op_split(z, gates, axis = 2L)
}

# The name under which the kernels know an activation, NULL where they do not.
step_activation <- function(activation, arg) {
  name <- activation_name(activation)
  if (identical(name, "glu")) {
    must_be("glu", arg, "one that keeps the number of units")
  }
  name
}

# An activation of the user's own must keep the shape.
check_step <- function(y, z, arg = "activation") {
  if (!is_tensor(y) || !identical(tensor_shape(y), tensor_shape(z))) {
    abort_shape(sprintf(
      "`%s` must give a tensor of the shape of its argument, %s, not %s.", arg,
      format_shape(tensor_shape(z)), describe(y)), arg)
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
