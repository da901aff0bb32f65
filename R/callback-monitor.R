# What callbacks share that watch one number of the logs: which direction is
# better, and whether it has become better.

MonitorCallback <- R6::R6Class(
  "MonitorCallback",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    monitor = NULL,
    mode = NULL,
    min_delta = 0,
    # The best value so far; NULL before the first.
    best = NULL,
    verbose = 0L,

    watch = function(monitor, mode, verbose, min_delta = 0) {
      self$monitor <- check_string(monitor, "monitor")
      self$mode <- check_mode(mode)
      self$verbose <- check_verbose_flag(verbose)
      self$min_delta <- abs(check_number(min_delta, "min_delta"))
    },

    # "min" or "max"; "auto" is found out when the logs are known.
    direction = function(logs) {
      if (self$mode == "auto") {
        self$mode <- monitor_direction(self$monitor, self$model) %||%
          abort_direction(self$monitor, names(logs))
      }
      self$mode
    },

    # The monitored number; NULL, with one warning per training, where it is
    # not logged.
    monitored = function(logs) {
      value <- logs[[self$monitor]]
      if (is.null(value)) {
        if (!private$warned) warn_monitor(self, names(logs))
        private$warned <- TRUE
        return(NULL)
      }
      if (length(value) != 1L) abort_many_values(self$monitor, value)
      as.numeric(value)
    },

    is_better = function(value, reference, logs) {
      if (is.null(reference)) return(TRUE)
      if (self$direction(logs) == "min") {
        isTRUE(value + self$min_delta < reference)
      } else {
        isTRUE(value - self$min_delta > reference)
      }
    }
  ),
  private = list(warned = FALSE)
)

check_mode <- function(mode) {
  if (!is.character(mode) || length(mode) != 1L ||
        !mode %in% c("auto", "min", "max")) {
    must_be(mode, "mode", "\"auto\", \"min\" or \"max\"")
  }
  mode
}

check_verbose_flag <- function(verbose) {
  if (is.logical(verbose)) verbose <- as.integer(verbose)
  check_whole(verbose, "verbose", min = 0)
}

# "min" for losses, what a metric says of itself for metrics, else NULL.
monitor_direction <- function(monitor, model) {
  name <- sub("^val_", "", monitor)
  if (name == "loss") return("min")
  plan <- unwrap_layer(model)$plan
  if (name %in% plan$part_names) return("min")
  for (tracker in plan$trackers) {
    if (tracker$name == name) return(metric_direction(tracker$metric))
  }
}

# Metrics of which more is better, by Keras's names of their classes, and those
# of which neither is.
rising_metrics <- c(
  "Accuracy", "BinaryAccuracy", "CategoricalAccuracy",
  "SparseCategoricalAccuracy", "TopKCategoricalAccuracy",
  "SparseTopKCategoricalAccuracy", "Precision", "Recall",
  "SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall",
  "RecallAtPrecision", "AUC", "FBetaScore", "F1Score", "CosineSimilarity",
  "R2Score", "PearsonCorrelation", "ConcordanceCorrelation"
)

aimless_metrics <- c(
  "Mean", "Sum", "MeanMetricWrapper", "Function", "FalsePositives",
  "FalseNegatives", "TrueNegatives", "TruePositives", "Metric"
)

metric_direction <- function(metric) {
  name <- class_name_of(metric)
  if (name %in% rising_metrics) return("max")
  if (!name %in% aimless_metrics && is_known_metric(name)) "min"
}

# Is there a metric_*() of this class?
is_known_metric <- function(class) {
  plain_name(class) %in% plain_name(public_names("metric_"))
}

abort_many_values <- function(monitor, value) {
  abort_argument(sprintf(
    "`monitor` must be logged as a single number, but \"%s\" has %d.",
    monitor, length(value)), "monitor")
}

abort_direction <- function(monitor, logged) {
  known <- monitor %in% logged
  near <- if (!known) nearest_name(monitor, logged)
  abort_argument(paste0(
    sprintf("`monitor` is \"%s\", %s. ", monitor,
            if (known) "of which neither more nor less is better by itself" else
              paste0("which is not logged (there is ",
                     quote_all(logged), ")")),
    if (!is.null(near)) sprintf("Did you mean \"%s\"? ", near),
    "Give `mode = \"min\"` or `mode = \"max\"` to say which is better."
  ), "monitor")
}

warn_monitor <- function(self, logged) {
  warn_elman(sprintf(
    "Callback `%s` watches \"%s\", which is not logged; there is %s.",
    class(self)[1], self$monitor, quote_all(logged)), "elman_warning_monitor")
}

# ---- learning rates ----------------------------------------------------------

learning_rate_of <- function(model) {
  as.numeric(unwrap_layer(model)$optimizer$current_learning_rate())
}

# An optimizer that follows a schedule refuses.
set_learning_rate <- function(model, rate) {
  optimizer <- unwrap_layer(model)$optimizer
  optimizer$learning_rate <- rate
}
