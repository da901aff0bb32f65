# Steps that are recorded once and then run without R in between: the same
# kernel calls in the same order, and so the same bits, on the next batch.
#
# A step is recorded when data of its form come for the second time, for each
# form anew (the last batch of an epoch is smaller), and again when a layer, the
# model or a setting has changed. Models with code of the user's own, which may
# do something else each time, run as they are written.

# How many forms of data a log keeps programs for, in each mode.
programs_kept <- 4L

# What is known of the steps of a model, kept in `holder$step_log`: whether they
# can be recorded, which forms of data have come, and the programs. It begins
# anew after a change, and in another session. `simple` is what simple_data()
# says of the model's data, `means` where the numbers of a step go, see
# means_of(): they and `recordable` are evaluated only where a log begins.
step_log <- function(holder, recordable, simple = NULL, means = NULL) {
  log <- holder$step_log
  if (!is.null(log) && identical(log$edition, the$edition)) return(log)
  log <- new.env(parent = emptyenv())
  log$recordable <- recordable
  log$edition <- the$edition
  log$simple <- simple
  log$means <- means
  log$seen <- list()
  log$programs <- list()
  log$refused <- list()
  holder$step_log <- log
  log
}

# Nothing is known yet that speaks against it?
can_record <- function(log, mode) {
  the$record_steps && log$recordable && is.null(log$refused[[mode]])
}

# Whether steps are recorded and recorded ones run, from now on: if not, all run
# as they are written. Gives what held before.
record_steps <- function(value) {
  old <- the$record_steps
  the$record_steps <- value
  invisible(old)
}

# ---- running a step ----------------------------------------------------------

# What `step(batch)` gives: a list of tensors, as R arrays unless `as_tensors`.
run_step <- function(log, mode, batch, step, as_tensors = FALSE) {
  if (!can_record(log, mode)) {
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
  on.exit(stop_recording())
  notes <- start_recording(batch_data(batch))
  tensors <- step(fill_batch(batch, notes$inputs))
  pointer <- cpp_recording_end(tensors)
  if (is.character(pointer)) {
    log$refused[[mode]] <- pointer
  } else {
    means <- if (mode %in% c("train", "test")) log$means
    keep_program(log, mode, new_program(pointer, notes, form, means,
                                        is_direct(log, mode, form)))
  }
  tensors
}

# A program with what it needs to run, as noted while it was recorded.
new_program <- function(pointer, notes, form, means = NULL, direct = FALSE) {
  steady <- notes$steady
  cpp_program_arrange(pointer, notes$generators, if (steady) notes$settings,
                      means, steady && direct)
  list(pointer = pointer, form = form, live = notes$live, steady = steady,
       absorbs = !is.null(means), pace = new.env())
}

# Can arrays of this form go to the program as they are, as far as nothing has
# to be looked at in them and its numbers go where C++ can put them?
is_direct <- function(log, mode, form) {
  if (mode == "call") return(TRUE)
  if (mode == "gradients") return(is_plain_form(form))
  simple <- log$simple
  if (is.null(simple) || mode != "predict" && is.null(log$means)) return(FALSE)
  wanted <- if (mode == "predict") simple["x"] else simple[c("x", "y")]
  length(form) == length(wanted) && all(mapply(function(one, shape) {
    identical(one[[2]], simple$dtype) && fits_shape(one[[1]][-1], shape)
  }, form, wanted))
}

# Arguments without names, of the type that R arrays become?
is_plain_form <- function(form) {
  is.null(names(form)) && all(vapply(form, function(one) {
    identical(one[[2]], the$floatx)
  }, NA))
}

start_recording <- function(data) {
  notes <- new.env(parent = emptyenv())
  notes$inputs <- cpp_recording_start(data)
  notes$generators <- list()
  notes$live <- list()
  notes$settings <- list()
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
  live <- if (!program$steady) {
    lapply(program$live, function(attributes) attributes())
  }
  values <- cpp_program_run(program$pointer, data, live, as_tensors)
  if (is.character(values)) abort_state(values)
  values
}

# ---- many steps at once ------------------------------------------------------

# Runs the steps of a stretch of batches (see array_source()) between which
# nobody looks, in one call. `absorb(size, values)` gets the numbers of each
# step that the program does not put in their places itself. Gives how many
# steps are done: none where their form is not recorded, or learning rates
# follow a schedule.
run_stretch <- function(log, mode, stretch, absorb) {
  if (!can_record(log, mode)) return(0L)
  program <- find_program(log, mode, stretch$form)
  if (is.null(program) || !program$steady) return(0L)
  start <- proc.time()[[3L]]
  steps <- min(stretch$count, stretch_length(program))
  done <- cpp_program_run_rows(program$pointer, stretch$tensors,
                               stretch$numbers(steps), stretch$size, steps)
  note_pace(program, steps, proc.time()[[3L]] - start)
  if (program$absorbs) return(done)
  for (values in done) absorb(stretch$size, values)
  length(done)
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

# The next kernel call gets what `attributes()` gives at every step anew. Where
# no R code has to be asked, `settings` says where C++ finds the same.
note_live <- function(attributes, settings = NULL) {
  notes <- the$recording
  if (is.null(notes)) return(invisible())
  notes$steady <- notes$steady && !is.null(settings)
  notes$live <- c(notes$live, list(attributes))
  notes$settings <- c(notes$settings, list(settings))
  cpp_recording_live()
}

refuse_recording <- function(why) {
  if (!is.null(the$recording)) cpp_recording_refuse(why)
}

# A layer, a model or a setting has changed: what was recorded holds no longer.
note_edit <- function() the$edition <- new.env(parent = emptyenv())

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
