# Learning rate schedules written in plain R.

schedule_kind <- list(
  what = "LearningRateSchedule",
  native = "LearningRateScheduleBase",
  root = "LearningRateScheduleBase",
  composing = FALSE,
  host = function(definition) {
    c(own_object_host(definition), list(get_config = function() {
      own_config(self, function() list())
    }))
  },
  managed = character(),
  needs_super = FALSE,
  finish = function(instance) as_schedule(instance),
  formals = function() NULL
)

#' Learning rate schedules of your own
#'
#' Defines a class of schedules in plain R. A function of the iteration does as
#' well as an optimizer's `learning_rate` where it need not be saved.
#'
#' @inheritParams Layer
#' @param call Function of `step`, the number of updates made before, counted
#'   from 0, that gives the learning rate of the next one.
#' @param initialize Function that takes the arguments of the schedule.
#' @param ...,public More methods and fields.
#' @param inherit A class made by `LearningRateSchedule()`.
#' @return A function with the arguments of `initialize` that makes a schedule,
#'   for `learning_rate =` of an optimizer.
#' @section Errors: those of [Layer()]; `elman_error_state` where there is no
#'   `call`.
#' @family classes
#' @family learning rate schedules
#' @examples
#' schedule_harmonic <- LearningRateSchedule(
#'   "Harmonic",
#'   initialize = function(first) self$first <- first,
#'   call = function(step) self$first / (step + 1)
#' )
#' optimizer_sgd(learning_rate = schedule_harmonic(0.1))
#' @export
LearningRateSchedule <- function(classname, call = NULL, initialize = NULL,
                                 get_config = NULL, ..., public = list(),
                                 private = list(), inherit = NULL,
                                 parent_env = parent.frame()) {
  members <- gather_members(
    list(call = call, initialize = initialize, get_config = get_config), ...,
    public = public
  )
  define_class(schedule_kind, classname, members, private, inherit, parent_env)
}

#' @rdname LearningRateSchedule
#' @export
new_learning_rate_schedule_class <- LearningRateSchedule
