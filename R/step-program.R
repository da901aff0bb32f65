# Steps that are recorded once and then run without R in between: kernel calls
# in, the same kernel calls out, on the next batch. The numbers are the same bit
# for bit, because they come from the same kernels in the same order.
#
# A step is recorded when data of its form come for the second time, and again
# for other forms (the last batch of an epoch) and whenever the model, a layer or
# a setting has changed. Models with code of the user's own, which may do
# something else each time, run as they are written.

# How many forms of data a plan keeps programs for, in each mode.
programs_kept <- 4L

# ---- running a step ----------------------------------------------------------

# Numbers that `step(plan, batch)` gives as a list of tensors, as R arrays.
run_step <- function(plan, mode, batch, step) {
  if (!plan$recordable) return(lapply(step(plan, batch), cpp_tensor_to_r))
  data <- batch_data(batch)
  form <- lapply(data, data_form)
  program <- find_program(plan, mode, form)
  if (!is.null(program)) return(replay(plan, program, data))
  if (seen_before(plan, mode, form)) {
    record_step(plan, mode, batch, step, data, form)
  } else {
    lapply(step(plan, batch), cpp_tensor_to_r)
  }
}

# The tensors of a batch in a fixed order, without what is absent.
batch_data <- function(batch) {
  data <- c(batch$x, batch$y, batch$weight)
  data[lengths(data) > 0L]
}

data_form <- function(x) list(attr(x, "shape"), attr(x, "dtype"))

# ---- finding a program -------------------------------------------------------

find_program <- function(plan, mode, form) {
  for (program in plan$programs[[mode]]) {
    if (identical(program$form, form) && program$edits == the$edits &&
          identical(program$session, the$session)) {
      return(program)
    }
  }
}

# Is this the second time that data of this form come?
seen_before <- function(plan, mode, form) {
  seen <- plan$seen[[mode]]
  for (old in seen) if (identical(old, form)) return(TRUE)
  plan$seen[[mode]] <- utils::tail(c(seen, list(form)), 16L)
  FALSE
}

keep_program <- function(plan, mode, program) {
  programs <- plan$programs[[mode]]
  fresh <- vapply(programs, function(p) p$edits == the$edits, NA)
  plan$programs[[mode]] <- utils::tail(c(programs[fresh], list(program)),
                                       programs_kept)
}

# ---- recording and replaying -------------------------------------------------

# Does the step and records it on the way.
record_step <- function(plan, mode, batch, step, data, form) {
  notes <- start_recording(data)
  on.exit(stop_recording())
  tensors <- step(plan, fill_batch(batch, notes$inputs))
  pointer <- cpp_recording_end(tensors)
  stop_recording()
  if (is.character(pointer)) {
    plan$recordable <- FALSE
    plan$refused <- pointer
  } else {
    keep_program(plan, mode, list(
      pointer = pointer, form = form, edits = the$edits, session = the$session,
      generators = notes$generators, live = notes$live
    ))
  }
  lapply(tensors, cpp_tensor_to_r)
}

start_recording <- function(data) {
  notes <- new.env(parent = emptyenv())
  notes$inputs <- cpp_recording_start(data)
  notes$generators <- list()
  notes$live <- list()
  the$recording <- notes
  notes
}

stop_recording <- function() {
  the$recording <- NULL
  cpp_recording_cancel()
}

# The batch with other tensors in the places of batch_data().
fill_batch <- function(batch, tensors) {
  at <- 0L
  for (part in c("x", "y", "weight")) {
    for (k in seq_along(batch[[part]])) {
      if (is.null(batch[[part]][[k]])) next
      at <- at + 1L
      batch[[part]][[k]] <- tensors[[at]]
    }
  }
  batch
}

# Runs a program on tensors or R arrays. What changes from step to step is asked
# for first: that may fail, and then nothing has happened.
replay <- function(plan, program, data) {
  live <- lapply(program$live, function(step) step$attributes())
  keys <- lapply(program$generators, next_key)
  suspendInterrupts({
    values <- cpp_program_run(program$pointer, data, keys, live)
    if (is.character(values)) abort_state(values)
    for (step in program$live) step$done()
  })
  values
}

# ---- what is noted while a step is recorded ----------------------------------

note_key <- function(key, generator) {
  notes <- the$recording
  if (is.null(notes)) return(invisible())
  notes$generators <- c(notes$generators, list(generator))
  cpp_recording_key(key)
}

# The next kernel call gets `attributes()` anew at every step; `done()` follows
# it.
note_live <- function(attributes, done = function() NULL) {
  notes <- the$recording
  if (is.null(notes)) return(invisible())
  notes$live <- c(notes$live, list(list(attributes = attributes, done = done)))
  cpp_recording_live()
}
