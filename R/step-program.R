# Steps that are recorded once and then run without R in between: the same kernel
# calls in the same order, and so the same bits, on the next batch.
#
# A step is recorded when data of its form come for the second time, for each
# form anew (the last batch of an epoch is smaller), and again when a layer, the
# model or a setting has changed. Models with code of the user's own, which may do
# something else each time, run as they are written.

# How many forms of data a log keeps programs for, in each mode.
programs_kept <- 4L

# What is known of the steps of a model, kept in `holder$step_log`: whether they
# can be recorded, which forms of data have come, and the programs. It begins
# anew after a change, and in another session.
step_log <- function(holder, self, native = TRUE) {
  log <- holder$step_log
  if (!is.null(log) && log$edits == the$edits &&
        identical(log$session, the$session)) {
    return(log)
  }
  log <- new.env(parent = emptyenv())
  log$recordable <- native && is_recordable(self)
  log$edits <- the$edits
  log$session <- the$session
  log$seen <- list()
  log$programs <- list()
  holder$step_log <- log
  log
}

# ---- running a step ----------------------------------------------------------

# What `step(batch)` gives: a list of tensors, as R arrays unless `as_tensors`.
run_step <- function(log, mode, batch, step, as_tensors = FALSE) {
  if (!log$recordable || !getOption("elman.record_steps", TRUE)) {
    return(read_tensors(step(whole_batch(batch)), as_tensors))
  }
  data <- batch_data(batch)
  form <- lapply(data, data_form)
  program <- find_program(log, mode, form)
  if (!is.null(program)) return(replay(program, data, as_tensors))
  seen <- seen_before(log, mode, form)
  batch <- whole_batch(batch)
  tensors <- if (seen) record_step(log, mode, batch, step, form) else
    step(batch)
  read_tensors(tensors, as_tensors)
}

read_tensors <- function(tensors, as_tensors = FALSE) {
  if (as_tensors) tensors else lapply(tensors, cpp_tensor_to_r)
}

# The tensors of a batch in a fixed order, without what is absent.
batch_data <- function(batch) {
  data <- c(batch$x, batch$y, batch$weight)
  data[lengths(data) > 0L]
}

data_form <- function(x) list(attr(x, "shape"), attr(x, "dtype"))

# The batch with other tensors in the places of batch_data().
fill_batch <- function(batch, tensors) {
  at <- 0L
  for (part in c("x", "y", "weight")) {
    for (k in seq_along(batch[[part]])) {
      if (!length(batch[[part]][[k]])) next
      at <- at + 1L
      batch[[part]][[k]] <- tensors[[at]]
    }
  }
  batch
}

# ---- finding a program -------------------------------------------------------

find_program <- function(log, mode, form) {
  for (program in log$programs[[mode]]) {
    if (identical(program$form, form)) return(program)
  }
}

# Is this the second time that data of this form come?
seen_before <- function(log, mode, form) {
  for (old in log$seen[[mode]]) if (identical(old, form)) return(TRUE)
  log$seen[[mode]] <- utils::tail(c(log$seen[[mode]], list(form)), 16L)
  FALSE
}

keep_program <- function(log, mode, program) {
  log$programs[[mode]] <- utils::tail(c(log$programs[[mode]], list(program)),
                                      programs_kept)
}

# ---- recording and replaying -------------------------------------------------

# Does the step and records it on the way.
record_step <- function(log, mode, batch, step, form) {
  notes <- start_recording(batch_data(batch))
  on.exit(stop_recording())
  tensors <- step(fill_batch(batch, notes$inputs))
  pointer <- cpp_recording_end(tensors)
  if (is.character(pointer)) {
    log$recordable <- FALSE
    log$refused <- pointer
  } else {
    keep_program(log, mode, list(
      pointer = pointer, form = form, generators = notes$generators,
      live = notes$live, steady = notes$steady, pace = new.env()
    ))
  }
  tensors
}

start_recording <- function(data) {
  notes <- new.env(parent = emptyenv())
  notes$inputs <- cpp_recording_start(data)
  notes$generators <- list()
  notes$live <- list()
  notes$steady <- TRUE
  the$recording <- notes
  notes
}

stop_recording <- function() {
  the$recording <- NULL
  cpp_recording_cancel()
}

# Runs a program on tensors or R arrays. What changes from step to step is asked
# for first: that may fail, and then nothing has happened.
replay <- function(program, data, as_tensors = FALSE) {
  live <- lapply(program$live, function(attributes) attributes())
  keys <- lapply(program$generators, next_key)
  values <- cpp_program_run(program$pointer, data, keys, live, as_tensors)
  if (is.character(values)) abort_state(values)
  values
}

# ---- many steps at once ------------------------------------------------------

# Runs the steps of a stretch of batches (see array_source()) between which
# nobody looks, in one call. Gives the numbers of each step done: none where its
# form is not recorded, or learning rates follow a schedule.
run_stretch <- function(log, mode, stretch) {
  if (!log$recordable || !getOption("elman.record_steps", TRUE)) return(list())
  program <- find_program(log, mode, stretch$form)
  if (is.null(program) || !program$steady) return(list())
  start <- proc.time()[[3L]]
  steps <- min(stretch$count, stretch_length(program))
  live <- lapply(program$live, function(attributes) attributes())
  keys <- lapply(seq_len(steps), function(k) {
    lapply(program$generators, next_key)
  })
  values <- cpp_program_run_rows(program$pointer, stretch$tensors,
                                 stretch$numbers(steps), stretch$size, keys,
                                 live)
  note_pace(program, steps, proc.time()[[3L]] - start)
  values
}

# As many as take about a twentieth of a second, after which Ctrl-C is heard and
# the progress bar moves.
stretch_length <- function(program) {
  max(1, 0.05 %/% (program$pace$seconds %||% 0.05))
}

# Clocks are coarse: the length doubles at most.
note_pace <- function(program, steps, seconds) {
  program$pace$seconds <- max(seconds, 0.025) / steps
}

# ---- what is noted while a step is recorded ----------------------------------

note_key <- function(key, generator) {
  notes <- the$recording
  notes$generators <- c(notes$generators, list(generator))
  cpp_recording_key(key)
}

# The next kernel call gets what `attributes()` gives at every step anew: the
# same in all steps between which no R code runs, if it is `steady`.
note_live <- function(attributes, steady) {
  notes <- the$recording
  if (is.null(notes)) return(invisible())
  notes$steady <- notes$steady && steady
  notes$live <- c(notes$live, list(attributes))
  cpp_recording_live()
}

# A layer, a model or a setting has changed: what was recorded holds no longer.
note_edit <- function() the$edits <- the$edits + 1

# ---- what can be recorded ----------------------------------------------------

# Does all that a step of this model runs belong to the package?
is_recordable <- function(self) {
  !runs_own_code(self) && all(vapply(all_layers(self), function(layer) {
    fields <- mget(callable_fields, envir = layer, ifnotfound = list(NULL))
    all(vapply(fields, is_native_function, NA))
  }, NA))
}

# Fields of layers that may hold a function of the user's.
callable_fields <- c("activation", "recurrent_activation",
                     "activity_regularizer")

is_native_function <- function(f) {
  is.null(f) || inherits(f, "elman_object") || is_package_function(f)
}

is_package_function <- function(f) {
  identical(environment(f), own_namespace())
}
