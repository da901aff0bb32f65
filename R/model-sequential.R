# Sequential models: layers in a row.

SequentialModel <- R6::R6Class(
  "Sequential",
  inherit = ModelBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    stack = list(),
    # The symbolic input that was given, if any; without it the model is built
    # by the first data it sees.
    given_input = NULL,

    initialize = function(name = NULL, trainable = TRUE) {
      super$initialize(name = name, trainable = trainable)
      self$stack <- list()
    },

    sublayers = function() self$stack,
    listed_layers = function() self$stack,

    add = function(layer) {
      if (is_symbolic(layer)) {
        self$set_input(layer)
        return(invisible(wrap_layer(self)))
      }
      layer <- unwrap_layer(layer)
      names <- vapply(self$stack, function(l) l$name, "")
      if (layer$name %in% names) {
        abort_argument(sprintf(paste(
          "The layers of a model must have different names: there is a \"%s\"",
          "already."
        ), layer$name), "name")
      }
      if (!length(self$stack) && is.null(self$given_input)) {
        input <- input_of_layer(layer)
        if (!is.null(input)) self$set_input(input)
      }
      self$append(layer)
      invisible(wrap_layer(self))
    },

    # Joins the layer to the outputs so far; the model stays as it was where
    # that fails.
    append = function(layer) {
      if (!is.null(self$outputs)) {
        if (length(self$outputs) != 1L) {
          abort_shape(sprintf(
            "Layer \"%s\" takes one tensor, but the layer before it gives %d.",
            layer$name, length(self$outputs)), "object")
        }
        self$outputs <- symbolic_leaves(layer$invoke(self$outputs[[1]]))
        self$built <- TRUE
      }
      self$stack <- c(self$stack, list(layer))
      self$begin_anew()
    },

    set_input = function(input) {
      self$given_input <- input
      self$inputs <- list(input)
      self$outputs <- list(input)
      self$begin_anew()
    },

    # Neither the plan nor recorded steps are those of the layers any more.
    begin_anew = function() {
      self$plan <- NULL
      note_edit()
    },

    pop = function() {
      n <- length(self$stack)
      if (!n) abort_state("The model has no layer to take off.")
      last <- self$stack[[n]]
      self$stack <- self$stack[-n]
      self$built <- FALSE
      self$begin_anew()
      if (!is.null(self$inputs)) self$join(self$inputs[[1]])
      wrap_layer(last)
    },

    # Symbolic outputs from a symbolic input, layer by layer.
    join = function(input) {
      x <- input
      for (layer in self$stack) x <- layer$invoke(x)
      self$inputs <- list(input)
      self$outputs <- symbolic_leaves(x)
      self$built <- length(self$stack) > 0L
    },

    build = function(input_shape) {
      if (self$built || !length(self$stack)) return(invisible(self))
      dtype <- self$stack[[1]]$input_dtype %||% self$dtype
      self$join(new_symbolic(as_shape(input_shape), dtype))
      invisible(self)
    },

    call = function(inputs, ..., mask = NULL) {
      if (!is.null(mask)) inputs <- set_mask(inputs, mask)
      for (layer in self$stack) inputs <- layer$invoke(inputs)
      inputs
    },

    compute_output_shape = function(input_shape) {
      shape <- as_shape(input_shape)
      for (layer in self$stack) shape <- layer$compute_output_shape(shape)
      shape
    },

    get_config = function() {
      layers <- lapply(self$stack, function(l) serialize_object(wrap_layer(l)))
      if (!is.null(self$given_input)) {
        layers <- c(list(serialize_input(self$given_input)), layers)
      }
      config <- list(name = self$name, trainable = self$trainable,
                     dtype = self$dtype, layers = layers)
      if (self$built) {
        config$build_input_shape <- as.list(new_shape(shape_of(
          self$inputs[[1]])))
      }
      structure(config, `__class__` = "keras.models.Sequential")
    }
  )
)

# The symbolic input that a first layer's own `input_shape` asks for.
input_of_layer <- function(layer) {
  shape <- layer$batch_input_shape
  if (is.null(shape)) return(NULL)
  keras_input(batch_shape = shape, dtype = layer$input_dtype)
}

serialize_input <- function(input) {
  list(module = "keras.layers", class_name = "InputLayer",
       config = list(batch_shape = as.list(new_shape(shape_of(input))),
                     dtype = dtype_of(input), name = source_name(input)),
       registered_name = NULL)
}

from_config_sequential <- function(config, custom_objects = NULL) {
  model <- SequentialModel$new(name = config$name,
                               trainable = config$trainable %||% TRUE)
  for (layer in config$layers) {
    if (identical(layer$class_name, "InputLayer")) {
      model$set_input(keras_input(batch_shape = layer$config$batch_shape,
                                  dtype = layer$config$dtype,
                                  name = layer$config$name))
    } else {
      model$add(deserialize_object(layer, custom_objects))
    }
  }
  wrap_layer(model)
}

#' Sequential models
#'
#' A model of layers in a row, each taking what the one before gives. Layers are
#' added in place by piping the model into `layer_*()`. Without an input shape
#' the model is built by the first data it sees.
#'
#' @param input_shape Shape of one sample, without the batch:
#'   `c(time, feature)`; `NA` for an unknown size.
#' @param name Name; made from the class where it is `NULL`.
#' @param ... `batch_input_shape` (the same as `input_batch_shape`) and
#'   `input_layer_name` (as `input_name`); a trailing comma is forgiven.
#' @param input_dtype Type of the input; `NULL` for `config_floatx()`.
#' @param input_batch_size Number of samples in a batch, where it is fixed.
#' @param input_batch_shape Shape with the batch, instead of `input_shape`.
#' @param input_name Name of the input.
#' @param input_tensor A symbolic tensor to start from.
#' @param input_sparse,input_ragged,input_optional Accepted for compatibility;
#'   must be `FALSE` or `NULL`.
#' @param trainable Whether training changes the weights.
#' @param layers A layer or a list of layers to begin with.
#' @return A model. It is changed in place by whatever adds to it or trains it.
#' @section Errors: `elman_error_argument` where `layers` holds anything else,
#'   or two layers share a name; `elman_error_shape` where a layer cannot take
#'   what comes from the one before.
#' @family models
#' @examples
#' model <- keras_model_sequential(input_shape = c(10, 2)) |>
#'   layer_simple_rnn(units = 4) |>
#'   layer_dense(units = 1)
#' model
#' @export
keras_model_sequential <- function(input_shape = NULL, name = NULL, ...,
                                   input_dtype = NULL, input_batch_size = NULL,
                                   input_sparse = NULL, input_ragged = NULL,
                                   input_batch_shape = NULL, input_name = NULL,
                                   input_tensor = NULL, input_optional = FALSE,
                                   trainable = TRUE, layers = list()) {
  if (is_layer(input_shape) || is.list(input_shape) &&
        any(vapply(input_shape, is_layer, NA))) {
    abort_argument("`layers` must be passed by name: `layers = `.", "layers")
  }
  dots <- check_dots(..., .allowed = c("batch_input_shape",
                                       "input_layer_name"))
  input_batch_shape <- input_batch_shape %||% dots$batch_input_shape
  input_name <- input_name %||% dots$input_layer_name
  check_dense_input(input_sparse, input_ragged, input_optional)
  model <- SequentialModel$new(name = check_string(name, "name",
                                                   null_ok = TRUE),
                               trainable = check_flag(trainable, "trainable"))
  given <- list(input_shape, input_batch_shape, input_dtype, input_batch_size,
                input_name, input_tensor)
  if (!all(vapply(given, is.null, NA))) {
    model$set_input(input_tensor %||% keras_input(
      shape = input_shape, batch_size = input_batch_size, dtype = input_dtype,
      batch_shape = input_batch_shape, name = input_name
    ))
  }
  if (!is.list(layers)) layers <- list(layers)
  for (layer in layers) {
    if (!is_layer(layer)) must_be(layers, "layers", "a layer or a list of them")
    model$add(layer)
  }
  wrap_layer(model)
}

check_dense_input <- function(sparse, ragged, optional) {
  asked <- c(input_sparse = isTRUE(sparse), input_ragged = isTRUE(ragged),
             input_optional = isTRUE(optional))
  if (any(asked)) {
    arg <- names(asked)[asked][1]
    abort_argument(sprintf("`%s` must be FALSE: inputs are dense arrays.", arg),
                   arg)
  }
}
