# A layer applied to each step of a sequence.

TimeDistributed <- R6::R6Class(
  "TimeDistributed",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    layer = NULL,
    # May the steps be rows of one batch?
    by_row = FALSE,

    initialize = function(layer, ...) {
      super$initialize(...)
      self$layer <- unwrap_layer(layer, "layer")
      self$nests <- TRUE
      self$supports_masking <- TRUE
      self$min_ndim <- 3L
      self$input_dtype <- self$layer$input_dtype
    },

    sublayers = function() list(self$layer),

    create_weights = function(input_shape) {
      place_inside(self$layer, self)
      self$layer$build(input_shape[-2])
      self$by_row <- works_by_row(self$layer)
    },

    check_input = function(shape) {
      super$check_input(shape)
      if (self$layer$built) self$layer$check_input(shape[-2])
    },

    convert_inputs = function(inputs) {
      if (is.null(self$input_dtype)) return(super$convert_inputs(inputs))
      self$layer$convert_inputs(inputs)
    },

    check_trace = function(inputs, ...) {
      if (!is.null(self$input_dtype)) self$layer$check_trace(inputs)
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      mask <- check_outer_mask(mask, shape_of(inputs))
      if (!is.null(mask) && rank_of(mask) == 2L) mask <- NULL
      if (self$by_row) return(private$call_at_once(inputs, mask, training))
      private$call_steps(inputs, mask, training)
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      shape <- self$layer$compute_output_shape(input_shape[-2])
      append(shape, input_shape[2], 1L)
    },

    layer_config = function() {
      list(layer = serialize_object(wrap_layer(self$layer)))
    }
  ),
  private = list(
    # Steps become rows of one large batch.
    call_at_once = function(inputs, mask, training) {
      shape <- shape_of(inputs)
      merge <- function(x) {
        op_reshape(x, c(prod(shape[1:2]), shape_of(x)[-(1:2)]))
      }
      y <- one_tensor(self, self$layer$call(
        merge(inputs), mask = if (!is.null(mask)) merge(mask),
        training = training
      ))
      op_reshape(y, c(shape[1:2], shape_of(y)[-1]))
    },

    call_steps = function(inputs, mask, training) {
      steps <- op_unstack(inputs, axis = 2L)
      masks <- if (!is.null(mask)) op_unstack(mask, axis = 2L)
      outputs <- lapply(seq_along(steps), function(t) {
        one_tensor(self, self$layer$call(steps[[t]], mask = masks[[t]],
                                         training = training))
      })
      op_stack(outputs, axis = 2L)
    }
  )
)

from_config_time_distributed <- function(config, custom_objects = NULL) {
  config$layer <- deserialize_object(config$layer, custom_objects)
  wrap_layer(construct(TimeDistributed$new, config))
}

one_tensor <- function(self, y) {
  if (is_tensor(y)) return(y)
  abort_argument(sprintf(
    "The layer inside `%s` must give one tensor, not %s.", self$name,
    describe(y)), "layer")
}

# A mask whose first two axes are those of the input.
check_outer_mask <- function(mask, shape) {
  if (is.null(mask)) return(NULL)
  have <- shape_of(mask)
  if (length(have) < 2L || !identical(have[1:2], shape[1:2])) {
    abort_shape(sprintf(
      "`mask` must have shape [batch, time, ...] = [%d, %d, ...], not %s.",
      shape[1], shape[2], format_shape(have)), "mask")
  }
  mask
}

# Layers of the package that treat each row of a batch by itself, so that it
# makes no difference how many there are.
row_layers <- c(
  "Activation", "AveragePooling1D", "Bidirectional", "Conv1D",
  "Conv1DTranspose", "Cropping1D", "Dense", "DepthwiseConv1D", "Dropout", "ELU",
  "Embedding", "Flatten", "GaussianDropout", "GaussianNoise",
  "GlobalAveragePooling1D", "GlobalMaxPooling1D", "GRU", "Identity",
  "LayerNormalization", "LeakyReLU", "LSTM", "Masking", "MaxPooling1D",
  "Permute", "PReLU", "ReLU", "RepeatVector", "Reshape", "SeparableConv1D",
  "SimpleRNN", "Softmax", "SpatialDropout1D", "UnitNormalization",
  "UpSampling1D", "ZeroPadding1D"
)

works_by_row <- function(layer) {
  if (!layer$classes[1] %in% row_layers || isTRUE(layer$stateful) ||
        !is.null(layer$noise_shape)) {
    return(FALSE)
  }
  for (name in c("activation", "recurrent_activation")) {
    # A function of the user's own may look at other rows.
    f <- layer[[name]]
    if (!is.null(f) && is.null(activation_name(f))) return(FALSE)
  }
  if (layer$classes[1] != "Bidirectional") return(TRUE)
  all(vapply(layer$sublayers(), works_by_row, NA))
}

#' Apply a layer to each step
#'
#' Applies one and the same layer to each step of a sequence:
#' \eqn{y_t = layer(x_t)}. Input `[batch, time, ...]`, output
#' `[batch, time, ...]`, as the layer makes `[batch, ...]` of `[batch, ...]`.
#'
#' @inheritParams layer_dropout
#' @param object What the layer is composed with, see [layer_dense()].
#' @param layer A layer or model that takes one tensor and gives one.
#' @return A layer, the model (invisibly), or what the layer gives.
#' @section Call arguments: `mask` `[batch, time]` is handed on as it is; one
#'   with more axes `[batch, time, steps]` is handed to `layer`, step by step.
#'   `training` is passed on.
#' @section Errors: `elman_error_argument` where `layer` is none;
#'   `elman_error_shape` where the input has fewer than three axes, or the mask
#'   does not fit.
#' @section Compatibility: As in keras3, a penalty on the activity of `layer` is
#'   not counted.
#' @examples
#' layer <- layer_time_distributed(layer = layer_dense(units = 3))
#' dim(layer(array(0, c(2, 5, 4))))
#' @export
layer_time_distributed <- function(object, layer, ...) {
  if (missing(layer)) must_be_given("layer", "a layer")
  compose_layer(object, function() TimeDistributed$new(layer = layer, ...))
}

#' @rdname layer_time_distributed
#' @export
time_distributed <- layer_time_distributed
