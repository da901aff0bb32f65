# Learning rates that fall by a constant ratio, or as a fraction of time.

#' Exponential decay
#'
#' `initial_learning_rate * decay_rate^(step / decay_steps)`.
#'
#' @param initial_learning_rate The rate at iteration 0.
#' @param decay_steps Number of iterations after which the rate has fallen once,
#'   above 0.
#' @param decay_rate How far it falls: a number of at least 0.
#' @param staircase Whether `step / decay_steps` is cut to a whole number, so
#'   that the rate falls at once and not step by step.
#' @param name Name.
#' @return A schedule: a function of the iteration, counted from 0, or of a
#'   vector of them, for the `learning_rate` of an optimizer. `get_config()`
#'   works on it.
#' @section Errors: `elman_error_argument` for a value out of range.
#' @section Compatibility: Called with numbers it gives numbers, not a tensor.
#' @family learning rate schedules
#' @examples
#' schedule <- learning_rate_schedule_exponential_decay(0.1, 100, 0.5)
#' schedule(c(0, 100, 200))
#' optimizer_sgd(learning_rate = schedule)
#' @export
learning_rate_schedule_exponential_decay <- function(
    initial_learning_rate, decay_steps, decay_rate, staircase = FALSE,
    name = "ExponentialDecay") {
  self <- check_decay(environment())
  new_schedule("ExponentialDecay", self, function(step) {
    self$initial_learning_rate * self$decay_rate^decay_time(self, step)
  })
}

#' Inverse time decay
#'
#' `initial_learning_rate / (1 + decay_rate * step / decay_steps)`.
#'
#' @inheritParams learning_rate_schedule_exponential_decay
#' @inherit learning_rate_schedule_exponential_decay return
#' @inheritSection learning_rate_schedule_exponential_decay Errors
#' @inheritSection learning_rate_schedule_exponential_decay Compatibility
#' @family learning rate schedules
#' @examples
#' schedule <- learning_rate_schedule_inverse_time_decay(0.1, 10, 0.5)
#' schedule(c(0, 10, 20))
#' @export
learning_rate_schedule_inverse_time_decay <- function(
    initial_learning_rate, decay_steps, decay_rate, staircase = FALSE,
    name = "InverseTimeDecay") {
  self <- check_decay(environment())
  new_schedule("InverseTimeDecay", self, function(step) {
    self$initial_learning_rate / (1 + self$decay_rate * decay_time(self, step))
  })
}

decay_time <- function(self, step) {
  time <- step / self$decay_steps
  if (self$staircase) floor(time) else time
}

# The arguments of the calling schedule, in order and checked, each by what its
# name says.
check_decay <- function(frame) {
  arguments <- mget(names(formals(sys.function(-1))), envir = frame)
  checks <- list(
    initial_learning_rate = check_not_negative, decay_steps = check_positive,
    first_decay_steps = check_positive, decay_rate = check_not_negative,
    staircase = check_flag, cycle = check_flag,
    end_learning_rate = check_not_negative, power = check_not_negative,
    alpha = check_number, t_mul = check_positive, m_mul = check_not_negative,
    warmup_target = function(x, arg) {
      check_number(x, arg, min = 0, null_ok = TRUE)
    },
    warmup_steps = check_not_negative, name = check_string
  )
  for (arg in names(arguments)) {
    if (rlang::is_missing(arguments[[arg]])) must_be_given(arg, "a number")
    # One that is NULL stays in the list.
    arguments[arg] <- list(checks[[arg]](arguments[[arg]], arg))
  }
  arguments
}
