# Metrics written in plain R.

metric_kind <- list(
  what = "Metric",
  native = "MetricBase",
  root = "MetricBase",
  composing = FALSE,
  host = function(definition) own_described_host(definition),
  managed = character(),
  needs_super = TRUE,
  finish = function(instance) wrap_metric(instance),
  formals = function(dtype = NULL, name = NULL) NULL
)

#' Metrics of your own
#'
#' Defines a class of metrics in plain R: numbers that are kept over the batches
#' of an epoch. For the mean of a function over samples [custom_metric()] does
#' as well.
#'
#' @inheritParams Layer
#' @param initialize Function that takes the arguments of the metric, calls
#'   `super$initialize(name, dtype)` and makes the state by
#'   `self$add_variable(shape, initializer, name)`.
#' @param update_state Function of `(y_true, y_pred, sample_weight = NULL)` that
#'   takes a batch into the state, by `self$variable$assign(value)`.
#' @param result Function that gives the metric's value, a number or a scalar
#'   tensor, or a named list of them.
#' @param ...,public More methods and fields. `reset_state` begins an epoch;
#'   without it all variables become zero.
#' @param inherit A class made by `Metric()`.
#' @return A function with the arguments of `initialize`, or else `dtype` and
#'   `name`, that makes a metric.
#' @section Errors: those of [Layer()]; `elman_error_state` where there is no
#'   `update_state` or `result`.
#' @family classes
#' @family metrics
#' @examples
#' metric_largest_error <- Metric(
#'   "LargestError",
#'   initialize = function(name = "largest_error", ...) {
#'     super$initialize(name = name, ...)
#'     self$largest <- self$add_variable(shape(), "zeros", name = "largest")
#'   },
#'   update_state = function(y_true, y_pred, sample_weight = NULL) {
#'     error <- op_max(op_abs(y_true - y_pred))
#'     self$largest$assign(op_maximum(self$largest, error))
#'   },
#'   result = function() self$largest
#' )
#' metric <- metric_largest_error()
#' metric$update_state(c(1, 2), c(1, 4))
#' metric$result()
#' @export
Metric <- function(classname, initialize = NULL, update_state = NULL,
                   result = NULL, ..., public = list(), private = list(),
                   inherit = NULL, parent_env = parent.frame()) {
  members <- gather_members(
    list(initialize = initialize, update_state = update_state,
         result = result), ..., public = public
  )
  define_class(metric_kind, classname, members, private, inherit, parent_env)
}

#' @rdname Metric
#' @export
new_metric_class <- Metric
