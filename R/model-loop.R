# The one training loop.

# A run holds all that changes while fit() trains: which epoch and batch comes
# next, the logs and the history so far.
new_run <- function(self, feeds, callbacks, params, initial_epoch,
                    validation_freq) {
  run <- new.env(parent = emptyenv())
  run$self <- self
  run$plan <- training_plan(self)
  run$feeds <- feeds
  run$callbacks <- callbacks
  run$events <- new_events(callbacks, wrap_layer(self), params)
  run$backups <- Filter(is_backup, callbacks)
  run$params <- params
  run$validation_freq <- validation_freq
  run$history <- new_history_log()
  run$epoch <- initial_epoch
  # Batches done in this epoch.
  run$step <- 0L
  run$stopped <- FALSE
  run$logs <- list()
  run$validations <- 0L
  # See note_seed().
  run$seeds <- list()
  # A state in the middle of an epoch, to go on from.
  run$resumed <- NULL
  run
}

is_backup <- function(callback) inherits(callback, "BackupAndRestore")

# Gives the metrics of each epoch done.
train_model <- function(run) {
  session <- mget(c("training", "call", "taping", "node"), envir = the)
  on.exit(leave_run(run, session))
  run$self$stop_training <- FALSE
  interruptible(run, session, {
    announce(run$events, "on_train_begin")
    for (backup in run$backups) backup$resume(run)
    share_start(run)
    while (!run$stopped && run$epoch <= run$params$epochs) train_epoch(run)
    finalize_weights(run$self)
  })
  interruptible(run, session, {
    announce(run$events, "on_train_end", logs = run$logs)
    end_sharing(run)
  })
  run$history$metrics()
}

train_epoch <- function(run) {
  epoch <- run$epoch
  announce(run$events, "on_epoch_begin", epoch)
  share_state(run, "on_epoch_begin")
  progress <- begin_epoch(run$params, epoch, run$feeds$train$steps)
  begin_data(run)
  train_batches(run, progress)
  join_epoch(run)
  if (!run$step) abort_state("The data ended before the first batch.")
  logs <- c(plan_logs(run$plan), validation_logs(run))
  run$logs <- announce(run$events, "on_epoch_end", epoch, logs)
  share_state(run, "on_epoch_end")
  progress$finish(run$step, run$logs)
  run$history$add(run$logs)
  run$epoch <- epoch + 1L
  run$step <- 0L
  run$stopped <- isTRUE(run$self$stop_training)
  back_up_epoch(run)
}

begin_data <- function(run) {
  reset_trackers(run$plan)
  if (is.null(run$resumed)) {
    note_seed(run)
    run$feeds$train$start()
  } else {
    resume_epoch(run, run$resumed)
    run$resumed <- NULL
  }
}

train_batches <- function(run, progress) {
  plan <- run$plan
  feed <- run$feeds$train
  watched <- is_watched(run$events, "on_train_batch")
  done <- function(count) {
    run$step <- run$step + count
    if (progress$live) progress$step(run$step, plan_logs(plan))
  }
  repeat {
    if (!watched && !length(run$backups)) {
      follow_stretches(plan, "train", feed, done)
    }
    if (run$stopped || is.null(batch <- feed$next_batch())) break
    step <- run$step + 1L
    if (watched) announce(run$events, "on_train_batch_begin", step)
    # Ctrl-C waits for the end of the step: either all of it has happened, with
    # its draws of random numbers and states of layers, or nothing.
    suspendInterrupts({
      train_step(plan, batch)
      run$step <- step
    })
    if (watched) {
      announce(run$events, "on_train_batch_end", step, plan_logs(plan))
    }
    share_control(run)
    if (progress$live) progress$step(step, plan_logs(plan))
    run$stopped <- isTRUE(plan$self$stop_training)
    for (backup in run$backups) backup$after_batch(run)
  }
}

# Between two epochs; see also begin_sharing().
back_up_epoch <- function(run) {
  save <- function() for (backup in run$backups) backup$after_epoch(run)
  if (isTRUE(run$shared$backed_up)) with_joined_states(run, save()) else save()
}

validation_logs <- function(run) {
  feed <- run$feeds$validation
  if (!validates(feed, run$epoch, run$validation_freq)) return(NULL)
  logs <- test_feed(run$plan, feed, run$events)
  run$validations <- run$validations + 1L
  stats::setNames(logs, paste0("val_", names(logs)))
}

validates <- function(feed, epoch, frequency) {
  if (is.null(feed)) return(FALSE)
  if (length(frequency) > 1L) epoch %in% frequency else epoch %% frequency == 0
}

begin_epoch <- function(params, epoch, steps) {
  if (params$verbose > 0L) {
    cat(sprintf("Epoch %d/%d\n", epoch, params$epochs))
  }
  Progress$new(params$verbose, steps)
}

# ---- the end -----------------------------------------------------------------

# Averaged weights take the place of the last ones.
finalize_weights <- function(self) {
  finalize <- self$optimizer$finalize_variable_values
  if (is.function(finalize)) {
    suspendInterrupts(finalize(self$trainable_weights))
  }
}

interruptible <- function(run, session, code) {
  tryCatch(code, interrupt = function(condition) {
    list2env(session, the)
    for (callback in run$callbacks) callback$interrupted <- TRUE
    message("\nTraining was interrupted; the model keeps its last update.")
  })
}

# However training ends: what the session and the model held only for its time
# is put back. A plan that no batch has settled is made again.
leave_run <- function(run, session) {
  list2env(session, the)
  run$plan$shared <- NULL
  if (!run$plan$settled) run$self$plan <- NULL
  leave_callbacks(run$callbacks)
}
