# Means and sums over batches: of numbers, and of functions of targets and
# predictions.

# `sums` is c(total, count): the sum of what was seen and of its weights.
MeanMetric <- R6::R6Class(
  "Mean",
  inherit = NativeMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    totals = FALSE,
    # Is the result the total over the count?
    divides = TRUE,

    initialize = function(class_name = "Mean", name = "mean", dtype = NULL,
                          config = list()) {
      super$initialize(class_name, list(sums = c(0, 0)), config, name, dtype)
    },

    # Adds numbers, one weight each, or one for all.
    update_state = function(values, sample_weight = NULL) {
      values <- as_float(values, self$dtype)
      if (!is.null(sample_weight)) {
        sample_weight <- as_weight(sample_weight, tensor_dtype(values))
      }
      self$take(list(sample_sums(values, sample_weight, self$totals)))
    },

    result = function() {
      sums <- .subset2(self, "state")[[1]]
      ratio_or_zero(sums[1], sums[2])
    }
  ),
  active = list(
    total = function() self$state[[1]][1],
    count = function() self$state[[1]][2]
  )
)

SumMetric <- R6::R6Class(
  "Sum",
  inherit = MeanMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    totals = TRUE,
    divides = FALSE,
    result = function() self$total
  )
)

is_running_mean <- function(metric) {
  inherits(metric, "Mean") && metric$divides
}

# The running mean of a function of targets and predictions: like a loss, its
# elements are averaged over `axis` to one value per sample.
FunctionMetric <- R6::R6Class(
  "MeanMetricWrapper",
  inherit = MeanMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    # Is the function the user's?
    of_user = FALSE,

    initialize = function(class_name, elements, axis = NULL, config = list(),
                          name = NULL, dtype = NULL, fused = NULL,
                          class_numbers = FALSE) {
      super$initialize(class_name, name, dtype, config)
      self$element_function <- elements
      self$axis <- axis
      self$fused <- fused
      self$class_numbers <- class_numbers
      self$of_user <- class_name == "MeanMetricWrapper"
    },

    elements = function(y_true, y_pred) self$element_function(y_true, y_pred),

    update_state = function(y_true, y_pred, sample_weight = NULL) {
      update_native(self, y_true, y_pred, sample_weight)
    },

    # Without masks and weights the batch's mean is the mean of its elements.
    statistics = function(y_true, y_pred, sample_weight = NULL) {
      mask <- get_mask(y_pred)
      plain <- is.null(mask) && is.null(sample_weight)
      sums <- if (plain) row_sums(self, y_true, y_pred)
      if (!is.null(sums)) return(list(sums))
      pair <- match_ranks(self, y_true, y_pred)
      elements <- as_tensor(self$elements(pair$y_true, pair$y_pred))
      if (plain || !rank_of(elements)) return(list(sample_sums(elements)))
      weight <- masked_weight(sample_weight, mask, tensor_dtype(y_pred))
      inner <- get_mask(elements)
      values <- sample_values(elements, self$axis)
      if (!is.null(inner)) {
        weight <- op_multiply(align_weight(weight, inner),
                              op_cast(inner, dtype_of(weight)))
      }
      list(sample_sums(values, weight))
    }
  )
)

# Weights with masked steps at 0.
masked_weight <- function(sample_weight, mask, dtype) {
  if (is.null(mask)) return(as_weight(sample_weight, dtype))
  mask <- op_cast(mask, dtype)
  if (is.null(sample_weight)) return(mask)
  op_multiply(mask, align_weight(as_weight(sample_weight, dtype), mask))
}

# c(sum of weighted values, sum of weights), a sample counting once: what has
# more axes than the weights is averaged over them first. With `totals` values
# are added up instead.
sample_sums <- function(values, weight = NULL, totals = FALSE) {
  if (is.null(weight)) {
    inputs <- list(values)
  } else {
    inputs <- list(values, leading_weight(weight, shape_of(values)))
  }
  run_statistic("sample_sums", inputs, 2L, attributes = list(total = totals))
}

# Weights whose shape is that of the values' first axes.
leading_weight <- function(weight, shape) {
  have <- shape_of(weight)
  given <- have
  while (length(have) &&
           !identical(have, shape[seq_len(min(length(have), length(shape)))]) &&
           have[length(have)] == 1L) {
    have <- have[-length(have)]
  }
  n <- length(have)
  if (n != length(given)) weight <- op_reshape(weight, have)
  if (n > length(shape)) abort_weight_shape(shape, given)
  lead <- shape[seq_len(n)]
  if (identical(have, lead)) return(weight)
  if (any(have != lead & have != 1L)) abort_weight_shape(shape, given)
  op_broadcast_to(weight, lead)
}

as_r_array <- function(x) {
  x <- if (is_tensor(x)) as.array(x) else x
  if (is.logical(x)) x <- x + 0
  x
}

as_array <- function(x) if (is.null(dim(x))) array(x, length(x)) else x

# The running mean of what a loss computes.
metric_of_loss <- function(loss, name, dtype, config = NULL) {
  self <- loss_object(loss)
  metric <- FunctionMetric$new(
    class_name_of(self), self$elements, self$axis, config %||% self$config,
    name, dtype, fused = self$fused, class_numbers = self$class_numbers
  )
  metric$of_user <- !is_native_loss(self)
  metric
}

#' Running means and sums
#'
#' `metric_mean()` and `metric_sum()` take numbers;
#' `metric_mean_wrapper()` is the mean of a function of targets and predictions.
#'
#' @param ... For `metric_mean_wrapper()`, further arguments of `fn`, by name;
#'   else none: a trailing comma is forgiven.
#' @param fn A function of `(y_true, y_pred, ...)`, tensors both, built from
#'   `op_*` or arithmetic, that gives one number per sample.
#' @param name Name under which histories show the metric.
#' @param dtype Type to compute in; sums are in double.
#' @return A metric: `$update_state(values, sample_weight = NULL)`, or
#'   `$update_state(y_true, y_pred, sample_weight = NULL)` for
#'   `metric_mean_wrapper()`; `$result()` and `$reset_state()`.
#' @section Errors: `elman_error_argument` where `fn` is no function.
#' @family metrics
#' @examples
#' m <- metric_mean()
#' m$update_state(c(1, 3, 5, 7))
#' m$result()
#' bias <- metric_mean_wrapper(fn = function(y_true, y_pred) y_pred - y_true)
#' bias(matrix(1:2), matrix(2:3))
#' @export
metric_mean <- function(..., name = "mean", dtype = NULL) {
  check_dots(...)
  wrap_metric(MeanMetric$new("Mean", name, dtype))
}

#' @rdname metric_mean
#' @export
metric_sum <- function(..., name = "sum", dtype = NULL) {
  check_dots(...)
  wrap_metric(SumMetric$new("Sum", name, dtype))
}

#' @rdname metric_mean
#' @export
metric_mean_wrapper <- function(..., fn, name = NULL, dtype = NULL) {
  if (missing(fn)) must_be_given("fn", "a function of (y_true, y_pred)")
  if (!is.function(fn)) {
    must_be(fn, "fn", "a function of (y_true, y_pred)")
  }
  more <- rlang::dots_list(..., .ignore_empty = "trailing")
  if (length(more) && (is.null(names(more)) || any(names(more) == ""))) {
    abort_argument("All arguments in `...` must be named.", "...")
  }
  call <- function(y_true, y_pred) do.call(fn, c(list(y_true, y_pred), more))
  wrap_metric(FunctionMetric$new("MeanMetricWrapper", call,
                                 config = c(list(fn = fn), more), name = name,
                                 dtype = dtype))
}
