# What all optimizers share: learning rates, clipping, decay, accumulation,
# moving averages, constraints. The rule itself is one C++ kernel that updates
# all variables in place.

# A rule extends this by `kernel` (a kernel's name), `slot_names()` and
# `hyperparameters()`. `slots` holds, group by group, one variable of zeros per
# trained variable.
OptimizerBase <- R6::R6Class(
  "elman_optimizer",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    name = NULL,
    learning_rate = NULL,
    weight_decay = NULL,
    clipnorm = NULL,
    clipvalue = NULL,
    global_clipnorm = NULL,
    use_ema = FALSE,
    ema_momentum = 0.99,
    ema_overwrite_frequency = NULL,
    loss_scale_factor = NULL,
    gradient_accumulation_steps = NULL,
    iterations = 0,
    built = FALSE,
    trained = list(),
    slots = list(),
    averages = NULL,
    accumulated = NULL,
    kernel = NULL,

    # `options` are the arguments that all rules take.
    initialize = function(learning_rate, name, options) {
      self$learning_rate <- check_learning_rate(learning_rate)
      self$name <- check_string(name, "name")
      for (field in names(options)) self[[field]] <- options[[field]]
      self$iterations <- 0
    },

    slot_names = function() character(),
    hyperparameters = function() list(),

    # The slots in the order in which Keras stores them.
    stored_slots = function() unlist(self$slots, recursive = FALSE),

    # Slots for these variables; those of variables already known are kept.
    build = function(variables) {
      known <- match_variables(variables, self$trained)
      if (self$built && identical(known, seq_along(self$trained))) {
        return(invisible(self))
      }
      names <- self$slot_names()
      self$slots <- lapply(seq_along(names), function(g) {
        old <- if (g <= length(self$slots)) self$slots[[g]]
        keep_or_zero(variables, known, old, names[g])
      })
      if (self$use_ema) {
        self$averages <- lapply(seq_along(variables), function(k) {
          if (is.na(known[k])) variables[[k]]$value
          else self$averages[[known[k]]]
        })
      }
      self$accumulated <- NULL
      self$trained <- variables
      self$built <- TRUE
      invisible(self)
    },

    # One update from one gradient per variable; NULL leaves it as it is.
    apply = function(gradients, variables = NULL) {
      variables <- variables %||% self$trained
      if (!self$built) self$build(variables)
      if (length(gradients) != length(variables)) {
        abort_argument(sprintf(
          "`gradients` must be one per variable, %d, not %d.",
          length(variables), length(gradients)), "gradients")
      }
      apply_gradients(self, gradients, variables)
      invisible(self)
    },

    apply_gradients = function(grads_and_vars) {
      self$apply(lapply(grads_and_vars, `[[`, 1L),
                 lapply(grads_and_vars, `[[`, 2L))
    },

    # The learning rate of the next update.
    current_learning_rate = function() {
      rate <- self$learning_rate
      if (is.numeric(rate)) return(rate)
      if (is.function(rate)) {
        rate <- if (length(formals(rate))) rate(self$iterations) else rate()
      } else {
        rate <- rate$value(self$iterations)
      }
      as.numeric(rate)
    },

    get_config = function() {
      fields <- c("name", "learning_rate", "weight_decay", "clipnorm",
                  "global_clipnorm", "clipvalue", "use_ema", "ema_momentum",
                  "ema_overwrite_frequency", "loss_scale_factor",
                  "gradient_accumulation_steps")
      config <- stats::setNames(lapply(fields, function(f) self[[f]]), fields)
      structure(c(config, self$hyperparameters()),
                `__class__` = paste0("keras.optimizers.", class(self)[1]))
    }
  ),
  active = list(
    # As Keras counts them: the iteration, the learning rate, then the slots.
    variables = function() {
      if (!self$built) return(list())
      c(list(new_variable(as_tensor(as.integer(self$iterations)), "iteration",
                          trainable = FALSE),
             new_variable(as_tensor(self$current_learning_rate()),
                          "learning_rate", trainable = FALSE)),
        self$stored_slots())
    }
  )
)

# ---- one update --------------------------------------------------------------

# Unscale, accumulate, clip, decay, update, average, constrain.
apply_gradients <- function(self, gradients, variables) {
  at <- if (identical(variables, self$trained)) {
    seq_along(variables)
  } else {
    match_variables(variables, self$trained)
  }
  if (anyNA(at)) {
    abort_state("The optimizer was built for other variables: compile again.")
  }
  given <- !vapply(gradients, is.null, NA)
  if (!any(given)) return(invisible())
  if (!all(given)) {
    at <- at[given]
    gradients <- gradients[given]
  }
  variables <- self$trained[at]
  if (!is.null(self$loss_scale_factor)) {
    gradients <- lapply(gradients, op_divide, self$loss_scale_factor)
  }
  if (!is.null(self$gradient_accumulation_steps)) {
    gradients <- accumulate(self, gradients, at)
  }
  if (!is.null(gradients)) {
    rate <- self$current_learning_rate()
    gradients <- clip_gradients(self, gradients)
    if (!is.null(self$weight_decay)) {
      decay(variables, self$weight_decay * rate)
    }
    update_variables(self, gradients, variables, at, rate)
  }
  if (self$use_ema) update_averages(self)
  constrain(variables)
  self$iterations <- self$iterations + 1
}

update_variables <- function(self, gradients, variables, at, rate) {
  attributes <- c(list(learning_rate = rate, iteration = self$iterations + 1),
                  self$hyperparameters())
  kinds <- vapply(variables, dtype_of, "")
  for (kind in unique(kinds)) {
    those <- which(kinds == kind)
    targets <- variables[those]
    for (group in self$slots) targets <- c(targets, group[at[those]])
    wrong <- cpp_kernel_update(self$kernel, gradients[those], targets,
                               attributes)
    if (is.character(wrong)) abort_state(wrong)
  }
}

# The mean of the last `gradient_accumulation_steps` gradients, or NULL while
# they are still being gathered.
accumulate <- function(self, gradients, at) {
  steps <- self$gradient_accumulation_steps
  sums <- self$accumulated %||% vector("list", length(self$trained))
  for (k in seq_along(at)) {
    before <- sums[[at[k]]]
    if (!is.null(before)) gradients[[k]] <- op_add(before, gradients[[k]])
  }
  if ((self$iterations + 1) %% steps == 0) {
    self$accumulated <- NULL
    return(lapply(gradients, op_divide, steps))
  }
  sums[at] <- gradients
  self$accumulated <- sums
  NULL
}

clip_gradients <- function(self, gradients) {
  if (!is.null(self$clipvalue)) {
    return(lapply(gradients, op_clip, -self$clipvalue, self$clipvalue))
  }
  if (!is.null(self$clipnorm)) {
    return(lapply(gradients, function(g) {
      shrink(g, sqrt(square_sum(g)), self$clipnorm)
    }))
  }
  if (!is.null(self$global_clipnorm)) {
    norm <- sqrt(sum(vapply(gradients, square_sum, 0)))
    return(lapply(gradients, shrink, norm, self$global_clipnorm))
  }
  gradients
}

square_sum <- function(g) as.numeric(op_sum(op_square(g)))

shrink <- function(g, norm, limit) {
  if (is.finite(norm) && norm <= limit) g else op_multiply(g, limit / norm)
}

decay <- function(variables, amount) {
  for (v in variables) set_value(v, op_multiply(v, 1 - amount))
}

# Adopts a tensor that nothing else refers to.
set_value <- function(variable, value) {
  attr(value, "node") <- NULL
  assign("value", value, envir = variable)
}

constrain <- function(variables) {
  for (v in variables) {
    constraint <- .subset2(v, "constraint")
    if (!is.null(constraint)) variable_assign(v, constraint(v))
  }
}

# Moving averages of the weights; every so many steps the weights become them.
update_averages <- function(self) {
  momentum <- self$ema_momentum
  frequency <- self$ema_overwrite_frequency
  overwrite <- !is.null(frequency) && (self$iterations + 1) %% frequency == 0
  for (k in seq_along(self$trained)) {
    v <- self$trained[[k]]
    # The first average is the weights themselves.
    m <- if (self$iterations == 0) 0 else momentum
    average <- op_add(op_multiply(self$averages[[k]], m),
                      op_multiply(v, 1 - m))
    self$averages[[k]] <- average
    if (overwrite) variable_assign(v, average)
  }
}

# Where each of `variables` is in `known`: NA for one that is not.
match_variables <- function(variables, known) {
  vapply(variables, function(v) {
    for (k in seq_along(known)) if (identical(v, known[[k]])) return(k)
    NA_integer_
  }, 1L)
}

# Old slots of known variables, zeros for new ones.
keep_or_zero <- function(variables, known, group, name) {
  lapply(seq_along(variables), function(k) {
    if (!is.na(known[k])) return(group[[known[k]]])
    v <- variables[[k]]
    zeros <- op_zeros(shape_of(v), dtype_of(v))
    new_variable(zeros, paste0(.subset2(v, "name"), "_", name),
                 trainable = FALSE,
                 path = paste0(.subset2(v, "path"), "_", name))
  })
}

# ---- arguments ---------------------------------------------------------------

check_learning_rate <- function(learning_rate) {
  if (is.function(learning_rate)) return(learning_rate)
  if (is.environment(learning_rate) && is.function(learning_rate$value)) {
    return(learning_rate)
  }
  if (!is_number(learning_rate) || learning_rate < 0) {
    must_be(learning_rate, "learning_rate",
            "a number of at least 0, or a function of the iteration")
  }
  as.numeric(learning_rate)
}

check_positive <- function(x, arg) {
  if (!is_number(x) || x <= 0) must_be(x, arg, "a number above 0")
  as.numeric(x)
}

# The arguments common to all rules, checked.
optimizer_options <- function(weight_decay, clipnorm, clipvalue,
                              global_clipnorm, use_ema, ema_momentum,
                              ema_overwrite_frequency, loss_scale_factor,
                              gradient_accumulation_steps, ...) {
  check_dots(..., .known = names(formals(optimizer_adam)))
  limits <- list(clipnorm = clipnorm, clipvalue = clipvalue,
                 global_clipnorm = global_clipnorm)
  given <- names(Filter(Negate(is.null), limits))
  if (length(given) > 1L) {
    abort_argument(sprintf(
      "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set, not %s.",
      paste0("`", given, "`", collapse = " and ")), given[2])
  }
  for (arg in given) check_positive(limits[[arg]], arg)
  list(
    weight_decay = check_number(weight_decay, "weight_decay", min = 0,
                                null_ok = TRUE),
    clipnorm = clipnorm,
    clipvalue = clipvalue,
    global_clipnorm = global_clipnorm,
    use_ema = check_flag(use_ema, "use_ema"),
    ema_momentum = check_rate(ema_momentum, "ema_momentum"),
    ema_overwrite_frequency = check_whole(ema_overwrite_frequency,
                                          "ema_overwrite_frequency", min = 1,
                                          null_ok = TRUE),
    loss_scale_factor = check_number(loss_scale_factor, "loss_scale_factor",
                                     null_ok = TRUE),
    gradient_accumulation_steps = check_whole(gradient_accumulation_steps,
                                              "gradient_accumulation_steps",
                                              min = 2, null_ok = TRUE)
  )
}

# A name, an optimizer or an un-called optimizer_* as an optimizer.
resolve_optimizer <- function(optimizer) {
  if (inherits(optimizer, "elman_optimizer")) return(optimizer)
  if (is.character(optimizer) && length(optimizer) == 1L) {
    return(named_optimizer(optimizer)())
  }
  if (is_uncalled(optimizer, "optimizer_")) return(optimizer())
  must_be(optimizer, "optimizer", "a name or an optimizer")
}

#' @export
print.elman_optimizer <- function(x, ...) {
  rate <- x$current_learning_rate()
  cat(sprintf("<%s name=%s, learning_rate=%s, iterations=%d>\n", class(x)[1],
              x$name, format(rate), as.integer(x$iterations)))
  invisible(x)
}

#' @export
get_config.elman_optimizer <- function(object) object$get_config()
