# Metrics: running means over the batches seen since the last reset, so that an
# epoch's number weighs every sample alike.

# ---- the metric object -------------------------------------------------------

# A running mean: `total` of what was seen and its weight `count`.
MeanMetric <- R6::R6Class(
  "Mean",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    name = NULL,
    dtype = NULL,
    total = 0,
    count = 0,

    initialize = function(name = "mean", dtype = NULL) {
      self$name <- check_string(name, "name")
      self$dtype <- if (!is.null(dtype)) check_dtype(dtype)
    },

    # Adds numbers, one weight each (or one for all).
    update_state = function(values, sample_weight = NULL) {
      self$add_values(as_r_array(values),
                      if (!is.null(sample_weight)) as_r_array(sample_weight))
    },

    add_values = function(values, weight = NULL) {
      sums <- weighted_sums(values, weight)
      self$total <- self$total + sums[1]
      self$count <- self$count + sums[2]
    },

    result = function() if (self$count == 0) 0 else self$total / self$count,

    reset_state = function() {
      self$total <- 0
      self$count <- 0
      invisible(self)
    },

    get_config = function() {
      structure(list(name = self$name, dtype = self$dtype %||% the$floatx),
                `__class__` = paste0("keras.metrics.", class(self)[1]))
    }
  )
)

# The running mean of a function of targets and predictions: like a loss, its
# `elements(y_true, y_pred)` are averaged over `axis` to one value per sample.
FunctionMetric <- R6::R6Class(
  "MeanMetricWrapper",
  inherit = MeanMetric,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    elements = NULL,
    axis = NULL,
    config = NULL,
    class_name = NULL,
    # An op that gives the mean of all elements at once, if there is one.
    fused = NULL,

    initialize = function(class_name, elements, axis = NULL, config = list(),
                          name = NULL, dtype = NULL, fused = NULL) {
      self$fused <- fused
      super$initialize(name %||% snake_case(class_name), dtype)
      self$class_name <- class_name
      self$elements <- elements
      self$axis <- axis
      self$config <- config
    },

    update_state = function(y_true, y_pred, sample_weight = NULL) {
      y_pred <- as_float(y_pred, self$dtype)
      self$update(as_data(y_true, "y_true"), y_pred, sample_weight)
    },

    # The same on tensors, in training. Without masks and weights the batch's
    # mean is the mean of its elements.
    update = function(y_true, y_pred, sample_weight = NULL) {
      mask <- get_mask(y_pred)
      y_true <- match_target(y_true, y_pred)
      if (!is.null(self$fused) && is.null(mask) && is.null(sample_weight) &&
            identical(tensor_shape(y_true), tensor_shape(y_pred))) {
        n <- tensor_shape(y_pred)[1]
        mean <- cpp_kernel_call(self$fused$name, list(y_true, y_pred),
                                integer(), tensor_dtype(y_pred), NULL)
        self$total <- self$total + cpp_tensor_to_r(mean) * n
        self$count <- self$count + n
        return(invisible(self))
      }
      elements <- self$elements(y_true, y_pred)
      rank <- rank_of(elements)
      if (rank == 0L) {
        self$total <- self$total + as.numeric(elements)
        self$count <- self$count + 1
      } else if (is.null(mask) && is.null(sample_weight)) {
        n <- tensor_shape(elements)[1]
        self$total <- self$total + tensor_mean(elements) * n
        self$count <- self$count + n
      } else {
        values <- sample_values(elements, self$axis)
        self$add_values(as.array(values), masked_weight(sample_weight, mask))
      }
      invisible(self)
    },

    get_config = function() {
      structure(c(list(name = self$name, dtype = self$dtype %||% the$floatx),
                  self$config),
                `__class__` = paste0("keras.metrics.", self$class_name))
    }
  )
)

tensor_mean <- function(x) {
  if (tensor_dtype(x) == "bool") return(mean(unclass(x)))
  as.numeric(op_mean(x))
}

as_r_array <- function(x) {
  x <- if (is_tensor(x)) as.array(x) else x
  if (is.logical(x)) x <- x + 0
  x
}

# Weights with masked steps at 0, as an R array, or NULL.
masked_weight <- function(sample_weight, mask) {
  if (is.null(mask)) return(as_r_array(sample_weight))
  mask <- as_r_array(mask)
  if (is.null(sample_weight)) return(mask)
  weight <- as_r_array(sample_weight)
  n <- length(dim(weight) %||% length(weight))
  if (n < length(dim(mask))) as.vector(weight) * mask else weight * mask
}

# c(sum of weighted values, sum of weights), a sample counting once: what has
# more axes than the weights is averaged over them first.
weighted_sums <- function(values, weight = NULL) {
  values <- as_array(values)
  if (is.null(weight)) return(c(sum(sample_means(values)), dim(values)[1]))
  weight <- drop_last(as_array(weight), length(dim(values)))
  values <- drop_last(values, length(dim(weight)))
  if (length(dim(values)) > length(dim(weight))) {
    values <- leading_means(values, length(dim(weight)))
  }
  weight <- array(weight, dim(values))
  c(sum(sample_means(values * weight)), sum(sample_means(weight)))
}

as_array <- function(x) if (is.null(dim(x))) array(x, length(x)) else x

# Without a last axis of size 1 where that leaves at least `rank` axes.
drop_last <- function(x, rank) {
  d <- dim(x)
  if (length(d) > rank && d[length(d)] == 1L) array(x, d[-length(d)]) else x
}

sample_means <- function(x) leading_means(x, 1L)

# Means over all axes after the first `n`.
leading_means <- function(x, n) {
  d <- dim(x)
  if (length(d) <= n) return(x)
  lead <- d[seq_len(n)]
  array(rowMeans(matrix(x, prod(lead))), lead)
}

# ---- what users hold ---------------------------------------------------------

# Called with data a metric function gives one value per sample, else a metric:
# a function of (y_true, y_pred, sample_weight) that updates and answers `$`.
metric_or_values <- function(metric, y_true, y_pred) {
  if (missing(y_true) && missing(y_pred)) return(wrap_metric(metric))
  if (missing(y_true) || missing(y_pred)) {
    abort_argument("`y_true` and `y_pred` must be given together.", "y_true")
  }
  tensors <- is_tensor(y_pred) || is_tensor(y_true) || is_taping()
  y_pred <- as_float(y_pred)
  y_true <- match_target(as_data(y_true, "y_true"), y_pred)
  elements <- as_float(metric$elements(y_true, y_pred))
  values <- sample_values(elements, metric$axis)
  if (tensors) values else as.array(values)
}

wrap_metric <- function(metric) {
  call <- function(...) {
    metric$update_state(...)
    metric$result()
  }
  structure(call, self = metric, class = c(class(metric), "elman_metric"))
}

#' @export
`$.elman_metric` <- function(x, name) attr(x, "self", exact = TRUE)[[name]]

#' @export
print.elman_metric <- function(x, ...) {
  self <- attr(x, "self")
  cat(sprintf("<%s name=%s>\n", self$class_name %||% class(self)[1], self$name))
  invisible(x)
}

#' @export
get_config.elman_metric <- function(object) attr(object, "self")$get_config()

#' @export
reset_state.elman_metric <- function(object) {
  attr(object, "self")$reset_state()
  invisible(object)
}

# ---- metrics as compile() takes them -----------------------------------------

# A name, a metric, an un-called metric_* or loss_*, or an own function of
# (y_true, y_pred), as a function that gives the metric once the shapes of a
# first batch are known.
resolve_metric <- function(metric, label = NULL) {
  if (is.character(metric) && length(metric) == 1L) {
    return(metric_by_name(metric))
  }
  if (is_uncalled(metric, "metric_")) {
    metric <- metric()
  } else if (is_uncalled(metric, "loss_")) {
    metric <- metric()
  }
  if (inherits(metric, "elman_metric")) {
    self <- attr(metric, "self")
    return(function(y_true, y_pred) self)
  }
  if (inherits(metric, "elman_loss")) {
    return(as_metric_maker(attr(metric, "self")))
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
  make <- named_metric(name)
  function(y_true, y_pred) {
    metric <- attr(make(), "self")
    metric$name <- name
    metric
  }
}

as_metric_maker <- function(loss) {
  function(y_true, y_pred) {
    FunctionMetric$new(loss$class, loss$elements, loss$axis, loss$config,
                       loss$name, fused = loss$fused)
  }
}

# "accuracy" is chosen by the shapes of targets and predictions.
accuracy_metric <- function(name, y_true, y_pred) {
  metric <- switch(target_kind(y_true, y_pred),
    binary = metric_binary_accuracy(name = name),
    sparse = metric_sparse_categorical_accuracy(name = name),
    metric_categorical_accuracy(name = name)
  )
  attr(metric, "self")
}

#' A metric of your own
#'
#' @param name Name under which histories show the metric.
#' @param metric_fn A function of `(y_true, y_pred)`, tensors both, built from
#'   `op_*` or arithmetic, whose value is a tensor with one number per sample, or
#'   a scalar.
#' @return `metric_fn` with its name, for `metrics =` of [compile()].
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

#' Running mean
#'
#' @param ... None; a trailing comma is forgiven.
#' @param name Name.
#' @param dtype Type of the numbers; kept for configs, sums are in doubles.
#' @return A metric: `$update_state(values, sample_weight = NULL)`, `$result()`
#'   and `$reset_state()`.
#' @family metrics
#' @examples
#' m <- metric_mean()
#' m$update_state(c(1, 3, 5, 7))
#' m$result()
#' @export
metric_mean <- function(..., name = "mean", dtype = NULL) {
  check_dots(...)
  wrap_metric(MeanMetric$new(name, dtype))
}
