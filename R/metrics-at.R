# One rate at the thresholds where another one is high enough.

rates <- list(
  sensitivity = c("tp", "fn"), recall = c("tp", "fn"),
  specificity = c("tn", "fp"), precision = c("tp", "fp")
)

# `wanted` is a rate's name, `held` another's, which must be at least `level`.
RateAtMetric <- R6::R6Class(
  "RateAtMetric",
  inherit = ConfusionMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(class_name, wanted, held, level, num_thresholds,
                          class_id, name, dtype) {
      if (missing(level)) {
        must_be_given(held, "a number between 0 and 1")
      }
      level <- check_rate(level, held)
      num_thresholds <- check_count(num_thresholds, "num_thresholds")
      class_id <- check_whole(class_id, "class_id", null_ok = TRUE)
      config <- c(list(num_thresholds = num_thresholds),
                  stats::setNames(list(level), held),
                  list(class_id = class_id))
      single <- num_thresholds == 1L
      super$initialize(
        class_name,
        if (single) 0.5 else (seq_len(num_thresholds) - 1) /
            (num_thresholds - 1),
        even = !single, class_id = class_id, config = config, name = name,
        dtype = dtype
      )
      self$wanted <- wanted
      self$held <- held
      self$level <- level
    },

    rate = function(name) {
      parts <- self$counts()[rates[[name]]]
      ratio_or_zero(parts[[1]], parts[[1]] + parts[[2]])
    },

    result = function() {
      max(0, self$rate(self$wanted)[self$rate(self$held) >= self$level])
    }
  )
)

#' A rate where another is high enough
#'
#' The largest sensitivity (or specificity, recall, precision) over the
#' thresholds at which specificity (or sensitivity, precision, recall) is at
#' least the number given; 0 where it nowhere is. Sensitivity and recall are the
#' share of positive predictions among what is true, specificity the share of
#' negative ones among what is not, precision the share of true ones among what
#' is positive.
#'
#' @inheritParams metric_precision
#' @param specificity,sensitivity,recall,precision The least value of the other
#'   rate, in `[0, 1]`.
#' @param num_thresholds Number of thresholds, in equal steps from 0 to 1.
#' @param name Name; `NULL` for that of the class, numbered within the session.
#' @return A metric; see [metric_precision()].
#' @section Errors: `elman_error_argument` for numbers out of range.
#' @inheritSection metric_precision Compatibility
#' @family metrics
#' @examples
#' m <- metric_sensitivity_at_specificity(specificity = 0.5)
#' m$update_state(c(0, 0, 0, 1, 1), c(0, 0.3, 0.8, 0.3, 0.8))
#' m$result()
#' @export
metric_sensitivity_at_specificity <- function(..., specificity,
                                              num_thresholds = 200L,
                                              class_id = NULL, name = NULL,
                                              dtype = NULL) {
  check_dots(...)
  wrap_metric(RateAtMetric$new("SensitivityAtSpecificity", "sensitivity",
                               "specificity", specificity, num_thresholds,
                               class_id, name, dtype))
}

#' @rdname metric_sensitivity_at_specificity
#' @export
metric_specificity_at_sensitivity <- function(..., sensitivity,
                                              num_thresholds = 200L,
                                              class_id = NULL, name = NULL,
                                              dtype = NULL) {
  check_dots(...)
  wrap_metric(RateAtMetric$new("SpecificityAtSensitivity", "specificity",
                               "sensitivity", sensitivity, num_thresholds,
                               class_id, name, dtype))
}

#' @rdname metric_sensitivity_at_specificity
#' @export
metric_precision_at_recall <- function(..., recall, num_thresholds = 200L,
                                       class_id = NULL, name = NULL,
                                       dtype = NULL) {
  check_dots(...)
  wrap_metric(RateAtMetric$new("PrecisionAtRecall", "precision", "recall",
                               recall, num_thresholds, class_id, name, dtype))
}

#' @rdname metric_sensitivity_at_specificity
#' @export
metric_recall_at_precision <- function(..., precision, num_thresholds = 200L,
                                       class_id = NULL, name = NULL,
                                       dtype = NULL) {
  check_dots(...)
  wrap_metric(RateAtMetric$new("RecallAtPrecision", "recall", "precision",
                               precision, num_thresholds, class_id, name,
                               dtype))
}
