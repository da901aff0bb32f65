# How a layer is called: convert, check, build, run, and give back what the
# caller gave. Arrays come back as arrays, tensors as tensors, and symbolic
# tensors are noted down for a functional model.

call_layer <- function(self, inputs, ..., mask = NULL, training = NULL) {
  if (missing(inputs)) must_be_given("inputs", "a tensor or array")
  if (is_call_symbolic(inputs, ..., mask = mask)) {
    return(trace_layer(self, inputs, ..., mask = mask, training = training))
  }
  if (...length()) self$check_call_names(dot_names(...))
  array_given <- !is_tensor(inputs) && is_r_value(inputs)
  inputs <- self$convert_inputs(inputs)
  shape <- shapes_of(inputs)
  if (!self$built) self$build(shape) else self$check_input(shape)
  if (is.null(training)) {
    training <- the$training %||% FALSE
  } else {
    training <- check_flag(training, "training")
  }
  attached <- masks_of(inputs)
  if (!is.null(mask)) {
    attached <- mask <- as_mask(mask)
  } else if (!has_values(...)) {
    # Keras reads the attached mask only where no other tensor is given.
    mask <- attached
  }
  if (array_given && is_plain_call(self, inputs, mask, training, ...)) {
    return(call_recorded(self, inputs))
  }
  outputs <- run_layer(self, inputs, ..., mask = mask, training = training,
                       attached = attached)
  if (array_given && !is_taping()) as_r_values(outputs) else outputs
}

run_layer <- function(self, inputs, ..., mask = NULL, training = FALSE,
                      attached = NULL) {
  if (self$nests || !is.null(self$activity_regularizer)) {
    old <- enter_layer(self, training)
    on.exit(leave_layer(old))
  }
  outputs <- self$call(inputs, ..., mask = mask, training = training)
  if (!is.null(self$activity_regularizer)) note_activity(self, outputs)
  if (!is.null(attached)) {
    outputs <- hand_on_mask(self, inputs, outputs, attached)
  }
  outputs
}

# ---- calls that are recorded -------------------------------------------------

# Numbers in an input above which a call is not recorded: R takes no part of its
# time, and its program would hold on to as much memory.
recorded_call_size <- 2^20

# A call on one array of numbers, with nothing around it?
is_plain_call <- function(self, inputs, mask, training, ...) {
  !...length() && is.null(mask) && !training && is.null(the$call) &&
    is.null(the$recording) && !the$measuring && !is_taping() &&
    is_tensor(inputs) && length(inputs) <= recorded_call_size &&
    is_float(tensor_dtype(inputs)) && !takes_ids(self)
}

# Recorded like a prediction (see step-program.R), so that layer_function()
# finds the program when such an array comes again.
call_recorded <- function(self, inputs) {
  log <- prediction_log(self)
  if (is.null(log$notes_losses)) log$notes_losses <- notes_losses(self)
  if (log$notes_losses) return(as_r_values(run_layer(self, inputs)))
  several <- NULL
  values <- run_step(log, "call", list(x = list(inputs)), function(batch) {
    outputs <- run_layer(self, batch$x[[1]])
    if (is_tensor(outputs)) return(list(outputs))
    several <<- outputs
    refuse_recording("a call gives several outputs")
    list()
  })
  if (is.null(several)) values[[1]] else as_r_values(several)
}

# Does a call leave losses that `$losses` shows?
notes_losses <- function(self) {
  any(vapply(all_layers(self), function(layer) {
    !is.null(layer$activity_regularizer)
  }, NA))
}

# ---- symbolic calls ----------------------------------------------------------

is_call_symbolic <- function(inputs, ..., mask) {
  if (is_tensor(inputs) && !...length()) return(is_symbolic(mask))
  has_symbolic(inputs) || is_symbolic(mask) ||
    (...length() > 0L && has_symbolic(list(...)))
}

trace_layer <- function(self, inputs, ..., mask, training) {
  if (...length()) self$check_call_names(dot_names(...))
  shape <- shapes_of(inputs)
  self$check_input(shape)
  self$check_trace(inputs, ...)
  self$build(shape)
  arguments <- list(inputs, ...)
  if (!is.null(mask)) arguments$mask <- mask
  if (!is.null(training)) arguments$training <- training
  outputs <- do.call(self$trace_outputs, c(list(shape), arguments),
                     quote = TRUE)
  if (the$measuring) return(outputs)
  node <- new_node(self, arguments, symbolic_leaves(outputs))
  self$calls <- c(self$calls, list(node))
  outputs
}

shape_symbols <- function(shapes, dtype) {
  if (is.list(shapes)) lapply(shapes, new_symbolic, dtype = dtype) else
    new_symbolic(shapes, dtype)
}

# Code that is run for good, though the call around it only asks for shapes.
unmeasured <- function(code) {
  old <- the$measuring
  on.exit(the$measuring <- old)
  the$measuring <- FALSE
  code
}

# `layer$input` and `layer$output`: the tensors of the first symbolic call.
node_tensors <- function(self, side) {
  if (!length(self$calls)) {
    abort_state(sprintf(
      "Layer `%s` has no symbolic %s: it was not called on keras_input().",
      self$name, sub("s$", "", side)))
  }
  tensors <- self$calls[[1]][[side]]
  if (length(tensors) == 1L) tensors[[1]] else tensors
}

tensor_shapes <- function(x) {
  if (is.list(x)) lapply(x, tensor_shapes) else new_shape(shape_of(x))
}

# ---- arguments ---------------------------------------------------------------

dot_names <- function(...) names(list(...))

check_call_names <- function(self, names) {
  known <- setdiff(names(formals(self$call)), "...")
  if ("..." %in% names(formals(self$call)) && self$nests) return(invisible())
  unknown <- setdiff(names, c(known, ""))
  if (length(unknown)) abort_call_name(self, unknown[1], known[-1])
}

abort_call_name <- function(self, name, known) {
  near <- nearest_name(name, known)
  hint <- if (is.null(near)) "" else sprintf(" Did you mean `%s`?", near)
  abort_argument(sprintf("Layer `%s` has no call argument `%s`.%s", self$name,
                         name, hint), name)
}

is_r_value <- function(x) {
  if (is.list(x) && !is.data.frame(x)) return(!any(vapply(x, is_tensor, NA)))
  TRUE
}

# One tensor in the layer's type. What is not a float becomes one.
convert_input <- function(self, x) {
  if (is_tensor(x)) {
    if (tensor_dtype(x) == self$dtype || !self$autocast) return(x)
    return(keep_mask(op_cast(x, self$dtype), x))
  }
  if (is.list(x) && !is.data.frame(x)) {
    if (length(x) == 1L) return(convert_input(self, x[[1]]))
    abort_argument(sprintf(
      "Layer `%s` must have one input, not a list of %d.", self$name,
      length(x)), "inputs")
  }
  if (is_variable(x)) return(as_tensor(x, self$dtype))
  tensor_from_r(x, self$dtype, "inputs")
}

keep_mask <- function(to, from) {
  mask <- get_mask(from)
  if (is.null(mask)) to else set_mask(to, mask)
}

shapes_of <- function(x) {
  if (!is.list(x)) return(shape_of(x))
  lapply(x, shapes_of)
}

as_input_shape <- function(x) {
  nested <- is.list(x) && length(x) &&
    all(vapply(x, function(e) length(e) > 1L || is.list(e), NA))
  if (nested) lapply(x, as_input_shape) else as_shape(x, "input_shape")
}

fits_layer <- function(self, shape) {
  rank <- length(shape)
  if (!is.null(self$input_axes) && rank != length(self$input_axes)) {
    return(FALSE)
  }
  if (!is.null(self$min_ndim) && rank < self$min_ndim) return(FALSE)
  is.null(self$input_features) || is.na(shape[rank]) ||
    shape[rank] == self$input_features
}

abort_input_shape <- function(self, shape) {
  axes <- self$input_axes
  features <- self$input_features
  if (is.null(axes)) {
    axes <- c("batch", if (self$min_ndim > 2L) "time",
              if (self$min_ndim > 1L) c("...", "features"))
  }
  if (!is.null(features)) axes[length(axes)] <- features
  abort_shape(sprintf(
    "The input of layer `%s` must have shape [%s], not %s.", self$name,
    paste(axes, collapse = ", "), format_shape(shape)), "inputs")
}

# Is there a tensor among these? Settings such as TRUE are none.
has_values <- function(...) {
  if (!...length()) return(FALSE)
  for (x in list(...)) {
    setting <- is.null(x) || length(x) == 1L && is.null(dim(x)) &&
      (is.logical(x) || is.character(x)) && !is_tensor(x)
    if (!setting) return(TRUE)
  }
  FALSE
}

as_r_values <- function(x) {
  if (is_tensor(x)) return(as.array(x))
  if (is.list(x)) lapply(x, as_r_values) else x
}

# ---- masks -------------------------------------------------------------------

masks_of <- function(x) {
  if (!is.list(x)) return(get_mask(x))
  masks <- lapply(x, masks_of)
  if (any(lengths(masks) > 0L)) masks
}

as_mask <- function(x) {
  if (is_tensor(x)) return(as_tensor(x, "bool"))
  if (is.list(x)) return(lapply(x, function(e) if (!is.null(e)) as_mask(e)))
  tensor_from_r(x, "bool", "mask")
}

# Puts the mask on what the layer gives, or says that it ends here.
hand_on_mask <- function(self, inputs, outputs, mask) {
  if (!self$supports_masking) {
    warn_elman(sprintf(
      "Layer `%s` does not use masks: the mask of its input ends here.",
      self$name))
    return(outputs)
  }
  mask <- self$compute_mask(inputs, mask)
  if (is_tensor(outputs)) {
    if (is.null(mask) || !is.null(get_mask(outputs))) return(outputs)
    return(set_mask(outputs, mask))
  }
  # One mask belongs to the first of several outputs.
  if (is_tensor(mask)) mask <- list(mask)
  for (k in seq_along(mask)) {
    if (!is.null(mask[[k]]) && is.null(get_mask(outputs[[k]]))) {
      outputs[[k]] <- set_mask(outputs[[k]], mask[[k]])
    }
  }
  outputs
}

# ---- losses of a call --------------------------------------------------------

# Layers inside a call share its training flag, and losses noted during it are
# those of this call alone.
enter_layer <- function(self, training) {
  old <- list(training = the$training, call = the$call)
  if (is.null(the$call)) the$call <- the$calls <- the$calls + 1
  if (self$nests) the$training <- training
  old
}

leave_layer <- function(old) {
  the$training <- old$training
  the$call <- old$call
}

note_loss <- function(self, value) {
  if (the$measuring) return(invisible())
  private <- self$.__enclos_env__$private
  now <- the$call %||% the$calls
  if (private$noted_in != now) private$noted <- list()
  private$noted_in <- now
  private$noted <- c(private$noted, list(value))
}

note_activity <- function(self, outputs) {
  for (y in if (is_tensor(outputs)) list(outputs) else outputs) {
    loss <- penalty_of(self$activity_regularizer, y)
    if (rank_of(y)) loss <- op_divide(loss, max(1, shape_of(y)[1]))
    note_loss(self, loss)
  }
}

# Losses of the latest call, then those of trainable weights.
layer_losses <- function(self) {
  noted <- unlist(lapply(all_layers(self), function(layer) layer$noted_losses),
                  recursive = FALSE)
  if (!is_taping()) noted <- lapply(noted, unmarked)
  weights <- Filter(function(v) !is.null(v$regularizer),
                    chosen_weights(self, TRUE))
  c(noted, lapply(weights, function(v) penalty_of(v$regularizer, v)))
}

# The layer and all within it, each once.
all_layers <- function(self) {
  found <- list(self)
  for (layer in self$sublayers()) found <- c(found, all_layers(layer))
  unique(found)
}
