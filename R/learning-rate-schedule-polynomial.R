# Learning rates that fall along a power of time, and in steps.

#' Polynomial decay
#'
#' From `initial_learning_rate` to `end_learning_rate` in `decay_steps`
#' iterations: their difference times `(1 - step / decay_steps)^power`.
#'
#' @inheritParams learning_rate_schedule_exponential_decay
#' @param decay_steps Number of iterations until the end rate, above 0.
#' @param end_learning_rate The rate at the end.
#' @param power 1 for a line.
#' @param cycle Whether to begin anew after the end, each time with
#'   `decay_steps` iterations more; otherwise the end rate stays.
#' @inherit learning_rate_schedule_exponential_decay return
#' @inheritSection learning_rate_schedule_exponential_decay Errors
#' @inheritSection learning_rate_schedule_exponential_decay Compatibility
#' @family learning rate schedules
#' @examples
#' schedule <- learning_rate_schedule_polynomial_decay(0.1, 10, 0.01)
#' schedule(c(0, 5, 10, 20))
#' @export
learning_rate_schedule_polynomial_decay <- function(
    initial_learning_rate, decay_steps, end_learning_rate = 1e-04, power = 1,
    cycle = FALSE, name = "PolynomialDecay") {
  self <- check_decay(environment())
  new_schedule("PolynomialDecay", self, function(step) {
    steps <- self$decay_steps
    if (self$cycle) {
      steps <- steps * pmax(ceiling(step / steps), 1)
    } else {
      step <- pmin(step, steps)
    }
    end <- self$end_learning_rate
    (self$initial_learning_rate - end) * (1 - step / steps)^self$power + end
  })
}

#' Constant rates, one after the other
#'
#' The first of `values` up to and including the first of `boundaries`, the
#' second up to and including the second boundary, and so on.
#'
#' @param boundaries Iterations in increasing order.
#' @param values Rates, one more than there are boundaries.
#' @param name Name.
#' @inherit learning_rate_schedule_exponential_decay return
#' @section Errors: `elman_error_argument` where the numbers of boundaries and
#'   values do not fit, or the boundaries do not increase.
#' @inheritSection learning_rate_schedule_exponential_decay Compatibility
#' @family learning rate schedules
#' @examples
#' schedule <- learning_rate_schedule_piecewise_constant_decay(
#'   boundaries = c(100, 200), values = c(0.1, 0.01, 0.001)
#' )
#' schedule(c(0, 100, 101, 300))
#' @export
learning_rate_schedule_piecewise_constant_decay <- function(
    boundaries, values, name = "PiecewiseConstant") {
  boundaries <- check_numbers(boundaries, "boundaries")
  values <- check_numbers(values, "values")
  if (is.unsorted(boundaries)) {
    must_be(boundaries, "boundaries", "iterations in increasing order")
  }
  if (length(values) != length(boundaries) + 1L) {
    abort_argument(sprintf(
      "`values` must have one element more than `boundaries`, %d, not %d.",
      length(boundaries) + 1L, length(values)), "values")
  }
  arguments <- list(boundaries = boundaries, values = values,
                    name = check_string(name, "name"))
  new_schedule("PiecewiseConstantDecay", arguments, function(step) {
    values[findInterval(step, boundaries, left.open = TRUE) + 1L]
  })
}

check_numbers <- function(x, arg) {
  if (missing(x)) must_be_given(arg, "numbers")
  numbers <- unlist(x)
  if (!is.numeric(numbers) && length(numbers) || anyNA(numbers)) {
    must_be(x, arg, "numbers")
  }
  as.numeric(numbers)
}
