# One update: arrange the gradients, call the kernel, apply the constraints.
# Nothing here looks at a number of a tensor, and everything that changes does
# so in place, so that a whole step of training can be recorded and replayed.

apply_gradients <- function(self, gradients, variables) {
  if (!length(gradients)) return(invisible())
  gradients <- arrange_gradients(self, gradients, variables)
  attributes <- self$step_attributes()
  note_live(self$step_attributes, self$settings_source())
  wrong <- cpp_kernel_update(self$kernel, gradients, self$targets, attributes)
  if (is.character(wrong)) abort_argument(paste0(wrong, "."), "gradients")
  for (k in self$constrained) {
    if (!is.null(gradients[[k]])) constrain(self$trained[[k]])
  }
}

# One gradient, or NULL, for each trained variable.
arrange_gradients <- function(self, gradients, variables) {
  if (!self$built) {
    if (is.null(variables)) {
      abort_state("`variables` must be given, or `build()` called before.")
    }
    self$build(variables)
  }
  trained <- self$trained
  if (is.null(variables) || identical(variables, trained)) {
    if (length(gradients) == length(trained) && are_tensors(gradients)) {
      return(gradients)
    }
    variables <- trained
  }
  if (length(gradients) != length(variables)) {
    abort_argument(sprintf("`gradients` must be one per variable, %d, not %d.",
                           length(variables), length(gradients)), "gradients")
  }
  at <- match_variables(variables, trained)
  if (anyNA(at)) {
    abort_state("The optimizer was built for other variables: compile again.")
  }
  missing <- vapply(gradients, is.null, NA)
  if (any(missing)) check_missing(self, missing, variables)
  all <- vector("list", length(trained))
  for (k in which(!missing)) {
    g <- gradients[[k]]
    all[[at[k]]] <- if (is_tensor(g)) g
                    else as_tensor(g, dtype = dtype_of(variables[[k]]))
  }
  all
}

are_tensors <- function(x) {
  for (element in x) if (!inherits(element, "elman_tensor")) return(FALSE)
  TRUE
}

# Gradients that are NULL: all of them are a mistake, some may be one.
check_missing <- function(self, missing, variables) {
  if (all(missing)) {
    abort_argument(paste0("`gradients` must have at least one that is not ",
                          "NULL: the loss depends on none of the variables."),
                   "gradients")
  }
  if (self$warned) return()
  self$warned <- TRUE
  paths <- vapply(variables[missing], function(v) .subset2(v, "path"), "")
  warn_elman(paste0("The loss does not depend on ", quote_all(paths),
                    ": they stay as they are."))
}

# ---- in place ----------------------------------------------------------------

# Numbers of one variable or tensor into another of the same shape and dtype.
write_value <- function(variable, value) {
  wrong <- cpp_kernel_update("copy", list(value), list(variable), NULL)
  if (is.character(wrong)) abort_argument(wrong, "value")
}

constrain <- function(variable) {
  value <- .subset2(variable, "constraint")(variable)
  value <- as_tensor(value, dtype = dtype_of(variable))
  if (!identical(tensor_shape(value), shape_of(variable))) {
    abort_shape(sprintf(
      "The constraint of `%s` must give shape %s, not %s.",
      .subset2(variable, "path"), format_shape(shape_of(variable)),
      format_shape(tensor_shape(value))), "constraint")
  }
  write_value(variable, value)
}

# ---- moving averages ---------------------------------------------------------

require_averages <- function(self) {
  if (!self$use_ema) {
    abort_state("There are no averages: make the optimizer with `use_ema`.")
  }
  if (!self$built) {
    abort_state("There are no averages yet: build or train first.")
  }
}

set_to_averages <- function(self, variables) {
  if (!self$built) return()
  at <- match_variables(variables, self$trained)
  for (k in at[!is.na(at)]) write_value(self$trained[[k]], self$averages[[k]])
}

# Weights become averages and averages weights.
swap_with_averages <- function(self) {
  require_averages(self)
  for (k in seq_along(self$trained)) {
    kept <- cpp_copy(.subset2(self$trained[[k]], "value"))
    write_value(self$trained[[k]], self$averages[[k]])
    write_value(self$averages[[k]], kept)
  }
  invisible(self)
}

# ---- decay and stored state --------------------------------------------------

exclude_from_weight_decay <- function(self, variables, names) {
  if (self$built) {
    abort_state(paste0("`exclude_from_weight_decay()` must be called before ",
                       "the optimizer is built."))
  }
  if (is_variable(variables)) variables <- list(variables)
  if (!all(vapply(variables, is_variable, NA))) {
    must_be(variables, "var_list", "a list of variables or NULL")
  }
  names <- unlist(names)
  if (!is.null(names) && !is.character(names)) {
    must_be(names, "var_names", "strings or NULL")
  }
  self$excluded <- list(variables = variables %||% list(), names = names)
  invisible(self)
}

# Which variables decay; NULL where all do.
decay_flags <- function(self) {
  if (is.null(self$excluded)) return(NULL)
  vapply(self$trained, function(v) {
    by_name <- vapply(self$excluded$names, grepl, NA, .subset2(v, "path"))
    !any(by_name) && is.na(match_variables(list(v), self$excluded$variables))
  }, NA)
}

set_optimizer_weights <- function(self, weights) {
  if (!self$built) {
    abort_state("`set_weights()` needs an optimizer that is built.")
  }
  variables <- self$variables
  if (!is.list(weights) || length(weights) != length(variables)) {
    must_be(weights, "weights",
            sprintf("a list of %d arrays, one per variable", length(variables)))
  }
  values <- Map(function(v, w) {
    w <- as_tensor(w, dtype = dtype_of(v))
    if (prod(tensor_shape(w)) != prod(shape_of(v))) {
      abort_shape(sprintf("`%s` has shape %s, the value given %s.",
                          .subset2(v, "path"), format_shape(shape_of(v)),
                          format_shape(tensor_shape(w))), "weights")
    }
    w
  }, variables, weights)
  Map(write_value, variables, values)
}
