# Targets beside predictions: bringing ranks together, and checks of shapes,
# class numbers and weights where data come in.

as_float <- function(x, dtype = NULL) {
  if (is_tensor(x) && is.null(dtype) && is_float(tensor_dtype(x))) return(x)
  if (is_symbolic(x)) return(x)
  mask <- if (is_tensor(x)) get_mask(x)
  if (is_tensor(x)) {
    keep <- is_float(tensor_dtype(x))
    x <- as_tensor(x, dtype %||% if (keep) tensor_dtype(x) else the$floatx)
  } else {
    x <- as_tensor(as_data(x, "x"), dtype %||% the$floatx)
  }
  if (is.null(mask)) x else set_mask(x, mask)
}

# Targets in the predictions' dtype; a last axis of 1 is added or dropped where
# ranks differ by one.
match_target <- function(y_true, y_pred) {
  if (!is_tensor(y_true) || tensor_dtype(y_true) != tensor_dtype(y_pred)) {
    y_true <- as_tensor(as_data(y_true, "y_true"), tensor_dtype(y_pred))
  }
  have <- tensor_shape(y_true)
  want <- tensor_shape(y_pred)
  if (length(have) == length(want)) return(y_true)
  if (length(have) == length(want) + 1L && have[length(have)] == 1L) {
    return(op_reshape(y_true, have[-length(have)]))
  }
  if (length(want) == length(have) + 1L && want[length(want)] == 1L) {
    return(op_reshape(y_true, c(have, 1L)))
  }
  y_true
}

# Targets and predictions of one rank, for a loss or metric `self`. One that
# averages over its axis gives a value per step where sequences of single
# numbers have no last axis; others take the sequence as one row, as Keras does.
match_ranks <- function(self, y_true, y_pred) {
  if (self$class_numbers) return(list(y_true = y_true, y_pred = y_pred))
  want <- shape_of(y_pred)
  n <- length(want)
  have <- if (is_tensor(y_true)) tensor_shape(y_true) else dim(y_true)
  if (n == 1L && length(have) == 2L && have[2] == 1L) {
    y_pred <- op_reshape(y_pred, c(want, 1L))
  } else if (is.null(self$axis) && n > 2L && want[n] == 1L &&
               length(have) == n - 1L) {
    y_pred <- op_reshape(y_pred, want[-n])
  }
  list(y_true = match_target(y_true, y_pred), y_pred = y_pred)
}

check_same_shape <- function(y_true, y_pred) {
  have <- shape_of(y_true)
  want <- shape_of(y_pred)
  if (!identical(as.integer(have), as.integer(want))) {
    abort_shape(sprintf(
      "`y` must have the shape of the predictions, %s, not %s.",
      format_shape(want), format_shape(have)), "y")
  }
}

# What kind of classes do targets and predictions hold? One output: "binary";
# targets without the class axis: "sparse"; else "categorical".
target_kind <- function(targets, predictions) {
  last <- predictions[length(predictions)]
  if (last %in% 1L) return("binary")
  sparse <- length(targets) < length(predictions) ||
    targets[length(targets)] %in% 1L
  if (sparse) "sparse" else "categorical"
}

# ---- class numbers -----------------------------------------------------------

# Class numbers as int32, without an axis of size 1 in the classes' place.
class_ids <- function(y_true, y_pred, axis = -1L) {
  ids <- as_tensor(y_true, "int32")
  have <- shape_of(ids)
  want <- shape_of(y_pred)
  at <- zero_based_axis(axis, length(want)) + 1L
  if (length(have) == length(want) && have[at] == 1L) {
    ids <- op_reshape(ids, have[-at])
    have <- have[-at]
  }
  if (!identical(as.integer(have), as.integer(want[-at]))) {
    abort_class_shape(want[-at], have)
  }
  ids
}

abort_class_shape <- function(want, have) {
  abort_shape(sprintf(paste(
    "`y` must hold one class number per prediction, shape %s, not %s."),
    format_shape(want), format_shape(have)), "y")
}

# Looks at the numbers themselves, so only where data come in.
check_class_ids <- function(ids, classes, ignored = NULL) {
  if (!length(ids)) return(invisible())
  numbers <- trunc(as.numeric(ids))
  bad <- !(numbers >= 0 & numbers < classes) & !(numbers %in% ignored)
  if (!any(bad)) return(invisible())
  abort_argument(sprintf(
    "Class numbers in `y` must be between 0 and %d, not %s.", classes - 1L,
    format(numbers[bad][1])), "y")
}

# Of data given to a loss or metric by hand; tensors may come from within a
# step, and their numbers are looked at by the kernel alone.
check_loss_data <- function(self, y_true, y_pred) {
  if (!self$class_numbers || isTRUE(self$lenient) || is_tensor(y_true)) {
    return(invisible())
  }
  y_true <- as_data(y_true, "y_true")
  axis <- self$config$axis %||% -1L
  at <- zero_based_axis(axis, rank_of(y_pred)) + 1L
  ids <- class_ids(y_true, y_pred, axis)
  check_class_ids(ids, shape_of(y_pred)[at], self$config$ignore_class)
}

# ---- where data enter training -----------------------------------------------

# Targets and weights of one output that its loss cannot use are found before
# the first update; `predicted` is the predictions' shape.
check_output_data <- function(loss, y, weight, predicted) {
  if (!is.null(y)) {
    if (isTRUE(loss$automatic)) {
      loss <- settle_loss(loss, y, list_with_shape(predicted))
    }
    check_target_rank(y, predicted, loss)
  }
  if (!is.null(weight)) check_weight_shape(weight, predicted)
}

list_with_shape <- function(shape) structure(list(), shape = shape)

check_target_rank <- function(y, predicted, loss) {
  if (is.null(loss$class_name) || loss$class_name == "LossFunctionWrapper") {
    return(invisible())
  }
  have <- tensor_shape(y)[-1]
  want <- predicted[-1]
  if (loss$class_numbers) {
    return(check_class_targets(y, have, predicted, loss))
  }
  if (length(have) + 1L == length(want) && want[length(want)] %in% 1L) {
    have <- c(have, 1L)
  } else if (length(have) == length(want) + 1L && have[length(have)] == 1L) {
    have <- have[-length(have)]
  }
  if (!fits_shape(have, want)) {
    abort_shape(sprintf("`y` must have shape %s, as the predictions, not %s.%s",
                        format_batch(c(NA, want)),
                        format_shape(tensor_shape(y)),
                        sparse_hint(loss, have, want)), "y")
  }
}

sparse_hint <- function(loss, have, want) {
  numbers <- startsWith(loss$class_name, "Categorical") &&
    (length(have) < length(want) || have[length(have)] %in% 1L)
  if (!numbers) return("")
  " For class numbers use \"sparse_categorical_crossentropy\"."
}

check_class_targets <- function(y, have, predicted, loss) {
  want <- predicted[-1]
  at <- zero_based_axis(loss$config$axis %||% -1L, length(predicted))
  rest <- want[-at]
  if (length(have) == length(want) && have[at] == 1L) have <- have[-at]
  if (!fits_shape(have, rest)) {
    hint <- if (fits_shape(have, want)) {
      " For one-hot targets use \"categorical_crossentropy\"."
    }
    abort_shape(sprintf(paste0(
      "`y` must hold one class number per prediction, shape %s, not %s.%s"),
      format_batch(c(NA, rest)), format_shape(tensor_shape(y)), hint %||% ""),
      "y")
  }
  if (!is.na(want[at])) {
    check_class_ids(y, want[at], loss$config$ignore_class)
  }
}

# One weight per sample, or per sample and step.
check_weight_shape <- function(weight, predicted) {
  have <- tensor_shape(weight)[-1]
  if (length(have) && have[length(have)] == 1L) have <- have[-length(have)]
  want <- predicted[-1]
  n <- length(have)
  if (n <= length(want) && fits_shape(have, want[seq_len(n)])) {
    return(invisible())
  }
  what <- paste("one number per sample, shape", format_batch(NA))
  if (length(want) > 1L) {
    what <- paste0(what, ", or per step, shape ",
                   format_batch(c(NA, want[-length(want)])))
  }
  abort_shape(sprintf("`sample_weight` must have %s, not %s.", what,
                      format_shape(tensor_shape(weight))), "sample_weight")
}
