# Layers written in plain R. The package's code meets them as it meets its own:
# the methods in own_layer_host() stand between call_layer() and the user's.

layer_kind <- list(
  what = "Layer",
  native = "LayerBase",
  root = "LayerBase",
  composing = TRUE,
  host = function(definition) own_layer_host(definition),
  managed = "build",
  needs_super = TRUE,
  finish = identity,
  formals = function(...) NULL
)

#' Layers of your own
#'
#' Defines a class of layers in plain R. What `Layer()` returns is used like any
#' `layer_*()`: called with a tensor, array or symbolic tensor it gives the
#' output, with a sequential model it adds the layer, without an object it gives
#' the layer.
#'
#' @param classname Name of the class, as summaries and configurations show it.
#' @param initialize Function that takes the arguments of the layer. It must
#'   call `super$initialize(...)`, which takes `name`, `dtype`, `trainable`,
#'   `autocast`, `activity_regularizer` and, for a first layer, `input_shape`.
#'   Without it the layer takes those.
#' @param call Function of the inputs that gives the outputs, built from `op_*`,
#'   arithmetic and other layers. Its gradient follows from the operations.
#'   Where it has an argument `training`, it is told whether the model is being
#'   trained; where it has `mask`, the mask of the input; with several tensors
#'   `a` and `b`, their masks as `a_mask` and `b_mask`.
#' @param build Function of `input_shape` (the batch is `NULL` in it) that makes
#'   the weights by `self$add_weight()`, called once before the first call. With
#'   several tensor arguments it may take `a_shape` and `b_shape` instead.
#' @param get_config Function that gives the arguments of `initialize` as a
#'   named list. Without it they are remembered as they were given.
#' @param ...,public More methods and fields: `compute_mask(inputs, mask)`,
#'   `compute_output_shape(input_shape)`, `from_config(config)`, helpers, and
#'   properties by [active_property()].
#' @param private Methods and fields that only methods see, as `private$name`.
#' @param inherit A class made by `Layer()`, or a `layer_*` function such as
#'   [layer_dense()], whose methods are then reached by `super$call()` and such.
#' @param parent_env Where the methods look up what they do not define.
#' @return A function with the arguments of `initialize`, after `object`.
#' @details In methods, `self` is the layer. Fields are set by `self$x <- `.
#'   Layers and variables in fields, also in lists, belong to the layer: their
#'   weights come after its own, in the order in which they were assigned.
#'
#'   `self$add_weight(shape, initializer, dtype, trainable, regularizer,
#'   constraint, name)` makes a variable, `self$add_loss(value)` adds a scalar
#'   to the loss of this call. `self$supports_masking <- TRUE` hands the mask of
#'   the input on; so does a `compute_mask` method.
#'
#'   Where there is no `compute_output_shape`, the shape of the output is found
#'   by calling `call` on symbolic tensors or, where that fails, on zeros.
#' @section Errors: `elman_error_argument` for a member that is no function
#'   where one must be, or an `inherit` that is no layer; `elman_error_state`
#'   where `initialize` does not call `super$initialize()`; `elman_error_shape`
#'   where the shape of the output cannot be found.
#' @section Compatibility: keras3 cannot make a layer from its configuration
#'   before its class is named in `custom_objects` or registered; here the
#'   configuration remembers the class within a session. A field whose layer is
#'   replaced gives up the old one's weights; Keras keeps counting them.
#' @family classes
#' @examples
#' layer_linear <- Layer(
#'   "Linear",
#'   initialize = function(units = 32, ...) {
#'     super$initialize(...)
#'     self$units <- as.integer(units)
#'   },
#'   build = function(input_shape) {
#'     self$w <- self$add_weight(shape(tail(input_shape, 1), self$units))
#'     self$b <- self$add_weight(shape(self$units), "zeros")
#'   },
#'   call = function(inputs) op_matmul(inputs, self$w) + self$b
#' )
#' model <- keras_model_sequential(input_shape = 3) |>
#'   layer_linear(units = 4) |>
#'   layer_linear(units = 1)
#' model
#' @export
Layer <- function(classname, initialize = NULL, call = NULL, build = NULL,
                  get_config = NULL, ..., public = list(), private = list(),
                  inherit = NULL, parent_env = parent.frame()) {
  members <- gather_members(
    list(initialize = initialize, call = call, build = build,
         get_config = get_config), ..., public = public
  )
  define_class(layer_kind, classname, members, private, inherit, parent_env)
}

#' @rdname Layer
#' @export
new_layer_class <- Layer

# ---- the R6 class ------------------------------------------------------------

# Only what the user defines is put between; a class that inherits from
# layer_dense() and changes its call() keeps all else of it.
own_layer_host <- function(definition) {
  plain <- definition$native %in% c("LayerBase", "FunctionalModel")
  groups <- c(
    "all",
    if (defines(definition, "call")) "call",
    if (defines(definition, "call") && plain) "plain",
    if (defines(definition, "build") || plain) "build",
    if (defines(definition, "compute_output_shape")) "shape",
    if (defines(definition, "compute_mask")) "mask"
  )
  host <- list()
  for (group in own_methods[groups]) host[names(group)] <- group
  host
}

# R6 gives these functions `self`, `super` and `private`.
own_methods <- list(
  all = list(
    nests = TRUE,
    initialize = function(definition, arguments) {
      start_own_layer(self, super, definition, arguments)
    },
    sublayers = function() {
      layers <- super$sublayers()
      if (length(self$own$layers)) unique(c(layers, self$own$layers)) else
        layers
    },
    get_config = function() own_config(self, super$get_config),
    adopt_variables = function(variables) {
      adopt_variables(self, private, variables)
    },
    add_variable = function(...) self$add_weight(...)
  ),
  call = list(
    invoke = function(inputs, ...) own_invoke(self, inputs, ...),
    call = function(inputs, ..., mask = NULL, training = NULL) {
      own_call(self, inputs, ..., mask = mask, training = training)
    },
    check_call_names = function(names) check_own_names(self, names),
    trace_outputs = function(shape, inputs, ...) {
      own_trace_outputs(self, shape, inputs, ...)
    }
  ),
  plain = list(
    convert_inputs = function(inputs) convert_own(self, inputs),
    check_input = function(shape) NULL,
    compute_output_shape = function(input_shape) {
      symbol_shapes(infer_outputs(self, symbols_like(self, input_shape)))
    }
  ),
  build = list(
    create_weights = function(input_shape) {
      own_create_weights(self, super, input_shape)
    }
  ),
  shape = list(
    compute_output_shape = function(input_shape) {
      as_input_shape(self$own$methods$compute_output_shape(
        user_shape(input_shape)))
    }
  ),
  mask = list(
    compute_mask = function(inputs, mask = NULL) {
      self$own$methods$compute_mask(inputs, mask)
    }
  )
)

# ---- making one --------------------------------------------------------------

start_own_layer <- function(self, native, definition, arguments) {
  classes <- own_classes(definition, class(self))
  self$classes <- c(classes[1], "elman_own", classes[-1])
  attr(self, "class") <- NULL
  taken <- ls(self, all.names = TRUE)
  object <- wrap_layer(self)
  own <- bind_class(self, object, native_layer_method(self, native), definition)
  own$taken <- taken
  own$settable <- settable_fields(definition)
  own$hidden <- new.env(parent = emptyenv())
  own$held <- list()
  own$layers <- list()
  own$metrics <- list()
  own$arguments <- arguments
  self$own <- own
  own$call <- call_form(own$methods$call)
  host <- names(definition$generator$public_methods)
  free <- setdiff(names(own$methods), c("initialize", host, "from_config"))
  for (name in free) {
    assign(name, own$methods[[name]],
           envir = if (name %in% taken) own$hidden else self)
  }
  for (name in names(own$active)) {
    envir <- if (name %in% taken) own$hidden else self
    makeActiveBinding(name, plain_function(own$active[[name]]), envir)
  }
  for (name in names(own$fields)) {
    `$<-.elman_own`(object, name, own$fields[[name]])
  }
  run_initialize(own, arguments, native_layer_method(self, native))
}

# What `super$name` is where no class of the user's has it.
native_layer_method <- function(self, native) {
  force(native)
  function(name) {
    if (name == "initialize") {
      return(function(...) {
        native$initialize(...)
        self$own$started <- TRUE
        if (!is.null(self$own$methods$compute_mask)) {
          self$supports_masking <- TRUE
        }
        invisible(NULL)
      })
    }
    if (name == "build") {
      return(function(input_shape) {
        native$create_weights(as_input_shape(input_shape))
        invisible(NULL)
      })
    }
    if (name == "compute_output_shape") {
      return(function(input_shape) {
        user_shape(native$compute_output_shape(as_input_shape(input_shape)))
      })
    }
    value <- get0(name, envir = native, inherits = FALSE)
    if (is.null(value)) `$.elman_layer`(wrap_layer(self), name) else value
  }
}

# Variables that were put into fields without add_weight().
adopt_variables <- function(self, private, variables) {
  for (variable in variables) {
    known <- c(private$own_trainable, private$own_frozen)
    if (!is.na(index_of(variable, known))) next
    group <- if (variable$trainable) "own_trainable" else "own_frozen"
    private[[group]] <- c(private[[group]], list(variable))
  }
}

# ---- building ----------------------------------------------------------------

own_create_weights <- function(self, native, input_shape) {
  for (layer in self$own$layers) {
    if (!layer$built && !is_model_instance(self)) {
      layer$path <- paste0(self$path, "/", layer$name)
    }
  }
  build <- self$own$methods$build
  if (!is.null(build)) {
    do.call(build, build_arguments(self, build, input_shape), quote = TRUE)
  } else {
    native$create_weights(input_shape)
    if (!isTRUE(self$own$calling) && !is.null(self$own$call)) {
      build_sublayers(self, input_shape)
    }
  }
}

# build(input_shape) gets the first tensor's shape; build(a_shape, b_shape)
# those of the tensors that call(a, b) was called with.
build_arguments <- function(self, build, input_shape) {
  names <- setdiff(names(formals(build)), "...")
  if (!length(names)) return(list())
  shapes <- self$own$shapes
  own <- paste0(names(shapes), "_shape")
  if (length(names) > 1L && all(names %in% own)) {
    return(lapply(stats::setNames(shapes[match(names, own)], names),
                  user_shape))
  }
  list(user_shape(input_shape))
}

# Without a build() the layers inside are built by a call on symbols.
build_sublayers <- function(self, input_shape) {
  open <- Filter(function(layer) !layer$built, self$own$layers)
  if (!length(open)) return(invisible())
  infer_outputs(self, symbols_like(self, input_shape))
  invisible()
}
