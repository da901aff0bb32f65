# Models written in plain R: layers in fields and a call(), or the functional
# kind with steps of its own.

model_kind <- list(
  what = "Model",
  native = "FunctionalModel",
  root = "ModelBase",
  composing = FALSE,
  host = function(definition) own_model_host(definition),
  managed = "build",
  needs_super = TRUE,
  finish = function(instance) wrap_layer(instance),
  formals = function(...) NULL
)

#' Models of your own
#'
#' Defines a class of models in plain R: layers made in `initialize` and used in
#' `call`. The model is built by the first data it sees, and is compiled,
#' fitted, evaluated, saved and nested as any other. Where the class has no
#' `call`, its models are made as `MyModel(inputs, outputs)`, like
#' [keras_model()], with steps of their own.
#'
#' @inheritParams Layer
#' @param initialize Function that takes the arguments of the model and calls
#'   `super$initialize(...)`, which takes `name`, `trainable` and `dtype`, or
#'   `inputs` and `outputs`.
#' @param train_step Function of `data`, a list of `x`, `y` and `sample_weight`
#'   as far as they are given, which makes one update from one batch and gives a
#'   named list of what is to be logged.
#' @param test_step The same for [evaluate()], without an update.
#' @param predict_step Function of `data`, a list of `x`, that gives the
#'   outputs.
#' @param compute_loss Function of `x`, `y`, `y_pred`, `sample_weight` and,
#'   where it has it, `training`, that gives the loss to lower, a scalar tensor.
#' @param compute_metrics Function of `x`, `y`, `y_pred` and `sample_weight`
#'   that brings the metrics up to date and gives a named list of their values.
#' @param inherit A class made by `Model()`, or [keras_model_sequential()].
#' @return A function with the arguments of `initialize`.
#' @details In steps, `self(x, training = TRUE)` runs the model,
#'   [value_and_grad()] differentiates, `self$optimizer$apply(gradients,
#'   self$trainable_variables)` updates, `self$compute_loss()` gives the loss
#'   that [compile()] was told, and `self$metrics` are the metrics of
#'   `compile()`, the running mean of the loss, and those in fields. What a
#'   field holds is reset at the beginning of each epoch. Logged values are
#'   tensors or numbers.
#' @section Errors: those of [Layer()]; `elman_error_state` where a model has
#'   neither `call` nor `inputs` and `outputs`; `elman_error_argument` where a
#'   step gives no named list.
#' @section Compatibility: Gradients are taken by `value_and_grad()` in place of
#'   TensorFlow's gradient tape.
#' @family classes
#' @family models
#' @examples
#' Forecaster <- Model(
#'   "Forecaster",
#'   initialize = function(units, ...) {
#'     super$initialize(...)
#'     self$memory <- layer_simple_rnn(units = units)
#'     self$head <- layer_dense(units = 1)
#'   },
#'   call = function(inputs) inputs |> self$memory() |> self$head()
#' )
#' model <- Forecaster(units = 3)
#' compile(model, "adam", loss = "mse")
#' x <- array(rnorm(80), c(8, 5, 2))
#' fit(model, x, x[, 5, 1], epochs = 2, verbose = 0)
#'
#' # A step written by hand.
#' ByHand <- Model(
#'   "ByHand",
#'   train_step = function(data) {
#'     c(x, y = NULL, sample_weight = NULL) %<-% data
#'     variables <- self$trainable_variables
#'     step <- value_and_grad(function() {
#'       self$compute_loss(y = y, y_pred = self(x, training = TRUE))
#'     }, variables)()
#'     self$optimizer$apply(step$variable_gradients, variables)
#'     list(loss = step$value)
#'   }
#' )
#' inputs <- keras_input(shape = 2)
#' model <- ByHand(inputs, layer_dense(inputs, units = 1))
#' compile(model, optimizer_sgd(0.1), loss = "mse")
#' fit(model, x[, 1, ], x[, 5, 1], epochs = 2, verbose = 0)
#' @export
Model <- function(classname, initialize = NULL, call = NULL, train_step = NULL,
                  predict_step = NULL, test_step = NULL, compute_loss = NULL,
                  compute_metrics = NULL, ..., public = list(),
                  private = list(), inherit = NULL,
                  parent_env = parent.frame()) {
  members <- gather_members(
    list(initialize = initialize, call = call, train_step = train_step,
         predict_step = predict_step, test_step = test_step,
         compute_loss = compute_loss, compute_metrics = compute_metrics),
    ..., public = public
  )
  define_class(model_kind, classname, members, private, inherit, parent_env)
}

#' @rdname Model
#' @export
new_model_class <- Model

# ---- the R6 class ------------------------------------------------------------

own_model_host <- function(definition) {
  host <- own_layer_host(definition)
  changed <- own_model_methods$all
  if (definition$native == "FunctionalModel") {
    changed <- c(changed, own_model_methods$free)
    if (defines(definition, "call")) changed <- c(changed,
                                                  own_model_methods$call)
  }
  host[names(changed)] <- changed
  host
}

own_model_methods <- list(
  all = list(
    initialize = function(definition, arguments) {
      start_own_layer(self, super, definition, arguments)
      if (is.null(self$own$call) && is.null(self$graph) &&
            is.null(self$stack)) {
        abort_state(sprintf(
          "Class \"%s\" must have a `call`, or `inputs` and `outputs`.",
          self$classes[1]))
      }
    }
  ),
  # A model with or without a graph.
  free = list(
    sublayers = function() {
      inner <- if (is.null(self$graph)) list() else super$sublayers()
      unique(c(inner, self$own$layers))
    },
    listed_layers = function() {
      if (is.null(self$graph)) self$own$layers else super$listed_layers()
    },
    build = function(input_shape) build_own_model(self, private, input_shape),
    get_config = function() {
      own_config(self, function() own_model_config(self, super$get_config))
    }
  ),
  call = list(
    call = function(inputs, ..., mask = NULL, training = NULL) {
      if (is.list(inputs) && is.null(names(inputs))) {
        names(inputs) <- self$own$input_names
      }
      own_call(self, inputs, ..., mask = mask, training = training)
    },
    convert_inputs = function(inputs) {
      if (is.null(self$graph)) convert_own(self, inputs) else
        super$convert_inputs(inputs)
    },
    compute_output_shape = function(input_shape) {
      if (!is.null(self$graph)) return(super$compute_output_shape(input_shape))
      symbol_shapes(infer_outputs(self, symbols_like(self, input_shape)))
    },
    get_build_config = function() {
      if (!is.null(private$built_shape)) list(input_shape = private$built_shape)
    }
  )
)

own_model_config <- function(self, functional) {
  if (!is.null(self$graph)) return(functional())
  list(name = self$name, trainable = self$trainable,
       dtype = dtype_policy(self$dtype))
}

# ---- building ----------------------------------------------------------------

# A model with a graph is built when it is made, a free one by a shape.
build_own_model <- function(self, private, input_shape) {
  if (self$built) return(invisible(self))
  input_shape <- as_input_shape(input_shape)
  unmeasured(untaped(self$create_weights(input_shape)))
  self$built <- TRUE
  private$built_shape <- input_shape
  invisible(self)
}

# Builds a free model for tensors, and learns how many outputs it has, of which
# shapes and names.
build_for_tensors <- function(self, tensors) {
  symbols <- lapply(tensors, function(t) {
    new_symbolic(c(NA_integer_, tensor_shape(t)[-1]), tensor_dtype(t))
  })
  names(symbols) <- if (length(symbols) > 1L) self$own$input_names
  symbols <- one_or_all(symbols)
  if (!self$built) self$build(symbol_shapes(symbols))
  outputs <- infer_outputs(self, symbols)
  if (is.list(outputs)) self$given_output_names <- names(outputs)
  self$outputs <- named_symbols(symbolic_leaves(outputs))
  self$plan <- NULL
  invisible(self)
}

# A list of arrays is a free model's inputs, as many as there are.
note_inputs <- function(self, x) {
  if (!is_free_model(self) || !is.null(self$given_input_names)) {
    return(invisible())
  }
  several <- is.list(x) && !is.data.frame(x) && length(x) > 1L &&
    all(vapply(x, function(part) is_tensor(part) || !is.null(dim(part)), NA))
  if (!several) return(invisible())
  self$own$input_names <- names(x)
  self$given_input_names <- names(x) %||% paste0("input_", seq_along(x))
}

# A step of the user's own may do without targets, and so may a model whose
# layers say what is lost.
needs_targets <- function(self) {
  !is.null(self$compile_arguments$loss) && !takes_own_steps(self)
}

named_symbols <- function(symbols) {
  if (length(symbols) == 1L) return(symbols)
  for (k in seq_along(symbols)) {
    assign("name", paste0("output_", k), envir = symbols[[k]])
  }
  symbols
}
