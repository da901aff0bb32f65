# Data for training: what users give as x, y and weights becomes tensors once,
# and then batches.

# ---- arrays to tensors -------------------------------------------------------

# A list of `length(names)` tensors, one per input or output. `x` may be one
# array, or a list by name or in order.
feed_tensors <- function(x, names, arg) {
  parts <- split_parts(x, names, arg)
  lapply(seq_along(parts), function(k) {
    if (is.null(parts[[k]])) return(NULL)
    label <- if (length(parts) == 1L) arg else sprintf("%s[[%d]]", arg, k)
    tensor <- as_data(parts[[k]], label)
    if (!rank_of(tensor)) {
      abort_shape(sprintf("`%s` must have samples, not be a single number.",
                          label), arg)
    }
    tensor
  })
}

as_data <- function(x, arg) {
  if (is_tensor(x)) return(x)
  if (is_variable(x)) return(variable_value(x))
  if (is.character(x)) {
    must_be(x, arg, "numbers (use as.integer(factor(x)) - 1L for classes)")
  }
  if (stats::is.ts(x)) x <- unclass(x)
  if (is.factor(x)) x <- as.integer(x) - 1L
  if (is.atomic(x) && is.null(dim(x))) x <- array(x, length(x))
  tensor_from_r(x, arg = arg)
}

# A list of data, one per name.
split_parts <- function(x, names, arg) {
  n <- length(names)
  if (!is.list(x) || is.data.frame(x) || is_tensor(x)) {
    if (n > 1L) {
      abort_argument(sprintf("`%s` must be a list of %d arrays (%s), not %s.",
                             arg, n, quote_all(names), describe(x)), arg)
    }
    return(list(x))
  }
  if (is.null(names(x)) || n == 1L && length(x) == 1L) return(in_order(x, n,
                                                                      arg))
  unknown <- setdiff(names(x), names)
  if (length(unknown)) {
    near <- nearest_name(unknown[1], names)
    hint <- if (is.null(near)) "" else sprintf(" Did you mean \"%s\"?", near)
    abort_argument(sprintf("`%s` has an unknown name \"%s\".%s", arg,
                           unknown[1], hint), arg)
  }
  missing <- setdiff(names, names(x))
  if (length(missing)) {
    abort_argument(sprintf("`%s` has no element for %s.", arg,
                           quote_all(missing)), arg)
  }
  unname(x[names])
}

in_order <- function(x, n, arg) {
  if (length(x) == n) return(unname(x))
  # A list of numbers or rows is data for the one input.
  if (n == 1L) return(list(x))
  abort_argument(sprintf("`%s` must be a list of %d arrays, not %d.", arg, n,
                         length(x)), arg)
}

quote_all <- function(x) paste0("\"", x, "\"", collapse = ", ")

# NA and infinite numbers are counted and refused before training.
check_finite <- function(tensors, arg) {
  for (k in seq_along(tensors)) {
    x <- tensors[[k]]
    if (is.null(x)) next
    bad <- count_not_finite(x)
    if (bad == 0) next
    label <- if (length(tensors) == 1L) arg else sprintf("%s[[%d]]", arg, k)
    abort_argument(sprintf(
      "`%s` must hold finite numbers only, but %s of %s are NA, NaN or infinite.",
      label, format(bad, big.mark = ","),
      format(length(x), big.mark = ",")), arg)
  }
}

count_not_finite <- function(x) {
  if (!is_float(tensor_dtype(x))) return(sum(is.na(unclass(x))))
  finite <- op_all(op_isfinite(x))
  if (as.logical(finite)) return(0)
  length(x) - sum(as.logical(op_isfinite(x)))
}

check_same_length <- function(tensors, labels) {
  given <- !vapply(tensors, is.null, NA)
  sizes <- vapply(tensors[given], function(x) tensor_shape(x)[1], 1L)
  if (length(unique(sizes)) > 1L) {
    abort_argument(sprintf(
      "All data must have one number of samples: %s.",
      paste0("`", labels[given], "` has ", sizes, collapse = ", ")), "x")
  }
  sizes[1]
}

# ---- weights -----------------------------------------------------------------

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
  weight <- values[match(class, classes)]
  weight[is.na(weight)] <- 1
  as_tensor(array(weight))
}

# ---- batches -----------------------------------------------------------------

# A feed gives batches: start() begins a pass, next_batch() gives
# list(x, y, weight, size) or NULL at its end. `steps` is NA where unknown.
new_array_feed <- function(x, y = NULL, weight = NULL, batch_size = 32L,
                           shuffle = FALSE, steps = NULL) {
  n <- tensor_shape(x[[1]])[1]
  batches <- max(1L, as.integer(ceiling(n / batch_size)))
  if (!is.null(steps)) batches <- min(batches, steps)
  whole <- list(x = x, y = y, weight = weight, size = n)
  at <- 0L
  order <- NULL
  list(
    n = n,
    steps = batches,
    sizes = unique(c(min(n, batch_size),
                     if (is.null(steps) && n > batch_size &&
                           n %% batch_size != 0L) n %% batch_size)),
    start = function() {
      at <<- 0L
      order <<- if (shuffle) sample.int(n) - 1L
    },
    next_batch = function() {
      if (at >= batches) return(NULL)
      first <- at * batch_size
      at <<- at + 1L
      last <- min(first + batch_size, n)
      if (is.null(order)) {
        if (first == 0L && last == n) return(whole)
        cut <- function(t) rows_between(t, first, last)
      } else {
        index <- as_tensor(array(order[(first + 1L):last]))
        cut <- function(t) rows_at(t, index, last - first)
      }
      list(x = cut_all(x, cut), y = cut_all(y, cut),
           weight = cut_all(weight, cut), size = last - first)
    }
  )
}

cut_all <- function(tensors, cut) {
  if (is.null(tensors)) return(NULL)
  lapply(tensors, function(t) if (!is.null(t)) cut(t))
}

# Rows first..last-1 (from 0) of a tensor.
rows_between <- function(x, first, last) {
  shape <- tensor_shape(x)
  rank <- length(shape)
  cpp_kernel_call("slice", list(x), c(last - first, shape[-1]),
                  tensor_dtype(x),
                  list(start = c(first, rep(0L, rank - 1L)),
                       stride = rep(1L, rank)))
}

# Rows by their 0-based numbers.
rows_at <- function(x, index, n) {
  cpp_kernel_call("take", list(x, index), c(n, tensor_shape(x)[-1]),
                  tensor_dtype(x), list(axis = 0L))
}

# A feed over an R function that gives list(x, y, weight) at every call and NULL
# at its end. `convert` makes such a list into a batch.
new_function_feed <- function(generator, steps, convert) {
  at <- 0L
  list(
    n = NA_integer_,
    steps = if (is.null(steps)) NA_integer_ else steps,
    sizes = integer(),
    start = function() at <<- 0L,
    next_batch = function() {
      if (!is.null(steps) && at >= steps) return(NULL)
      at <<- at + 1L
      data <- generator()
      if (is.null(data)) NULL else convert(data)
    }
  )
}

# Takes the last `fraction` of the samples off: list(train, validation), each of
# list(x, y, weight).
split_validation <- function(x, y, weight, fraction) {
  n <- tensor_shape(x[[1]])[1]
  at <- as.integer(floor(n * (1 - fraction)))
  if (at < 1L || at >= n) {
    abort_argument(sprintf(paste(
      "`validation_split` must leave samples on both sides, but %s of %d",
      "samples leaves %d for training."), format(fraction), n, at),
      "validation_split")
  }
  part <- function(first, last) {
    cut <- function(t) rows_between(t, first, last)
    list(x = cut_all(x, cut), y = cut_all(y, cut),
         weight = cut_all(weight, cut))
  }
  list(train = part(0L, at), validation = part(at, n))
}
