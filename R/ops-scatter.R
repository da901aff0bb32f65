# Writing into tensors, and reading from them, at places that are indices or
# begin at one. Tensors do not change: each answer is a tensor of its own.

# Indices as keras3 takes them: counted from 1, negative ones left as they are.
counted_from_zero <- function(indices, arg = "indices") {
  indices <- op_cast(operand(indices, arg), "int32")
  op_subtract(indices, op_where(op_greater(indices, 0L), 1L, 0L))
}

# The same, where negative ones count from the end of an axis of `size`.
within_axis <- function(indices, size) {
  if (is.na(size)) return(indices)
  op_where(op_less(indices, 0L), op_add(indices, size), indices)
}

#' Take one element per index along an axis
#'
#' @param x A tensor or array.
#' @param indices Whole numbers, counted from 1, negative ones from the end; of
#'   the shape of `x` but for `axis`, other axes broadcast.
#' @param axis The axis, counted from 1, negative ones from the end; `NULL`
#'   takes `x` flattened row-major, by a vector of indices.
#' @param zero_indexed Count `indices` from 0 instead of 1.
#' @return A tensor of the shape of `indices`, broadcast.
#' @section Errors: `elman_error_argument` for an index that is not there,
#'   `elman_error_shape` where shapes do not fit.
#' @examples
#' x <- matrix(c(3, 1, 2, 9, 8, 7), 2, byrow = TRUE)
#' op_take_along_axis(x, op_argsort(x, axis = 2), axis = 2)
#' @export
op_take_along_axis <- function(x, indices, axis = NULL, zero_indexed = FALSE) {
  to <- along_axis(x, axis)
  x <- to[[1]]
  at <- to[[2]] + 1L
  indices <- if (check_flag(zero_indexed, "zero_indexed")) {
    op_cast(operand(indices, "indices"), "int32")
  } else {
    counted_from_zero(indices)
  }
  if (rank_of(indices) != rank_of(x)) {
    abort_shape(sprintf("`indices` must have %d axes, not %d.", rank_of(x),
                        rank_of(indices)), "indices")
  }
  indices <- within_axis(indices, shape_of(x)[at])
  beside <- broadcast_shape(shape_of(x)[-at], shape_of(indices)[-at])
  run_op(take_along_op, list(broadcast_beside(x, at, beside),
                             broadcast_beside(indices, at, beside)),
         list(axis = to[[2]]))
}

broadcast_beside <- function(x, at, beside) {
  shape <- append(beside, shape_of(x)[at], at - 1L)
  if (identical(shape, shape_of(x)) || anyNA(shape)) x else
    op_broadcast_to(x, shape)
}

flat_index_op <- new_op(
  "flat_index",
  infer = function(inputs, attributes) {
    shape <- shape_of(inputs[[1]])
    list(shape = shape[-length(shape)], dtype = "int32")
  }
)

last_writer_op <- new_op(
  "last_writer",
  infer = function(inputs, attributes) {
    list(shape = attributes$size, dtype = "int32")
  }
)

# The places that `indices` [..., depth] name in an array of `shape`, row-major
# over its first `depth` axes; flattened.
flat_places <- function(indices, shape) {
  indices <- counted_from_zero(indices)
  rank <- rank_of(indices)
  depth <- if (rank) shape_of(indices)[rank] else 0L
  if (rank == 0L || is.na(depth) || depth > length(shape)) {
    abort_shape(sprintf(
      "`indices` must have at most %d numbers along their last axis.",
      length(shape)), "indices")
  }
  places <- run_op(flat_index_op, list(indices),
                   list(sizes = shape[seq_len(depth)]))
  list(places = op_reshape(places, -1L), among = prod(shape[seq_len(depth)]),
       slice = shape[-seq_len(depth)], shape = shape_of(places))
}

check_updates <- function(updates, at, arg) {
  want <- c(at$shape, at$slice)
  if (!fits_shape(shape_of(updates), want)) {
    abort_shape(sprintf("`%s` must have shape %s, not %s.", arg,
                        format_shape(want), format_shape(shape_of(updates))),
                arg)
  }
  op_reshape(updates, c(-1L, prod(at$slice)))
}

#' Write at indices
#'
#' `op_scatter()` adds values up into zeros, `op_scatter_update()` puts them in
#' the place of what is there: where an index comes more than once, the last one
#' stands.
#'
#' @param indices Whole numbers counted from 1, shape `[..., depth]`: each row
#'   is the index of an element, or of a slice where `depth` is less than the
#'   number of axes.
#' @param values,updates Tensor or array of shape `[..., slice]`.
#' @param shape Shape of the result.
#' @param inputs A tensor or array.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for an index that is not there,
#'   `elman_error_shape` where shapes do not fit.
#' @examples
#' op_scatter(rbind(1, 3, 1), c(10, 20, 30), shape = 4)
#' op_scatter_update(matrix(0, 2, 2), rbind(c(1, 2), c(2, 1)), c(5, 6))
#' @name op_scatter
NULL

#' @rdname op_scatter
#' @export
op_scatter <- function(indices, values, shape) {
  shape <- known_shape(shape)
  at <- flat_places(indices, shape)
  values <- operand(values, "values")
  dtype <- dtype_of(values)
  rows <- check_updates(values, at, "values")
  if (!is_float(dtype)) rows <- op_cast(rows, "float64")
  sums <- run_op(take_gradient_op, list(rows, at$places), list(
    axis = 0L, size = as.integer(c(at$among, prod(at$slice)))
  ))
  op_cast(op_reshape(sums, shape), dtype)
}

#' @rdname op_scatter
#' @export
op_scatter_update <- function(inputs, indices, updates) {
  x <- operand(inputs, "inputs")
  shape <- shape_of(x)
  if (anyNA(shape)) abort_shape("`inputs` must have known sizes.", "inputs")
  at <- flat_places(indices, shape)
  updates <- op_cast(operand(updates, "updates"), dtype_of(x))
  write_rows(x, at$places, check_updates(updates, at, "updates"), at$among)
}

# `x` with `rows` in the 0-based `places` among so many slices.
write_rows <- function(x, places, rows, among) {
  writer <- run_op(last_writer_op, list(places),
                   list(size = as.integer(among)))
  if (identical(shape_of(rows)[1], 0L)) return(x)
  new <- op_take(rows, op_maximum(writer, 0L), axis = 1L, zero_indexed = TRUE)
  written <- op_expand_dims(op_greater_equal(writer, 0L), -1L)
  old <- op_reshape(x, c(as.integer(among), shape_of(rows)[2]))
  op_reshape(op_where(written, new, old), shape_of(x))
}

#' Slices that begin at an index
#'
#' @param inputs A tensor or array.
#' @param start_indices Where the slice begins, one index for each axis, counted
#'   from 1.
#' @param shape Sizes of the slice; -1 takes all that follows.
#' @param updates What to write: a tensor or array with as many axes.
#' @return `op_slice()`: the slice, a tensor. `op_slice_update()`: a tensor of
#'   the shape of `inputs`, with `updates` in the place of the slice.
#' @section Errors: `elman_error_argument` where the slice does not lie within
#'   `inputs`. Keras moves such a slice of `op_slice_update()`.
#' @examples
#' x <- matrix(1:6, 2)
#' op_slice(x, c(1, 2), c(2, 2))
#' op_slice_update(x, c(2, 1), matrix(0L, 1, 2))
#' @name op_slice
NULL

#' @rdname op_slice
#' @export
op_slice <- function(inputs, start_indices, shape) {
  x <- operand(inputs, "inputs")
  size <- as_shape(shape)
  start <- slice_start(start_indices, shape_of(x), size)
  size[is.na(size)] <- (shape_of(x) - start)[is.na(size)]
  slice_all(x, start, size)
}

slice_start <- function(start, shape, size) {
  start <- whole_numbers(start, "start_indices")
  if (length(start) != length(shape) || length(size) != length(shape)) {
    must_be(start, "start_indices",
            sprintf("one index for each of %d axes", length(shape)))
  }
  end <- start + ifelse(is.na(size), 0L, size) - 1L
  if (any(start < 1L) || any(end > shape, na.rm = TRUE)) {
    abort_argument(sprintf(
      "`start_indices` %s with sizes %s must lie within shape %s.",
      describe(start), format_shape(size), format_shape(shape)),
      "start_indices")
  }
  start - 1L
}

#' @rdname op_slice
#' @export
op_slice_update <- function(inputs, start_indices, updates) {
  x <- operand(inputs, "inputs")
  shape <- shape_of(x)
  updates <- op_cast(operand(updates, "updates"), dtype_of(x))
  size <- shape_of(updates)
  start <- slice_start(start_indices, shape, size)
  into <- list(start = start, stride = rep(1L, length(start)), size = shape)
  written <- run_op(unslice_op, list(op_ones_like(updates)), into)
  op_where(op_cast(written, "bool"), run_op(unslice_op, list(updates), into), x)
}

#' Where tensors are not zero
#'
#' @param x A tensor or array.
#' @return `op_nonzero()`: an `int32` tensor with a row of 1-based indices for
#'   each element that is not 0, in row-major order. `op_count_nonzero()`: how
#'   many there are, an `int32` tensor.
#' @section Errors: `elman_error_argument` where `x` holds no numbers.
#' @section Recording: How many rows come depends on numbers: a training step
#'   that asks for them runs as it is written.
#' @examples
#' op_nonzero(matrix(c(0, 2, 3, 0), 2))
#' op_count_nonzero(matrix(c(0, 2, 3, 0), 2), axis = 1)
#' @export
op_nonzero <- function(x) op_stack(true_places(x), axis = -1L)

#' @rdname op_nonzero
#' @param axis Axes to count along, from 1; `NULL` for all.
#' @export
op_count_nonzero <- function(x, axis = NULL) {
  op_sum(op_cast(op_not_equal(operand(x), 0L), "int32"), axis = axis)
}

#' Indices of flat places
#'
#' @param indices Places in the flattened array, counted from 1.
#' @param shape Its shape.
#' @return A list of `int32` tensors, one for each axis, of indices counted from
#'   0, as keras3 has them.
#' @section Errors: `elman_error_argument` for unknown sizes.
#' @examples
#' op_unravel_index(c(1, 5), c(3, 3))
#' @export
op_unravel_index <- function(indices, shape) {
  shape <- known_shape(shape)
  rest <- within_axis(counted_from_zero(indices), as.integer(prod(shape)))
  places <- vector("list", length(shape))
  for (k in rev(seq_along(shape))) {
    places[[k]] <- op_mod(rest, shape[k])
    rest <- op_floor_divide(rest, shape[k])
  }
  places
}

#' Vectors with many ones
#'
#' @inheritParams op_one_hot
#' @param inputs Class numbers, counted from 0, shape `[n]` or `[batch, n]`.
#' @param ... Must be empty.
#' @return A tensor of shape `[num_classes]` or `[batch, num_classes]`: 1 for
#'   the classes that came, else 0.
#' @section Errors: `elman_error_argument` for an axis that is not there.
#' @examples
#' op_multi_hot(c(0, 2), 4)
#' @export
op_multi_hot <- function(inputs, num_classes, axis = -1L, dtype = NULL,
                         sparse = FALSE, ...) {
  check_dots(...)
  x <- operand(if (length(inputs) == 1L && is.numeric(inputs)) {
    array(inputs)
  } else {
    inputs
  }, "inputs")
  hot <- op_one_hot(x, num_classes, axis, dtype, sparse, zero_indexed = TRUE)
  along <- if (rank_of(x) > 1L) 2L else 1L
  if (dtype_of(hot) == "bool") op_any(hot, along) else op_max(hot, along)
}

#' Parts of tensors as functions
#'
#' `op_subset(x, ...)` is [`x[...]`][tensor_index]; `op_subset(x, ...) <- value`
#' gives `x` another part. `op_get_item()` takes an element of a list by its
#' name or place, and of a tensor along the first axis.
#'
#' @param x A tensor or array; for `op_get_item()` also a list.
#' @param ... Indices, one for each axis, as R has them.
#' @param value What to put there: a number, or a tensor or array of the part's
#'   shape.
#' @param key A name or a place, counted from 1.
#' @return A tensor, or for a list its element.
#' @section Errors: `elman_error_argument` for an index that is not there,
#'   `elman_error_shape` where `value` does not fit.
#' @examples
#' x <- as_tensor(matrix(1:6, 2))
#' op_subset(x, 1, )
#' op_subset(x, 1, ) <- 0L
#' x
#' op_get_item(list(a = 1, b = 2), "b")
#' @export
op_subset <- function(x, ...) operand(x)[...]

#' @rdname op_subset
#' @usage op_subset(x, ...) <- value
#' @export
`op_subset<-` <- function(x, ..., value) {
  x <- operand(x)
  shape <- shape_of(x)
  if (anyNA(shape)) abort_shape("`x` must have known sizes.", "x")
  all <- as_tensor(array(seq_len(prod(shape)), prod(shape)), "int32")
  part <- op_reshape(all, shape)[...]
  value <- op_cast(operand(value, "value"), dtype_of(x))
  value <- op_broadcast_to(value, shape_of(part))
  write_rows(x, op_subtract(op_reshape(part, -1L), 1L),
             op_reshape(value, c(-1L, 1L)), prod(shape))
}

#' @rdname op_subset
#' @export
op_subset_set <- `op_subset<-`

#' @rdname op_subset
#' @export
op_get_item <- function(x, key) {
  if (!inherits(x, "elman_value") && is.list(x)) {
    known <- if (is.character(key)) key %in% names(x) else
      is_whole(key) && key >= 1 && key <= length(x)
    if (length(key) != 1L || !known) {
      must_be(key, "key", "a name or a place in the list")
    }
    return(x[[key]])
  }
  x <- operand(x)
  if (rank_of(x) == 0L) abort_shape("A number has no items.", "x")
  key <- check_whole(key, "key")
  at <- if (key < 0L) key + known_size(x, 0L) + 1L else key
  if (at < 1L || isTRUE(at > shape_of(x)[1])) {
    must_be(key, "key", "a place along the first axis")
  }
  op_squeeze(slice_axis(x, 0L, at - 1L, 1L), 1L)
}
