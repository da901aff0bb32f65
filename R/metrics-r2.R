# The coefficient of determination.

R2Metric <- R6::R6Class(
  "R2Score",
  inherit = NativeMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(class_aggregation, num_regressors, name, dtype) {
      if (!is.null(class_aggregation)) {
        class_aggregation <- match_name(
          class_aggregation, c("uniform_average", "variance_weighted_average"),
          "class_aggregation"
        )
      }
      self$class_aggregation <- class_aggregation
      self$num_regressors <- check_whole(num_regressors, "num_regressors",
                                         min = 0)
      super$initialize(
        "R2Score",
        list(num_samples = 0, squared_sum = 0, sum = 0, residual = 0,
             count = 0),
        c(list(class_aggregation = class_aggregation),
          list(num_regressors = self$num_regressors)),
        name, dtype
      )
    },

    statistics = function(y_true, y_pred, sample_weight = NULL) {
      y <- match_target(y_true, y_pred)
      check_score_shapes(y, y_pred)
      shape <- shape_of(y)
      weight <- if (is.null(sample_weight)) {
        op_ones(shape, dtype_of(y))
      } else {
        weight <- as_weight(sample_weight, dtype_of(y))
        op_broadcast_to(align_weight(leading_weight(weight, shape), y), shape)
      }
      weighted <- op_multiply(y, weight)
      error <- op_square(op_subtract(y, y_pred))
      add <- function(x) op_sum(x, axis = 1L)
      list(op_full(integer(), prod(shape), dtype_of(y)),
           add(op_multiply(y, weighted)), add(weighted),
           add(op_multiply(error, weight)), add(weight))
    },

    result = function() {
      s <- lapply(self$state, as.vector)
      if (s$num_samples == 0) return(0)
      total <- s$squared_sum - s$sum * (s$sum / s$count)
      score <- 1 - s$residual / total
      score[is.infinite(score)] <- 0
      score <- switch(self$class_aggregation %||% "none",
        uniform_average = mean(score),
        variance_weighted_average = sum(total * score) / sum(total),
        score
      )
      self$adjusted(score, s$num_samples)
    },

    # For the number of predictors; Keras counts every output of a sample.
    adjusted = function(score, n) {
      p <- self$num_regressors
      if (p == 0L) return(score)
      if (p >= n - 1) {
        warn_elman(sprintf(paste(
          "R2 with %d regressors needs more than %d values, not %d; it is not",
          "adjusted."), p, p + 1L, as.integer(n)))
        return(score)
      }
      1 - (1 - score) * (n - 1) / (n - p - 1)
    }
  )
)

#' Coefficient of determination
#'
#' R2: 1 minus the squared errors as a share of the targets' squared distances
#' from their mean; 1 is perfect, 0 no better than the mean.
#'
#' @inheritParams metric_precision
#' @param class_aggregation How the outputs' scores become one:
#'   `"uniform_average"`, `"variance_weighted_average"`, or `NULL` for one
#'   number per output.
#' @param num_regressors Number of predictors that the score is adjusted for.
#' @param name Name under which histories show the metric.
#' @return A metric for targets and predictions of shape `[batch, output]`; see
#'   [metric_precision()].
#' @section Errors: `elman_error_argument` for an unknown aggregation (with the
#'   nearest), `elman_error_shape` for data of another shape.
#' @inheritSection metric_precision Compatibility
#' @family metrics
#' @examples
#' m <- metric_r2_score()
#' m$update_state(matrix(c(1, 4, 3)), matrix(c(2, 4, 4)))
#' m$result()
#' @export
metric_r2_score <- function(..., class_aggregation = "uniform_average",
                            num_regressors = 0L, name = "r2_score",
                            dtype = NULL) {
  check_dots(...)
  wrap_metric(R2Metric$new(class_aggregation, num_regressors, name, dtype))
}
