# What users give as x and y becomes tensors, once: converted and transposed in
# one copy.

# A list of `length(names)` tensors, one per input or output. `x` may be one
# array, or a list by name or in order. `dtypes` are the types that the model
# wants, where they are known: whole numbers become floats at once.
feed_tensors <- function(x, names, arg, dtypes = NULL) {
  parts <- split_parts(x, names, arg)
  lapply(seq_along(parts), function(k) {
    if (is.null(parts[[k]])) return(NULL)
    label <- if (length(parts) == 1L) arg else sprintf("%s[[%d]]", arg, k)
    dtype <- if (length(dtypes) && is_float(dtypes[k])) dtypes[k]
    tensor <- as_data(parts[[k]], label, dtype)
    if (!rank_of(tensor)) {
      abort_shape(sprintf("`%s` must have samples, not be a single number.",
                          label), arg)
    }
    tensor
  })
}

# A vector is one number per sample, a univariate time series too; one of many
# series is a matrix [time, series].
as_data <- function(x, arg, dtype = NULL) {
  if (is_tensor(x)) return(x)
  if (is_variable(x)) return(variable_value(x))
  if (is.character(x)) {
    must_be(x, arg, "numbers (use as.integer(factor(x)) - 1L for classes)")
  }
  if (is_dataset(x)) must_be(x, arg, "an array, a list of arrays or a tensor")
  if (is.data.frame(x)) return(data_frame_tensor(x, arg, dtype))
  if (is.factor(x)) x <- as.integer(x) - 1L
  tensor <- tensor_from_r(x, dtype, arg)
  # A single number is one sample.
  if (!is.list(x) && is.null(dim(x)) && length(x) == 1L) {
    attr(tensor, "shape") <- 1L
  }
  tensor
}

# Column by column, so that there is no matrix of all in between.
data_frame_tensor <- function(x, arg, dtype = NULL) {
  kinds <- vapply(x, function(column) {
    if (is.object(column) && !stats::is.ts(column)) "object" else
      typeof(column)
  }, "")
  wrong <- !kinds %in% c("double", "integer", "logical")
  if (any(wrong)) {
    abort_argument(sprintf("`%s` must have numeric columns only, not %s.", arg,
                           paste0("`", names(x)[wrong], "`",
                                  collapse = ", ")), arg)
  }
  if (!length(x)) must_be(x, arg, "a data frame with columns")
  if (is.null(dtype)) {
    dtype <- if ("double" %in% kinds) the$floatx else
      if ("integer" %in% kinds) "int32" else "bool"
  }
  n <- nrow(x)
  columns <- lapply(x, function(column) {
    if (!is.null(dim(column))) must_be(column, arg, "made of plain columns")
    column <- tensor_from_r(column, dtype, arg)
    attr(column, "shape") <- c(n, 1L)
    column
  })
  op_concatenate(unname(columns), axis = 2L)
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
    abort_argument(sprintf(paste(
      "`%s` must hold finite numbers only, but %s of %s are NA, NaN or",
      "infinite. Fill them (as `approx()` does between neighbours), leave such",
      "samples out, or give their steps a value that `layer_masking()` skips."
    ), label, format(bad, big.mark = ","),
      format(length(x), big.mark = ",")), arg)
  }
}

count_not_finite <- function(x) {
  if (!is_float(tensor_dtype(x))) return(sum(is.na(unclass(x))))
  cpp_tensor_to_r(cpp_kernel_call("count_not_finite", list(x), integer(),
                                  "float64", NULL))
}

check_same_length <- function(tensors, labels) {
  given <- !vapply(tensors, is.null, NA)
  sizes <- vapply(tensors[given], function(x) tensor_shape(x)[1], 1L)
  if (length(unique(sizes)) > 1L) {
    abort_argument(sprintf(
      "All data must have one number of samples: %s.",
      paste0("`", labels[given], "` has ", sizes, collapse = ", ")), "x")
  }
  if (sizes[1] == 0L) {
    abort_argument(sprintf("`%s` must have at least one sample, not none.",
                           labels[1]), labels[1])
  }
  sizes[1]
}
