# Inputs of functional models.

InputLayer <- R6::R6Class(
  "InputLayer",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    batch_shape = NULL,
    optional = FALSE,

    initialize = function(batch_shape, dtype = NULL, sparse = NULL,
                          ragged = NULL, name = NULL, optional = FALSE, ...) {
      if (isTRUE(sparse) || isTRUE(ragged)) {
        abort_argument(
          "`sparse` and `ragged` must be FALSE: tensors are dense.", "sparse"
        )
      }
      super$initialize(name = name, ...)
      self$batch_shape <- as_shape(batch_shape, "batch_shape")
      # Inputs may be of any type, such as the whole numbers of an embedding.
      self$dtype <- if (is.null(dtype)) the$floatx else check_dtype(dtype)
      self$optional <- check_flag(optional, "optional")
      self$supports_masking <- TRUE
      self$built <- TRUE
      tensor <- new_symbolic(self$batch_shape, self$dtype, self$name)
      self$calls <- list(new_node(self, list(), list(tensor)))
    },

    layer_config = function() {
      list(batch_shape = as.list(new_shape(self$batch_shape)),
           dtype = self$dtype, sparse = FALSE, ragged = FALSE,
           name = self$name, optional = self$optional)
    },

    get_config = function() {
      structure(self$layer_config(), `__class__` = "keras.layers.InputLayer")
    }
  )
)

#' Input of a functional model
#'
#' Makes a symbolic tensor: a shape without numbers. Layers called on it give
#' symbolic tensors again, and [keras_model()] makes a model of what lies
#' between two of them.
#'
#' @param shape Sizes without the batch; `NA` for an unknown one. A sequence of
#'   any length with 8 features is `c(NA, 8)`.
#' @param batch_size Number of samples, where it is fixed.
#' @param dtype Type, `NULL` for `config_floatx()`.
#' @param sparse,ragged Must be `NULL` or `FALSE`: tensors here are dense.
#' @param batch_shape The whole shape, in place of `shape` and `batch_size`.
#' @param name Name of the input; by default `input_layer`, `input_layer_1`, ...
#' @param tensor A symbolic tensor, which is given back as it is.
#' @param optional Accepted for compatibility.
#' @return A symbolic tensor of shape (batch, ...).
#' @section Errors: `elman_error_argument` where neither `shape` nor
#'   `batch_shape` is given, or both.
#' @examples
#' inputs <- keras_input(shape = c(NA, 8))
#' inputs
#' layer_simple_rnn(inputs, units = 4)
#' @export
keras_input <- function(shape = NULL,
                        batch_size = NULL,
                        dtype = NULL,
                        sparse = NULL,
                        ragged = NULL,
                        batch_shape = NULL,
                        name = NULL,
                        tensor = NULL,
                        optional = FALSE) {
  if (!is.null(tensor)) {
    if (!is_symbolic(tensor)) must_be(tensor, "tensor", "a symbolic tensor")
    return(tensor)
  }
  if (is.null(shape) == is.null(batch_shape)) {
    abort_argument("Give one of `shape` and `batch_shape`.", "shape")
  }
  if (is.null(batch_shape)) {
    batch <- if (!is.null(batch_size)) check_count(batch_size, "batch_size")
    batch_shape <- c(batch %||% NA_integer_, as_shape(shape))
  }
  layer <- InputLayer$new(batch_shape, dtype = dtype, sparse = sparse,
                          ragged = ragged, name = name, optional = optional)
  layer$calls[[1]]$outputs[[1]]
}

#' @rdname keras_input
#' @export
layer_input <- keras_input
