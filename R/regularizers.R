# Regularizers: functions of a weight or output that add to the loss.

#' Regularizers
#'
#' Penalties that training adds to the loss: of a weight in full, of a layer's
#' output (`activity_regularizer`) divided by the batch size.
#'
#' * `regularizer_l1()`: \eqn{l_1 \sum |w|}
#' * `regularizer_l2()`: \eqn{l_2 \sum w^2}
#' * `regularizer_l1_l2()`: both together
#' * `regularizer_orthogonal()`: `factor` times the mean absolute cosine between
#'   two different rows (or columns) of a matrix
#'
#' @param l1,l2,factor Numbers of at least 0.
#' @param mode `"rows"` or `"columns"`.
#' @return A function of a tensor that gives a scalar tensor; `get_config()`
#'   works on it. Layers take it as it is, by name (`"l1"`, `"l2"`, `"l1l2"`,
#'   `"orthogonal"`), or take a function of yours made of `op_*`.
#' @section Errors: `elman_error_argument` for a negative number;
#'   `elman_error_shape` where `regularizer_orthogonal()` gets no matrix.
#' @examples
#' regularizer_l2(0.1)(matrix(1, 2, 3))
#' layer <- layer_dense(units = 2, kernel_regularizer = regularizer_l1(0.01))
#' y <- layer(matrix(1, 4, 3))
#' layer$losses
#' @name regularizers
NULL

new_regularizer <- function(class, config, penalty) {
  call <- function(x) penalty(float_of_any(operand(x)))
  new_object(call, "keras.regularizers", c(class, "elman_regularizer"), config)
}

#' @rdname regularizers
#' @export
regularizer_l1 <- function(l1 = 0.01) {
  l1 <- check_penalty(l1, "l1")
  new_regularizer("L1", list(l1 = l1), function(x) {
    op_multiply(op_sum(op_abs(x)), l1)
  })
}

#' @rdname regularizers
#' @export
regularizer_l2 <- function(l2 = 0.01) {
  l2 <- check_penalty(l2, "l2")
  new_regularizer("L2", list(l2 = l2), function(x) {
    op_multiply(op_sum(op_square(x)), l2)
  })
}

#' @rdname regularizers
#' @export
regularizer_l1_l2 <- function(l1 = 0, l2 = 0) {
  l1 <- check_penalty(l1, "l1")
  l2 <- check_penalty(l2, "l2")
  new_regularizer("L1L2", list(l1 = l1, l2 = l2), function(x) {
    op_add(op_multiply(op_sum(op_abs(x)), l1),
           op_multiply(op_sum(op_square(x)), l2))
  })
}

#' @rdname regularizers
#' @export
regularizer_orthogonal <- function(factor = 0.01, mode = "rows") {
  factor <- check_penalty(factor, "factor")
  mode <- match_name(mode, c("rows", "columns"), "mode")
  config <- list(factor = factor, mode = mode)
  new_regularizer("OrthogonalRegularizer", config, function(x) {
    if (rank_of(x) != 2L) {
      abort_shape(sprintf(
        "The orthogonal regularizer needs a matrix, not shape %s.",
        format_shape(shape_of(x))), "x")
    }
    if (mode == "columns") x <- op_transpose(x)
    n <- shape_of(x)[1]
    length <- op_rsqrt(op_sum(op_square(x), axis = 2L, keepdims = TRUE))
    unit <- op_multiply(x, op_minimum(length, 1 / the$epsilon))
    cosines <- op_matmul(unit, op_transpose(unit))
    others <- op_subtract(1, op_eye(n, dtype = dtype_of(x)))
    apart <- op_multiply(cosines, others)
    op_multiply(op_sum(op_abs(apart)), factor / max(1, n * (n - 1)))
  })
}

check_penalty <- function(x, arg) {
  if (!is_number(x) || !is.finite(x) || x < 0) {
    must_be(x, arg, "a number of at least 0")
  }
  as.numeric(x)
}

# ---- how layers find them ----------------------------------------------------

regularizer_aliases <- c(l1l2 = "l1_l2",
                         orthogonal_regularizer = "orthogonal")

named_regularizer <- function(name) {
  named_constructor(name, "regularizer_", "regularizer", regularizer_aliases)
}

get_regularizer <- function(x, arg = "regularizer") {
  if (is.null(x) || inherits(x, "elman_regularizer")) return(x)
  if (is.character(x)) return(named_regularizer(x)())
  if (is.function(x)) {
    return(if (is_uncalled(x, "regularizer_")) x() else x)
  }
  if (is.list(x)) return(deserialize_object(x))
  must_be(x, arg, "a name, a regularizer, a function of a tensor or NULL")
}

# The penalty of a tensor or variable as a scalar tensor.
penalty_of <- function(regularizer, x) {
  if (is_variable(x) && !inherits(regularizer, "elman_regularizer")) {
    x <- as_tensor(x)
  }
  value <- regularizer(x)
  if (is_tensor(value) && !rank_of(value)) return(value)
  value <- as_tensor(value, dtype_of(x))
  if (length(value) != 1L) {
    abort_shape(sprintf(
      "A regularizer must give a single number, not shape %s.",
      format_shape(tensor_shape(value))
    ), "regularizer")
  }
  op_reshape(value, integer())
}
