# What all models are: layers made of layers, that can be compiled, trained and
# asked for predictions.

# A subclass has `sublayers()` (instances, in the order of their weights),
# `call(inputs)`, and once built `inputs` and `outputs` (symbolic tensors).
ModelBase <- R6::R6Class(
  "elman_model",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    module = "keras.models",
    nests = TRUE,
    supports_masking = TRUE,
    inputs = NULL,
    outputs = NULL,
    optimizer = NULL,
    compiled = FALSE,
    compile_arguments = NULL,
    stop_training = FALSE,
    # What a training step needs, resolved once; dropped by compile().
    plan = NULL,

    get_layer = function(name = NULL, index = NULL) {
      if (!is.null(index) && index >= 0) index <- index + 1L
      get_layer(wrap_layer(self), name, index)
    },
    compile = function(...) compile(wrap_layer(self), ...),
    fit = function(...) fit(wrap_layer(self), ...),
    evaluate = function(...) evaluate(wrap_layer(self), ...),
    predict = function(...) predict(wrap_layer(self), ...),
    summary = function(...) summary(wrap_layer(self), ...),
    train_on_batch = function(...) train_on_batch(wrap_layer(self), ...),
    test_on_batch = function(...) test_on_batch(wrap_layer(self), ...),
    predict_on_batch = function(...) predict_on_batch(wrap_layer(self), ...),

    reset_metrics = function() {
      for (metric in self$metrics) metric$reset_state()
      if (!is.null(self$plan)) reset_trackers(self$plan)
    },

    # Steps that classes of users' own extend, see own-step.R.
    train_step = function(data) model_train_step(self, data),
    test_step = function(data) model_test_step(self, data),
    predict_step = function(data) model_predict_step(self, data),
    compute_loss = function(x = NULL, y = NULL, y_pred = NULL,
                            sample_weight = NULL, training = TRUE) {
      model_loss(self, y, y_pred, sample_weight)
    },
    compute_metrics = function(x, y, y_pred, sample_weight = NULL) {
      model_metrics_step(self, y, y_pred, sample_weight)
    },
    get_metrics_result = function() metrics_result(self$metrics),

    # Masks travel on the tensors: a model hands on what its last layers give.
    compute_mask = function(inputs, mask = NULL) NULL,

    # R arrays and tensors in the model's own order, dtypes and ranks.
    convert_inputs = function(inputs) {
      tensors <- feed_tensors(inputs, input_names(self), "inputs")
      one_or_all(fit_inputs(self, tensors, "inputs"))
    },

    check_input = function(shape) NULL,

    get_build_config = function() {
      if (!is.null(self$inputs)) list(input_shape = shape_of(self$inputs[[1]]))
    }
  ),
  active = list(
    layers = function(value) {
      if (!missing(value)) abort_argument("`layers` cannot be set.", "layers")
      lapply(self$listed_layers(), wrap_layer)
    },
    input_shape = function() user_shapes(self$inputs),
    output_shape = function() user_shapes(self$outputs),
    input = function() one_or_all(self$inputs),
    output = function() one_or_all(self$outputs),
    loss = function() self$compile_arguments$loss,
    metrics = function() model_metrics(self),
    metrics_names = function() {
      if (is.null(self$plan)) character() else self$plan$names
    }
  )
)

user_shapes <- function(tensors) {
  shapes <- lapply(tensors, function(t) new_shape(shape_of(t)))
  if (length(shapes) == 1L) shapes[[1]] else shapes
}

one_or_all <- function(x) if (length(x) == 1L) x[[1]] else x

as_model <- function(object, arg = "object") {
  if (inherits(object, "elman_model")) return(unwrap_layer(object))
  must_be(object, arg, "a model")
}

#' Layers of a model
#'
#' `get_layer()` finds one, `pop_layer()` takes the last one off a sequential
#' model, in place.
#'
#' @param object A model.
#' @param name A layer's name.
#' @param index Its place, from 1; from the end where negative.
#' @param rebuild Accepted for compatibility; the model always follows.
#' @return The layer.
#' @section Errors: `elman_error_argument` where there is no such layer.
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(3, name = "memory") |>
#'   layer_dense(1)
#' get_layer(model, "memory")
#' get_layer(model, index = -1)
#' pop_layer(model)
#' @export
get_layer <- function(object, name = NULL, index = NULL) {
  layers <- as_model(object)$listed_layers()
  if (!is.null(name)) {
    names <- vapply(layers, function(layer) layer$name, "")
    name <- match_name(check_string(name, "name"), names, "layer")
    return(wrap_layer(layers[[match(name, names)]]))
  }
  index <- check_whole(index, "index")
  at <- if (index < 0L) length(layers) + 1L + index else index
  if (at < 1L || at > length(layers)) {
    abort_argument(sprintf(
      "`index` must be between 1 and %d, or count from -1 backwards, not %d.",
      length(layers), index), "index")
  }
  wrap_layer(layers[[at]])
}

#' @rdname get_layer
#' @export
pop_layer <- function(object, rebuild = TRUE) {
  self <- as_model(object)
  if (!is.function(self$pop)) must_be(object, "object", "a sequential model")
  self$pop()
}

# ---- shared by sequential and functional models ------------------------------

# Builds an unbuilt model for these data.
ensure_built <- function(self, tensors) {
  if (!is.null(self$own) && is_free_model(self)) {
    return(if (is.null(self$outputs)) build_for_tensors(self, tensors))
  }
  if (self$built) return(invisible(self))
  shapes <- lapply(tensors, function(t) c(NA_integer_, tensor_shape(t)[-1]))
  self$build(one_or_all(shapes))
  invisible(self)
}

# A model whose class has a call() in place of a graph.
is_free_model <- function(self) {
  !is.null(self$own) && is.null(self$graph) && is.null(self$stack)
}

# Tensors as the model's inputs want them: in their dtype, with a last axis of
# size 1 added or dropped, of a shape that fits.
fit_inputs <- function(self, tensors, arg = "x") {
  if (is.null(self$inputs)) return(tensors)
  for (k in seq_along(tensors)) {
    label <- if (length(tensors) == 1L) arg else sprintf("%s[[%d]]", arg, k)
    tensors[[k]] <- fit_input(tensors[[k]], self$inputs[[k]], label)
  }
  tensors
}

fit_input <- function(x, input, label) {
  want <- shape_of(input)
  have <- tensor_shape(x)
  rank <- length(have)
  if (rank == length(want) + 1L && have[rank] == 1L) {
    x <- op_reshape(x, have[-rank])
  } else if (rank + 1L == length(want) && want[length(want)] %in% 1L) {
    x <- op_reshape(x, c(have, 1L))
  }
  if (!fits_shape(tensor_shape(x)[-1], want[-1]) ||
        rank_of(x) != length(want)) {
    abort_shape(sprintf("`%s` must have shape %s, not %s.", label,
                        format_batch(want), format_shape(have)),
                label)
  }
  check_ids(x, .subset2(input, "id_limit"), label)
  dtype <- dtype_of(input)
  if (tensor_dtype(x) == dtype) x else op_cast(x, dtype)
}

# Such as "[batch, 5, 2]".
format_batch <- function(shape) {
  sizes <- ifelse(is.na(shape[-1]), "NA", format_sizes(shape[-1]))
  paste0("[", paste(c("batch", sizes), collapse = ", "), "]")
}

# Names of inputs and outputs, by which lists of data are matched.
input_names <- function(self) {
  if (!is.null(self$given_input_names)) return(self$given_input_names)
  if (is.null(self$inputs)) return("x")
  vapply(self$inputs, source_name, "")
}

output_names <- function(self) {
  if (!is.null(self$given_output_names)) return(self$given_output_names)
  if (is.null(self$outputs)) return("y")
  vapply(self$outputs, source_name, "")
}

# The name of the layer or op that made a symbolic tensor.
source_name <- function(tensor) {
  node <- .subset2(tensor, "node")
  if (is.null(node)) .subset2(tensor, "name") else node$operation$name
}

# The stateful layers inside fix the batch size: every batch must have it.
check_stateful_batches <- function(self, sizes, arg = "batch_size") {
  size <- stateful_batch(self)
  if (is.null(size)) return(invisible())
  wrong <- sizes[sizes != size]
  if (length(wrong)) {
    abort_shape(sprintf(paste0(
      "A stateful layer keeps one state per sample: every batch must have %d ",
      "samples, but one would have %d."), size, wrong[1]), arg)
  }
}

# The batch size that stateful layers have been built for, or NULL.
stateful_batch <- function(layer) {
  if (isTRUE(layer$stateful)) {
    states <- flat_values(layer$states)
    if (length(states) && !is.null(states[[1]])) {
      return(shape_of(states[[1]])[1])
    }
  }
  for (inner in layer$sublayers()) {
    size <- stateful_batch(inner)
    if (!is.null(size)) return(size)
  }
  NULL
}
