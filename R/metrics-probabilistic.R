# Metrics of the losses between probabilities and distributions: the losses' own
# elements, averaged.

# The arguments of crossentropies that a metric's configuration names.
crossentropy_config <- function(loss, names) {
  loss_object(loss)$config[names]
}

#' Crossentropy metrics
#'
#' The running mean of a crossentropy, see [loss_binary_crossentropy()] and
#' [loss_binary_focal_crossentropy()], of the Kullback-Leibler divergence or of
#' the Poisson loss, see [loss_kl_divergence()].
#'
#' @inheritParams loss_binary_focal_crossentropy
#' @inheritParams loss_binary_crossentropy
#' @inheritParams metric_mean_squared_error
#' @return With `y_true` and `y_pred` one value per sample; else a metric.
#' @section Errors: those of the loss.
#' @section Compatibility: keras3's `metric_binary_focal_crossentropy()` and
#'   `metric_categorical_focal_crossentropy()` are plain functions; here they
#'   also give a metric where data are left out.
#' @family metrics
#' @examples
#' m <- metric_binary_crossentropy()
#' m$update_state(matrix(c(0, 1)), matrix(c(0.1, 0.8)))
#' m$result()
#' @export
metric_binary_crossentropy <- function(y_true, y_pred, from_logits = FALSE,
                                       label_smoothing = 0, axis = -1L, ...,
                                       name = "binary_crossentropy",
                                       dtype = NULL) {
  check_dots(...)
  loss <- loss_binary_crossentropy(from_logits = from_logits,
                                   label_smoothing = label_smoothing,
                                   axis = axis)
  # Keras's metric has no axis.
  config <- crossentropy_config(loss, c("from_logits", "label_smoothing"))
  metric_or_values(metric_of_loss(loss, name, dtype, config), y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_categorical_crossentropy <- function(y_true, y_pred,
                                            from_logits = FALSE,
                                            label_smoothing = 0, axis = -1L,
                                            ...,
                                            name = "categorical_crossentropy",
                                            dtype = NULL) {
  check_dots(...)
  loss <- loss_categorical_crossentropy(from_logits = from_logits,
                                        label_smoothing = label_smoothing,
                                        axis = axis)
  metric_or_values(metric_of_loss(loss, name, dtype), y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_sparse_categorical_crossentropy <- function(
    y_true,
    y_pred,
    from_logits = FALSE,
    ignore_class = NULL,
    axis = -1L,
    ...,
    name = "sparse_categorical_crossentropy",
    dtype = NULL) {
  check_dots(...)
  loss <- loss_sparse_categorical_crossentropy(from_logits = from_logits,
                                               ignore_class = ignore_class,
                                               axis = axis)
  metric_or_values(metric_of_loss(loss, name, dtype), y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_binary_focal_crossentropy <- function(y_true, y_pred,
                                             apply_class_balancing = FALSE,
                                             alpha = 0.25, gamma = 2,
                                             from_logits = FALSE,
                                             label_smoothing = 0, axis = -1L) {
  loss <- loss_binary_focal_crossentropy(
    apply_class_balancing = apply_class_balancing, alpha = alpha,
    gamma = gamma, from_logits = from_logits,
    label_smoothing = label_smoothing, axis = axis
  )
  metric_or_values(metric_of_loss(loss, "binary_focal_crossentropy", NULL),
                   y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_categorical_focal_crossentropy <- function(y_true, y_pred, alpha = 0.25,
                                                  gamma = 2,
                                                  from_logits = FALSE,
                                                  label_smoothing = 0,
                                                  axis = -1L) {
  loss <- loss_categorical_focal_crossentropy(
    alpha = alpha, gamma = gamma, from_logits = from_logits,
    label_smoothing = label_smoothing, axis = axis
  )
  metric_or_values(metric_of_loss(loss, "categorical_focal_crossentropy", NULL),
                   y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_kl_divergence <- function(y_true, y_pred, ..., name = "kl_divergence",
                                 dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_kl_divergence(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}

#' @rdname metric_binary_crossentropy
#' @export
metric_poisson <- function(y_true, y_pred, ..., name = "poisson",
                           dtype = NULL) {
  check_dots(...)
  metric <- metric_of_loss(loss_poisson(), name, dtype)
  metric_or_values(metric, y_true, y_pred)
}
