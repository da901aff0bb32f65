# Indexing: slices, gathering by indices, and `[`.

slice_op <- new_op(
  "slice",
  infer = function(inputs, attributes) {
    # An axis of unknown size is only ever taken whole.
    size <- attributes$size
    whole <- is.na(size)
    size[whole] <- shape_of(inputs[[1]])[whole]
    list(shape = size, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(unslice_op, list(dy),
                list(start = attributes$start, stride = attributes$stride,
                     size = shape_of(inputs[[1]]))))
  }
)

# The reverse: zeros with `x` written into the slice.
unslice_op <- new_op(
  "unslice",
  infer = function(inputs, attributes) {
    list(shape = attributes$size, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(slice_op, list(dy),
                list(start = attributes$start, stride = attributes$stride,
                     size = shape_of(inputs[[1]]))))
  }
)

# Every axis of `size` sizes from 0-based `start`, by `stride`.
slice_all <- function(x, start, size, stride = rep(1L, length(start))) {
  shape <- shape_of(x)
  whole <- start == 0L & stride == 1L & (is.na(size) | size == shape)
  if (all(whole %in% TRUE)) return(x)
  run_op(slice_op, list(x), list(start = start, stride = stride, size = size))
}

slice_axis <- function(x, axis, start, size) {
  shape <- shape_of(x)
  starts <- integer(length(shape))
  starts[axis + 1L] <- as.integer(start)
  shape[axis + 1L] <- as.integer(size)
  slice_all(x, starts, shape)
}

take_op <- new_op(
  "take",
  infer = function(inputs, attributes) {
    shape <- shape_of(inputs[[1]])
    at <- attributes$axis + 1L
    list(shape = c(shape[seq_len(at - 1L)], shape_of(inputs[[2]]),
                   shape[-seq_len(at)]),
         dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(take_gradient_op, list(dy, inputs[[2]]),
                c(attributes, list(size = shape_of(inputs[[1]])))))
  }
)

take_gradient_op <- new_op(
  "take_gradient",
  infer = function(inputs, attributes) {
    list(shape = attributes$size, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(take_op, list(dy, inputs[[2]]), attributes["axis"]))
  }
)

#' Take elements by index
#'
#' @param x A tensor or array.
#' @param indices A tensor or array of whole numbers, counted from 1; negative
#'   ones count from the end.
#' @param axis The axis to take along, counted from 1; `NULL` takes from `x`
#'   flattened row-major.
#' @param zero_indexed Count `indices` from 0, as token ids do.
#' @return A tensor: `x`'s shape with the axis replaced by the shape of
#'   `indices`.
#' @section Errors: `elman_error_argument` where an index is not there.
#' @examples
#' op_take(c(10, 20, 30), c(3, 1))
#' shape(op_take(matrix(0, 5, 2), matrix(1:4, 2), axis = 1))
#' @export
op_take <- function(x, indices, axis = NULL, zero_indexed = FALSE) {
  x <- operand(x)
  if (is.null(axis)) {
    x <- op_reshape(x, -1L)
    axis <- 1L
  }
  axis <- zero_based_axis(axis, rank_of(x))
  indices <- op_cast(indices, "int32")
  size <- shape_of(x)[axis + 1L]
  if (!check_flag(zero_indexed, "zero_indexed")) {
    shift <- op_where(op_greater(indices, 0L), 1L, 0L)
    indices <- op_subtract(indices, shift)
  }
  if (!is.na(size)) {
    indices <- op_where(op_less(indices, 0L), op_add(indices, size), indices)
  }
  run_op(take_op, list(x, indices), list(axis = axis))
}

#' Parts of tensors
#'
#' `x[i, j]` is what it is for R arrays: indices count from 1, negative ones
#' leave out, logical ones choose, an empty one takes the whole axis, and an
#' axis indexed by one number is dropped.
#'
#' @param x A tensor or symbolic tensor.
#' @param ... Indices, one an axis.
#' @param drop Drop the axes that are indexed by one number.
#' @return A tensor; for a symbolic tensor a symbolic one.
#' @section Errors: `elman_error_argument` for an index that is not there.
#' @examples
#' x <- as_tensor(matrix(1:6, 2))
#' x[1, ]
#' x[, -1]
#' @name tensor_index
#' @export
`[.elman_value` <- function(x, ..., drop = TRUE) {
  rank <- rank_of(x)
  indices <- eval(substitute(alist(...)))
  if (length(indices) != rank) {
    abort_argument(sprintf("%d indices are needed for shape %s, not %d.", rank,
                           format_shape(shape_of(x)), length(indices)), "...")
  }
  env <- parent.frame()
  single <- logical(rank)
  for (axis in seq_len(rank)) {
    if (identical(indices[[axis]], rlang::missing_arg())) next
    index <- eval(indices[[axis]], env)
    index <- positive_index(index, shape_of(x)[axis], axis)
    single[axis] <- length(index) == 1L
    x <- take_axis(x, index, axis)
  }
  if (drop && any(single)) op_squeeze(x, which(single)) else x
}

# Runs of indices are slices, others are gathered.
take_axis <- function(x, index, axis) {
  n <- length(index)
  if (n > 0L && all(diff(index) == 1L)) {
    return(slice_axis(x, axis - 1L, index[1] - 1L, n))
  }
  op_take(x, array(index, n), axis = axis)
}

positive_index <- function(index, size, axis) {
  if (is_tensor(index)) index <- as.vector(as.array(index))
  if (is.logical(index)) index <- which(index)
  if (!is.numeric(index) || !all(is.finite(index))) {
    must_be(index, "...", "whole numbers or logicals")
  }
  if (any(index < 0) || is.na(size)) {
    if (is.na(size) && any(index < 0)) {
      abort_argument("A negative index needs an axis of known size.", "...")
    }
    if (!is.na(size)) index <- seq_len(size)[index]
  }
  if (any(index < 1) || any(index > size, na.rm = TRUE)) {
    abort_argument(sprintf("Index %s is not in 1 to %s of axis %d.",
                           describe(index), size, axis), "...")
  }
  as.integer(index)
}
