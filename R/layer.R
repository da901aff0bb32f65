# The base of all layers: what a layer is told, what it knows, and what its
# children define. How it is called stands in layer-call.R, its weights in
# layer-weights.R, what users hold in layer-object.R.
#
# A child defines
#   create_weights(input_shape)         its variables, by add_weight()
#   call(inputs, ..., mask, training)   tensors in, tensors out
#   compute_output_shape(input_shape)   shapes with NA for unknown sizes
#   layer_config()                      its own part of the configuration
# and sets `supports_masking`, `input_axes` and the like in initialize().

# Arguments that every layer takes in `...`; those behind `trainable` are of
# older scripts, or say what Sequential models need to know of their input.
layer_options <- c(
  "name", "dtype", "trainable", "autocast", "activity_regularizer",
  "input_shape", "input_dim", "batch_size", "batch_input_shape",
  "input_length", "weights"
)

LayerBase <- R6::R6Class(
  "Layer",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    module = "keras.layers",
    # The names of its class and of those it inherits from.
    classes = NULL,
    name = NULL,
    path = NULL,
    dtype = NULL,
    autocast = TRUE,
    built = FALSE,
    # Does it call other layers?
    nests = FALSE,
    supports_masking = FALSE,
    activity_regularizer = NULL,
    # Names of the input's axes where their number is fixed, the least number
    # of axes otherwise, and the size of the last one once weights depend on it.
    input_axes = NULL,
    min_ndim = NULL,
    input_features = NULL,
    # The whole input shape, where the user gave it to the layer.
    batch_input_shape = NULL,
    # Nodes of its symbolic calls.
    calls = list(),

    initialize = function(...) {
      # Without a class attribute, `$` need not look for S3 methods first:
      # that search was a quarter of the cost of a small call.
      self$classes <- self$classes %||% setdiff(class(self), "R6")
      attr(self, "class") <- NULL
      options <- check_dots(..., .allowed = layer_options)
      self$name <- check_name(options$name) %||%
        unique_name(snake_case(self$classes[1]))
      self$path <- self$name
      self$dtype <- layer_dtype(options$dtype)
      private$is_trainable <- check_flag(options$trainable %||% TRUE,
                                         "trainable")
      self$autocast <- check_flag(options$autocast %||% TRUE, "autocast")
      self$activity_regularizer <- get_regularizer(
        options$activity_regularizer, "activity_regularizer"
      )
      self$batch_input_shape <- given_input_shape(options)
      private$given_weights <- options$weights
    },

    # ---- what children define ----------------------------------------------
    create_weights = function(input_shape) NULL,
    call = function(inputs, ..., mask = NULL, training = FALSE) inputs,
    compute_output_shape = function(input_shape) input_shape,
    compute_mask = function(inputs, mask = NULL) {
      if (self$supports_masking) mask
    },
    # Several symbolic outputs, in a flat list, as call() gives them.
    arrange_outputs = function(outputs) outputs,
    layer_config = function() list(),
    sublayers = function() list(),
    # Called before a symbolic call is noted down, with its other arguments.
    check_trace = function(inputs, ...) NULL,
    # The symbolic tensors that a symbolic call gives.
    trace_outputs = function(shape, inputs, ...) {
      symbols <- shape_symbols(self$compute_output_shape(shape), self$dtype)
      if (is.list(symbols)) self$arrange_outputs(symbols) else symbols
    },
    check_call_names = function(names) check_call_names(self, names),

    # ---- the same for all --------------------------------------------------
    invoke = function(inputs, ...) call_layer(self, inputs, ...),

    build = function(input_shape) {
      if (self$built) return(invisible(self))
      input_shape <- as_input_shape(input_shape)
      self$check_input(input_shape)
      unmeasured(untaped(self$create_weights(input_shape)))
      self$built <- TRUE
      private$built_shape <- input_shape
      if (!is.null(private$given_weights)) {
        self$set_weights(private$given_weights)
        private$given_weights <- NULL
      }
      invisible(self)
    },

    check_input = function(shape) {
      if (!is.list(shape) && !fits_layer(self, shape)) {
        abort_input_shape(self, shape)
      }
    },

    convert_inputs = function(inputs) convert_input(self, inputs),

    add_weight = function(shape = NULL, initializer = NULL, dtype = NULL,
                          trainable = TRUE, ..., regularizer = NULL,
                          constraint = NULL, name = NULL) {
      add_layer_weight(self, private, as_shape(shape), initializer,
                       dtype %||% self$dtype, trainable, regularizer,
                       constraint, name)
    },

    get_weights = function(trainable = NA) {
      lapply(chosen_weights(self, trainable), as.array)
    },
    set_weights = function(weights) set_layer_weights(self, weights),
    count_params = function() count_layer_params(self),

    # Layers with states put zeros into them.
    reset_state = function() {
      for (layer in self$sublayers()) layer$reset_state()
      invisible(NULL)
    },
    reset_states = function() self$reset_state(),

    add_loss = function(loss) {
      for (value in if (is.list(loss)) loss else list(loss)) {
        note_loss(self, value)
      }
      invisible(NULL)
    },

    get_config = function() {
      base <- list(name = self$name, trainable = self$trainable,
                   dtype = dtype_policy(self$dtype))
      if (!is.null(self$activity_regularizer)) {
        base$activity_regularizer <-
          serialize_object(self$activity_regularizer)
      }
      own <- self$layer_config()
      config <- c(base[setdiff(names(base), names(own))], own)
      structure(config, `__class__` = paste0(self$module, ".",
                                             self$classes[1]))
    },
    get_build_config = function() {
      if (!is.null(private$built_shape)) {
        list(input_shape = private$built_shape)
      }
    }
  ),

  active = list(
    trainable = function(value) {
      if (missing(value)) return(private$is_trainable)
      value <- check_flag(value, "trainable")
      private$is_trainable <- value
      for (v in private$own_trainable) v$trainable <- value
      for (layer in self$sublayers()) layer$trainable <- value
    },
    weights = function() all_weights(self),
    variables = function() all_weights(self),
    trainable_weights = function() chosen_weights(self, TRUE),
    trainable_variables = function() chosen_weights(self, TRUE),
    non_trainable_weights = function() chosen_weights(self, FALSE),
    non_trainable_variables = function() chosen_weights(self, FALSE),
    # Declared as trainable first, as Keras orders them.
    own_weights = function() c(private$own_trainable, private$own_frozen),
    losses = function() layer_losses(self),
    noted_losses = function() private$noted,
    compute_dtype = function() self$dtype,
    variable_dtype = function() self$dtype,
    input = function() node_tensors(self, "inputs"),
    output = function() node_tensors(self, "outputs"),
    input_shape = function() tensor_shapes(node_tensors(self, "inputs")),
    output_shape = function() tensor_shapes(node_tensors(self, "outputs"))
  ),

  private = list(
    is_trainable = TRUE,
    own_trainable = list(),
    own_frozen = list(),
    given_weights = NULL,
    built_shape = NULL,
    noted = list(),
    noted_in = 0
  )
)

# ---- reading the options -----------------------------------------------------

check_name <- function(name) {
  name <- check_string(name, "name", null_ok = TRUE)
  if (!is.null(name) && grepl("/", name, fixed = TRUE)) {
    must_be(name, "name", "a string without \"/\"")
  }
  name
}

# A name of a type, or Keras's record of one.
layer_dtype <- function(dtype) {
  if (is.list(dtype)) dtype <- dtype$config$name %||% dtype$name
  if (is.null(dtype)) return(the$floatx)
  if (!identical(dtype, "float32") && !identical(dtype, "float64")) {
    must_be(dtype, "dtype", "\"float32\" or \"float64\"")
  }
  dtype
}

dtype_policy <- function(dtype) {
  list(module = "keras", class_name = "DTypePolicy",
       config = list(name = dtype), registered_name = NULL)
}

# The whole shape from `input_shape`, `input_dim`, `batch_size` or
# `batch_input_shape`.
given_input_shape <- function(options) {
  if (!is.null(options$batch_input_shape)) {
    return(as_shape(options$batch_input_shape, "batch_input_shape"))
  }
  shape <- as_shape(options$input_shape, "input_shape")
  if (is.null(shape) && !is.null(options$input_dim)) {
    shape <- c(as_shape(options$input_length, "input_length"),
               check_count(options$input_dim, "input_dim"))
  }
  if (is.null(shape)) return(NULL)
  batch <- options$batch_size
  c(if (is.null(batch)) NA_integer_ else check_count(batch, "batch_size"),
    shape)
}
