# Losses between probabilities: the crossentropies between yes-or-no targets,
# one-hot targets and class numbers.

# -log p(y) for independent yes-or-no targets. From logits z it is
# max(z, 0) - z y + log(1 + exp(-|z|)), which does not overflow.
binary_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                label_smoothing = 0) {
  check_same_shape(y_true, y_pred)
  y_true <- smooth_labels(y_true, label_smoothing, 2)
  if (from_logits) {
    tail <- op_log1p(op_exp(op_negative(op_abs(y_pred))))
    return(op_add(op_subtract(op_relu(y_pred), op_multiply(y_pred, y_true)),
                  tail))
  }
  p <- clip_probabilities(y_pred)
  yes <- op_multiply(y_true, op_log(p))
  no <- op_multiply(op_subtract(1, y_true), op_log(op_subtract(1, p)))
  op_negative(op_add(yes, no))
}

# Labels moved towards one over the number of classes.
smooth_labels <- function(y_true, label_smoothing, classes) {
  if (label_smoothing == 0) return(y_true)
  op_add(op_multiply(y_true, 1 - label_smoothing), label_smoothing / classes)
}

clip_probabilities <- function(p) op_clip(p, the$epsilon, 1 - the$epsilon)

# -sum(y log p) over the class axis; probabilities are made to sum to 1.
categorical_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                     label_smoothing = 0, axis = -1L) {
  check_same_shape(y_true, y_pred)
  y_true <- smooth_labels(y_true, label_smoothing, axis_size(y_true, -1L))
  log_p <- if (from_logits) {
    op_log_softmax(y_pred, axis = axis)
  } else {
    op_log(clip_probabilities(shares(y_pred, axis)))
  }
  op_negative(op_sum(op_multiply(y_true, log_p), axis = axis))
}

shares <- function(p, axis) {
  op_divide(p, op_sum(p, axis = axis, keepdims = TRUE))
}

axis_size <- function(x, axis) {
  shape_of(x)[zero_based_axis(axis, rank_of(x)) + 1L]
}

# The same with 0-based class numbers as targets, probabilities clipped before
# they are made to sum to 1; the class `ignore_class` counts for nothing,
# through a mask on the values.
sparse_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                ignore_class = NULL, axis = -1L) {
  ids <- class_ids(y_true, y_pred, axis)
  valid <- NULL
  if (!is.null(ignore_class)) valid <- op_not_equal(ids, ignore_class)
  if (!from_logits) y_pred <- op_log(clip_probabilities(y_pred))
  log_p <- op_log_softmax(y_pred, axis = axis)
  hot <- op_one_hot(ids, axis_size(y_pred, axis), axis = axis,
                    dtype = dtype_of(y_pred), zero_indexed = TRUE)
  values <- op_negative(op_sum(op_multiply(hot, log_p), axis = axis))
  if (is.null(valid)) return(values)
  set_mask(op_multiply(values, op_cast(valid, dtype_of(values))), valid)
}

# The kernel of a crossentropy along the last axis.
crossentropy_rows <- function(kind, from_logits, axis = -1L,
                              label_smoothing = 0, ignore_class = NULL) {
  if (axis != -1L) return(NULL)
  kernel <- paste0(kind, if (from_logits) "_logits" else "_crossentropy")
  settings <- list()
  if (label_smoothing > 0) settings$smoothing <- label_smoothing
  settings$ignore <- ignore_class
  row_loss(kernel, settings)
}

#' Crossentropies
#'
#' Minus the logarithm of the probability that predictions gave to the targets:
#' `loss_binary_crossentropy()` for yes-or-no targets (0 or 1, or in between),
#' the mean over the last axis; `loss_categorical_crossentropy()` for one-hot
#' targets, the sum over the classes; `loss_sparse_categorical_crossentropy()`
#' for 0-based class numbers. Probabilities are clipped to
#' `[config_epsilon(), 1 - config_epsilon()]`, class probabilities made to sum
#' to 1.
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
  axis <- check_loss_axis(axis)
  loss <- new_loss(
    "BinaryCrossentropy",
    function(y_true, y_pred) {
      binary_crossentropy(y_true, y_pred, from_logits, label_smoothing)
    },
    axis = axis,
    fused = crossentropy_rows("binary", from_logits, axis, label_smoothing),
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
  axis <- check_loss_axis(axis)
  loss <- new_loss(
    "CategoricalCrossentropy",
    function(y_true, y_pred) {
      categorical_crossentropy(y_true, y_pred, from_logits, label_smoothing,
                               axis)
    },
    fused = crossentropy_rows("categorical", from_logits, axis,
                              label_smoothing),
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
  axis <- check_loss_axis(axis)
  loss <- new_loss(
    "SparseCategoricalCrossentropy",
    function(y_true, y_pred) {
      sparse_crossentropy(y_true, y_pred, from_logits, ignore_class, axis)
    },
    fused = crossentropy_rows("sparse", from_logits, axis,
                              ignore_class = ignore_class),
    config = c(list(from_logits = from_logits),
               list(ignore_class = ignore_class), list(axis = axis)),
    reduction = reduction, name = name, dtype = dtype, class_numbers = TRUE
  )
  loss_or_values(loss, y_true, y_pred)
}
