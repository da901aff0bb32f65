# Steps of models whose class says how a step goes: train_step(), test_step(),
# predict_step(), compute_loss() and compute_metrics() of Model(), and what they
# stand on: the same steps of the package, written with the same methods.

# ---- in the training loop ----------------------------------------------------

# Does a class of the user's have a say in the steps, or do its layers keep
# metrics?
takes_own_steps <- function(self) length(own_step_parts(self)) > 0L

# By what.
own_step_parts <- function(self) {
  own <- self$own
  methods <- c("train_step", "test_step", "compute_loss", "compute_metrics",
               "get_metrics_result")
  given <- intersect(methods, names(own$methods))
  metrics <- "metrics" %in% names(own$active) || length(kept_metrics(self)) > 0L
  c(sprintf("`%s()`", given), if (metrics) "`metrics`")
}

# Does a step run R code of a user's, which may do something else each time?
runs_own_code <- function(self) {
  any(vapply(all_layers(self), function(layer) {
    !is.null(layer$own) || inherits_lambda(layer)
  }, NA))
}

inherits_lambda <- function(layer) "Lambda" %in% layer$classes

# One step by the model's own method, "train_step" or "test_step".
own_step <- function(plan, batch, method) {
  self <- plan$self
  logs <- self[[method]](step_data(self, whole_batch(batch)))
  plan$own_logs <- check_step_logs(self, logs, method)
  invisible()
}

# What a step gets: list(x, y, sample_weight) as far as they are there.
step_data <- function(self, batch) {
  inputs <- batch$x
  if (length(inputs) > 1L) {
    names(inputs) <- if (is_free_model(self)) self$own$input_names else
      self$given_input_names
  }
  data <- list(one_or_all(inputs))
  y <- batch$y
  if (length(y)) data[[2]] <- by_name(self, y)
  if (length(batch$weight)) {
    if (!length(y)) data[2] <- list(NULL)
    data[[3]] <- by_name(self, batch$weight)
  }
  data
}

by_name <- function(self, x) {
  if (length(x) == 1L) return(x[[1]])
  stats::setNames(x, self$given_output_names)
}

check_step_logs <- function(self, logs, method) {
  named <- is.list(logs) && !is.null(names(logs)) && all(nzchar(names(logs)))
  if (!named && length(logs)) {
    abort_argument(sprintf(
      "`%s` of class \"%s\" must give a named list of what is logged, not %s.",
      method, self$classes[1], describe(logs)), method)
  }
  flat_logs(logs)
}

# A metric of several values stands for them.
flat_logs <- function(logs) {
  parts <- lapply(seq_along(logs), function(k) {
    if (is.list(logs[[k]])) flat_logs(logs[[k]]) else logs[k]
  })
  unlist(parts, recursive = FALSE)
}

# The values of the metrics where the step logs the same names, as running
# means; else what the latest step said. A loss that was not told to its running
# mean is taken from the step.
own_logs <- function(plan) {
  logs <- plan$own_logs
  results <- flat_logs(plan$self$get_metrics_result())
  if (setequal(names(results), names(logs)) && tracks_loss(plan)) {
    logs <- results
  }
  logs <- lapply(logs, as.numeric)
  wrong <- names(logs)[lengths(logs) != 1L]
  if (length(wrong)) {
    abort_argument(sprintf("`%s` must be logged as one number, not %d.",
                           wrong[1], length(logs[[wrong[1]]])), wrong[1])
  }
  logs[sort_names(names(logs))]
}

tracks_loss <- function(plan) {
  tracker <- plan$loss_tracker
  kept <- any(vapply(plan$self$metrics, identical, NA, tracker))
  !kept || tracker$count > 0
}

reset_own_metrics <- function(plan) {
  plan$own_logs <- NULL
  for (metric in plan$self$metrics) metric$reset_state()
}

# The outputs for a batch by the model's own predict_step(), as a list.
own_predictions <- function(self, inputs) {
  outputs <- self$predict_step(step_data(self, list(x = inputs)))
  if (is.list(outputs)) flat_values(outputs) else list(as_tensor(outputs))
}

# ---- the package's own steps, by methods -------------------------------------

model_train_step <- function(self, data) {
  x <- data[[1]]
  y <- step_part(data, 2L)
  sample_weight <- step_part(data, 3L)
  variables <- self$trainable_weights
  scale <- self$optimizer$loss_scale_factor
  recorded <- record_gradients(function() {
    y_pred <- self$invoke(x, training = TRUE)
    value <- call_compute_loss(self, x, y, y_pred, sample_weight, TRUE)
    list(loss = if (is.null(scale)) value else op_multiply(value, scale),
         value = value, y_pred = y_pred)
  }, variables)
  result <- recorded$result
  suspendInterrupts({
    self$optimizer$apply(recorded$gradients, variables)
    update_loss_tracker(self, result$value, x)
    logs <- self$compute_metrics(x, y, unmarked_all(result$y_pred),
                                 sample_weight)
  })
  logs
}

model_test_step <- function(self, data) {
  x <- data[[1]]
  y <- step_part(data, 2L)
  sample_weight <- step_part(data, 3L)
  y_pred <- self$invoke(x, training = FALSE)
  value <- call_compute_loss(self, x, y, y_pred, sample_weight, FALSE)
  update_loss_tracker(self, value, x)
  self$compute_metrics(x, y, y_pred, sample_weight)
}

model_predict_step <- function(self, data) {
  self$invoke(data[[1]], training = FALSE)
}

step_part <- function(data, k) if (length(data) >= k) data[[k]]

unmarked_all <- function(x) {
  if (is.list(x)) lapply(x, unmarked_all) else unmarked(x)
}

# Older scripts' compute_loss() knows nothing of `training`.
call_compute_loss <- function(self, x, y, y_pred, sample_weight, training) {
  known <- names(formals(self$own$methods$compute_loss %||%
                           self$compute_loss))
  arguments <- list(x = x, y = y, y_pred = y_pred,
                    sample_weight = sample_weight, training = training)
  if (!"..." %in% known) arguments <- arguments[names(arguments) %in% known]
  loss <- do.call(self$compute_loss, arguments, quote = TRUE)
  if (!is_tensor(loss) || length(loss) != 1L) {
    abort_argument(sprintf(
      "`compute_loss` of class \"%s\" must give a scalar tensor, not %s.",
      self$classes[1], describe(loss)), "compute_loss")
  }
  loss
}

update_loss_tracker <- function(self, value, x) {
  plan <- training_plan(self)
  first <- if (is.list(x)) flat_values(x)[[1]] else x
  plan$loss_tracker$update_state(unmarked(value), tensor_shape(first)[1])
}

# The loss that compile() was told, and what layers and regularizers add.
model_loss <- function(self, y, y_pred, sample_weight) {
  require_compiled(self)
  plan <- training_plan(self)
  outputs <- flat_values(y_pred)
  targets <- step_parts(self, plan, y)
  if (!plan$settled) settle_plan(plan, targets, outputs)
  loss_of_outputs(plan, targets, outputs,
                  step_parts(self, plan, sample_weight))$loss
}

model_metrics_step <- function(self, y, y_pred, sample_weight) {
  compiled <- compile_metrics(training_plan(self))
  if (!is.null(compiled)) compiled$update_state(y, y_pred, sample_weight)
  self$get_metrics_result()
}

# Values by output as a list in order.
step_parts <- function(self, plan, x) {
  if (is.null(x)) return(NULL)
  if (!is.list(x)) x <- list(x)
  x <- lapply(x, function(e) if (is.null(e)) NULL else as_data(e, "y"))
  if (is.null(names(x))) return(x)
  unname(x[plan$output_names])
}

# ---- metrics -----------------------------------------------------------------

# The running mean of the loss, the metrics of compile() as one, and those that
# fields of the model and its layers hold.
model_metrics <- function(self) {
  compiled <- if (self$compiled) {
    plan <- training_plan(self)
    list(plan$loss_tracker, compile_metrics(plan))
  }
  c(Filter(Negate(is.null), compiled), kept_metrics(self))
}

kept_metrics <- function(self) {
  inner <- lapply(self$sublayers(), function(layer) {
    if (is_model_instance(layer)) list() else kept_metrics(layer)
  })
  c(self$own$metrics, unlist(inner, recursive = FALSE))
}

# All metrics of compile() under one name, as Keras shows them to steps.
compile_metrics <- function(plan) {
  if (is.null(plan$compile_metrics) && has_metrics(plan)) {
    plan$compile_metrics <- new_compile_metrics(plan)
  }
  plan$compile_metrics
}

has_metrics <- function(plan) {
  any(lengths(plan$makers), lengths(plan$weighted_makers))
}

new_compile_metrics <- function(plan) {
  self <- new.env(parent = emptyenv())
  self$name <- "compile_metrics"
  self$update_state <- function(y_true, y_pred, sample_weight = NULL) {
    outputs <- lapply(flat_values(y_pred), as_tensor)
    targets <- step_parts(plan$self, plan, y_true)
    weights <- step_parts(plan$self, plan, sample_weight)
    if (!plan$settled) settle_plan(plan, targets, outputs)
    for (tracker in plan$trackers) {
      k <- tracker$output
      tracker$metric$update_state(targets[[k]], outputs[[k]],
                                  if (tracker$weighted) weights[[k]])
    }
    invisible(NULL)
  }
  self$result <- function() {
    values <- lapply(plan$trackers, function(t) t$metric$result())
    stats::setNames(values, vapply(plan$trackers, function(t) t$name, ""))
  }
  self$reset_state <- function() {
    for (tracker in plan$trackers) tracker$metric$reset_state()
    invisible(NULL)
  }
  self
}

metrics_result <- function(metrics) {
  results <- list()
  for (metric in metrics) {
    value <- metric$result()
    if (is.list(value)) {
      results[names(value)] <- value
    } else {
      results[[metric$name]] <- value
    }
  }
  results
}
