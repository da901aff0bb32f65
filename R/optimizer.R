# What all optimizers share: settings, slots, learning rates, configurations.
# An update stands in optimizer-update.R; the rule itself is one C++ kernel that
# changes all variables in place.

#' Optimizers
#'
#' What the `optimizer_*()` functions make. [compile()] takes one as it is, by
#' name (`"adam"`), as an un-called function (`optimizer_adam`) or as a
#' configuration.
#'
#' One update is, in this order: gradients are divided by the loss scale, added
#' to those gathered so far, clipped; weights decay; the rule moves them; their
#' moving averages follow; constraints are applied. All but the constraints is
#' one call into C++.
#'
#' @section Fields and methods:
#' * `$learning_rate`, a number that can be set; the current one where it comes
#'   from a schedule or function, which can only be replaced by another.
#'   `$iterations` counts updates.
#' * `$variables` in the order in which Keras stores them: iteration, learning
#'   rate (unless scheduled), averages, gathered gradients, the rule's own.
#'   `$set_weights(list)` sets them all from arrays.
#' * `$build(variables)` makes them, `$apply(gradients, variables)` makes one
#'   update; a gradient that is `NULL` leaves its variable alone, with a warning
#'   the first time. `$apply_gradients(pairs)` takes a list of
#'   `list(gradient, variable)`.
#' * `$exclude_from_weight_decay(var_list, var_names)`, before the first update:
#'   variables, or regular expressions of their paths such as `"bias"`.
#' * `$finalize_variable_values()` with `use_ema` sets the weights to their
#'   averages, as [fit()] does in the end; `$swap_averages()` exchanges the two.
#' * `$get_config()`, see [get_config()].
#' @section Errors: `elman_error_state` for variables that the optimizer was not
#'   built for, and for setting a learning rate that is scheduled;
#'   `elman_error_argument` for gradients that do not fit or are all `NULL`, and
#'   for a schedule that does not give one finite number, before any weight
#'   changes.
#' @examples
#' optimizer <- optimizer_sgd(learning_rate = 0.5)
#' optimizer$learning_rate <- 0.1
#' optimizer
#' @family optimizers
#' @name optimizers
NULL

# A rule extends this by `kernel` (its name), by `checks`, a function of
# (value, name) for each argument of its own in Keras's order, and by
# `slot_names()`: names of what it keeps beside every variable, as a list of
# vectors, those of a vector being stored variable by variable.
OptimizerBase <- R6::R6Class(
  "elman_optimizer",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    name = NULL,
    built = FALSE,
    trained = list(),
    # Groups by name, each with one variable per trained variable.
    slots = list(),
    averages = list(),
    accumulated = list(),
    # What the rule keeps for all variables together.
    states = list(),
    # What a wrapping optimizer_loss_scale() keeps.
    scaling = list(),
    kernel = NULL,
    checks = list(),

    # The arguments of an optimizer_*() as a list, those in its dots apart.
    initialize = function(arguments, ...) {
      arguments <- old_arguments(arguments, ...)
      options <- optimizer_options(arguments)
      self$name <- options$name
      own <- Map(function(check, field) check(arguments[[field]], field),
                 self$checks, names(self$checks))
      told <- vapply(self$checks, is_setting, NA)
      for (field in names(own)[!told]) self[[field]] <- own[[field]]
      private$keep_settings(c(scale_and_decay, options[option_names],
                              own[told]))
      self$count <- new_variable(as_tensor(0L), "iteration", trainable = FALSE)
      private$set_rate(check_learning_rate(arguments$learning_rate))
    },

    slot_names = function() list(),

    # The slot of that name for a variable; NULL for none.
    new_slot = function(variable, name) new_slot(variable, name),

    # Slots for these variables; those of variables already known are kept.
    build = function(variables) {
      known <- match_variables(variables, self$trained)
      if (self$built && identical(known, seq_along(self$trained))) {
        return(invisible(self))
      }
      keep <- function(old, make) keep_or_make(variables, known, old, make)
      if (self$use_ema) {
        self$averages <- keep(self$averages, function(v) {
          new_slot(v, "average")
        })
      }
      if (!is.null(self$gradient_accumulation_steps)) {
        self$accumulated <- keep(list(), function(v) {
          new_slot(v, "gradient_accumulator")
        })
      }
      names <- unlist(self$slot_names())
      self$slots <- lapply(stats::setNames(names, names), function(name) {
        keep(self$slots[[name]], function(v) self$new_slot(v, name))
      })
      self$trained <- variables
      self$built <- TRUE
      self$arrange()
      invisible(self)
    },

    # Notes what every update needs.
    arrange = function() {
      self$targets <- unname(c(
        list(self$count), self$scaling, self$states, self$trained,
        self$averages, self$accumulated, do.call(c, unname(self$kernel_slots()))
      ))
      self$constrained <- which(vapply(self$trained, function(v) {
        !is.null(.subset2(v, "constraint"))
      }, NA))
      self$decayed <- decay_flags(self)
      self$warned <- FALSE
    },

    # The groups of slots as the kernel takes them.
    kernel_slots = function() self$slots,

    apply = function(gradients, variables = NULL) {
      apply_gradients(self, gradients, variables)
      invisible(self)
    },

    apply_gradients = function(grads_and_vars) {
      self$apply(lapply(grads_and_vars, `[[`, 1L),
                 lapply(grads_and_vars, `[[`, 2L))
      invisible(self$iterations)
    },

    # What the kernel is told besides what the variables hold.
    step_attributes = function() {
      c(list(learning_rate = .subset2(self, "current_learning_rate")()),
        private$settings)
    },

    # The learning rate of the next update.
    current_learning_rate = function() {
      if (is.null(private$schedule)) return(private$constant_rate())
      rate_of_schedule(private$schedule, self$calls())
    },

    has_constant_rate = function() is.null(private$schedule),

    # Where C++ finds what step_attributes() gives, see src/r_step.h; NULL where
    # the learning rate has to be asked of R.
    settings_source = function() {
      if (self$has_constant_rate()) list(private, NULL)
    },

    # How often apply() was called, updates gathering or not.
    calls = function() first_number(self$count),

    scale_loss = function(loss) {
      if (is.null(self$loss_scale_factor)) return(loss)
      op_multiply(loss, self$loss_scale_factor)
    },

    exclude_from_weight_decay = function(var_list = NULL, var_names = NULL) {
      exclude_from_weight_decay(self, var_list, var_names)
    },

    finalize_variable_values = function(var_list = NULL) {
      if (self$use_ema) set_to_averages(self, var_list %||% self$trained)
      invisible(self)
    },

    swap_averages = function() swap_with_averages(self),

    set_weights = function(weights) {
      set_optimizer_weights(self, weights)
      invisible(self)
    },

    # In the order in which Keras stores them.
    stored_slots = function() {
      batches <- lapply(self$slot_names(), function(names) {
        groups <- unname(self$slots[names])
        do.call(c, do.call(Map, c(list(list), groups)))
      })
      Filter(Negate(is.null), c(do.call(c, batches), self$states))
    },

    get_config = function() {
      rate <- if (is.null(private$schedule)) private$constant_rate()
              else serialize_object(private$schedule)
      structure(c(list(name = self$name, learning_rate = rate),
                  mget(c(config_names, names(self$checks)), envir = self)),
                `__class__` = paste0("keras.optimizers.", class(self)[1]))
    }
  ),
  active = list(
    variables = function() {
      c(list(self$count), if (is.null(private$schedule)) list(private$rate),
        self$averages, self$accumulated,
        if (self$built) self$stored_slots())
    },
    iterations = function(value) {
      steps <- self$gradient_accumulation_steps %||% 1L
      if (missing(value)) return(self$calls() %/% steps)
      value <- check_whole(value, "iterations", min = 0)
      write_value(self$count, as_tensor(value * steps))
    },
    learning_rate = function(value) {
      if (missing(value)) return(self$current_learning_rate())
      value <- check_learning_rate(value)
      if (!is.null(private$schedule) && is.numeric(value)) {
        abort_state(paste0("The learning rate comes from a schedule: give ",
                           "another one, or make the optimizer with a number."))
      }
      private$set_rate(value)
    },
    # Its name in older scripts.
    lr = function(value) {
      if (missing(value)) self$learning_rate else self$learning_rate <- value
    }
  ),
  private = list(
    # A function, or NULL: then the rate stands in `rate` as Keras stores it,
    # and in `exact` as it was given.
    schedule = NULL,
    rate = NULL,
    exact = NULL,
    bits = NULL,
    # What the kernel is told besides the rate. R changes no list that somebody
    # else holds, so that C++ sees by another list that a setting has changed.
    settings = NULL,

    # Each setting is also a field of its own.
    keep_settings = function(settings) {
      private$settings <- settings
      for (name in names(settings)) {
        makeActiveBinding(name, setting_field(private, name), self)
      }
    },

    set_rate = function(value) {
      # Steps were recorded with the one or with the other in mind.
      if (is.function(value) || !is.null(private$schedule)) note_edit()
      private$schedule <- if (is.function(value)) value
      if (is.function(value)) return(invisible())
      tensor <- as_tensor(value)
      if (is.null(private$rate)) {
        private$rate <- new_variable(tensor, "learning_rate", trainable = FALSE)
      } else {
        variable_assign(private$rate, tensor)
      }
      private$exact <- value
      private$bits <- first_number(private$rate)
    },

    # The rate given, unless somebody has set the variable since.
    constant_rate = function() {
      if (first_number(private$rate) == private$bits) return(private$exact)
      as.numeric(private$rate)
    }
  )
)

# Of what a variable holds, as R stores it.
first_number <- function(variable) {
  .subset2(.subset2(variable, "value"), 1L)
}

# Reads or sets one setting of an optimizer whose private part this is.
setting_field <- function(private, name) {
  force(name)
  function(value) {
    if (missing(value)) return(private$settings[[name]])
    private$settings[name] <- list(value)
  }
}

# The setting of a wrapping optimizer_loss_scale(), and which variables decay:
# NULL where all do.
scale_and_decay <- list(dynamic_growth_steps = NULL, decayed = NULL)

# What is told to the kernel of arguments that all rules take.
option_names <- c("clipnorm", "clipvalue", "global_clipnorm", "weight_decay",
                  "use_ema", "ema_momentum", "ema_overwrite_frequency",
                  "loss_scale_factor", "gradient_accumulation_steps")

# The same in the order of configurations.
config_names <- c("weight_decay", "clipnorm", "global_clipnorm", "clipvalue",
                  "use_ema", "ema_momentum", "ema_overwrite_frequency",
                  "loss_scale_factor", "gradient_accumulation_steps")

# Zeros, or another number, of the variable's shape or of another one.
new_slot <- function(variable, name, value = 0, shape = shape_of(variable),
                     dtype = dtype_of(variable)) {
  path <- paste0(.subset2(variable, "path"), "/", name)
  new_variable(op_full(shape, value, dtype), gsub("/", "_", path),
               trainable = FALSE, path = path)
}

# Old slots of known variables, new ones for the others.
keep_or_make <- function(variables, known, old, make) {
  lapply(seq_along(variables), function(k) {
    if (is.na(known[k]) || !length(old)) make(variables[[k]])
    else old[[known[k]]]
  })
}

# Where each of `variables` is in `known`: NA for one that is not.
match_variables <- function(variables, known) {
  vapply(variables, function(v) {
    for (k in seq_along(known)) if (identical(v, known[[k]])) return(k)
    NA_integer_
  }, 1L)
}

#' @export
print.elman_optimizer <- function(x, ...) {
  cat(sprintf("<%s name=%s, learning_rate=%s, iterations=%d>\n", class(x)[1],
              x$name, format(x$learning_rate), as.integer(x$iterations)))
  invisible(x)
}

#' @export
get_config.elman_optimizer <- function(object) object$get_config()
