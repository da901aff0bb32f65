# Weights of samples: given ones, and those that classes have.

# Sample weights, one tensor per output or NULL. Class weights become sample
# weights by the class of each target.
feed_weights <- function(sample_weight, class_weight, y, names) {
  if (is.null(sample_weight) && is.null(class_weight)) return(NULL)
  if (!is.null(class_weight)) {
    if (!is.null(sample_weight)) {
      abort_argument(paste("Only one of `sample_weight` and `class_weight` can",
                           "be given."), "class_weight")
    }
    if (length(names) > 1L) {
      abort_argument("`class_weight` needs a model with one output.",
                     "class_weight")
    }
    return(list(weights_of_classes(class_weight, y[[1]])))
  }
  several <- is.list(sample_weight) && !is_tensor(sample_weight)
  parts <- if (length(names) > 1L && !several) {
    rep(list(sample_weight), length(names))
  } else {
    split_parts(sample_weight, names, "sample_weight")
  }
  weights <- feed_tensors(parts, names, "sample_weight")
  weights <- lapply(weights, function(w) if (!is.null(w)) as_float(w))
  check_finite(weights, "sample_weight")
  weights
}

weights_of_classes <- function(class_weight, y) {
  classes <- suppressWarnings(as.integer(names(class_weight)))
  values <- suppressWarnings(as.numeric(unlist(class_weight)))
  ok <- length(classes) && !anyNA(classes) && !anyNA(values) &&
    length(values) == length(classes)
  if (!ok) {
    must_be(class_weight, "class_weight",
            "numbers named by 0-based classes, such as c(\"0\" = 1, \"1\" = 3)")
  }
  y <- as_array(as_r_array(y))
  d <- dim(y)
  if (length(d) > 2L) {
    abort_argument(paste("`class_weight` needs targets of shape [batch] or",
                         "[batch, classes]; use `sample_weight`."),
                   "class_weight")
  }
  class <- if (length(d) == 2L && d[2] > 1L) max.col(y, "first") - 1L else
    as.integer(round(as.vector(y)))
  missing <- sort(setdiff(class, classes))
  if (length(missing)) {
    abort_argument(sprintf(paste(
      "`class_weight` must have a weight for every class in `y`, but has none",
      "for %s."), quote_all(missing)), "class_weight")
  }
  as_tensor(array(values[match(class, classes)]))
}
