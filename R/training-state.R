# The state of a training as plain R data, and a training put into that state:
# weights, optimizer, running metrics, callbacks, history, random numbers.

run_state <- function(run) {
  self <- run$self
  structure(list(
    cells = lapply(model_cells(self), cell_value),
    states = lapply(all_layers(self), layer_states),
    optimizer = optimizer_state(self$optimizer),
    plan = plan_state(run$plan),
    callbacks = callback_states(run$callbacks),
    history = run$history$rows(),
    run = mget(run_fields, envir = run),
    stop_training = isTRUE(self$stop_training),
    seed = random_state()
  ), class = "elman_run_state")
}

is_run_state <- function(x) inherits(x, "elman_run_state")

# What of the run itself is written down; see new_run().
run_fields <- c("epoch", "step", "stopped", "logs", "validations", "seeds")

# Puts a run that is about to begin where `state` is: at once between two
# epochs, else when its epoch begins again.
resume_run <- function(run, state) {
  self <- run$self
  if (!self$optimizer$built) self$optimizer$build(self$trainable_weights)
  check_run_state(run, state)
  replay_feeds(run, state$run)
  if (state$run$step == 0L) {
    restore_run(run, state)
  } else {
    run$epoch <- state$run$epoch
    run$resumed <- state
  }
}

check_run_state <- function(run, state) {
  now <- lapply(model_cells(run$self), cell_value)
  same <- identical(lapply(now, cell_form), lapply(state$cells, cell_form)) &&
    same_optimizer(run$self$optimizer, state$optimizer)
  if (!same) {
    abort_state(paste("The backup is one of another model or optimizer: use a",
                      "new `backup_dir`."))
  }
}

cell_form <- function(value) list(attr(value, "shape"), attr(value, "dtype"))

restore_run <- function(run, state) {
  self <- run$self
  Map(set_cell, model_cells(self), state$cells)
  Map(set_layer_states, all_layers(self), state$states)
  resume_optimizer(self$optimizer, state$optimizer)
  # Between two epochs the running means begin anew.
  if (state$run$step) restore_plan(run$plan, state$plan)
  restore_callbacks(run$callbacks, state$callbacks)
  run$history$restore(state$history)
  for (name in names(state$run)) assign(name, state$run[[name]], envir = run)
  self$stop_training <- state$stop_training
  set_random_state(state$seed)
}

# ---- the place in the data ---------------------------------------------------

# Arrays begin each epoch anew. What else gives data, such as a function, gets
# to its place by being read, from the random state that each epoch had.
replay_feeds <- function(run, place) {
  train <- run$feeds$train
  if (!begins_anew(train)) {
    # The epoch that `place` is in the middle of is left to resume_epoch().
    seeds <- if (place$step) place$seeds[-length(place$seeds)] else place$seeds
    for (seed in seeds) {
      set_random_state(seed)
      read_through(train)
    }
  }
  validation <- run$feeds$validation
  if (!is.null(validation) && !begins_anew(validation)) {
    for (k in seq_len(place$validations)) read_through(validation)
  }
}

begins_anew <- function(feed) isTRUE(feed$begins_anew)

# Ranks do not come here together, so each reads what is its own, `alone`.
read_through <- function(feed) {
  feed <- feed$alone %||% feed
  feed$start()
  while (!is.null(feed$next_batch())) NULL
}

# R's random states when the data of the epochs began; of arrays the last one is
# enough.
note_seed <- function(run) {
  earlier <- if (!begins_anew(run$feeds$train)) run$seeds
  run$seeds <- c(earlier, list(random_state()))
}

# Begins the epoch again that `state` is in the middle of: its order of samples
# comes from the same random state, its first batches are passed over.
resume_epoch <- function(run, state) {
  set_random_state(state$run$seeds[[length(state$run$seeds)]])
  run$feeds$train$start()
  for (k in seq_len(state$run$step)) {
    batch <- run$feeds$train$next_batch()
    if (is.null(batch)) {
      abort_state("The backup is one of other data: use a new `backup_dir`.")
    }
    # Makes what the running means are kept in.
    if (k == 1L) test_step(run$plan, batch)
  }
  restore_run(run, state)
}

# ---- random numbers ----------------------------------------------------------

random_state <- function() {
  get0(".Random.seed", envir = globalenv(), inherits = FALSE)
}

set_random_state <- function(state) {
  session <- globalenv()
  if (!is.null(state)) session[[".Random.seed"]] <- state
}

# ---- layers ------------------------------------------------------------------

# All that layers hold that training may change in place: variables and
# generators of seeds, each once.
model_cells <- function(self) {
  cells <- lapply(all_layers(self), function(layer) {
    c(find_cells(layer), find_cells(layer$.__enclos_env__$private))
  })
  unique(c(self$weights, unlist(cells, recursive = FALSE)))
}

find_cells <- function(object) {
  if (is.null(object)) return(list())
  fields <- setdiff(plain_fields(object), "states")
  flat_cells(mget(fields, envir = object))
}

flat_cells <- function(x) {
  if (is_cell(x)) return(list(x))
  if (!is.list(x) || is.object(x)) return(list())
  unlist(lapply(unname(x), flat_cells), recursive = FALSE)
}

is_cell <- function(x) is_variable(x) || inherits(x, "elman_seed_generator")

cell_value <- function(cell) {
  .subset2(cell, if (is_variable(cell)) "value" else "draws")
}

set_cell <- function(cell, value) {
  if (is_variable(cell)) variable_assign(cell, value) else cell$draws <- value
}

# Stateful layers make variables for their states at the first batch.
layer_states <- function(layer) {
  if (has_states(layer)) field_state(layer$states)
}

set_layer_states <- function(layer, states) {
  if (!is.null(states)) layer$states <- restore_field(layer$states, states)
}

has_states <- function(layer) {
  isTRUE(layer$stateful) && !bindingIsActive("states", layer)
}

# ---- optimizers and metrics --------------------------------------------------

# Of an optimizer its variables, and its learning rate as it was given, which is
# more exact than its variable; NULL where the rate follows a schedule.
optimizer_state <- function(optimizer) {
  inner <- optimizer$inner_optimizer
  list(class = class(optimizer),
       values = lapply(optimizer_cells(optimizer), cell_value),
       rate = optimizer$.__enclos_env__$private$exact,
       inner = if (!is.null(inner)) optimizer_state(inner))
}

optimizer_cells <- function(optimizer) {
  unique(c(optimizer$variables, optimizer$scaling, optimizer$states))
}

same_optimizer <- function(optimizer, state) {
  forms <- lapply(optimizer_cells(optimizer), function(v) {
    cell_form(cell_value(v))
  })
  inner <- optimizer$inner_optimizer
  identical(class(optimizer), state$class) &&
    identical(forms, lapply(state$values, cell_form)) &&
    (is.null(inner) || same_optimizer(inner, state$inner))
}

resume_optimizer <- function(optimizer, state) {
  inner <- optimizer$inner_optimizer
  if (!is.null(inner)) resume_optimizer(inner, state$inner)
  if (!is.null(state$rate)) optimizer$learning_rate <- state$rate
  Map(set_cell, optimizer_cells(optimizer), state$values)
}

# The fields of an object that hold data or variables.
object_state <- function(object) {
  names <- plain_fields(object)
  fields <- lapply(mget(names, envir = object), field_state)
  Filter(Negate(is.null), fields)
}

field_state <- function(x) {
  if (is_variable(x)) {
    return(structure(list(value = .subset2(x, "value"), name = x$name,
                          path = x$path), class = "elman_saved_variable"))
  }
  if (is.atomic(x) && !is.null(x)) return(x)
  if (is.list(x) && !is.object(x)) return(lapply(x, field_state))
  NULL
}

# Empty fields are not part of a state, and are emptied where they were.
restore_object <- function(object, state) {
  gone <- setdiff(names(object_state(object)), names(state))
  for (name in gone) assign(name, NULL, envir = object)
  restore_fields(object, state)
}

restore_fields <- function(object, fields) {
  for (name in names(fields)) {
    assign(name, restore_field(object[[name]], fields[[name]]), envir = object)
  }
}

# Variables are changed in place, or made where there is none yet.
restore_field <- function(now, state) {
  if (inherits(state, "elman_saved_variable")) {
    if (is_variable(now)) return(variable_assign(now, state$value))
    return(new_variable(state$value, state$name, trainable = FALSE,
                        path = state$path))
  }
  if (!is.list(state)) return(state)
  values <- lapply(seq_along(state), function(k) {
    at <- if (is.null(names(state))) k else names(state)[k]
    same <- is.list(now) && (is.numeric(at) && at <= length(now) ||
                               at %in% names(now))
    restore_field(if (same) now[[at]], state[[k]])
  })
  stats::setNames(values, names(state))
}

# The running means of a plan that has seen a batch.
plan_state <- function(plan) {
  sums <- Filter(function(x) is_variable(x) || is.numeric(x),
                 mget(ls(plan), envir = plan))
  list(sums = lapply(sums, field_state), own_logs = plan$own_logs,
       metrics = lapply(plan_metrics(plan), object_state))
}

restore_plan <- function(plan, state) {
  restore_fields(plan, state$sums)
  plan$own_logs <- state$own_logs
  Map(restore_object, plan_metrics(plan), state$metrics)
}

# Those of compile(), and those that a model of the user's keeps besides.
plan_metrics <- function(plan) {
  compiled <- lapply(followed(plan), function(tracker) tracker$metric)
  metrics <- c(compiled, kept_metrics(plan$self))
  lapply(metrics, function(metric) attr(metric, "self") %||% metric)
}

# ---- callbacks ---------------------------------------------------------------

# By class and place among those of the class.
callback_states <- function(callbacks) {
  stats::setNames(lapply(callbacks, function(callback) callback$get_state()),
                  callback_keys(callbacks))
}

restore_callbacks <- function(callbacks, states) {
  keys <- callback_keys(callbacks)
  for (k in which(keys %in% names(states))) {
    state <- states[[keys[k]]]
    if (!is.null(state)) callbacks[[k]]$set_state(state)
  }
}

callback_keys <- function(callbacks) {
  classes <- vapply(callbacks, function(callback) class(callback)[1], "")
  make.unique(classes, sep = " ")
}
