# Learning rate schedules: functions of the iteration with a configuration. The
# package's own are made by new_schedule(); a class of one's own extends
# LearningRateScheduleBase and is wrapped by as_schedule().

# The base of schedules written by users: `call(step)` gives the rate of an
# iteration, counted from 0, `get_config()` what `initialize()` takes.
LearningRateScheduleBase <- R6::R6Class(
  "LearningRateSchedule",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    name = NULL,

    call = function(step) {
      abort_state(sprintf("`%s` must define `call(step)`.", class(self)[1]))
    },

    get_config = function() {
      abort_state(sprintf("`%s` must define `get_config()` to be written down.",
                          class(self)[1]))
    }
  )
)

# One of the package's own: `rate(step)` for a vector of iterations.
new_schedule <- function(class, arguments, rate) {
  fn <- function(step) rate(check_iteration(step))
  classes <- c(class, "LearningRateSchedule", "elman_schedule")
  new_object(fn, "keras.optimizers.schedules", classes, arguments)
}

check_iteration <- function(step) {
  if (is_tensor(step) || is_variable(step)) step <- as.array(step)
  if (!is.numeric(step) || anyNA(step) || any(step < 0)) {
    must_be(step, "step", "iterations, counted from 0")
  }
  step
}

# A schedule of a user's class as a function, a configuration as what it
# describes; anything else as it is.
as_schedule <- function(x) {
  if (is.list(x) && !is.null(x$class_name)) {
    return(as_schedule(deserialize_object(x)))
  }
  if (!inherits(x, "LearningRateSchedule") || !is.environment(x)) return(x)
  fn <- function(step) x$call(step)
  structure(fn, class = c(setdiff(class(x), "R6"), "elman_schedule",
                          "elman_object"), self = x)
}

#' @export
`$.elman_schedule` <- function(x, name) {
  self <- attr(x, "self", exact = TRUE)
  if (is.null(self) || name == "get_config") return(NextMethod())
  self[[name]]
}

#' @export
get_config.elman_schedule <- function(object) {
  self <- attr(object, "self", exact = TRUE)
  if (is.null(self)) return(NextMethod())
  structure(self$get_config(), `__class__` = paste0("custom.", class(self)[1]))
}

#' @export
format.elman_schedule <- function(x, ...) {
  if (is.null(attr(x, "self", exact = TRUE))) return(NextMethod())
  sprintf("<%s>", class(x)[1])
}
