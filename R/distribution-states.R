# What ranks have of their own while they train: states of stateful layers,
# which belong to rows, and with `sync_every` weights and running means.

# ---- states of rows ----------------------------------------------------------

any_stateful <- function(self) length(stateful_layers(self)) > 0L

stateful_layers <- function(self) Filter(has_states, all_layers(self))

# Each rank keeps the states of its rows. The variables are new ones.
split_states <- function(run) {
  comm <- run$shared$comm
  for (layer in stateful_layers(run$self)) {
    if (is.null(layer$states)) next
    rows <- shape_of(layer$states[[1]])[1]
    sizes <- shard_sizes(rows, comm$size)
    first <- sizes$first[comm$rank + 1L]
    count <- sizes$count[comm$rank + 1L]
    layer$states <- lapply(layer$states, function(state) {
      at <- batch_index(as.integer(first + seq_len(count) - 1L))
      new_state(rows_at(.subset2(state, "value"), at, count))
    })
    note_edit()
  }
}

# All ranks get the states of all rows.
join_states <- function(run) {
  comm <- run$shared$comm
  for (layer in stateful_layers(run$self)) {
    if (is.null(layer$states)) next
    layer$states <- lapply(layer$states, function(state) {
      mine <- .subset2(state, "value")
      parts <- lapply(seq_len(comm$size) - 1L, function(root) {
        from_rank(comm, if (comm$rank == root) mine, root)
      })
      new_state(op_concatenate(parts))
    })
    note_edit()
  }
}

# `code` runs where the states of all rows are in place.
with_joined_states <- function(run, code) {
  layers <- stateful_layers(run$self)
  if (!length(layers)) return(code)
  kept <- lapply(layers, function(layer) layer$states)
  on.exit(Map(function(layer, states) layer$states <- states, layers, kept))
  join_states(run)
  code
}

# States before a look at a batch that is not a step, and again after it.
keep_states <- function(self) {
  lapply(stateful_layers(self), function(layer) {
    lapply(layer$states, function(v) cpp_copy(.subset2(v, "value")))
  })
}

put_back_states <- function(self, states) {
  Map(function(layer, values) {
    if (length(values)) Map(write_value, layer$states, values)
    else layer$reset_state()
  }, stateful_layers(self), states)
}

new_state <- function(value) {
  new_variable(value, "rnn_state", trainable = FALSE)
}

states_are_zero <- function(self) {
  layers <- stateful_layers(self)
  length(layers) > 0L && all(vapply(layers, function(layer) {
    all(vapply(layer$states, function(v) all(as.array(v) == 0), NA))
  }, NA))
}

reset_model_states <- function(self) {
  for (layer in stateful_layers(self)) layer$reset_state()
}

# ---- steps apart from the others ---------------------------------------------

# A step of training: jointly, or with `sync_every` above 1 on the own shard,
# with the mean of all ranks' weights after so many steps.
shared_train_step <- function(plan, batch) {
  shared <- plan$shared
  shared$counts <- batch$counts
  if (!plan$settled && any(batch$counts == 0L)) {
    abort_argument(sprintf(paste(
      "The first batch must have a sample for each of %d ranks at least, not",
      "%d samples."), shared$comm$size, batch$size), "batch_size")
  }
  if (shared$sync_every == 1L) return(shared_step(plan, batch, TRUE))
  # What the first step finds out needs all ranks.
  if (batch$shard$count) shared_step(plan, batch, TRUE, joint = FALSE)
  shared$since_sync <- shared$since_sync + 1L
  if (shared$since_sync >= shared$sync_every) average_ranks(plan)
}

shared_test_step <- function(plan, batch) {
  plan$shared$counts <- batch$counts
  shared_step(plan, batch, FALSE)
}

# Weights and what the optimizer keeps of gradients become their means; counts
# are those of rank 0, which has had the most rows.
average_ranks <- function(plan) {
  comm <- plan$shared$comm
  plan$shared$since_sync <- 0L
  optimizer <- plan$self$optimizer
  cells <- c(plan$variables, moving_statistics(plan$self),
             optimizer_cells(optimizer),
             optimizer_cells(optimizer$inner_optimizer %||% optimizer))
  cells <- unique(cells)
  whole <- vapply(cells, function(v) !is_float(dtype_of(v)), NA)
  values <- lapply(cells[!whole], function(v) {
    as.vector(cpp_tensor_to_r(op_reshape(.subset2(v, "value"),
                                         prod(shape_of(v)))))
  })
  mean <- sum_ranks(comm, unlist(values)) / comm$size
  parts <- split_by(mean, lengths(values))
  Map(function(v, x) {
    x <- cpp_tensor_from_r(array(x), dtype_of(v))
    write_value(v, op_reshape(x, shape_of(v)))
  }, cells[!whole], parts)
  counts <- from_rank(comm, lapply(cells[whole], cell_value))
  Map(set_cell, cells[whole], counts)
}

split_by <- function(x, sizes) {
  ends <- cumsum(sizes)
  Map(function(from, count) x[from + seq_len(count)], ends - sizes, sizes)
}

# At the end of an epoch of such steps: one mean of weights, and running means
# over all rows.
join_epoch <- function(run) {
  shared <- run$shared
  if (is.null(shared) || shared$sync_every == 1L) return(invisible())
  plan <- run$plan
  average_ranks(plan)
  metrics <- lapply(followed(plan), function(tracker) tracker$metric)
  mine <- lapply(metrics, .subset2, "state")
  total <- sum_ranks(shared$comm, as.double(unlist(mine)))
  Map(function(metric, state) assign("state", state, envir = metric), metrics,
      utils::relist(total, mine))
  share_draws(plan)
}
