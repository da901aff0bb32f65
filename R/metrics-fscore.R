# F scores: precision and recall in one number per class.

# Per class: true positives, false positives, false negatives, and the weight of
# true ones.
FBetaMetric <- R6::R6Class(
  "FBetaScore",
  inherit = NativeMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(class_name, average, beta, threshold, name, dtype) {
      if (!is.null(average)) {
        average <- match_name(average, c("micro", "macro", "weighted"),
                              "average")
      }
      if (!is_number(beta) || beta <= 0) must_be(beta, "beta", "above 0")
      if (!is.null(threshold) &&
            (!is_number(threshold) || threshold <= 0 || threshold > 1)) {
        must_be(threshold, "threshold", "above 0 and at most 1, or NULL")
      }
      self$average <- average
      self$beta <- beta
      self$threshold <- threshold
      config <- c(list(average = average),
                  if (class_name == "FBetaScore") list(beta = beta),
                  list(threshold = threshold))
      super$initialize(class_name, list(
        true_positives = 0, false_positives = 0, false_negatives = 0,
        intermediate_weights = 0
      ), config, name, dtype)
    },

    statistics = function(y_true, y_pred, sample_weight = NULL) {
      y <- match_target(y_true, y_pred)
      check_score_shapes(y, y_pred)
      p <- op_cast(self$positive(y_pred), dtype_of(y_pred))
      weight <- if (!is.null(sample_weight)) {
        weight <- as_weight(sample_weight, dtype_of(y_pred))
        op_reshape(leading_weight(weight, shape_of(y)[1]), c(-1L, 1L))
      }
      axis <- if (!identical(self$average, "micro")) 1L
      add <- function(x) {
        op_sum(if (is.null(weight)) x else op_multiply(x, weight), axis = axis)
      }
      hit <- op_multiply(p, y)
      list(add(hit), add(op_subtract(p, hit)), add(op_subtract(y, hit)), add(y))
    },

    # The largest prediction, or those above the threshold.
    positive = function(y_pred) {
      if (!is.null(self$threshold)) return(op_greater(y_pred, self$threshold))
      top <- op_max(y_pred, axis = -1L, keepdims = TRUE)
      op_logical_and(op_greater_equal(y_pred, top),
                     op_greater(op_abs(y_pred), 1e-9))
    },

    result = function() {
      s <- lapply(self$state, as.vector)
      e <- the$epsilon
      b <- self$beta^2
      precision <- s$true_positives /
        (s$true_positives + s$false_positives + e)
      recall <- s$true_positives / (s$true_positives + s$false_negatives + e)
      score <- precision * recall / (b * precision + recall + e) * (1 + b)
      switch(self$average %||% "none",
        weighted = sum(score * s$intermediate_weights /
                         (sum(s$intermediate_weights) + e)),
        none = score,
        mean(score)
      )
    }
  )
)

# Of metrics that are computed class by class.
check_score_shapes <- function(y_true, y_pred) {
  if (rank_of(y_pred) != 2L) {
    abort_shape(sprintf("Predictions must have shape [batch, class], not %s.",
                        format_shape(shape_of(y_pred))), "y_pred")
  }
  check_same_shape(y_true, y_pred)
}

#' F scores
#'
#' `(1 + beta^2) precision recall / (beta^2 precision + recall)` per class,
#' which `average` makes one number; `metric_f1_score()` has `beta = 1`.
#'
#' @inheritParams metric_precision
#' @param average `NULL` for one number per class; `"macro"` for their mean,
#'   `"weighted"` for the mean by the number of true ones, `"micro"` for the
#'   score of all classes counted together.
#' @param beta Weight of recall against precision.
#' @param threshold Predictions above it are positive; `NULL` for the largest of
#'   each sample.
#' @param name Name under which histories show the metric.
#' @return A metric for targets and predictions of shape `[batch, class]`; see
#'   [metric_precision()].
#' @section Errors: `elman_error_argument` for an unknown `average` (with the
#'   nearest) or numbers out of range, `elman_error_shape` for data of another
#'   shape.
#' @inheritSection metric_precision Compatibility
#' @family metrics
#' @examples
#' m <- metric_f1_score(threshold = 0.5)
#' m$update_state(diag(3), rbind(c(0.2, 0.6, 0.7), c(0.2, 0.6, 0.6),
#'                               c(0.6, 0.8, 0)))
#' m$result()
#' @export
metric_f1_score <- function(..., average = NULL, threshold = NULL,
                            name = "f1_score", dtype = NULL) {
  check_dots(...)
  wrap_metric(FBetaMetric$new("F1Score", average, 1, threshold, name, dtype))
}

#' @rdname metric_f1_score
#' @export
metric_fbeta_score <- function(..., average = NULL, beta = 1, threshold = NULL,
                               name = "fbeta_score", dtype = NULL) {
  check_dots(...)
  wrap_metric(FBetaMetric$new("FBetaScore", average, beta, threshold, name,
                              dtype))
}
