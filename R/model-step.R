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
  plan$settled <- FALSE
  plan$simple <- simple_data(self)
  plan$loss_sum <- 0
  plan$loss_count <- 0
  plan$part_sums <- numeric(length(plan$with_loss))
  plan$trackers <- list()
  plan
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
  parts <- if (length(plan$with_loss) > 1L) {
    paste0(plan$output_names[plan$with_loss], "_loss")
  }
  metrics <- vapply(plan$trackers, function(t) t$name, "")
  plan$part_names <- parts
  plan$unsorted <- c("loss", parts, metrics)
  plan$names <- sort_names(plan$unsorted)
  plan$order <- match(plan$names, plan$unsorted)
  plan$settled <- TRUE
}

# A metric on output `k`, under a name that is still free.
add_tracker <- function(plan, metric, k, weighted) {
  taken <- vapply(plan$trackers, function(t) t$name, "")
  prefix <- if (length(plan$output_names) > 1L) {
    paste0(plan$output_names[k], "_")
  }
  name <- paste0(prefix, metric$name)
  if (name %in% taken && weighted) {
    name <- paste0(prefix, "weighted_", metric$name)
  }
  stem <- name
  count <- 0L
  while (name %in% taken) {
    count <- count + 1L
    name <- paste0(stem, "_", count)
  }
  tracker <- list(metric = metric, output = k, weighted = weighted,
                  name = name)
  plan$trackers <- c(plan$trackers, list(tracker))
}

# ---- steps -------------------------------------------------------------------

# One update of the weights from one batch.
train_step <- function(plan, batch) {
  self <- plan$self
  optimizer <- self$optimizer
  scale <- optimizer$loss_scale_factor
  recorded <- record_gradients(function() {
    result <- batch_loss(plan, batch, TRUE)
    if (!is.null(scale)) {
      result$value <- result$loss
      result$loss <- op_multiply(result$loss, scale)
    }
    result
  }, plan$variables)
  # Either the whole update or none of it, whenever Ctrl-C is pressed.
  suspendInterrupts({
    optimizer$apply(recorded$gradients, plan$variables)
    track(plan, recorded$result, batch)
  })
}

test_step <- function(plan, batch) {
  track(plan, batch_loss(plan, batch, FALSE), batch)
}

# The total loss of a batch, with its parts and the predictions.
batch_loss <- function(plan, batch, training) {
  self <- plan$self
  outputs <- forward(self, batch$x, training)
  if (!plan$settled) settle_plan(plan, batch$y, outputs)
  total <- NULL
  parts <- list()
  for (k in plan$with_loss) {
    one <- plan$losses[[k]]
    weight <- batch$weight[[k]]
    value <- if (is.null(weight)) {
      fused_loss(one$loss, batch$y[[k]], outputs[[k]])
    }
    value <- value %||% loss_value(one$loss, batch$y[[k]], outputs[[k]],
                                   weight)
    parts <- c(parts, list(value))
    if (one$weight != 1) value <- op_multiply(value, one$weight)
    total <- if (is.null(total)) value else op_add(total, value)
  }
  for (v in plan$regularized) {
    total <- plus(total, penalty_of(.subset2(v, "regularizer"), v))
  }
  for (noted in plan$layers) {
    if (!length(noted$noted) || noted$noted_in != the$calls) next
    for (value in noted$noted) total <- plus(total, op_sum(value))
  }
  if (is.null(total)) {
    abort_state("There is no loss: give compile() a `loss`.")
  }
  list(loss = total, parts = parts, outputs = outputs)
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

# ---- running means -----------------------------------------------------------

reset_trackers <- function(plan) {
  plan$loss_sum <- 0
  plan$loss_count <- 0
  plan$part_sums[] <- 0
  for (tracker in plan$trackers) tracker$metric$reset_state()
}

# Adds a batch to the running means: losses weigh by the batch's size.
track <- function(plan, result, batch) {
  n <- batch$size
  plan$loss_sum <- plan$loss_sum +
    n * cpp_tensor_to_r(result$value %||% result$loss)
  plan$loss_count <- plan$loss_count + n
  if (length(result$parts) > 1L) {
    plan$part_sums <- plan$part_sums + n * vapply(result$parts, as.numeric, 0)
  }
  for (tracker in plan$trackers) {
    k <- tracker$output
    tracker$metric$update(batch$y[[k]], result$outputs[[k]],
                          if (tracker$weighted) batch$weight[[k]])
  }
}

# The running means as a named list, by name.
plan_logs <- function(plan) {
  values <- plan$loss_sum / plan$loss_count
  if (!is.null(plan$part_names)) {
    values <- c(values, plan$part_sums / plan$loss_count)
  }
  for (tracker in plan$trackers) {
    values <- c(values, tracker$metric$result())
  }
  stats::setNames(as.list(values[plan$order]), plan$names)
}
