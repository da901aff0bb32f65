# Metrics as compile() takes them.

# A name, a metric, an un-called metric_* or loss_*, a configuration, or an own
# function of (y_true, y_pred), as a function that gives the metric once the
# shapes of a first batch are known.
resolve_metric <- function(metric, label = NULL) {
  if (is_config(metric)) metric <- from_config(metric)
  if (is.character(metric) && length(metric) == 1L) {
    return(metric_by_name(metric))
  }
  if (is_uncalled(metric, "metric_")) {
    made <- metric()
    # A plain function goes by its own name.
    label <- if (!"name" %in% names(formals(metric))) {
      own_function_name(metric, "metric_")
    }
    metric <- made
    if (!is.null(label)) attr(metric, "self")$name <- label
  } else if (is_uncalled(metric, "loss_")) {
    metric <- metric()
  }
  self <- metric_object(metric)
  if (!is.null(self)) return(function(y_true, y_pred) self)
  loss <- loss_object(metric)
  if (!is.null(loss)) {
    return(function(y_true, y_pred) metric_of_loss(loss, loss$name, loss$dtype))
  }
  if (!is.function(metric)) {
    must_be(metric, "metrics",
            "names, metrics or functions of (y_true, y_pred)")
  }
  name <- label %||% function_name(metric) %||% "custom_metric"
  function(y_true, y_pred) {
    FunctionMetric$new("MeanMetricWrapper", metric, name = name)
  }
}

# The metric keeps exactly the name that was written.
metric_by_name <- function(name) {
  if (tolower(name) %in% c("accuracy", "acc")) {
    return(function(y_true, y_pred) accuracy_metric(name, y_true, y_pred))
  }
  if (tolower(name) %in% c("crossentropy", "ce")) {
    return(function(y_true, y_pred) {
      loss <- settle_loss(resolve_loss(name), y_true, y_pred)
      metric_of_loss(loss, name, NULL)
    })
  }
  make <- named_metric(name)
  missing <- required_arguments(make)
  if (length(missing)) {
    abort_argument(sprintf(
      "Metric \"%s\" needs `%s`: give metric_%s(%s = ) instead of its name.",
      name, missing[1], snake_case(name), missing[1]), "metrics")
  }
  function(y_true, y_pred) {
    metric <- metric_object(make())
    metric$name <- name
    metric
  }
}

# Arguments without a default, other than the data's.
required_arguments <- function(f) {
  arguments <- formals(f)
  none <- vapply(arguments, function(a) identical(a, rlang::missing_arg()), NA)
  setdiff(names(arguments)[none], c("y_true", "y_pred", "..."))
}

# "accuracy" is chosen by the shapes of targets and predictions.
accuracy_metric <- function(name, y_true, y_pred) {
  kind <- target_kind(shape_of(y_true), shape_of(y_pred))
  metric_object(switch(kind,
    binary = metric_binary_accuracy(name = name),
    sparse = metric_sparse_categorical_accuracy(name = name),
    metric_categorical_accuracy(name = name)
  ))
}

#' A metric of your own
#'
#' @param name Name under which histories show the metric.
#' @param metric_fn A function of `(y_true, y_pred)`, tensors both, built from
#'   `op_*` or arithmetic, whose value is a tensor with one number per sample,
#'   or a scalar.
#' @return `metric_fn` with its name, for `metrics =` of [compile()].
#' @section Compatibility: Targets come with the predictions' number of axes:
#'   a vector of targets is a column beside predictions of shape `[batch, 1]`,
#'   where Keras would broadcast the two to a square.
#' @section Errors: `elman_error_argument` where `metric_fn` is no function.
#' @family metrics
#' @examples
#' bias <- custom_metric("bias", function(y_true, y_pred) {
#'   op_mean(y_pred - y_true, axis = -1)
#' })
#' @export
custom_metric <- function(name, metric_fn) {
  if (!is.function(metric_fn)) must_be(metric_fn, "metric_fn", "a function")
  structure(metric_fn, name = check_string(name, "name"))
}
