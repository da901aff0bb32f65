# Statistics: running totals, means with weights, quantiles, counts, and
# correlations.

cumulative_op <- function(name, gradient) {
  new_op(
    name,
    infer = function(inputs, attributes) {
      list(shape = shape_of(inputs[[1]]), dtype = dtype_of(inputs[[1]]))
    },
    gradient = function(dy, inputs, output, attributes, wanted) {
      attributes$reverse <- !isTRUE(attributes$reverse)
      list(gradient(dy, inputs[[1]], output, attributes))
    }
  )
}

cumsum_op <- cumulative_op("cumsum", function(dy, x, y, attributes) {
  run_op(cumsum_op, list(dy), attributes)
})

# Where an element is 0, TensorFlow's gradient is 0 too.
cumprod_op <- cumulative_op("cumprod", function(dy, x, y, attributes) {
  op_divide_no_nan(run_op(cumsum_op, list(op_multiply(dy, y)), attributes), x)
})

cumulate <- function(op, x, axis, dtype) {
  x <- operand(x)
  if (!is.null(dtype)) x <- op_cast(x, dtype)
  to <- along_axis(number_of_bool(x), axis)
  run_op(op, to[1], list(axis = to[[2]]))
}

#' Running sums and products
#'
#' @param x A tensor or array.
#' @param axis The axis to go along, counted from 1, negative ones from the end;
#'   `NULL` takes `x` flattened row-major.
#' @param dtype Type to compute in; `NULL` for that of `x`.
#' @return A tensor of the shape of `x`.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or has no
#'   such axis.
#' @section Compatibility: As in TensorFlow, the gradient of `op_cumprod()` is 0
#'   for an element that is 0.
#' @examples
#' op_cumsum(c(1, 2, 3))
#' op_cumprod(matrix(1:6, 2), axis = 2)
#' @export
op_cumsum <- function(x, axis = NULL, dtype = NULL) {
  cumulate(cumsum_op, x, axis, dtype)
}

#' @rdname op_cumsum
#' @export
op_cumprod <- function(x, axis = NULL, dtype = NULL) {
  cumulate(cumprod_op, x, axis, dtype)
}

#' Differences of neighbours
#'
#' @param a A tensor or array.
#' @param n How often to take differences.
#' @param axis The axis, counted from 1, negative ones from the end.
#' @return A tensor, shorter by `n` along the axis. Differences of `bool` are
#'   `bool`: do neighbours differ?
#' @section Errors: `elman_error_argument` for negative `n`, or an axis that is
#'   not there.
#' @examples
#' op_diff(c(1, 4, 9))
#' @export
op_diff <- function(a, n = 1L, axis = -1L) {
  to <- along_axis(operand(a, "a"), axis)
  a <- to[[1]]
  n <- check_whole(n, "n", min = 0)
  less <- if (dtype_of(a) == "bool") op_not_equal else op_subtract
  for (k in seq_len(n)) {
    size <- max(known_size(a, to[[2]]) - 1L, 0L)
    first <- min(1L, size)
    a <- less(slice_axis(a, to[[2]], first, size),
              slice_axis(a, to[[2]], 0L, size))
  }
  a
}

#' @rdname op_reduce
#' @export
op_logsumexp <- function(x, axis = NULL, keepdims = FALSE) {
  x <- float_of_any(operand(x))
  top <- op_stop_gradient(op_max(x, axis, keepdims = TRUE))
  top <- op_where(op_isfinite(top), top, op_zeros_like(top))
  y <- op_log(op_sum(op_exp(op_subtract(x, top)), axis, keepdims))
  if (!isTRUE(keepdims)) top <- op_reshape(top, shape_of(y))
  op_add(y, top)
}

#' @rdname op_reduce
#' @param weights Weights of the elements: of the shape of `x`, or one for each
#'   place along `axis`; `NULL` for equal ones.
#' @export
op_average <- function(x, axis = NULL, weights = NULL) {
  if (is.null(weights)) return(op_mean(x, axis))
  both <- float_operands(operand(x), operand(weights, "weights"))
  x <- both[[1]]
  weights <- both[[2]]
  if (rank_of(x) != rank_of(weights)) {
    if (length(axis) != 1L || rank_of(weights) != 1L) {
      abort_shape(paste("`weights` must have the shape of `x`, or be a vector",
                        "with one `axis`."), "weights")
    }
    beside <- rep(1L, rank_of(x))
    at <- zero_based_axis(axis, rank_of(x)) + 1L
    beside[at] <- shape_of(weights)
    if (!fits_shape(shape_of(weights), shape_of(x)[at])) {
      abort_shape(sprintf("`weights` must have size %d, not %d.",
                          shape_of(x)[at], shape_of(weights)), "weights")
    }
    weights <- op_reshape(weights, beside)
  }
  op_divide(op_sum(op_multiply(x, weights), axis), op_sum(weights, axis))
}

#' @rdname op_reduce
#' @param axes Axes as `axis`.
#' @param synchronized Must be `FALSE`: there is one process.
#' @export
op_moments <- function(x, axes, keepdims = FALSE, synchronized = FALSE) {
  if (!isFALSE(synchronized)) must_be(synchronized, "synchronized", "FALSE")
  list(op_mean(x, axes, keepdims), op_var(x, axes, keepdims))
}

# ---- quantiles ---------------------------------------------------------------

#' Quantiles
#'
#' @param x A tensor or array.
#' @param q Probabilities between 0 and 1, a number or a vector.
#' @param axis One or more axes, counted from 1, negative ones from the end;
#'   `NULL` for all.
#' @param method Between two elements: `"linear"` interpolation, the `"lower"`,
#'   `"higher"` or `"nearest"` one, or the `"midpoint"`.
#' @param keepdims Keep the reduced axes with size 1.
#' @return A tensor: for each probability of a vector one slice along a new
#'   first axis. NaN where `x` holds NaN.
#' @section Errors: `elman_error_argument` for probabilities outside 0 to 1 or
#'   an unknown method.
#' @examples
#' op_median(c(3, 1, 2))
#' op_quantile(c(3, 1, 2), c(0, 0.25))
#' @export
op_quantile <- function(x, q, axis = NULL, method = "linear",
                        keepdims = FALSE) {
  x <- float_of_any(operand(x))
  method <- match_name(method, c("linear", "lower", "higher", "nearest",
                                 "midpoint"), "method")
  keepdims <- check_flag(keepdims, "keepdims")
  many <- length(dim(q)) == 1L || length(q) > 1L
  if (is_tensor(q)) q <- as.double(q)
  if (!is.numeric(q) || anyNA(q) || any(q < 0 | q > 1)) {
    must_be(q, "q", "probabilities between 0 and 1")
  }
  rank <- rank_of(x)
  axes <- if (is.null(axis)) seq_len(rank) else
    sort(unique(zero_based_axis(unlist(axis), rank))) + 1L
  kept <- shape_of(x)
  kept[axes] <- 1L
  others <- setdiff(seq_len(rank), axes)
  n <- prod(shape_of(x)[axes])
  lines <- op_reshape(op_transpose(x, c(others, axes)),
                      c(shape_of(x)[others], n))
  sorted <- op_sort(lines, axis = -1L)
  nothing <- op_any(op_isnan(lines), axis = -1L)
  slices <- lapply(q, function(one) {
    y <- op_where(nothing, NaN, quantile_of(sorted, one, n, method))
    op_reshape(y, if (keepdims) kept else shape_of(x)[others])
  })
  if (many) op_stack(slices, axis = 1L) else slices[[1]]
}

# Along the last axis of `sorted`, of size n.
quantile_of <- function(sorted, q, n, method) {
  at <- (n - 1) * q
  element <- function(k) {
    op_squeeze(slice_axis(sorted, rank_of(sorted) - 1L, k, 1L), -1L)
  }
  below <- floor(at)
  above <- ceiling(at)
  switch(method,
    lower = element(below),
    higher = element(above),
    nearest = element(round(at)),
    midpoint = op_multiply(op_add(element(below), element(above)), 0.5),
    linear = {
      # Between the last two at the upper end, the first two at the lower one.
      before <- max(above - 1, 0)
      after <- min(before + 1, n - 1)
      part <- after - at
      op_add(op_multiply(element(after), 1 - part),
             op_multiply(element(before), part))
    }
  )
}

#' @rdname op_quantile
#' @export
op_median <- function(x, axis = NULL, keepdims = FALSE) {
  op_quantile(x, 0.5, axis, keepdims = keepdims)
}

# ---- counts ------------------------------------------------------------------

#' Counts of numbers
#'
#' `op_bincount()` counts how often each whole number from 0 on comes;
#' `op_histogram()` how many numbers are in each of equally wide bins.
#'
#' @param x For `op_bincount()` whole numbers from 0, shape `[n]` or
#'   `[batch, n]`; for `op_histogram()` a tensor or array.
#' @param weights What each number counts, of the shape of `x`; `NULL` for 1.
#' @param minlength The least number of counts.
#' @param sparse Must be `FALSE`: tensors here are dense.
#' @param bins How many bins.
#' @param range Their lowest and highest edge; `NULL` for the smallest and
#'   largest number. Numbers outside are not counted.
#' @return `op_bincount()`: a tensor of shape `[size]` or `[batch, size]`,
#'   `int32` without weights. `op_histogram()`: a list of the counts and the
#'   `bins + 1` edges, of the type of `x`.
#' @section Recording: The size of `op_bincount()` depends on numbers, as do the
#'   numbers that lie within a range: a training step that asks for them runs as
#'   it is written.
#' @section Errors: `elman_error_argument` for negative numbers, a range that is
#'   none, and sizes that are not positive; `elman_error_shape` for weights of
#'   another shape.
#' @examples
#' op_bincount(c(0, 1, 1, 3))
#' op_histogram(c(1, 2, 2, 5), bins = 2)
#' @export
op_bincount <- function(x, weights = NULL, minlength = 0L, sparse = FALSE) {
  if (!isFALSE(sparse)) must_be(sparse, "sparse", "FALSE: tensors are dense")
  minlength <- check_whole(minlength, "minlength", min = 0)
  x <- op_cast(if (length(x) == 1L && is.null(dim(x))) array(x) else x, "int32")
  ids <- as.array(x)
  if (!rank_of(x) %in% 1:2) must_be(x, "x", "a vector or a matrix")
  if (any(ids < 0L)) must_be(min(ids), "x", "whole numbers from 0")
  size <- max(ids + 1L, minlength, 0L)
  weight <- if (is.null(weights)) 1L else operand(weights, "weights")
  if (!is.null(weights) && !identical(shape_of(weight), shape_of(x))) {
    abort_shape(sprintf("`weights` must have shape %s, not %s.",
                        format_shape(shape_of(x)),
                        format_shape(shape_of(weight))), "weights")
  }
  dtype <- if (is.null(weights)) "int32" else dtype_of(weight)
  if (size == 0L || length(ids) == 0L) {
    return(op_zeros(c(shape_of(x)[-rank_of(x)], size), dtype))
  }
  hot <- op_one_hot(x, size, dtype = dtype, zero_indexed = TRUE)
  if (!is.null(weights)) hot <- op_multiply(hot, op_expand_dims(weight, -1L))
  op_sum(hot, axis = -2L)
}

#' @rdname op_bincount
#' @export
op_histogram <- function(x, bins = 10L, range = NULL) {
  x <- operand(x)
  bins <- check_count(bins, "bins")
  flat <- op_reshape(x, -1L)
  if (is.null(range)) {
    low <- op_min(flat)
    high <- op_max(flat)
  } else {
    range <- unlist(range)
    if (!is.numeric(range) || length(range) != 2L || anyNA(range) ||
          range[1] > range[2]) {
      must_be(range, "range", "two numbers, the lower one first")
    }
    low <- range[1]
    high <- range[2]
  }
  edges <- op_linspace(low, high, bins + 1L, dtype = wide_float(dtype_of(x)))
  edges <- op_cast(edges, dtype_of(x))
  inner <- slice_axis(edges, 0L, 1L, bins - 1L)
  at <- search_sorted(inner, flat, TRUE)
  inside <- op_logical_and(op_greater_equal(flat, low),
                           op_less_equal(flat, high))
  hot <- op_one_hot(at, bins, dtype = "int32", zero_indexed = TRUE)
  hot <- op_multiply(hot, op_expand_dims(op_cast(inside, "int32"), -1L))
  list(op_cast(op_sum(hot, axis = 1L), dtype_of(x)), edges)
}

wide_float <- function(dtype) if (is_float(dtype)) dtype else the$floatx

# ---- correlation -------------------------------------------------------------

#' Correlation
#'
#' `op_correlate()` slides one sequence along the other; `op_corrcoef()` gives
#' Pearson's coefficients between the rows of a matrix.
#'
#' @param x1,x2 Vectors.
#' @param mode Where the sequences overlap: `"valid"` wholly, `"same"` as long
#'   as the longer one, `"full"` everywhere.
#' @param x A matrix, its rows the variables.
#' @return A vector, or a matrix with a row and a column for each variable.
#' @section Errors: `elman_error_argument` for an unknown mode,
#'   `elman_error_shape` for other shapes.
#' @examples
#' op_correlate(c(1, 2, 3), c(0, 1, 0.5), mode = "full")
#' op_corrcoef(rbind(c(1, 2, 3), c(3, 2, 4)))
#' @export
op_correlate <- function(x1, x2, mode = "valid") {
  mode <- match_name(mode, c("valid", "same", "full"), "mode")
  both <- float_operands(vector_operand(x1, "x1"), vector_operand(x2, "x2"))
  n <- known_size(both[[1]], 0L)
  m <- known_size(both[[2]], 0L)
  if (mode == "valid" && m > n) {
    abort_shape(sprintf("`x2` must be at most as long as `x1`, %d, not %d.", n,
                        m), "x2")
  }
  x <- both[[1]]
  if (mode != "valid") x <- op_pad(x, list(c(m - 1L, m - 1L)))
  y <- convolve(op_reshape(x, c(1L, -1L, 1L)), op_reshape(both[[2]],
                                                          c(-1L, 1L, 1L)),
                1L, "valid", 1L)
  y <- op_reshape(y, -1L)
  if (mode != "same") return(y)
  long <- max(n, m)
  slice_axis(y, 0L, (n + m - 1L - long) %/% 2L, long)
}

#' @rdname op_correlate
#' @export
op_corrcoef <- function(x) {
  x <- float_of_any(operand(x))
  if (rank_of(x) != 2L) {
    abort_shape(sprintf("`x` must be a matrix, not of shape %s.",
                        format_shape(shape_of(x))), "x")
  }
  centred <- op_subtract(x, op_mean(x, axis = -1L, keepdims = TRUE))
  count <- known_size(x, 1L)
  covariance <- op_divide(multiply_matrices(centred, centred, FALSE, TRUE),
                          count - 1)
  spread <- op_sqrt(op_diagonal(covariance))
  op_clip(op_divide(covariance, op_outer(spread, spread)), -1, 1)
}

#' Stretches of a sequence
#'
#' @param x A tensor or array, sequences along its last axis.
#' @param sequence_length How long each stretch is.
#' @param sequence_stride How far apart stretches begin.
#' @return A tensor `[..., stretches, sequence_length]`.
#' @section Errors: `elman_error_argument` for lengths that are not positive.
#' @examples
#' op_extract_sequences(1:6, 3, 2)
#' @export
op_extract_sequences <- function(x, sequence_length, sequence_stride) {
  length <- check_count(sequence_length, "sequence_length")
  stride <- check_count(sequence_stride, "sequence_stride")
  to <- along_axis(x, -1L)
  count <- max((known_size(to[[1]], to[[2]]) - length) %/% stride + 1L, 0L)
  starts <- (seq_len(count) - 1L) * stride
  index <- matrix(rep(starts, length) + rep(seq_len(length) - 1L, each = count),
                  count, length)
  op_take(to[[1]], index, axis = -1L, zero_indexed = TRUE)
}
