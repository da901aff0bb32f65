# Learning rates that fall along half a wave of the cosine.

#' Cosine decay
#'
#' From `initial_learning_rate` to `alpha` times it in `decay_steps` iterations
#' along half a cosine wave. With `warmup_target` the rate first climbs to it in
#' a line of `warmup_steps` iterations and falls from there.
#'
#' @inheritParams learning_rate_schedule_exponential_decay
#' @param decay_steps Number of iterations of the fall, above 0.
#' @param alpha The share of the rate that is left at the end.
#' @param warmup_target The rate at the end of the climb, or `NULL` for none.
#' @param warmup_steps Number of iterations of the climb.
#' @inherit learning_rate_schedule_exponential_decay return
#' @inheritSection learning_rate_schedule_exponential_decay Errors
#' @inheritSection learning_rate_schedule_exponential_decay Compatibility
#' @source Loshchilov and Hutter (2017) <https://arxiv.org/abs/1608.03983>.
#' @family learning rate schedules
#' @examples
#' schedule <- learning_rate_schedule_cosine_decay(
#'   0, decay_steps = 100, warmup_target = 0.1, warmup_steps = 10
#' )
#' schedule(c(0, 5, 10, 60, 110))
#' @export
learning_rate_schedule_cosine_decay <- function(
    initial_learning_rate, decay_steps, alpha = 0, name = "CosineDecay",
    warmup_target = NULL, warmup_steps = 0L) {
  self <- check_decay(environment())
  new_schedule("CosineDecay", self, function(step) {
    begin <- self$initial_learning_rate
    top <- self$warmup_target
    if (is.null(top)) return(begin * half_wave(step / self$decay_steps, self))
    warmup <- self$warmup_steps
    fall <- top * half_wave((step - warmup) / self$decay_steps, self)
    climb <- begin + (top - begin) * (step / warmup)
    ifelse(step < warmup, climb, fall)
  })
}

# From 1 at time 0 to alpha at time 1 and after it.
half_wave <- function(time, self) {
  wave <- 0.5 * (1 + cos(pi * pmin(pmax(time, 0), 1)))
  (1 - self$alpha) * wave + self$alpha
}

#' Cosine decay with restarts
#'
#' Falls along half a cosine wave to `alpha` times the initial rate, then begins
#' anew: each time with `t_mul` times as many iterations and from `m_mul` times
#' the height.
#'
#' @inheritParams learning_rate_schedule_cosine_decay
#' @param first_decay_steps Number of iterations of the first fall, above 0.
#' @param t_mul How much longer each fall is than the one before, above 0.
#' @param m_mul How much lower it begins.
#' @inherit learning_rate_schedule_exponential_decay return
#' @inheritSection learning_rate_schedule_exponential_decay Errors
#' @inheritSection learning_rate_schedule_exponential_decay Compatibility
#' @source Loshchilov and Hutter (2017) <https://arxiv.org/abs/1608.03983>.
#' @family learning rate schedules
#' @examples
#' schedule <- learning_rate_schedule_cosine_decay_restarts(
#'   0.1, 10, m_mul = 0.5
#' )
#' schedule(c(0, 5, 10, 30))
#' @export
learning_rate_schedule_cosine_decay_restarts <- function(
    initial_learning_rate, first_decay_steps, t_mul = 2, m_mul = 1, alpha = 0,
    name = "SGDRDecay") {
  self <- check_decay(environment())
  new_schedule("CosineDecayRestarts", self, function(step) {
    time <- step / self$first_decay_steps
    t_mul <- self$t_mul
    if (t_mul == 1) {
      restarts <- floor(time)
      time <- time - restarts
    } else {
      # A quotient of logarithms may miss a whole number by its last bit.
      restarts <- floor(log(1 - time * (1 - t_mul)) / log(t_mul) + 1e-9)
      begun <- (1 - t_mul^restarts) / (1 - t_mul)
      time <- (time - begun) / t_mul^restarts
    }
    wave <- 0.5 * self$m_mul^restarts * (1 + cos(pi * time))
    self$initial_learning_rate * ((1 - self$alpha) * wave + self$alpha)
  })
}
