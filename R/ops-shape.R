# Shapes: reshape, permute, join and part tensors. All are row-major, as in
# Keras: reshape() reads the last axis fastest.

reshape_op <- new_op(
  "reshape",
  infer = function(inputs, attributes) {
    x <- inputs[[1]]
    list(shape = resolve_reshape(shape_of(x), attributes$shape),
         dtype = dtype_of(x))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(op_reshape(dy, shape_of(inputs[[1]])))
  },
  kernel = "copy"
)

# Settles the one unknown size (NA) of `to`, where it can be.
resolve_reshape <- function(from, to) {
  unknown <- which(is.na(to))
  if (length(unknown) > 1L && !anyNA(from)) {
    abort_shape("At most one size of `newshape` may be unknown.", "newshape")
  }
  if (anyNA(from)) return(to)
  size <- prod(from)
  known <- prod(to[!is.na(to)])
  fits <- if (length(unknown)) {
    known > 0 && size %% known == 0
  } else {
    size == known
  }
  if (!fits) {
    abort_shape(sprintf("A tensor of shape %s cannot be reshaped to %s.",
                        format_shape(from), format_shape(to)), "newshape")
  }
  to[unknown] <- as.integer(size / known)
  to
}

#' Reshape and permute
#'
#' @param x A tensor or array.
#' @param newshape Sizes; one of them may be -1 (or NA) and follows from the
#'   others. Elements are read and laid row-major, the last axis fastest.
#' @param axes The order of `x`'s axes in the result; `NULL` reverses them.
#' @param axis Where to put new axes of size 1, or which to drop; counted from
#'   1, negative ones from the end. `NULL` in `op_squeeze()` drops every axis of
#'   size 1.
#' @param axis1,axis2 Two axes to exchange.
#' @param shape The shape to repeat `x` to.
#' @return A tensor.
#' @section Errors: `elman_error_shape` where the sizes do not fit,
#'   `elman_error_argument` for an axis that is not there.
#' @examples
#' op_reshape(1:6, c(2, -1))
#' op_transpose(matrix(1:6, 2))
#' shape(op_expand_dims(1:3, axis = 1))
#' @name op_shape_changes
NULL

#' @rdname op_shape_changes
#' @export
op_reshape <- function(x, newshape) {
  x <- operand(x)
  run_op(reshape_op, list(x), list(shape = as_shape(newshape, "newshape")))
}

#' @rdname op_shape_changes
#' @export
op_ravel <- function(x) op_reshape(x, -1L)

transpose_op <- new_op(
  "transpose",
  infer = function(inputs, attributes) {
    x <- inputs[[1]]
    list(shape = shape_of(x)[attributes$perm + 1L], dtype = dtype_of(x))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(op_transpose(dy, order(attributes$perm)))
  }
)

#' @rdname op_shape_changes
#' @export
op_transpose <- function(x, axes = NULL) {
  x <- operand(x)
  rank <- rank_of(x)
  perm <- if (is.null(axes)) {
    rev(seq_len(rank)) - 1L
  } else {
    zero_based_axis(unlist(axes), rank, "axes")
  }
  if (!identical(sort(perm), seq_len(rank) - 1L)) {
    abort_argument(sprintf("`axes` must name each of %d axes once.", rank),
                   "axes")
  }
  run_op(transpose_op, list(x), list(perm = perm))
}

#' @rdname op_shape_changes
#' @export
op_swapaxes <- function(x, axis1, axis2) {
  x <- operand(x)
  axes <- seq_len(rank_of(x))
  swap <- c(one_axis_of(x, axis1, "axis1"), one_axis_of(x, axis2, "axis2"))
  axes[swap] <- axes[rev(swap)]
  op_transpose(x, axes)
}

#' @rdname op_shape_changes
#' @export
op_expand_dims <- function(x, axis) {
  x <- operand(x)
  shape <- shape_of(x)
  for (at in sort(zero_based_axis(unlist(axis), length(shape) +
                                  length(axis)))) {
    shape <- append(shape, 1L, at)
  }
  op_reshape(x, shape)
}

#' @rdname op_shape_changes
#' @export
op_squeeze <- function(x, axis = NULL) {
  x <- operand(x)
  shape <- shape_of(x)
  at <- if (is.null(axis)) {
    which(!is.na(shape) & shape == 1L)
  } else {
    zero_based_axis(unlist(axis), length(shape)) + 1L
  }
  if (any(is.na(shape[at]) | shape[at] != 1L)) {
    abort_shape(sprintf("Only axes of size 1 can be dropped from shape %s.",
                        format_shape(shape)), "axis")
  }
  op_reshape(x, if (length(at)) shape[-at] else shape)
}

broadcast_op <- new_op(
  "broadcast_to",
  infer = function(inputs, attributes) {
    x <- inputs[[1]]
    to <- attributes$shape
    if (!identical(broadcast_shape(shape_of(x), to), to)) {
      abort_shape(sprintf("Shape %s cannot be broadcast to %s.",
                          format_shape(shape_of(x)), format_shape(to)),
                  "shape")
    }
    list(shape = to, dtype = dtype_of(x))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(unbroadcast(dy, inputs[[1]]))
  }
)

#' @rdname op_shape_changes
#' @export
op_broadcast_to <- function(x, shape) {
  x <- operand(x)
  run_op(broadcast_op, list(x), list(shape = as_shape(shape)))
}

# ---- joining and parting -----------------------------------------------------

concatenate_op <- new_op(
  "concatenate",
  infer = function(inputs, attributes) {
    shapes <- lapply(inputs, shape_of)
    at <- attributes$axis + 1L
    shape <- shapes[[1]]
    for (other in shapes[-1]) {
      if (length(other) != length(shape) ||
            !fits_shape(other[-at], shape[-at])) {
        abort_shape(sprintf(
          "Shapes %s and %s can be joined only along an axis that differs.",
          format_shape(shape), format_shape(other)), "xs")
      }
      shape[-at] <- ifelse(is.na(shape[-at]), other[-at], shape[-at])
      shape[at] <- shape[at] + other[at]
    }
    list(shape = shape, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    sizes <- vapply(inputs, function(x) shape_of(x)[attributes$axis + 1L], 1L)
    ends <- cumsum(sizes)
    lapply(seq_along(inputs), function(k) {
      if (wanted[k]) {
        slice_axis(dy, attributes$axis, ends[k] - sizes[k], sizes[k])
      }
    })
  }
)

#' Join and part tensors
#'
#' @param xs,x A list of tensors or arrays; for `op_split()` and `op_unstack()`
#'   one tensor or array.
#' @param axis The axis to join or part along, counted from 1, negative ones
#'   from the end. `op_stack()` makes a new axis there.
#' @param indices_or_sections A number of equal parts, or the 1-based indices
#'   at which parts after the first begin.
#' @param num Number of parts; `NULL` takes the size of the axis.
#' @section Compatibility: `op_vstack()` makes vectors rows, as NumPy and the
#'   other backends of Keras do; on TensorFlow Keras 3.15.1 puts them end to
#'   end.
#' @return `op_concatenate()`, `op_stack()` and their like give a tensor,
#'   `op_split()` and `op_unstack()` a list of tensors.
#' @section Errors: `elman_error_shape` where shapes do not match or an axis
#'   cannot be parted evenly.
#' @examples
#' op_concatenate(list(1:3, 4:6))
#' shape(op_stack(list(1:3, 4:6)))
#' op_split(1:6, 3)
#' @name op_join
NULL

#' @rdname op_join
#' @export
op_concatenate <- function(xs, axis = 1L) {
  xs <- common_operands(xs)
  axis <- zero_based_axis(axis, rank_of(xs[[1]]))
  run_op(concatenate_op, xs, list(axis = axis))
}

#' @rdname op_join
#' @export
op_stack <- function(x, axis = 1L) {
  op_concatenate(lapply(common_operands(x), op_expand_dims, axis = axis), axis)
}

common_operands <- function(xs, arg = "xs") {
  if (!is.list(xs) || !length(xs)) {
    must_be(xs, arg, "a list of tensors or arrays")
  }
  xs <- lapply(unname(xs), operand, arg = arg)
  wide <- Reduce(wider_dtype, lapply(xs, dtype_of))
  lapply(xs, op_cast, dtype = wide)
}

#' @rdname op_join
#' @export
op_split <- function(x, indices_or_sections, axis = 1L) {
  x <- operand(x)
  at <- zero_based_axis(axis, rank_of(x))
  size <- shape_of(x)[at + 1L]
  if (length(indices_or_sections) == 1L && !is.list(indices_or_sections)) {
    n <- check_count(indices_or_sections, "indices_or_sections")
    if (!is.na(size) && size %% n != 0L) {
      abort_shape(sprintf("An axis of size %d cannot be split into %d parts.",
                          size, n), "indices_or_sections")
    }
    starts <- (seq_len(n) - 1L) * (size %/% n)
  } else {
    given <- whole_numbers(indices_or_sections, "indices_or_sections", min = 1)
    starts <- c(0L, given - 1L)
  }
  sizes <- diff(c(pmin(starts, size), size))
  Map(function(start, n) slice_axis(x, at, start, n), starts, sizes)
}

#' @rdname op_join
#' @export
op_unstack <- function(x, num = NULL, axis = 1L) {
  x <- operand(x)
  at <- zero_based_axis(axis, rank_of(x))
  size <- shape_of(x)[at + 1L]
  num <- if (is.null(num)) size else check_count(num, "num")
  if (is.na(num) || (!is.na(size) && num != size)) {
    abort_shape(sprintf("`num` must be the size of the axis, %s, not %s.",
                        size, num), "num")
  }
  lapply(seq_len(num) - 1L, function(start) {
    op_squeeze(slice_axis(x, at, start, 1L), at + 1L)
  })
}

flip_op <- new_op(
  "flip",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[1]]), dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(flip_op, list(dy), attributes))
  }
)

#' Reverse the order along axes
#'
#' @param x A tensor or array.
#' @param axis Axes counted from 1, negative ones from the end; `NULL` for all.
#' @return A tensor of the shape of `x`.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or has no
#'   such axis.
#' @examples
#' op_flip(1:3)
#' @export
op_flip <- function(x, axis = NULL) {
  x <- operand(x)
  rank <- rank_of(x)
  axes <- if (is.null(axis)) {
    seq_len(rank) - 1L
  } else {
    zero_based_axis(unlist(axis), rank)
  }
  run_op(flip_op, list(x), list(axes = axes))
}
