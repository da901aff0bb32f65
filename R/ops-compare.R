# Comparison, logic and choice.

#' Comparison and logic
#'
#' Elementwise, with NumPy's broadcasting. The operators `== != < <= > >=`, `&`,
#' `|` and `!` do the same on tensors. None of them has a gradient.
#'
#' @param x1,x2,x Tensors, arrays or numbers; logic takes every number but 0 as
#'   true.
#' @return A `bool` tensor of the broadcast shape.
#' @section Errors: `elman_error_shape` where the shapes cannot be broadcast.
#' @examples
#' op_greater(c(1, 2, 3), 2)
#' op_logical_or(c(TRUE, FALSE), FALSE)
#' op_isnan(c(1, NaN))
#' @name op_compare
NULL

#' @rdname op_compare
#' @export
op_equal <- compare_op("equal")

#' @rdname op_compare
#' @export
op_not_equal <- compare_op("not_equal")

#' @rdname op_compare
#' @export
op_less <- compare_op("less")

#' @rdname op_compare
#' @export
op_less_equal <- compare_op("less_equal")

#' @rdname op_compare
#' @export
op_greater <- compare_op("greater")

#' @rdname op_compare
#' @export
op_greater_equal <- compare_op("greater_equal")

#' @rdname op_compare
#' @export
op_logical_and <- compare_op("logical_and")

#' @rdname op_compare
#' @export
op_logical_or <- compare_op("logical_or")

#' @rdname op_compare
#' @export
op_logical_xor <- compare_op("logical_xor")

#' @rdname op_compare
#' @export
op_logical_not <- unary_op("logical_not", flat, keep = TRUE, dtype = "bool")

#' @rdname op_compare
#' @export
op_isnan <- unary_op("isnan", flat, dtype = "bool")

#' @rdname op_compare
#' @export
op_isinf <- unary_op("isinf", flat, dtype = "bool")

#' @rdname op_compare
#' @export
op_isfinite <- unary_op("isfinite", flat, dtype = "bool")

where_op <- new_op(
  "where",
  infer = function(inputs, attributes) {
    shape <- broadcast_shape(shape_of(inputs[[2]]), shape_of(inputs[[3]]))
    list(shape = broadcast_shape(shape_of(inputs[[1]]), shape),
         dtype = dtype_of(inputs[[2]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    condition <- inputs[[1]]
    list(NULL,
         if (wanted[2]) unbroadcast(op_where(condition, dy, 0), inputs[[2]]),
         if (wanted[3]) unbroadcast(op_where(condition, 0, dy), inputs[[3]]))
  }
)

#' Choose by a condition
#'
#' @param condition A bool tensor or logical array.
#' @param x1,x2 What to take where the condition holds, and where not. Both
#'   missing: the places where it holds.
#' @return A tensor of the broadcast shape; with `condition` alone a list of
#'   `int32` tensors, one per axis, of the 1-based indices at which it holds, in
#'   row-major order.
#' @section Errors: `elman_error_shape` where the shapes cannot be broadcast.
#' @examples
#' op_where(c(TRUE, FALSE), c(1, 2), c(10, 20))
#' op_where(c(FALSE, TRUE, TRUE))
#' @export
op_where <- function(condition, x1 = NULL, x2 = NULL) {
  if (is.null(x1) != is.null(x2)) {
    abort_argument("`x1` and `x2` must be given together, or neither.", "x2")
  }
  if (is.null(x1)) return(true_places(condition))
  condition <- op_cast(condition, "bool")
  run_op(where_op, c(list(condition), operands(x1, x2)))
}

true_places <- function(condition) {
  a <- as.array(op_cast(condition, "bool"))
  places <- which(a, arr.ind = TRUE)
  if (is.null(dim(places))) places <- matrix(places, ncol = 1L)
  order <- do.call(base::order, unname(as.data.frame(places)))
  lapply(seq_len(ncol(places)), function(k) {
    as_tensor(array(as.integer(places[order, k]), nrow(places)))
  })
}
