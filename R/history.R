# The history that fit() returns: numbers of each epoch.

# `metrics` is a named list of numeric vectors, one number per epoch done.
new_history <- function(params, metrics) {
  structure(list(params = params, metrics = metrics),
            class = "keras_training_history")
}

# Gathers logs epoch by epoch. Metrics come first, by name, then those of the
# validation data, by name.
new_history_log <- function() {
  rows <- list()
  list(
    add = function(logs) rows[[length(rows) + 1L]] <<- logs,
    rows = function() rows,
    restore = function(saved) rows <<- saved,
    metrics = function() {
      names <- as.character(unique(unlist(lapply(rows, names))))
      validation <- startsWith(names, "val_")
      names <- c(sort_names(names[!validation]), sort_names(names[validation]))
      values <- lapply(names, function(name) {
        one_vector(lapply(rows, function(logs) logs[[name]] %||% NA_real_))
      })
      stats::setNames(values, names)
    }
  )
}

# Numbers as a numeric vector; what callbacks log besides stays as it is.
one_vector <- function(values) {
  numbers <- all(vapply(values, function(x) {
    (is.numeric(x) || is.logical(x)) && length(x) == 1L
  }, NA))
  if (numbers) vapply(values, as.numeric, 0) else values
}

# Sorted as bytes, the same in every locale.
sort_names <- function(names) sort(names, method = "radix")

#' @export
print.keras_training_history <- function(x, ...) {
  cat("\n", paste(format(x), collapse = "\n"), "\n", sep = "")
  invisible(x)
}

# Four significant digits, never in scientific notation.
#' @export
format.keras_training_history <- function(x, ...) {
  last <- lapply(x$metrics, function(values) values[length(values)])
  if (!length(last)) return("No epoch was completed.")
  labels <- formatC(names(last), width = max(nchar(names(last))))
  values <- vapply(last, function(value) {
    value <- value[[1L]]
    numbers <- vapply(value, format, "", big.mark = ",", digits = 4,
                      scientific = FALSE)
    paste(numbers, collapse = " ")
  }, "")
  c("Final epoch (plot to see history):", paste0(labels, ": ", values))
}

# A metric with several numbers per epoch as several metrics: "name[1]", ...
single_numbers <- function(metrics) {
  split <- lapply(names(metrics), function(name) {
    values <- metrics[[name]]
    if (!is.list(values)) return(metrics[name])
    numbers <- max(lengths(values))
    parts <- lapply(seq_len(numbers), function(k) {
      vapply(values, function(v) as.numeric(v)[k], 0)
    })
    stats::setNames(parts, sprintf("%s[%d]", name, seq_len(numbers)))
  })
  do.call(c, c(list(list()), split))
}

#' Histories as data frames and pictures
#'
#' [fit()] gives a history: `$metrics` holds a numeric vector per metric, with
#' one number per epoch, `$params` the arguments `epochs`, `steps` and
#' `verbose`. Of metrics with a number per class, such as [metric_f1_score()],
#' it holds a list with a vector per epoch, and the data frame a metric per
#' class: `f1_score[1]` and so on.
#'
#' @param x A history.
#' @param ... None.
#' @return A data frame with columns `epoch`, `value`, `metric` (a factor,
#'   without `val_`) and `data` (a factor, `"training"` or `"validation"`), and
#'   one row per epoch and metric; `value` is `NA` for epochs that were not
#'   reached.
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(units = 1)
#' compile(model, loss = "mse")
#' history <- fit(model, matrix(rnorm(40), 20), rnorm(20), epochs = 2,
#'                verbose = 0)
#' history
#' as.data.frame(history)
#' @export
as.data.frame.keras_training_history <- function(x, ...) {
  metrics <- single_numbers(x$metrics)
  names <- names(metrics)
  done <- max(0L, lengths(metrics))
  epochs <- max(x$params$epochs %||% done, done)
  filled <- function(v) c(v, rep(NA_real_, epochs - length(v)))
  values <- lapply(metrics, filled)
  validation <- startsWith(names, "val_")
  plain <- sub("^val_", "", names)
  data.frame(
    epoch = rep(seq_len(epochs), length(names)),
    value = as.numeric(unlist(values, use.names = FALSE)),
    metric = factor(rep(plain, each = epochs), levels = unique(plain)),
    data = factor(rep(ifelse(validation, "validation", "training"),
                      each = epochs),
                  levels = c("training", "validation"))
  )
}
