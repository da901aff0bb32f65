# Order: sorting, the largest elements, and places among sorted numbers.

argsort_op <- new_op(
  "argsort",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[1]]), dtype = "int32")
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(op_zeros_like(inputs[[1]], the$floatx))
  }
)

take_along_op <- new_op(
  "take_along",
  infer = function(inputs, attributes) {
    shape <- shape_of(inputs[[2]])
    unknown <- is.na(shape)
    unknown[attributes$axis + 1L] <- FALSE
    shape[unknown] <- shape_of(inputs[[1]])[unknown]
    list(shape = shape, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    size <- list(size = shape_of(inputs[[1]]))
    list(run_op(take_along_gradient_op, list(dy, inputs[[2]]),
                c(attributes, size)),
         NULL)
  }
)

take_along_gradient_op <- new_op(
  "take_along_gradient",
  infer = function(inputs, attributes) {
    list(shape = attributes$size, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(take_along_op, list(dy, inputs[[2]]), attributes["axis"]), NULL)
  }
)

# The 0-based order along a 0-based axis.
order_along <- function(x, axis, descending = FALSE) {
  run_op(argsort_op, list(x), list(axis = axis, descending = descending))
}

# `x` and the 0-based axis to go along: the one of `x` flattened for NULL.
along_axis <- function(x, axis) {
  x <- operand(x)
  if (is.null(axis)) return(list(op_reshape(x, -1L), 0L))
  if (rank_of(x) == 0L) abort_shape("A number has no axis.", "x")
  list(x, zero_based_axis(axis, rank_of(x)))
}

count_from <- function(indices, zero_indexed) {
  if (check_flag(zero_indexed, "zero_indexed")) indices else
    op_add(indices, 1L)
}

#' Sort along an axis
#'
#' Equal elements keep their order, and NaN comes last. `op_sort()` and the
#' values of `op_top_k()` are differentiable.
#'
#' @param x A tensor or array.
#' @param axis The axis, counted from 1, negative ones from the end; `NULL`
#'   takes `x` flattened row-major.
#' @param k How many of the largest elements of the last axis.
#' @param sorted Must be `TRUE` or `FALSE`; the largest comes first with both.
#' @param kth The place, counted from 1, whose element is to be where sorting
#'   would put it: smaller ones before it, larger ones behind.
#' @param zero_indexed Count indices from 0 instead of 1.
#' @return `op_sort()`: a tensor of the shape of `x`. `op_argsort()` and
#'   `op_argpartition()`: an `int32` tensor of indices. `op_top_k()`: a list of
#'   values and `int32` indices, `k` along the last axis.
#' @section Errors: `elman_error_argument` for an axis or place that is not
#'   there, or for `k` above the size of the last axis.
#' @examples
#' op_sort(c(3, 1, 2))
#' op_argsort(c(3, 1, 2))
#' op_top_k(c(3, 9, 7), k = 2)
#' @name op_sort
NULL

#' @rdname op_sort
#' @export
op_sort <- function(x, axis = -1L) {
  to <- along_axis(x, axis)
  run_op(take_along_op, list(to[[1]], order_along(to[[1]], to[[2]])),
         list(axis = to[[2]]))
}

#' @rdname op_sort
#' @export
op_argsort <- function(x, axis = -1L, zero_indexed = FALSE) {
  to <- along_axis(x, axis)
  count_from(order_along(to[[1]], to[[2]]), zero_indexed)
}

#' @rdname op_sort
#' @export
op_argpartition <- function(x, kth, axis = -1L, zero_indexed = FALSE) {
  to <- along_axis(x, axis)
  size <- shape_of(to[[1]])[to[[2]] + 1L]
  kth <- check_whole(kth, "kth")
  if (kth == 0L || (!is.na(size) && abs(kth) > size)) {
    must_be(kth, "kth", sprintf("a place from 1 to %s", size))
  }
  count_from(order_along(to[[1]], to[[2]]), zero_indexed)
}

#' @rdname op_sort
#' @export
op_top_k <- function(x, k, sorted = TRUE, zero_indexed = FALSE) {
  check_flag(sorted, "sorted")
  to <- along_axis(x, -1L)
  k <- check_count(k, "k")
  size <- shape_of(to[[1]])[to[[2]] + 1L]
  if (!is.na(size) && k > size) {
    must_be(k, "k", sprintf("at most %d, the size of the last axis", size))
  }
  first <- slice_axis(order_along(to[[1]], to[[2]], TRUE), to[[2]], 0L, k)
  list(run_op(take_along_op, list(to[[1]], first), list(axis = to[[2]])),
       count_from(first, zero_indexed))
}

#' Are targets among the best predictions?
#'
#' @param targets Class numbers from 0, shape `[batch]`.
#' @param predictions Scores, shape `[batch, classes]`.
#' @param k How many of the best count.
#' @return A `bool` tensor of shape `[batch]`: whether fewer than `k` classes
#'   have a score above the target's. FALSE for a target outside the classes or
#'   a score that is not finite.
#' @section Errors: `elman_error_shape` where the shapes do not belong together.
#' @examples
#' op_in_top_k(c(1, 0), rbind(c(0.1, 0.6, 0.3), c(0.2, 0.5, 0.3)), k = 2)
#' @export
op_in_top_k <- function(targets, predictions, k) {
  k <- check_count(k, "k")
  scores <- float_of_any(operand(predictions, "predictions"))
  targets <- op_cast(operand(targets, "targets"), "int32")
  if (rank_of(scores) != 2L || rank_of(targets) != 1L ||
        !fits_shape(shape_of(targets), shape_of(scores)[1])) {
    abort_shape(sprintf(
      paste("`targets` [batch] and `predictions` [batch, classes] are needed,",
            "not %s and %s."),
      format_shape(shape_of(targets)), format_shape(shape_of(scores))),
      "targets")
  }
  size <- shape_of(scores)[2]
  known <- op_logical_and(op_greater_equal(targets, 0L),
                          op_less(targets, size))
  at <- op_expand_dims(op_where(known, targets, 0L), -1L)
  own <- run_op(take_along_op, list(scores, at), list(axis = 1L))
  above <- op_sum(op_cast(op_greater(scores, own), "int32"), axis = -1L)
  finite <- op_all(op_isfinite(own), axis = -1L)
  op_logical_and(op_logical_and(known, finite), op_less(above, k))
}

searchsorted_op <- new_op(
  "searchsorted",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[2]]), dtype = "int32")
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    lapply(inputs, op_zeros_like, dtype = the$floatx)
  }
)

search_sorted <- function(sequence, values, right) {
  run_op(searchsorted_op, operands(sequence, values), list(right = right))
}

#' Places among sorted numbers
#'
#' `op_searchsorted()`: where `values` would be put into a sorted sequence to
#' keep it sorted. `op_digitize()`: the bin of each number.
#'
#' @param sorted_sequence,bins Numbers that increase, shape `[n]`.
#' @param values,x A tensor or array of any shape.
#' @param side `"left"` of equal numbers, or `"right"`.
#' @param zero_indexed Count from 0 instead of 1.
#' @return An `int32` tensor of the shape of `values` or `x`. Counted from 1, a
#'   number below all bins is in bin 1, one above them in bin `n + 1`.
#' @section Errors: `elman_error_shape` where the sequence is no vector.
#' @examples
#' op_searchsorted(c(1, 3, 5), c(0, 3, 6))
#' op_digitize(c(0.2, 6.4, 3), bins = c(0, 1, 2.5, 4))
#' @name op_searchsorted
NULL

#' @rdname op_searchsorted
#' @export
op_searchsorted <- function(sorted_sequence, values, side = "left",
                            zero_indexed = FALSE) {
  side <- match_name(side, c("left", "right"), "side")
  sequence <- vector_operand(sorted_sequence, "sorted_sequence")
  count_from(search_sorted(sequence, operand(values, "values"),
                           side == "right"), zero_indexed)
}

#' @rdname op_searchsorted
#' @export
op_digitize <- function(x, bins, zero_indexed = FALSE) {
  bins <- vector_operand(bins, "bins")
  count_from(search_sorted(bins, operand(x), TRUE), zero_indexed)
}

# A tensor of shape [n]; a single R number is one of shape [1].
vector_operand <- function(x, arg) {
  if (is.atomic(x) && is.null(dim(x)) && length(x) == 1L &&
        !inherits(x, "elman_value")) {
    x <- array(x, 1L)
  }
  x <- operand(x, arg)
  if (rank_of(x) != 1L) {
    abort_shape(sprintf("`%s` must be a vector, not of shape %s.", arg,
                        format_shape(shape_of(x))), arg)
  }
  x
}
