# A training on several ranks: how it begins, what rank 0 tells the others while
# it goes on, and how it ends. All ranks run the one training loop; callbacks
# and output are rank 0's alone.

# ---- beginning and ending ----------------------------------------------------

# What this rank knows of a training that it shares; NULL without a
# distribution.
new_shared <- function(distribution) {
  if (is.null(distribution)) return(NULL)
  shared <- new.env(parent = emptyenv())
  shared$comm <- new_communicator(distribution$timeout)
  shared$first <- shared$comm$rank == 0L
  shared$auto_shard <- distribution$auto_shard_dataset
  shared$sync_every <- distribution$sync_every
  shared$since_sync <- 0L
  shared$dtype <- the$floatx
  shared$tasks <- list()
  shared$layouts <- list()
  shared$compared <- FALSE
  shared$done <- FALSE
  shared$why <- "it left the training."
  shared
}

# Runs the code of a training; where it does not reach its end here, the other
# ranks hear of it.
sharing <- function(shared, code) {
  if (is.null(shared)) return(code)
  on.exit(if (!shared$done) tell_failure(shared$comm, shared$why))
  value <- withCallingHandlers(code, error = function(condition) {
    shared$why <- conditionMessage(condition)
  })
  shared$done <- TRUE
  value
}

is_elsewhere <- function(shared) !is.null(shared) && !shared$first

# Between the checks of fit() and its first step.
begin_sharing <- function(run, shared) {
  if (is.null(shared)) return(invisible())
  check_shareable(run, shared)
  run$feeds <- lapply(run$feeds, shared_feed, run = run, shared = shared)
  run$shared <- run$plan$shared <- shared
  compare_ranks(shared, describe_run(run))
  watched <- from_rank(shared$comm, watched_events(run))
  shared$watched <- watched$events
  shared$backed_up <- watched$backups
}

watched_events <- function(run) {
  batches <- any(vapply(run$backups, function(backup) {
    !identical(backup$save_freq, "epoch")
  }, NA))
  if (batches && (run$shared$sync_every > 1L || any_stateful(run$self))) {
    abort_argument(paste(
      "`save_freq` of callback_backup_and_restore() must be \"epoch\" for",
      "stateful models and for `sync_every` above 1 on several ranks."
    ), "callbacks")
  }
  list(events = ls(run$events), backups = length(run$backups) > 0L)
}

end_sharing <- function(run) {
  if (is.null(run$shared)) return(invisible())
  if (!is.null(run$shared$watched)) share_state(run, run$shared$watched)
  join_states(run)
  run$plan$shared <- NULL
}

# Models whose steps cannot be put together from those of shards.
check_shareable <- function(run, shared) {
  self <- run$self
  if (run$plan$own) {
    abort_argument(sprintf(paste(
      "A model with %s of its own cannot be trained on several ranks: what",
      "that does to a part of a batch need not make up what it does to all of",
      "it. compile() takes losses and metrics of your own."
    ), paste(own_step_parts(self), collapse = ", ")), "distribution")
  }
  for (layer in all_layers(self)) {
    penalty <- layer$activity_regularizer
    if (!is.null(penalty) && !adds_up(penalty)) {
      abort_argument(sprintf(paste(
        "The `activity_regularizer` of layer `%s` must be regularizer_l1(),",
        "regularizer_l2() or regularizer_l1_l2() to train on several ranks."),
        layer$name), "distribution")
    }
  }
  sizes <- run$feeds$train$sizes
  if (shared$auto_shard && length(sizes) && max(sizes) < shared$comm$size) {
    abort_argument(sprintf(paste(
      "`batch_size` must be at least %d, a sample for each rank, but batches",
      "have %d."), shared$comm$size, max(sizes)), "batch_size")
  }
}

# Is the penalty of a batch the sum of those of its parts?
adds_up <- function(regularizer) {
  inherits(regularizer, "elman_regularizer") &&
    inherits(regularizer, c("L1", "L2", "L1L2"))
}

# ---- batches -----------------------------------------------------------------

# A feed that gives this rank's shards.
shared_feed <- function(feed, run, shared) {
  if (is.null(feed)) return(NULL)
  inner <- feed[c("start", "next_batch")]
  ended <- FALSE
  feed$alone <- inner
  feed$stretch <- function() NULL
  feed$start <- function() {
    ended <<- FALSE
    inner$start()
  }
  feed$next_batch <- function() {
    # Others may have data when those of this rank have ended.
    batch <- if (!ended) inner$next_batch()
    ended <<- is.null(batch)
    shard <- if (shared$auto_shard) {
      if (!is.null(batch)) own_shard(batch, shared$comm)
    } else {
      joined_shard(batch, shared)
    }
    if (!is.null(shard) && !shared$compared && shard$shard$count) {
      shared$compared <- TRUE
      compare_ranks(shared, describe_batch(shard))
    }
    shard
  }
  feed
}

# The joint batch is made of what each rank has, in their order; a rank whose
# data have ended has nothing.
joined_shard <- function(batch, shared) {
  comm <- shared$comm
  mine <- numeric(comm$size)
  mine[comm$rank + 1L] <- if (is.null(batch)) 0 else batch$size
  counts <- as.integer(sum_ranks(comm, mine))
  if (!sum(counts)) return(NULL)
  if (is.null(batch)) batch <- list()
  first <- cumsum(counts) - counts
  at <- comm$rank + 1L
  batch$size <- sum(counts)
  batch$shard <- list(first = first[at], count = counts[at], size = sum(counts))
  batch$counts <- counts
  batch
}

# ---- do all ranks train the same? --------------------------------------------

describe_run <- function(run) {
  self <- run$self
  weights <- vapply(self$weights, function(v) {
    sprintf("%s %s %s%s", .subset2(v, "path"), format_shape(shape_of(v)),
            dtype_of(v), if (.subset2(v, "trainable")) "" else " frozen")
  }, "")
  losses <- vapply(run$plan$losses, function(one) {
    if (is.null(one)) "none" else paste(one$loss$name, one$weight)
  }, "")
  feeds <- vapply(run$feeds, function(feed) {
    if (is.null(feed)) return("none")
    sizes <- if (run$shared$auto_shard) feed$sizes
    steps <- if (run$shared$auto_shard) feed$steps
    paste(c("batches of", sizes, "in", steps), collapse = " ")
  }, "")
  c(
    version = as.character(utils::packageVersion("elman")),
    weights = paste(sub("^[^/]*_[0-9]+/", "", weights), collapse = "; "),
    optimizer = class(self$optimizer)[1],
    losses = paste(losses, collapse = "; "),
    data = paste(names(feeds), feeds, collapse = "; "),
    epochs = paste(run$epoch, "to", run$params$epochs),
    distribution = paste(run$shared$sync_every, run$shared$auto_shard)
  )
}

# Without the number of rows, which may differ.
describe_batch <- function(shard) {
  parts <- lapply(shard[c("x", "y", "weight")], function(part) {
    vapply(part, function(t) {
      if (is.null(t)) return("none")
      paste(format_shape(attr(t, "shape")[-1]), attr(t, "dtype"))
    }, "")
  })
  c(shapes = paste(names(parts), vapply(parts, paste, "", collapse = ", "),
                   collapse = "; "))
}

# All ranks stop where one differs from rank 0; that one says how.
compare_ranks <- function(shared, mine) {
  comm <- shared$comm
  first <- from_rank(comm, mine)
  differs <- names(first)[!first %in% mine]
  wrong <- numeric(comm$size)
  if (length(differs)) wrong[comm$rank + 1L] <- match(differs[1], names(first))
  wrong <- sum_ranks(comm, wrong)
  if (!any(wrong > 0)) return(invisible())
  # All know: nobody has to be told.
  shared$done <- TRUE
  rank <- which(wrong > 0)[1] - 1L
  name <- names(first)[wrong[rank + 1L]]
  detail <- if (comm$rank == rank) {
    sprintf(": %s here, %s on rank 0", mine[[name]], first[[name]])
  }
  abort_argument(paste0("All ranks must train the same, but rank ", rank,
                        " has other ", name, " than rank 0", detail, "."),
                 "distribution")
}

# ---- what rank 0 says --------------------------------------------------------

# All ranks begin where rank 0 does: its weights, its random numbers, or the
# place of a backup.
share_start <- function(run) {
  if (is.null(run$shared)) return(invisible())
  optimizer <- run$self$optimizer
  if (!optimizer$built) optimizer$build(run$self$trainable_weights)
  if (is.null(random_state())) stats::runif(1L)
  state <- from_rank(run$shared$comm, if (run$shared$first) {
    run$resumed %||% run_state(run)
  })
  if (!run$shared$first) resume_run(run, state)
  split_states(run)
}

# What callbacks of rank 0 have changed in these events reaches all.
share_state <- function(run, events) {
  shared <- run$shared
  if (is.null(shared) || !any(events %in% shared$watched)) return(invisible())
  state <- from_rank(shared$comm, if (shared$first) {
    state <- run_state(run)
    state$zero_states <- states_are_zero(run$self)
    # Those of this rank's rows.
    state$states <- vector("list", length(state$states))
    state
  })
  if (shared$first) return(invisible())
  restore_run(run, state)
  if (state$zero_states) reset_model_states(run$self)
}

# Weights and optimizer alone, around a validation.
share_weights <- function(plan, event) {
  shared <- plan$shared
  if (is.null(shared) || !event %in% shared$watched) return(invisible())
  cells <- c(model_cells(plan$self), optimizer_cells(plan$self$optimizer))
  values <- from_rank(shared$comm, if (shared$first) lapply(cells, cell_value))
  if (!shared$first) Map(set_cell, cells, values)
}

# After a batch that callbacks of rank 0 look at: do we stop, how fast do we
# learn, and which random numbers come next?
share_control <- function(run) {
  shared <- run$shared
  events <- c("on_train_batch_begin", "on_train_batch_end")
  if (is.null(shared) || !any(events %in% shared$watched)) return(invisible())
  self <- run$self
  news <- from_rank(shared$comm, if (shared$first) {
    list(stop = isTRUE(self$stop_training), seed = random_state(),
         rate = optimizer_rate(self$optimizer))
  })
  if (shared$first) return(invisible())
  self$stop_training <- news$stop
  set_random_state(news$seed)
  if (!identical(news$rate, optimizer_rate(self$optimizer))) {
    self$optimizer$learning_rate <- news$rate
  }
}

# NULL where it follows a schedule.
optimizer_rate <- function(optimizer) {
  if (optimizer$has_constant_rate()) optimizer$learning_rate
}

# A rank without rows has drawn no random numbers and moved no statistics: it
# goes on with those of a rank that had some.
share_draws <- function(plan) {
  cells <- c(Filter(Negate(is_variable), model_cells(plan$self)),
             moving_statistics(plan$self))
  root <- which(plan$shared$counts > 0L)[1] - 1L
  comm <- plan$shared$comm
  state <- from_rank(comm, if (comm$rank == root) {
    list(seed = random_state(), draws = lapply(cells, cell_value))
  }, root)
  set_random_state(state$seed)
  Map(set_cell, cells, state$draws)
}
