# Counts of right and wrong yes-or-no predictions at thresholds, and what is
# computed from them.

# `counts` is [count, threshold, label]: true positives, false positives, true
# negatives, false negatives; without the labels' axis where they are taken
# together.
ConfusionMetric <- R6::R6Class(
  "ConfusionMetric",
  inherit = NativeMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    # `even` thresholds go from 0 to 1 in equal steps.
    initialize = function(class_name, thresholds, even = NULL, top_k = NULL,
                          class_id = NULL, config = list(), name = NULL,
                          dtype = NULL) {
      super$initialize(class_name,
                       list(counts = array(0, c(4L, length(thresholds)))),
                       config, name, dtype)
      self$thresholds <- thresholds
      self$even <- even %||% are_even(thresholds)
      self$top_k <- top_k
      self$class_id <- class_id
    },

    statistics = function(y_true, y_pred, sample_weight = NULL) {
      pair <- match_ranks(self, y_true, y_pred)
      p <- self$predictions(pair$y_pred)
      shape <- shape_of(p)
      y <- pair$y_true
      if (!identical(shape_of(y), shape)) y <- broadcast_targets(y, shape)
      weight <- if (!is.null(sample_weight)) {
        leading_weight(as_weight(sample_weight, dtype_of(p)), shape)
      }
      list(run_statistic("confusion_counts", list(y, p, weight),
                         self$counts_shape(shape),
                         attributes = self$settings(shape)))
    },

    predictions = function(y_pred) y_pred,

    counts_shape = function(shape) c(4L, length(self$thresholds)),

    settings = function(shape) {
      classes <- shape[length(shape)]
      id <- check_class_id(self$class_id, shape)
      if (!is.null(self$top_k) && self$top_k > classes) {
        abort_argument(sprintf(
          "`top_k` must be at most %d, the classes, not %d.", classes,
          self$top_k), "top_k")
      }
      ends <- self$thresholds[c(1L, length(self$thresholds))]
      settings <- list(thresholds = as.double(self$thresholds),
                       even = self$even, outside = ends[1] < 0 || ends[2] > 1)
      if (!is.null(self$top_k)) settings$top_k <- self$top_k
      if (!is.null(id)) settings$class_id <- id
      settings
    },

    # The four counts as vectors by threshold, or [threshold, label] matrices.
    counts = function() {
      counts <- self$state$counts
      names <- c("tp", "fp", "tn", "fn")
      if (length(dim(counts)) == 3L) {
        d <- dim(counts)[-1]
        part <- function(k) array(counts[k, , ], d)
      } else {
        part <- function(k) counts[k, ]
      }
      stats::setNames(lapply(1:4, part), names)
    }
  )
)

# Keras reckons from predictions to thresholds where steps are equal.
are_even <- function(thresholds) {
  n <- length(thresholds)
  if (n < 3L) return(FALSE)
  even <- (seq_len(n) - 1) / (n - 1)
  all(abs(thresholds - even) <= the$epsilon + 1e-5 * even)
}

broadcast_targets <- function(y, shape) {
  if (!identical(broadcast_shape(shape_of(y), shape), shape)) {
    abort_shape(sprintf(
      "`y` must have the shape of the predictions, %s, not %s.",
      format_shape(shape), format_shape(shape_of(y))), "y")
  }
  op_broadcast_to(y, shape)
}

# A 0-based class number, negative ones from the end, as one from the start.
check_class_id <- function(id, shape) {
  if (is.null(id)) return(NULL)
  classes <- shape[length(shape)]
  if (length(shape) < 2L || id >= classes || id < -classes) {
    abort_argument(sprintf(paste(
      "`class_id` must be a class of the predictions %s, counted from 0,",
      "not %d."), format_shape(shape), id), "class_id")
  }
  if (id < 0L) id + classes else id
}

check_thresholds <- function(thresholds, default = 0.5) {
  if (is.null(thresholds)) return(default)
  values <- unlist(thresholds)
  if (!is.numeric(values) || anyNA(values) || !length(values) ||
        any(values < 0 | values > 1)) {
    must_be(thresholds, "thresholds", "numbers between 0 and 1")
  }
  as.double(values)
}

# One of the four counts.
CountMetric <- R6::R6Class(
  "CountMetric",
  inherit = ConfusionMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(class_name, which, thresholds, name, dtype) {
      super$initialize(class_name, check_thresholds(thresholds),
                       config = list(thresholds = thresholds), name = name,
                       dtype = dtype)
      self$which <- which
    },
    result = function() self$counts()[[self$which]]
  )
)

# True positives as a share of them and of another count.
ShareMetric <- R6::R6Class(
  "ShareMetric",
  inherit = ConfusionMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(class_name, other, thresholds, top_k, class_id, name,
                          dtype) {
      top_k <- check_whole(top_k, "top_k", min = 1, null_ok = TRUE)
      class_id <- check_whole(class_id, "class_id", null_ok = TRUE)
      # With top_k alone all others are negative, whatever their size.
      default <- if (is.null(top_k)) 0.5 else -1e10
      super$initialize(
        class_name, check_thresholds(thresholds, default), top_k = top_k,
        class_id = class_id,
        config = c(list(thresholds = thresholds), list(top_k = top_k),
                   list(class_id = class_id)),
        name = name, dtype = dtype
      )
      self$other <- other
    },
    result = function() {
      counts <- self$counts()
      ratio_or_zero(counts$tp, counts$tp + counts[[self$other]])
    }
  )
)

#' Counts, precision and recall
#'
#' Predictions above a threshold are positive, targets other than 0 true. The
#' counts are the weighted numbers of true positives, false positives, true
#' negatives and false negatives; `metric_precision()` is the share of true ones
#' among what is positive, `metric_recall()` the share of positive ones among
#' what is true.
#'
#' @inheritParams metric_mean_squared_error
#' @param ... None; a trailing comma is forgiven.
#' @param thresholds One or more numbers in `[0, 1]`; `NULL` for 0.5.
#' @param top_k Only the `top_k` largest predictions of a sample can be
#'   positive; without `thresholds` these are.
#' @param class_id The only class to look at, counted from 0, negative ones from
#'   the end.
#' @param name Name; `NULL` for that of the class, numbered within the session:
#'   `precision`, `precision_1`.
#' @return A metric: `$update_state(y_true, y_pred, sample_weight = NULL)`,
#'   `$result()` (a number, or one per threshold) and `$reset_state()`.
#' @section Errors: `elman_error_argument` for thresholds outside `[0, 1]`, a
#'   class that is not there, and more `top_k` than classes.
#' @section Compatibility: As in Keras, masks are not applied; sample weights
#'   are.
#' @family metrics
#' @examples
#' m <- metric_precision()
#' m$update_state(c(0, 1, 1, 1), c(1, 0, 1, 1))
#' m$result()
#' recall <- metric_recall(thresholds = c(0.2, 0.6))
#' recall(c(0, 1, 1), c(0.7, 0.3, 0.9))
#' @export
metric_precision <- function(..., thresholds = NULL, top_k = NULL,
                             class_id = NULL, name = NULL, dtype = NULL) {
  check_dots(...)
  wrap_metric(ShareMetric$new("Precision", "fp", thresholds, top_k, class_id,
                              name, dtype))
}

#' @rdname metric_precision
#' @export
metric_recall <- function(..., thresholds = NULL, top_k = NULL,
                          class_id = NULL, name = NULL, dtype = NULL) {
  check_dots(...)
  wrap_metric(ShareMetric$new("Recall", "fn", thresholds, top_k, class_id,
                              name, dtype))
}

#' @rdname metric_precision
#' @export
metric_true_positives <- function(..., thresholds = NULL, name = NULL,
                                  dtype = NULL) {
  check_dots(...)
  wrap_metric(CountMetric$new("TruePositives", "tp", thresholds, name, dtype))
}

#' @rdname metric_precision
#' @export
metric_false_positives <- function(..., thresholds = NULL, name = NULL,
                                   dtype = NULL) {
  check_dots(...)
  wrap_metric(CountMetric$new("FalsePositives", "fp", thresholds, name, dtype))
}

#' @rdname metric_precision
#' @export
metric_true_negatives <- function(..., thresholds = NULL, name = NULL,
                                  dtype = NULL) {
  check_dots(...)
  wrap_metric(CountMetric$new("TrueNegatives", "tn", thresholds, name, dtype))
}

#' @rdname metric_precision
#' @export
metric_false_negatives <- function(..., thresholds = NULL, name = NULL,
                                   dtype = NULL) {
  check_dots(...)
  wrap_metric(CountMetric$new("FalseNegatives", "fn", thresholds, name, dtype))
}
