# Crossentropies that weigh easy samples less.

focal_binary <- function(y_true, y_pred, balance, alpha, gamma, from_logits,
                         label_smoothing) {
  check_same_shape(y_true, y_pred)
  y_true <- smooth_labels(y_true, label_smoothing, 2)
  if (from_logits) y_pred <- op_sigmoid(y_pred)
  not_true <- op_subtract(1, y_true)
  hit <- op_add(op_multiply(y_true, y_pred),
                op_multiply(not_true, op_subtract(1, y_pred)))
  values <- op_multiply(op_power(op_subtract(1, hit), gamma),
                        binary_crossentropy(y_true, y_pred))
  if (!balance) return(values)
  weight <- op_add(op_multiply(y_true, alpha), op_multiply(not_true, 1 - alpha))
  op_multiply(weight, values)
}

focal_categorical <- function(y_true, y_pred, alpha, gamma, from_logits,
                              label_smoothing, axis) {
  check_same_shape(y_true, y_pred)
  y_true <- smooth_labels(y_true, label_smoothing, axis_size(y_true, -1L))
  if (from_logits) y_pred <- op_softmax(y_pred, axis = axis)
  p <- clip_probabilities(shares(y_pred, axis))
  weight <- op_multiply(op_power(op_subtract(1, p), gamma), -alpha)
  op_sum(op_multiply(weight, op_multiply(y_true, op_log(p))), axis = axis)
}

# (1 - p^q) / q for the probability p of the class.
generalized_crossentropy <- function(y_true, y_pred, q) {
  hot <- op_one_hot(class_ids(y_true, y_pred), axis_size(y_pred, -1L),
                    dtype = dtype_of(y_pred), zero_indexed = TRUE)
  p <- op_sum(op_multiply(y_pred, hot), axis = -1L)
  op_divide(op_subtract(1, op_power(p, q)), q)
}

#' Crossentropies for unbalanced or noisy classes
#'
#' With `p` the probability that a prediction gave to the target,
#' `loss_binary_focal_crossentropy()` and
#' `loss_categorical_focal_crossentropy()` multiply the crossentropy by
#' `(1 - p)^gamma`, so that what is predicted well already weighs little;
#' `loss_categorical_generalized_cross_entropy()` is `(1 - p^q) / q`, which
#' bears wrong labels better.
#'
#' @inheritParams loss_binary_crossentropy
#' @param apply_class_balancing Whether to weigh targets of 1 by `alpha` and
#'   those of 0 by `1 - alpha`.
#' @param alpha That weight, a number in `[0, 1]`; for categories a factor of
#'   all values.
#' @param gamma How strongly easy samples lose weight; 0 is the plain
#'   crossentropy.
#' @param q Between 0 (crossentropy) and 1 (absolute error), both excluded.
#' @param y_true Targets, of the shape of `y_pred`; 0-based class numbers,
#'   without the class axis, for
#'   `loss_categorical_generalized_cross_entropy()`.
#' @inherit loss_binary_crossentropy return
#' @section Errors: as for [loss_binary_crossentropy()]; `elman_error_argument`
#'   for numbers out of range.
#' @source Lin et al. (2017), "Focal Loss for Dense Object Detection"; Zhang and
#'   Sabuncu (2018), "Generalized Cross Entropy Loss for Training Deep Neural
#'   Networks with Noisy Labels".
#' @family losses
#' @examples
#' loss_binary_focal_crossentropy(matrix(c(0, 1)), matrix(c(0.1, 0.8)))
#' p <- matrix(c(0.9, 0.2, 0.1, 0.8), 2)
#' loss_categorical_focal_crossentropy(diag(2), p)
#' loss_categorical_generalized_cross_entropy(0:1, p)
#' @export
loss_binary_focal_crossentropy <- function(y_true, y_pred,
                                           apply_class_balancing = FALSE,
                                           alpha = 0.25, gamma = 2,
                                           from_logits = FALSE,
                                           label_smoothing = 0, axis = -1L, ...,
                                           reduction = "sum_over_batch_size",
                                           name = "binary_focal_crossentropy",
                                           dtype = NULL) {
  check_dots(...)
  apply_class_balancing <- check_flag(apply_class_balancing,
                                      "apply_class_balancing")
  alpha <- check_rate(alpha, "alpha")
  gamma <- check_number(gamma, "gamma", min = 0)
  from_logits <- check_flag(from_logits, "from_logits")
  label_smoothing <- check_rate(label_smoothing, "label_smoothing")
  axis <- check_loss_axis(axis)
  loss <- new_loss(
    "BinaryFocalCrossentropy",
    function(y_true, y_pred) {
      focal_binary(y_true, y_pred, apply_class_balancing, alpha, gamma,
                   from_logits, label_smoothing)
    },
    axis = axis,
    config = list(from_logits = from_logits, label_smoothing = label_smoothing,
                  axis = axis, apply_class_balancing = apply_class_balancing,
                  alpha = alpha, gamma = gamma),
    reduction = reduction, name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_binary_focal_crossentropy
#' @export
loss_categorical_focal_crossentropy <- function(
    y_true,
    y_pred,
    alpha = 0.25,
    gamma = 2,
    from_logits = FALSE,
    label_smoothing = 0,
    axis = -1L,
    ...,
    reduction = "sum_over_batch_size",
    name = "categorical_focal_crossentropy",
    dtype = NULL) {
  check_dots(...)
  alpha <- check_rate(alpha, "alpha")
  gamma <- check_number(gamma, "gamma", min = 0)
  from_logits <- check_flag(from_logits, "from_logits")
  label_smoothing <- check_rate(label_smoothing, "label_smoothing")
  axis <- check_loss_axis(axis)
  loss <- new_loss(
    "CategoricalFocalCrossentropy",
    function(y_true, y_pred) {
      focal_categorical(y_true, y_pred, alpha, gamma, from_logits,
                        label_smoothing, axis)
    },
    config = list(from_logits = from_logits, label_smoothing = label_smoothing,
                  axis = axis, alpha = alpha, gamma = gamma),
    reduction = reduction, name = name, dtype = dtype
  )
  loss_or_values(loss, y_true, y_pred)
}

#' @rdname loss_binary_focal_crossentropy
#' @export
loss_categorical_generalized_cross_entropy <- function(
    y_true,
    y_pred,
    q = 0.5,
    ...,
    reduction = "sum_over_batch_size",
    name = "categorical_generalized_cross_entropy",
    dtype = NULL) {
  check_dots(...)
  if (!is_number(q) || q <= 0 || q >= 1) {
    must_be(q, "q", "a number above 0 and below 1")
  }
  loss <- new_loss(
    "CategoricalGeneralizedCrossEntropy",
    function(y_true, y_pred) generalized_crossentropy(y_true, y_pred, q),
    config = list(q = q), reduction = reduction, name = name, dtype = dtype,
    class_numbers = TRUE
  )
  loss_or_values(loss, y_true, y_pred)
}
