# Arguments of optimizers: what all rules take, learning rates, and what stands
# for an optimizer.

# Older scripts say `lr`, and Keras warns of a `decay` that it ignores.
old_arguments <- function(arguments, ...) {
  dots <- check_dots(..., .allowed = c("lr", "decay"),
                     .known = names(arguments))
  if (!is.null(dots$lr)) arguments$learning_rate <- dots$lr
  if (!is.null(dots$decay)) {
    warn_elman(paste0("`decay` is ignored: use a learning_rate_schedule_*() ",
                      "as `learning_rate`."))
  }
  arguments
}

optimizer_options <- function(arguments) {
  given <- Filter(Negate(is.null), arguments[c("clipnorm", "clipvalue",
                                               "global_clipnorm")])
  if (length(given) > 1L) {
    abort_argument(sprintf(
      paste("Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be",
            "set, not %s."),
      paste0("`", names(given), "`", collapse = " and ")), names(given)[2])
  }
  check <- function(arg, by, ...) by(arguments[[arg]], arg, ...)
  list(
    name = check("name", check_string),
    weight_decay = check("weight_decay", check_number, min = 0, null_ok = TRUE),
    clipnorm = check("clipnorm", check_positive, null_ok = TRUE),
    clipvalue = check("clipvalue", check_positive, null_ok = TRUE),
    global_clipnorm = check("global_clipnorm", check_positive, null_ok = TRUE),
    use_ema = check("use_ema", check_flag),
    ema_momentum = check("ema_momentum", check_rate),
    ema_overwrite_frequency = check("ema_overwrite_frequency", check_whole,
                                    min = 1, null_ok = TRUE),
    loss_scale_factor = check("loss_scale_factor", check_positive,
                              null_ok = TRUE),
    gradient_accumulation_steps = check("gradient_accumulation_steps",
                                        check_whole, min = 2, null_ok = TRUE)
  )
}

# A check whose argument is no number for the kernel is marked.
not_a_setting <- function(check) structure(check, setting = FALSE)

is_setting <- function(check) is.null(attr(check, "setting"))

# ---- learning rates ----------------------------------------------------------

# A number, or a function of the iteration.
check_learning_rate <- function(x) {
  x <- as_schedule(x)
  if (is.function(x)) return(x)
  if (is_tensor(x) || is_variable(x)) x <- as.numeric(x)
  if (!is_number(x) || x < 0 || !is.finite(x)) {
    must_be(x, "learning_rate",
            "a number of at least 0, or a function of the iteration")
  }
  as.numeric(x)
}

# What a schedule or function of the iteration, or of nothing, says.
rate_of_schedule <- function(schedule, iteration) {
  rate <- if (length(formals(schedule))) schedule(iteration) else schedule()
  number <- if (is_tensor(rate) || is_variable(rate)) as.numeric(rate) else rate
  if (!is_number(number) || !is.finite(number)) {
    must_be(rate, "learning_rate",
            sprintf("a function that gives one finite number (at iteration %d)",
                    as.integer(iteration)))
  }
  as.numeric(number)
}

# ---- what stands for an optimizer --------------------------------------------

# A name, an optimizer, a configuration or an un-called optimizer_*.
resolve_optimizer <- function(optimizer) {
  if (inherits(optimizer, "elman_optimizer")) return(optimizer)
  if (is.character(optimizer) && length(optimizer) == 1L) {
    return(named_optimizer(optimizer)())
  }
  if (is_uncalled(optimizer, "optimizer_")) return(optimizer())
  described <- !is.null(attr(optimizer, "__class__", exact = TRUE)) ||
    is.list(optimizer) && !is.null(optimizer$class_name)
  if (described) {
    made <- from_config(optimizer)
    if (inherits(made, "elman_optimizer")) return(made)
  }
  must_be(optimizer, "optimizer", "a name or an optimizer")
}
