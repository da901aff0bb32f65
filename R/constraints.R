# Constraints: what an optimizer does to a weight after each of its updates.

#' Constraints
#'
#' Functions that training applies to a weight after each update (not when the
#' weight is made, nor in `set_weights()`). Norms are Euclidean, over `axis`:
#' for a kernel of shape (features, units), `axis = 1` means one norm a unit.
#'
#' * `constraint_maxnorm()` shrinks what is longer than `max_value`.
#' * `constraint_minmaxnorm()` moves the norm into the range, or part of the way
#'   with `rate` below 1.
#' * `constraint_unitnorm()` makes every norm 1.
#' * `constraint_nonneg()` sets negative values to 0.
#'
#' @param max_value,min_value Bounds of the norm; fractions are kept.
#' @param rate How far to go, from 0 to 1.
#' @param axis Axes of the norm, counted from 1.
#' @return A function of a tensor that gives a tensor of the same shape;
#'   `get_config()` works on it. Layers take it as it is, by name
#'   (`"max_norm"`, `"unit_norm"`, `"min_max_norm"`, `"non_neg"`), or take a
#'   function of yours made of `op_*`.
#' @section Compatibility: keras3 cuts a fraction in `max_value` to a whole
#'   number; here `constraint_maxnorm(0.5)` is one half.
#' @section Errors: `elman_error_argument` for an argument out of range.
#' @examples
#' constraint_maxnorm(1)(matrix(c(3, 4, 0.3, 0.4), 2))
#' constraint_nonneg()(c(-1, 2))
#' layer_simple_rnn(units = 2, recurrent_constraint = constraint_unitnorm())
#' @name constraints
NULL

new_constraint <- function(class, arguments, project) {
  config <- arguments
  if (!is.null(config$axis)) config$axis <- arguments$axis - 1L
  call <- function(w) project(float_of_any(operand(w, "w")))
  new_object(call, "keras.constraints", c(class, "elman_constraint"), config,
             arguments)
}

#' @rdname constraints
#' @export
constraint_maxnorm <- function(max_value = 2L, axis = 1L) {
  max_value <- check_number(max_value, "max_value", min = 0)
  axis <- check_axis(axis)
  new_constraint("MaxNorm", list(max_value = max_value, axis = axis),
                 function(w) {
    norms <- norms_over(w, axis)
    rescale(w, op_clip(norms, 0, max_value), norms)
  })
}

#' @rdname constraints
#' @export
constraint_minmaxnorm <- function(min_value = 0, max_value = 1, rate = 1,
                                  axis = 1L) {
  min_value <- check_number(min_value, "min_value", min = 0)
  max_value <- check_number(max_value, "max_value", min = min_value)
  rate <- check_rate(rate)
  axis <- check_axis(axis)
  arguments <- list(min_value = min_value, max_value = max_value, rate = rate,
                    axis = axis)
  new_constraint("MinMaxNorm", arguments, function(w) {
    norms <- norms_over(w, axis)
    inside <- op_clip(norms, min_value, max_value)
    rescale(w, op_add(op_multiply(inside, rate), op_multiply(norms, 1 - rate)),
            norms)
  })
}

#' @rdname constraints
#' @export
constraint_nonneg <- function() {
  new_constraint("NonNeg", empty_config(), function(w) op_maximum(w, 0))
}

#' @rdname constraints
#' @export
constraint_unitnorm <- function(axis = 1L) {
  axis <- check_axis(axis)
  new_constraint("UnitNorm", list(axis = axis), function(w) {
    op_divide(w, op_add(norms_over(w, axis), the$epsilon))
  })
}

norms_over <- function(w, axis) {
  op_sqrt(op_sum(op_square(w), axis = axis, keepdims = TRUE))
}

rescale <- function(w, wanted, norms) {
  op_multiply(w, op_divide(wanted, op_add(norms, the$epsilon)))
}

check_axis <- function(axis) {
  axis <- unlist(axis)
  if (!are_whole(axis) || !length(axis) || any(axis == 0)) {
    must_be(axis, "axis", "whole numbers, counted from 1")
  }
  as.integer(axis)
}

# ---- how layers find them ----------------------------------------------------

constraint_aliases <- c(max_norm = "maxnorm", min_max_norm = "minmaxnorm",
                        non_neg = "nonneg", unit_norm = "unitnorm")

named_constraint <- function(name) {
  named_constructor(name, "constraint_", "constraint", constraint_aliases)
}

get_constraint <- function(x, arg = "constraint") {
  if (is.null(x) || inherits(x, "elman_constraint")) return(x)
  if (is.character(x)) return(named_constraint(x)())
  if (is.function(x)) {
    return(if (is_uncalled(x, "constraint_")) x() else x)
  }
  if (is.list(x)) return(deserialize_object(x))
  must_be(x, arg, "a name, a constraint, a function of a tensor or NULL")
}
