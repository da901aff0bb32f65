# One step of training or testing: forward, loss, gradients, update. What a
# step needs is looked up once, in a plan that lasts until the next compile().

# ---- the plan ----------------------------------------------------------------

training_plan <- function(self) {
  if (is.null(self$plan)) self$plan <- new_plan(self)
  self$plan
}

# `losses`, `metrics` and `weighted` have one element per output. Metrics are
# made at the first batch, whose shapes choose among accuracies.
new_plan <- function(self) {
  names <- output_names(self)
  arguments <- self$compile_arguments
  plan <- new.env(parent = emptyenv())
  plan$self <- self
  plan$output_names <- names
  plan$losses <- arrange_losses(arguments, names)
  plan$with_loss <- which(!vapply(plan$losses, is.null, NA))
  plan$makers <- arrange_metrics(arguments$metrics, names, "metrics")
  plan$weighted_makers <- arrange_metrics(arguments$weighted_metrics, names,
                                          "weighted_metrics")
  plan$variables <- self$trainable_weights
  plan$layers <- lapply(all_layers(self), function(layer) {
    layer$.__enclos_env__$private
  })
  plan$regularized <- Filter(function(v) !is.null(.subset2(v, "regularizer")),
                             plan$variables)
  plan$native <- is_native_plan(plan)
  plan$settled <- FALSE
  plan$own <- takes_own_steps(self)
  plan$loss_tracker <- MeanMetric$new(name = "loss")
  plan$simple <- if (!any_class_numbers(plan$losses)) simple_data(self)
  plan$parts <- list()
  plan$trackers <- list()
  plan$name_counts <- list()
  plan$own_metrics <- FALSE
  plan
}

# Targets that are class numbers are looked at one by one where they come in.
any_class_numbers <- function(losses) {
  any(vapply(losses, function(one) {
    isTRUE(one$loss$class_numbers) || isTRUE(one$loss$automatic)
  }, NA))
}

# Do the losses, penalties and constraints of training belong to the package?
is_native_plan <- function(plan) {
  all(vapply(plan$losses, function(one) {
    is.null(one) || isTRUE(one$loss$automatic) || is_native_loss(one$loss)
  }, NA)) && all(vapply(plan$variables, function(v) {
    is_native_function(.subset2(v, "regularizer")) &&
      is_native_function(.subset2(v, "constraint"))
  }, NA))
}

is_native_loss <- function(loss) {
  inherits(loss, "LossFunctionWrapper") &&
    loss$class_name != "LossFunctionWrapper"
}

# Chooses what depends on the shapes of targets and predictions, and the names
# and order of the logs.
settle_plan <- function(plan, y, outputs) {
  for (k in plan$with_loss) {
    plan$losses[[k]]$loss <- settle_loss(plan$losses[[k]]$loss, y[[k]],
                                         outputs[[k]])
  }
  for (weighted in c(FALSE, TRUE)) {
    makers <- if (weighted) plan$weighted_makers else plan$makers
    for (k in seq_along(makers)) for (make in makers[[k]]) {
      add_tracker(plan, make(y[[k]], outputs[[k]]), k, weighted)
    }
  }
  plan$part_names <- if (length(plan$with_loss) > 1L) {
    paste0(plan$output_names[plan$with_loss], "_loss")
  }
  plan$parts <- lapply(plan$part_names, function(name) {
    loss_tracker(MeanMetric$new(name = name))
  })
  unsorted <- vapply(followed(plan), function(t) t$name, "")
  # Where a name comes twice the later one is shown.
  plan$names <- sort_names(unique(unsorted))
  plan$order <- length(unsorted) + 1L - match(plan$names, rev(unsorted))
  plan$settled <- TRUE
  # Metrics of the user's own are known only now.
  plan$step_log <- NULL
}

# What gives the logs: the loss, the metrics, the losses of several outputs.
followed <- function(plan) {
  c(list(loss_tracker(plan$loss_tracker)), plan$trackers, plan$parts)
}

# A loss counts as its mean over the batch.
loss_tracker <- function(metric) {
  list(metric = metric, name = metric$name, reuses = 1L, native = TRUE)
}

# Where C++ can put the numbers of a step, see RunningMeans in src/r_step.h:
# NULL where what is followed is not a mean.
means_of <- function(plan) {
  if (!plan$settled) return(NULL)
  trackers <- followed(plan)
  metrics <- lapply(trackers, function(t) t$metric)
  if (!all(vapply(metrics, is_running_mean, NA))) return(NULL)
  list(metrics, vapply(trackers, function(t) t$reuses > 0L, NA), plan$order,
       plan$names)
}

# A metric on output `k`, under the name that Keras gives it.
add_tracker <- function(plan, metric, k, weighted) {
  prefix <- if (length(plan$output_names) > 1L) {
    paste0(plan$output_names[k], "_")
  }
  name <- paste0(prefix, metric$name)
  if (weighted && name %in% names(plan$name_counts)) {
    name <- paste0(prefix, "weighted_", metric$name)
  }
  tracker <- list(metric = metric, output = k, weighted = weighted,
                  name = counted_name(plan, name),
                  reuses = reuses_loss(plan, metric, k, weighted),
                  native = isTRUE(metric$native))
  plan$trackers <- c(plan$trackers, list(tracker))
  if (!metric$native) plan$own_metrics <- TRUE
}

# "mae", then "mae_1", ...
counted_name <- function(plan, name) {
  known <- name %in% names(plan$name_counts)
  count <- if (known) plan$name_counts[[name]] else 0
  plan$name_counts[[name]] <- count + 1
  if (count == 0) name else paste0(name, "_", count)
}

# The number of the loss that the metric is itself, so that its mean over a
# batch is known, else 0.
reuses_loss <- function(plan, metric, k, weighted) {
  loss <- plan$losses[[k]]$loss
  same <- !weighted && !is.null(metric$fused) && is.null(metric$dtype) &&
    is.null(loss$dtype) && is.null(metric$fused$settings$ignore) &&
    identical(loss$fused$kernel, metric$fused$kernel) &&
    identical(loss$fused$settings, metric$fused$settings) &&
    loss$reduction %in% c("sum_over_batch_size", "mean")
  if (same) match(k, plan$with_loss) else 0L
}

# ---- steps -------------------------------------------------------------------

# One update of the weights from one batch.
train_step <- function(plan, batch) {
  if (!is.null(plan$shared)) return(shared_train_step(plan, batch))
  if (plan$own) return(own_step(plan, batch, "train_step"))
  follow_step(plan, "train", batch, function(batch) {
    optimizer <- plan$self$optimizer
    recorded <- record_gradients(function() {
      result <- batch_loss(plan, batch, TRUE)
      result$value <- result$loss
      result$loss <- optimizer$scale_loss(result$loss)
      result
    }, plan$variables)
    # Either the whole update or none of it, whenever Ctrl-C is pressed.
    suspendInterrupts(optimizer$apply(recorded$gradients, plan$variables))
    recorded$result
  })
}

test_step <- function(plan, batch) {
  if (!is.null(plan$shared)) return(shared_test_step(plan, batch))
  if (plan$own) return(own_step(plan, batch, "test_step"))
  follow_step(plan, "test", batch, function(batch) {
    batch_loss(plan, batch, FALSE)
  })
}

# Does a step, recorded or as it is written, and adds its numbers to the running
# means. `step(batch)` gives what batch_loss() does.
follow_step <- function(plan, mode, batch, step) {
  outputs <- NULL
  values <- run_step(plan_log(plan), mode, batch, function(batch) {
    result <- step(batch)
    outputs <<- result$outputs
    batch_statistics(plan, batch, result)
  })
  absorb_statistics(plan, batch$size, values)
  if (plan$own_metrics) {
    update_own_metrics(plan, whole_batch(batch), outputs)
  }
}

plan_log <- function(plan) {
  step_log(plan, plan$native && !plan$own_metrics && is_recordable(plan$self),
           plan$simple, means_of(plan))
}

# Does the steps that lie ahead of a feed as far as they are recorded, many of
# them in one call; `note(count)` hears of each call. Only where nobody looks in
# between.
follow_stretches <- function(plan, mode, feed, note) {
  if (plan$own || plan$own_metrics || !plan$settled) return()
  log <- plan_log(plan)
  absorb <- function(size, values) absorb_statistics(plan, size, values)
  while (!is.null(stretch <- feed$stretch())) {
    # Ctrl-C waits until all that was done is known.
    suspendInterrupts({
      done <- run_stretch(log, mode, stretch, absorb)
      if (done) {
        feed$skip(done)
        note(done)
      }
    })
    if (!done) return()
  }
}

# The total loss of a batch, with its parts and the predictions.
batch_loss <- function(plan, batch, training) {
  self <- plan$self
  outputs <- forward(self, batch$x, training)
  if (!plan$settled) settle_plan(plan, batch$y, outputs)
  result <- loss_of_outputs(plan, batch$y, outputs, batch$weight)
  result$outputs <- outputs
  result
}

loss_of_outputs <- function(plan, y, outputs, weights) {
  total <- NULL
  parts <- list()
  for (k in plan$with_loss) {
    one <- plan$losses[[k]]
    weight <- weights[[k]]
    value <- if (is.null(weight)) fused_loss(one$loss, y[[k]], outputs[[k]])
    value <- value %||% loss_value(one$loss, y[[k]], outputs[[k]], weight)
    parts <- c(parts, list(value))
    if (one$weight != 1) value <- op_multiply(value, one$weight)
    total <- if (is.null(total)) value else op_add(total, value)
  }
  for (penalty in weight_penalties(plan)) total <- plus(total, penalty)
  for (value in noted_losses(plan)) total <- plus(total, op_sum(value))
  if (is.null(total)) {
    abort_state("There is no loss: give compile() a `loss`.")
  }
  list(loss = total, parts = parts)
}

weight_penalties <- function(plan) {
  lapply(plan$regularized, function(v) {
    penalty_of(.subset2(v, "regularizer"), v)
  })
}

# What layers have noted in the call that is just over.
noted_losses <- function(plan) {
  noted <- lapply(plan$layers, function(layer) {
    if (length(layer$noted) && layer$noted_in == the$calls) layer$noted
  })
  unlist(noted, recursive = FALSE)
}

plus <- function(total, value) {
  if (is.null(total)) value else op_add(total, value)
}

# Outputs as a list, with masks on them. The inputs are tensors already, in the
# model's order and dtypes.
forward <- function(self, inputs, training) {
  inputs <- one_or_all(inputs)
  if (!is.null(self$activity_regularizer)) {
    return(flat_values(self$invoke(inputs, training = training)))
  }
  old <- enter_layer(self, training)
  on.exit(leave_layer(old))
  outputs <- self$call(inputs)
  if (is.list(outputs)) flat_values(outputs) else list(outputs)
}

# Outputs for these inputs, as a list of R arrays or tensors.
predict_step <- function(self, inputs, as_tensors = FALSE) {
  run_step(prediction_log(self), "predict", list(x = inputs), function(batch) {
    predictions(self, batch$x)
  }, as_tensors)
}

prediction_log <- function(self) {
  step_log(self, is_recordable(self), if (is.null(self$given_output_names)) {
    simple_data(self)
  })
}

# ---- running means -----------------------------------------------------------

reset_trackers <- function(plan) {
  if (plan$own) return(reset_own_metrics(plan))
  for (tracker in followed(plan)) .subset2(tracker$metric, "reset_state")()
}

# What a batch adds to what is followed, as one list of tensors in its order.
# They are made by ops alone.
batch_statistics <- function(plan, batch, result) {
  tensors <- list(result$value %||% result$loss)
  for (tracker in plan$trackers) {
    if (!tracker$native) next
    k <- tracker$output
    weight <- if (tracker$weighted) batch$weight[[k]]
    known <- tracker$reuses > 0L && is.null(batch$weight[[k]]) &&
      is.null(get_mask(result$outputs[[k]]))
    tensors <- c(tensors, if (known) {
      result$parts[tracker$reuses]
    } else {
      tracker$metric$statistics(batch$y[[k]], result$outputs[[k]], weight)
    })
  }
  if (length(plan$parts)) c(tensors, result$parts) else tensors
}

# Adds the numbers of these tensors, as R arrays; losses weigh by the batch's
# size, and so does a metric's single number, which is a loss.
absorb_statistics <- function(plan, size, values) {
  at <- 0L
  for (tracker in followed(plan)) {
    if (!tracker$native) next
    metric <- tracker$metric
    n <- length(.subset2(metric, "state"))
    own <- values[at + seq_len(n)]
    if (tracker$reuses > 0L && length(own[[1]]) == 1L) {
      own <- list(c(own[[1]] * size, size))
    }
    .subset2(metric, "absorb")(own)
    at <- at + n
  }
}

# Metrics of users see tensors, after the step.
update_own_metrics <- function(plan, batch, outputs) {
  for (tracker in plan$trackers) {
    if (tracker$native) next
    k <- tracker$output
    tracker$metric$update_state(batch$y[[k]], outputs[[k]],
                                if (tracker$weighted) batch$weight[[k]])
  }
}

# The running means as a named list, by name: numbers, and vectors of metrics
# with a number per class or threshold.
plan_logs <- function(plan) {
  if (plan$own) return(own_logs(plan))
  values <- lapply(followed(plan), function(tracker) {
    as_log(.subset2(tracker$metric, "result")())
  })[plan$order]
  names(values) <- plan$names
  values
}

as_log <- function(value) {
  if (is.double(value) && is.null(dim(value))) value else as.numeric(value)
}
