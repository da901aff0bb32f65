# R's operators and functions on tensors, variables and symbolic tensors.

#' Operators on tensors
#'
#' R's arithmetic, comparison and logical operators, and its common functions,
#' do on tensors what the `op_*` function of the same meaning does: with NumPy's
#' broadcasting, recorded for differentiation, and on symbolic tensors too.
#'
#' @param e1,e2,x Tensors, arrays or numbers.
#' @param ... More tensors for `sum()` and its like, `digits` for `round()`.
#' @param na.rm Must be `FALSE`: tensors know no missing values.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for an operator that tensors do not
#'   have.
#' @examples
#' x <- as_tensor(c(1, 2, 3))
#' (x + 1)^2 / 2
#' sum(exp(x))
#' @name tensor_operators
#' @export
Ops.elman_value <- function(e1, e2) {
  if (missing(e2)) {
    return(switch(.Generic,
      "-" = op_negative(e1),
      "+" = e1,
      "!" = op_logical_not(e1)
    ))
  }
  switch(.Generic,
    "+" = op_add(e1, e2),
    "-" = op_subtract(e1, e2),
    "*" = op_multiply(e1, e2),
    "/" = op_divide(e1, e2),
    "^" = op_power(e1, e2),
    "%%" = op_mod(e1, e2),
    "%/%" = op_floor_divide(e1, e2),
    "==" = op_equal(e1, e2),
    "!=" = op_not_equal(e1, e2),
    "<" = op_less(e1, e2),
    "<=" = op_less_equal(e1, e2),
    ">" = op_greater(e1, e2),
    ">=" = op_greater_equal(e1, e2),
    "&" = op_logical_and(e1, e2),
    "|" = op_logical_or(e1, e2)
  )
}

#' @rdname tensor_operators
#' @export
Math.elman_value <- function(x, ...) {
  f <- switch(.Generic,
    abs = op_abs, sign = op_sign, sqrt = op_sqrt, floor = op_floor,
    ceiling = op_ceil, trunc = op_trunc, exp = op_exp, expm1 = op_expm1,
    log1p = op_log1p, log2 = op_log2, log10 = op_log10, cos = op_cos,
    sin = op_sin, tan = op_tan, acos = op_arccos, asin = op_arcsin,
    atan = op_arctan, cosh = op_cosh, sinh = op_sinh, tanh = op_tanh,
    acosh = op_arccosh, asinh = op_arcsinh, atanh = op_arctanh,
    round = , log = , NULL
  )
  if (.Generic == "round") return(op_round(x, ...))
  if (.Generic == "log") return(log_base(x, ...))
  if (is.null(f)) {
    abort_argument(sprintf("`%s()` is not defined for tensors.", .Generic))
  }
  f(x)
}

log_base <- function(x, base = exp(1)) {
  if (missing(base)) op_log(x) else op_divide(op_log(x), log(base))
}

#' @rdname tensor_operators
#' @export
Summary.elman_value <- function(..., na.rm = FALSE) {
  xs <- list(...)
  if (.Generic == "range") return(op_stack(list(op_min(..1), op_max(..1))))
  one <- switch(.Generic, sum = op_sum, prod = op_prod, max = op_max,
                min = op_min, all = op_all, any = op_any)
  two <- switch(.Generic, sum = op_add, prod = op_multiply, max = op_maximum,
                min = op_minimum, all = op_logical_and, any = op_logical_or)
  Reduce(two, lapply(xs, one))
}

#' @rdname tensor_operators
#' @export
mean.elman_value <- function(x, ...) op_mean(x)

#' @rdname tensor_operators
#' @export
t.elman_value <- function(x) op_transpose(x)

#' @export
aperm.elman_value <- function(a, perm = NULL, ...) op_transpose(a, perm)

# R dispatches `%*%` to S3 methods from 4.3 on.
#' @rawNamespace if (getRversion() >= "4.3.0") S3method(matrixOps,elman_value)
matrixOps.elman_value <- function(x, y) op_matmul(x, y)
