# Reductions over axes.

reduce <- function(op, x, axis, keepdims, cast = NULL) {
  x <- operand(x)
  if (!is.null(cast)) x <- cast(x)
  rank <- rank_of(x)
  axes <- if (is.null(axis)) {
    seq_len(rank) - 1L
  } else {
    sort(unique(zero_based_axis(whole_numbers(axis, "axis"), rank)))
  }
  run_op(op, list(x), list(axes = axes, keepdims = check_flag(keepdims,
                                                              "keepdims")))
}

number_of_bool <- function(x) {
  if (dtype_of(x) == "bool") op_cast(x, "int32") else x
}

float_of_any <- function(x) {
  if (is_float(dtype_of(x))) x else op_cast(x, the$floatx)
}

reduced_count <- function(x, attributes) {
  prod(shape_of(x)[attributes$axes + 1L])
}

sum_op <- reduce_op("sum", function(dy, x, y, attributes) {
  op_broadcast_to(dy, shape_of(x))
})

mean_op <- reduce_op("mean", function(dy, x, y, attributes) {
  op_broadcast_to(op_divide(dy, reduced_count(x, attributes)), shape_of(x))
})

# The gradient of an extreme is shared by the elements that reach it.
extreme_gradient <- function(dy, x, y, attributes) {
  at <- op_cast(op_equal(x, y), dtype_of(x))
  ties <- op_sum(at, axis = attributes$axes + 1L, keepdims = TRUE)
  op_multiply(at, op_divide(dy, ties))
}

max_op <- reduce_op("max", extreme_gradient)

min_op <- reduce_op("min", extreme_gradient)

# Products of the other elements, sound where one of them is 0.
prod_op <- reduce_op("prod", function(dy, x, y, attributes) {
  zero <- op_cast(op_equal(x, 0), dtype_of(x))
  axes <- attributes$axes + 1L
  zeros <- op_sum(zero, axis = axes, keepdims = TRUE)
  others <- op_prod(op_add(x, zero), axis = axes, keepdims = TRUE)
  without <- op_divide(others, op_add(x, zero))
  alone <- op_where(op_equal(op_subtract(zeros, zero), 0), without, 0)
  op_multiply(dy, alone)
})

all_op <- reduce_op("all", dtype = "bool")

any_op <- reduce_op("any", dtype = "bool")

#' Sums, means and other reductions
#'
#' @param x A tensor or array.
#' @param axis One or more axes, counted from 1, negative ones from the end;
#'   `NULL` reduces all of them.
#' @param keepdims Keep the reduced axes with size 1.
#' @param initial For `op_max()` and `op_min()`, a number that takes part as if
#'   it were an element.
#' @param dtype For `op_prod()`, the type to compute in.
#' @return A tensor of `x`'s shape without the reduced axes. Integers stay
#'   integers, except in `op_mean()`, `op_var()` and `op_std()`; `op_all()` and
#'   `op_any()` are `bool`. Variances divide by the number of elements.
#' @section Errors: `elman_error_argument` for axis 0 or an axis that `x` does
#'   not have.
#' @examples
#' x <- matrix(1:6, 2)
#' op_sum(x)
#' op_mean(x, axis = 1)
#' op_max(x, axis = -1, keepdims = TRUE)
#' @name op_reduce
NULL

#' @rdname op_reduce
#' @export
op_sum <- function(x, axis = NULL, keepdims = FALSE) {
  reduce(sum_op, x, axis, keepdims, number_of_bool)
}

#' @rdname op_reduce
#' @export
op_mean <- function(x, axis = NULL, keepdims = FALSE) {
  reduce(mean_op, x, axis, keepdims, float_of_any)
}

#' @rdname op_reduce
#' @export
op_max <- function(x, axis = NULL, keepdims = FALSE, initial = NULL) {
  y <- reduce(max_op, x, axis, keepdims)
  if (is.null(initial)) y else op_maximum(y, initial)
}

#' @rdname op_reduce
#' @export
op_min <- function(x, axis = NULL, keepdims = FALSE, initial = NULL) {
  y <- reduce(min_op, x, axis, keepdims)
  if (is.null(initial)) y else op_minimum(y, initial)
}

#' @rdname op_reduce
#' @export
op_prod <- function(x, axis = NULL, keepdims = FALSE, dtype = NULL) {
  if (!is.null(dtype)) x <- op_cast(x, dtype)
  reduce(prod_op, x, axis, keepdims, number_of_bool)
}

#' @rdname op_reduce
#' @export
op_all <- function(x, axis = NULL, keepdims = FALSE) {
  reduce(all_op, x, axis, keepdims, function(x) op_cast(x, "bool"))
}

#' @rdname op_reduce
#' @export
op_any <- function(x, axis = NULL, keepdims = FALSE) {
  reduce(any_op, x, axis, keepdims, function(x) op_cast(x, "bool"))
}

#' @rdname op_reduce
#' @export
op_var <- function(x, axis = NULL, keepdims = FALSE) {
  x <- float_of_any(operand(x))
  centred <- op_subtract(x, op_mean(x, axis, keepdims = TRUE))
  op_mean(op_square(centred), axis, keepdims)
}

#' @rdname op_reduce
#' @export
op_std <- function(x, axis = NULL, keepdims = FALSE) {
  op_sqrt(op_var(x, axis, keepdims))
}

index_op <- function(name) {
  new_op(
    name,
    infer = function(inputs, attributes) {
      list(shape = reduced_shape(shape_of(inputs[[1]]), attributes),
           dtype = "int32")
    }
  )
}

argmax_op <- index_op("argmax")

argmin_op <- index_op("argmin")

#' Where the largest and smallest elements are
#'
#' @inheritParams op_reduce
#' @param axis The axis to search along; `NULL` searches all of `x`, flattened
#'   row-major.
#' @param zero_indexed Count from 0, as class ids do, instead of 1.
#' @return An `int32` tensor of indices, the first where there are ties.
#' @section Errors: `elman_error_argument` where `x` holds no numbers or has no
#'   such axis.
#' @examples
#' op_argmax(c(3, 9, 2))
#' @export
op_argmax <- function(x, axis = NULL, keepdims = FALSE, zero_indexed = FALSE) {
  find_extreme(argmax_op, x, axis, keepdims, zero_indexed)
}

#' @rdname op_argmax
#' @export
op_argmin <- function(x, axis = NULL, keepdims = FALSE, zero_indexed = FALSE) {
  find_extreme(argmin_op, x, axis, keepdims, zero_indexed)
}

find_extreme <- function(op, x, axis, keepdims, zero_indexed) {
  x <- operand(x)
  rank <- rank_of(x)
  if (is.null(axis)) {
    x <- op_reshape(x, -1L)
    axis <- 1L
  }
  at <- reduce(op, x, axis, keepdims)
  if (rank_of(at) != rank && isTRUE(keepdims)) {
    at <- op_reshape(at, rep(1L, rank))
  }
  if (zero_indexed) at else op_add(at, 1L)
}
