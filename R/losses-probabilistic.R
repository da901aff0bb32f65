# Losses between classes and probabilities: the crossentropies.

# -log p(y) for independent yes-or-no targets. From logits z it is
# max(z, 0) - z y + log(1 + exp(-|z|)), which does not overflow.
binary_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                label_smoothing = 0) {
  check_same_shape(y_true, y_pred)
  if (label_smoothing > 0) {
    y_true <- op_add(op_multiply(y_true, 1 - label_smoothing),
                     label_smoothing / 2)
  }
  if (from_logits) {
    tail <- op_log1p(op_exp(op_negative(op_abs(y_pred))))
    return(op_add(op_subtract(op_relu(y_pred), op_multiply(y_pred, y_true)),
                  tail))
  }
  p <- op_clip(y_pred, the$epsilon, 1 - the$epsilon)
  yes <- op_multiply(y_true, op_log(p))
  no <- op_multiply(op_subtract(1, y_true), op_log(op_subtract(1, p)))
  op_negative(op_add(yes, no))
}

# -sum(y log p) over the class axis; probabilities are made to sum to 1.
categorical_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                     label_smoothing = 0, axis = -1L) {
  check_same_shape(y_true, y_pred)
  if (label_smoothing > 0) {
    classes <- axis_size(y_pred, axis)
    y_true <- op_add(op_multiply(y_true, 1 - label_smoothing),
                     label_smoothing / classes)
  }
  log_p <- log_probabilities(y_pred, from_logits, axis)
  op_negative(op_sum(op_multiply(y_true, log_p), axis = axis))
}

log_probabilities <- function(y_pred, from_logits, axis) {
  if (from_logits) return(op_log_softmax(y_pred, axis = axis))
  total <- op_sum(y_pred, axis = axis, keepdims = TRUE)
  op_log(op_clip(op_divide(y_pred, total), the$epsilon, 1 - the$epsilon))
}

axis_size <- function(x, axis) {
  shape_of(x)[zero_based_axis(axis, rank_of(x)) + 1L]
}

# The same with 0-based class numbers as targets; the class `ignore_class`
# counts for nothing, through a mask on the values.
sparse_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                ignore_class = NULL, axis = -1L) {
  ids <- class_ids(y_true, y_pred, axis)
  valid <- NULL
  if (!is.null(ignore_class)) {
    valid <- op_not_equal(ids, as_tensor(ignore_class, "int32"))
    ids <- op_multiply(ids, op_cast(valid, "int32"))
  }
  rank <- rank_of(y_pred)
  at <- zero_based_axis(axis, rank) + 1L
  classes <- shape_of(y_pred)[at]
  check_class_ids(ids, classes)
  numbers <- op_reshape(as_tensor(seq_len(classes) - 1L),
                        replace(rep(1L, rank), at, classes))
  hot <- op_cast(op_equal(op_expand_dims(ids, axis = at), numbers),
                 dtype_of(y_pred))
  log_p <- log_probabilities(y_pred, from_logits, axis)
  values <- op_negative(op_sum(op_multiply(hot, log_p), axis = axis))
  if (is.null(valid)) return(values)
  values <- op_multiply(values, op_cast(valid, dtype_of(values)))
  set_mask(values, valid)
}

# Class numbers as int32, without an axis of size 1 in the classes' place.
class_ids <- function(y_true, y_pred, axis) {
  ids <- as_tensor(y_true, "int32")
  have <- shape_of(ids)
  want <- shape_of(y_pred)
  at <- zero_based_axis(axis, length(want)) + 1L
  if (length(have) == length(want) && have[at] == 1L) {
    ids <- op_reshape(ids, have[-at])
    have <- have[-at]
  }
  if (!identical(as.integer(have), as.integer(want[-at]))) {
    abort_shape(sprintf(paste0(
      "`y` must hold one class number per prediction, shape %s, not %s."),
      format_shape(want[-at]), format_shape(have)), "y")
  }
  ids
}

check_class_ids <- function(ids, classes) {
  if (!length(ids)) return(invisible())
  seen <- range(unclass(ids))
  if (seen[1] < 0L || seen[2] >= classes) {
    bad <- if (seen[1] < 0L) seen[1] else seen[2]
    abort_argument(sprintf(
      "Class numbers in `y` must be between 0 and %d, not %d.", classes - 1L,
      bad), "y")
  }
}

#' Crossentropies
#'
#' Minus the logarithm of the probability that predictions gave to the targets:
#' `loss_binary_crossentropy()` for yes-or-no targets (0 or 1, or in between),
#' the mean over the last axis; `loss_categorical_crossentropy()` for one-hot
#' targets, the sum over the classes; `loss_sparse_categorical_crossentropy()`
#' for 0-based class numbers. Probabilities are clipped to
#' `[config_epsilon(), 1 - config_epsilon()]`, class probabilities first made to
#' sum to 1.
#'
#' @inheritParams loss_mean_squared_error
#' @param y_true Targets, of the shape of `y_pred`; for class numbers without
#'   the class axis, or with size 1 there.
#' @param y_pred Predictions, shape `[batch, ..., classes]`.
#' @param from_logits `FALSE` where predictions are probabilities, `TRUE` where
#'   they are logits: sigmoid or softmax is then part of the loss, which is more
#'   exact.
#' @param label_smoothing A number in `[0, 1]` that moves targets towards 1/2,
#'   or towards one over the number of classes.
#' @param ignore_class A class number whose samples count for nothing.
#' @param axis Axis of the classes, from 1, or from -1 backwards.
#' @return With `y_true` and `y_pred` one value per sample; else a loss.
#' @section Errors: `elman_error_shape` where shapes differ,
#'   `elman_error_argument` for a class number outside the classes.
#' @family losses
#' @examples
#' loss_binary_crossentropy(matrix(c(0, 1)), matrix(c(0.1, 0.8)))
#' p <- matrix(c(0.9, 0.2, 0.1, 0.8), 2)
#' loss_categorical_crossentropy(diag(2), p)
#' loss_sparse_categorical_crossentropy(0:1, p)
#' @export
loss_binary_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                     label_smoothing = 0, axis = -1L, ...,
                                     reduction = "sum_over_batch_size",
                                     name = "binary_crossentropy",
                                     dtype = NULL) {
  check_dots(...)
  from_logits <- check_flag(from_logits, "from_logits")
  label_smoothing <- check_rate(label_smoothing, "label_smoothing")
  axis <- check_whole(axis, "axis")
  loss <- new_loss(
    "BinaryCrossentropy",
    function(y_true, y_pred) {
      binary_crossentropy(y_true, y_pred, from_logits, label_smoothing)
    },
    axis = axis,
    config = list(from_logits = from_logits, label_smoothing = label_smoothing,
                  axis = axis),
    reduction = reduction, name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_binary_crossentropy
#' @export
loss_categorical_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                          label_smoothing = 0, axis = -1L, ...,
                                          reduction = "sum_over_batch_size",
                                          name = "categorical_crossentropy",
                                          dtype = NULL) {
  check_dots(...)
  from_logits <- check_flag(from_logits, "from_logits")
  label_smoothing <- check_rate(label_smoothing, "label_smoothing")
  axis <- check_whole(axis, "axis")
  loss <- new_loss(
    "CategoricalCrossentropy",
    function(y_true, y_pred) {
      categorical_crossentropy(y_true, y_pred, from_logits, label_smoothing,
                               axis)
    },
    config = list(from_logits = from_logits, label_smoothing = label_smoothing,
                  axis = axis),
    reduction = reduction, name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_binary_crossentropy
#' @export
loss_sparse_categorical_crossentropy <- function(
    y_true,
    y_pred,
    from_logits = FALSE,
    ignore_class = NULL,
    axis = -1L,
    ...,
    reduction = "sum_over_batch_size",
    name = "sparse_categorical_crossentropy",
    dtype = NULL) {
  check_dots(...)
  from_logits <- check_flag(from_logits, "from_logits")
  ignore_class <- check_whole(ignore_class, "ignore_class", null_ok = TRUE)
  axis <- check_whole(axis, "axis")
  loss <- new_loss(
    "SparseCategoricalCrossentropy",
    function(y_true, y_pred) {
      sparse_crossentropy(y_true, y_pred, from_logits, ignore_class, axis)
    },
    config = c(list(from_logits = from_logits),
               list(ignore_class = ignore_class), list(axis = axis)),
    reduction = reduction, name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}
