# Areas under curves of rates.

AucMetric <- R6::R6Class(
  "AUC",
  inherit = ConfusionMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(curve, summation_method, thresholds, inner,
                          multi_label, num_labels, label_weights, from_logits,
                          name, dtype) {
      self$num_labels <- num_labels
      self$multi_label <- multi_label
      self$label_weights <- label_weights
      self$curve <- curve
      self$summation_method <- summation_method
      self$from_logits <- from_logits
      config <- c(list(
        num_thresholds = length(inner) + 2L, curve = curve,
        summation_method = summation_method, multi_label = multi_label
      ), list(num_labels = num_labels), list(label_weights = label_weights),
      list(from_logits = from_logits))
      if (!is.null(thresholds)) config$thresholds <- inner
      super$initialize(
        "AUC", c(-the$epsilon, inner, 1 + the$epsilon),
        even = is.null(thresholds) || are_even(c(0, inner, 1)),
        config = config, name = name, dtype = dtype
      )
      # The number of labels may be that of the first batch.
      if (multi_label) {
        self$initial <- list(counts = 0)
        self$state <- self$initial
      }
    },

    predictions = function(y_pred) {
      if (self$from_logits) op_sigmoid(y_pred) else y_pred
    },

    counts_shape = function(shape) {
      if (!self$multi_label) return(super$counts_shape(shape))
      if (length(shape) != 2L ||
            !is.null(self$num_labels) && shape[2] != self$num_labels) {
        abort_shape(sprintf(paste(
          "Predictions of a multi-label AUC must have shape [batch, %s],",
          "not %s."
        ), self$num_labels %||% "label", format_shape(shape)), "y_pred")
      }
      c(4L, length(self$thresholds), shape[2])
    },

    settings = function(shape) {
      settings <- super$settings(shape)
      weights <- self$label_weights
      if (!is.null(weights) && length(weights) != shape[length(shape)]) {
        abort_argument(sprintf(
          "`label_weights` must have one number per label, %d, not %d.",
          shape[length(shape)], length(weights)), "label_weights")
      }
      if (!self$multi_label) settings$label_weights <- weights
      settings
    },

    result = function() {
      if (length(self$state$counts) == 1L) return(0)
      counts <- lapply(self$counts(), as.matrix)
      pr <- self$curve == "PR" && self$summation_method == "interpolation"
      areas <- if (pr) {
        pr_areas(counts)
      } else {
        curve <- curves[[self$curve]](counts)
        areas_under(curve$x, curve$y, self$summation_method)
      }
      if (is.null(self$label_weights) || !self$multi_label) return(mean(areas))
      ratio_or_zero(sum(areas * self$label_weights), sum(self$label_weights))
    }
  )
)

# Points of the curves at each threshold, [threshold, label].
curves <- list(
  ROC = function(n) {
    list(x = ratio_or_zero(n$fp, n$fp + n$tn),
         y = ratio_or_zero(n$tp, n$tp + n$fn))
  },
  PR = function(n) {
    list(x = ratio_or_zero(n$tp, n$tp + n$fn),
         y = ratio_or_zero(n$tp, n$tp + n$fp))
  },
  # Gains over the share of true ones, as Flach and Kull define them.
  PRGAIN = function(n) {
    odds <- ratio_or_zero(n$tp + n$fn, n$tn + n$fp)
    none <- n$tp == 0
    x <- 1 - odds * ratio_or_zero(n$fn, n$tp)
    y <- 1 - odds * ratio_or_zero(n$fp, n$tp)
    x[none] <- 0
    y[none] <- 1
    list(x = pmax(x, 0), y = y)
  }
)

areas_under <- function(x, y, method) {
  first <- seq_len(nrow(x) - 1L)
  high <- y[first, , drop = FALSE]
  low <- y[first + 1L, , drop = FALSE]
  height <- switch(method, interpolation = (high + low) / 2,
                   minoring = pmin(high, low), pmax(high, low))
  width <- x[first, , drop = FALSE] - x[first + 1L, , drop = FALSE]
  colSums(width * height)
}

# Between two thresholds true positives are taken to grow in proportion to
# positives, which bends the curve of precision.
pr_areas <- function(n) {
  first <- seq_len(nrow(n$tp) - 1L)
  at <- function(x, k) x[k, , drop = FALSE]
  p <- n$tp + n$fp
  p0 <- at(p, first)
  p1 <- at(p, first + 1L)
  tp1 <- at(n$tp, first + 1L)
  dtp <- at(n$tp, first) - tp1
  slope <- ratio_or_zero(dtp, pmax(p0 - p1, 0))
  intercept <- tp1 - slope * p1
  ratio <- ratio_or_zero(p0, pmax(p1, 0))
  ratio[!(p0 > 0 & p1 > 0)] <- 1
  true <- pmax(tp1 + at(n$fn, first + 1L), 0)
  colSums(ratio_or_zero(slope * (dtp + intercept * log(ratio)), true))
}

#' Area under a curve
#'
#' The area under the curve of true against false positive rates (`"ROC"`), of
#' precision against recall (`"PR"`), or of their gains over chance
#' (`"PRGAIN"`), from counts at thresholds.
#'
#' @inheritParams metric_precision
#' @param num_thresholds Number of thresholds, in equal steps from 0 to 1; the
#'   more, the more exact.
#' @param curve `"ROC"`, `"PR"` or `"PRGAIN"`.
#' @param summation_method Height of the area between two thresholds:
#'   `"interpolation"` (the middle; for `"PR"` of true positives),
#'   `"minoring"` (the lower) or `"majoring"` (the higher).
#' @param thresholds Own thresholds in `[0, 1]`; 0 and 1 are added.
#' @param multi_label Whether each label, shape `[batch, label]`, has an area of
#'   its own, which are averaged; else predictions are taken together.
#' @param num_labels Number of labels, where there are several areas.
#' @param label_weights One number per label that weighs the areas, or the
#'   predictions where there is one area.
#' @param from_logits Whether predictions are logits.
#' @param name Name; `NULL` for `auc`, numbered within the session.
#' @return A metric; see [metric_precision()].
#' @section Errors: `elman_error_argument` for unknown curves and methods (with
#'   the nearest) and numbers out of range, `elman_error_shape` for predictions
#'   that are not `[batch, label]` where labels have areas of their own.
#' @inheritSection metric_precision Compatibility
#' @source Davis and Goadrich (2006), "The Relationship Between Precision-Recall
#'   and ROC Curves"; Flach and Kull (2015), "Precision-Recall-Gain Curves".
#' @family metrics
#' @examples
#' m <- metric_auc(num_thresholds = 3)
#' m$update_state(c(0, 0, 1, 1), c(0, 0.5, 0.3, 0.9))
#' m$result()
#' @export
metric_auc <- function(..., num_thresholds = 200L, curve = "ROC",
                       summation_method = "interpolation", name = NULL,
                       dtype = NULL, thresholds = NULL, multi_label = FALSE,
                       num_labels = NULL, label_weights = NULL,
                       from_logits = FALSE) {
  check_dots(...)
  multi_label <- check_flag(multi_label, "multi_label")
  num_labels <- check_whole(num_labels, "num_labels", min = 1, null_ok = TRUE)
  if (!is.null(num_labels) && !multi_label) {
    abort_argument("`num_labels` needs `multi_label = TRUE`.", "num_labels")
  }
  if (is.null(thresholds)) {
    n <- check_whole(num_thresholds, "num_thresholds", min = 2)
    inner <- if (n > 2L) seq_len(n - 2L) / (n - 1) else numeric()
  } else {
    inner <- sort(check_thresholds(thresholds))
  }
  wrap_metric(AucMetric$new(
    match_name(as_upper(curve), names(curves), "curve"),
    match_name(as_lower(summation_method),
               c("interpolation", "majoring", "minoring"), "summation_method"),
    thresholds, inner, multi_label, num_labels,
    check_label_weights(label_weights),
    check_flag(from_logits, "from_logits"), name, dtype
  ))
}

as_upper <- function(x) if (is.character(x)) toupper(x) else x

as_lower <- function(x) if (is.character(x)) tolower(x) else x

check_label_weights <- function(weights) {
  if (is.null(weights)) return(NULL)
  values <- unlist(weights)
  if (!is.numeric(values) || anyNA(values) || any(values < 0)) {
    must_be(weights, "label_weights", "numbers of at least 0, one per label")
  }
  as.double(values)
}
