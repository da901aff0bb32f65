# One step of several ranks on their shards of a batch. It is two programs
# around one sum over ranks: a shard becomes gradients and numbers (sums and
# divisors of losses, statistics of metrics), which are added up as one vector,
# and the sums become an update. Both programs are recorded and replayed like
# any step.

# ---- shards ------------------------------------------------------------------

# First row (from 0) and number of rows of each rank's shard: as even as can be,
# the first ranks having more.
shard_sizes <- function(rows, ranks) {
  counts <- rows %/% ranks + (seq_len(ranks) <= rows %% ranks)
  list(first = cumsum(counts) - counts, count = counts)
}

# This rank's rows of a batch that all ranks have; nothing is copied yet.
own_shard <- function(batch, comm) {
  sizes <- shard_sizes(batch$size, comm$size)
  first <- sizes$first[comm$rank + 1L]
  count <- sizes$count[comm$rank + 1L]
  at <- as.integer(first + seq_len(count) - 1L)
  cut <- function(t) {
    if (inherits(t, "elman_rows")) rows_of(t[[1]], t[[2]][at + 1L])
    else rows_of(t, at)
  }
  list(x = cut_all(batch$x, cut), y = cut_all(batch$y, cut),
       weight = cut_all(batch$weight, cut), size = batch$size,
       shard = list(first = first, count = count, size = batch$size),
       counts = sizes$count)
}

# What a rank with rows knows, where some rank has none.
from_full_rank <- function(plan, batch, known) {
  if (all(batch$counts > 0L)) return(known)
  from_rank(plan$shared$comm, known, which(batch$counts > 0L)[1] - 1L)
}

# ---- the step ----------------------------------------------------------------

# One step on the batch that this shard is of: an update if `training`, and its
# numbers added to the running means. Without `joint`, on the shard alone.
shared_step <- function(plan, batch, training, joint = TRUE) {
  comm <- plan$shared$comm
  sum <- function(x) if (joint) sum_ranks(comm, x) else x
  task <- step_task(plan, batch, training, joint)
  divisors <- step_divisors(plan, batch, task, sum)
  shard <- shard_tensors(plan, batch, task, divisors, joint)
  layout <- plan$shared$layouts[[task$name]]
  sums <- shard$sums
  if (joint) {
    sums <- add_up_tensors(comm, layout, sums, batch$size)
    check_joint(sums[[1]], batch$size, comm)
  }
  values <- finish_step(plan, sums, layout, task)
  follow_wholes(plan, task, values, gather_wholes(plan, batch, task,
                                                  shard$wholes, joint))
  if (joint && any(batch$counts == 0L)) share_draws(plan)
  invisible()
}

# All ranks must have been at the same batch.
check_joint <- function(numbers, size, comm) {
  sizes <- .subset(numbers, length(numbers))
  if (sizes != size * comm$size) {
    abort_argument(sprintf(paste(
      "Ranks must have the same batches, but here one has %d samples, and on",
      "average %s."), size, format(sizes / comm$size)), "x")
  }
}

# What is the same in all steps of a kind, found out at the first one.
step_task <- function(plan, batch, training, joint) {
  name <- paste0(if (training) "train" else "test",
                 if (length(batch$weight)) " weighted")
  known <- plan$shared$tasks[[name]]
  if (is.null(known)) {
    known <- if (batch$shard$count) probe_step(plan, batch, name, training)
    if (joint) known <- from_full_rank(plan, batch, known)
    plan$shared$tasks[[name]] <- known
  }
  rows <- if (joint) batch$size else batch$shard$count
  task <- known
  task$rows <- rows
  # Programs hold the place of the shard within the batch.
  task$mode <- sprintf("%s %s %d %d %d", name,
                       if (joint) "shared" else "local", batch$size,
                       batch$shard$first, batch$shard$count)
  task
}

# Goes once through the model, without training: settles the plan, sees of which
# kind the losses are, and refuses what cannot be put together from shards.
probe_step <- function(plan, batch, name, training) {
  seed <- random_state()
  states <- keep_states(plan$self)
  whole <- whole_batch(batch)
  outputs <- forward(plan$self, whole$x, FALSE)
  if (!plan$settled) settle_plan(plan, whole$y, outputs)
  check_metrics(plan)
  parts <- shard_losses(plan, whole, outputs)
  kinds <- vapply(parts, `[[`, "", "kind")
  noted <- length(noted_losses(plan)) > 0L
  if (!length(kinds) && !noted && !length(plan$regularized)) {
    abort_state("There is no loss: give compile() a `loss`.")
  }
  put_back_states(plan$self, states)
  set_random_state(seed)
  counted <- any(kinds == "counted")
  # A single loss is divided after the sum over ranks, when the divisor is
  # known; else a look at all masks comes first.
  later <- counted && length(kinds) == 1L && !noted
  early <- counted && !later && training
  if (early && any_stateful(plan$self)) {
    abort_argument(paste(
      "A stateful model with masks must have one loss and no",
      "`activity_regularizer` to train on several ranks."
    ), "distribution")
  }
  list(name = name, training = training, kinds = kinds, later = later,
       early = early, noted = noted, whole = whole_trackers(plan),
       exchanges = any(kinds == "whole") ||
         training && any_batch_statistics(plan$self))
}

# ---- divisors that must be known before the gradients ------------------------

step_divisors <- function(plan, batch, task, sum) {
  kinds <- task$kinds
  if (task$later || !task$training) return(rep(1, length(kinds)))
  counted <- numeric(length(kinds))
  if (task$early) {
    if (batch$shard$count) {
      counted <- shard_program(plan, batch, paste("divisors", task$mode),
                               function(batch, own) {
        outputs <- forward(plan$self, batch$x, FALSE)
        parts <- shard_losses(plan, batch, outputs)
        list(flat_tensor(lapply(parts, loss_count)))
      })
      counted <- as.array(counted[[1]])
    }
    counted <- sum(counted)
  }
  joint_divisors(kinds, task$rows, counted)
}

# The divisor of a loss where it is counted, and what takes its place.
loss_count <- function(part) {
  if (is.null(part$divisor)) op_multiply(part$sum, 0) else part$divisor
}

# ---- from a shard to numbers -------------------------------------------------

# Runs `step(batch, own)` on this rank's rows, recorded or as it is written, and
# gives its tensors. `more` are numbers that the step gets as scalar tensors
# `own`; with `shared` it may exchange numbers with other ranks on its way.
shard_program <- function(plan, batch, mode, step, more = numeric(),
                          shared = NULL) {
  n <- length(batch$x)
  scalars <- lapply(more, function(x) as_tensor(x, plan$shared$dtype))
  batch$x <- c(batch$x, scalars)
  old <- the$shard
  on.exit(the$shard <- old)
  the$shard <- c(batch$shard, list(shared = shared))
  run_step(plan_log(plan), mode, batch, function(batch) {
    own <- batch$x[n + seq_along(scalars)]
    batch$x <- batch$x[seq_len(n)]
    step(batch, own)
  }, as_tensors = TRUE)
}

# What this shard adds: `sums`, a tensor of numbers and the gradients, NULL
# where it has no rows; and `wholes`, outputs that are looked at for all rows
# together.
shard_tensors <- function(plan, batch, task, divisors, joint) {
  shared <- plan$shared
  apart <- joint && any(batch$counts == 0L) && task$exchanges
  tensors <- if (batch$shard$count) {
    shard_numbers(plan, batch, task, divisors, if (joint) shared)
  } else if (apart) {
    stand_by(shared)
  }
  if (apart && batch$shard$count) release(shared)
  if (is.null(shared$layouts[[task$name]])) {
    # Programs of an earlier fit() say it without running in R.
    layout <- plan_log(plan)$layouts[[task$name]]
    if (joint) layout <- from_full_rank(plan, batch, layout)
    shared$layouts[[task$name]] <- layout
  }
  if (is.null(tensors)) return(NULL)
  n <- 1L + length(shared$layouts[[task$name]]$given)
  list(sums = tensors[seq_len(n)], wholes = tensors[-seq_len(n)])
}

# Sums and divisors of losses, penalties of outputs, statistics and the number
# of rows of all, as one tensor; gradients; outputs.
shard_numbers <- function(plan, batch, task, divisors, shared) {
  log <- plan_log(plan)
  shard_program(plan, batch, task$mode, function(batch, own) {
    result <- if (task$training) {
      record_gradients(function() shard_objective(plan, batch, task, own),
                       plan$variables)
    } else {
      list(result = shard_objective(plan, batch, task, own))
    }
    parts <- result$result$parts
    outputs <- result$result$outputs
    pieces <- c(
      lapply(parts, `[[`, "sum"), lapply(parts, loss_count),
      if (task$noted) list(result$result$noted),
      shard_statistics(plan, batch, task, outputs),
      list(as_tensor(batch$size, "float64"))
    )
    given <- which(!vapply(result$gradients, is.null, NA))
    gradients <- result$gradients[given]
    log$layouts[[task$name]] <- sums_layout(task$name, given, gradients,
                                            length(parts), pieces)
    c(list(flat_tensor(pieces)), unname(gradients),
      whole_outputs(plan, task, outputs))
  }, divisors, shared)
}

# What gradients are taken of: the shard's share of the joint loss, without the
# penalties on weights, which finish_step() adds once.
shard_objective <- function(plan, batch, task, divisors) {
  rows <- batch$shard$count
  outputs <- forward(plan$self, batch$x, task$training)
  parts <- shard_losses(plan, batch, outputs)
  total <- NULL
  for (k in seq_along(parts)) {
    weight <- plan$losses[[plan$with_loss[k]]]$weight
    value <- parts[[k]]$whole %||% op_divide(
      parts[[k]]$sum, op_cast(divisors[[k]], dtype_of(parts[[k]]$sum))
    )
    total <- plus(total, if (weight != 1) op_multiply(value, weight) else value)
  }
  # Penalties of outputs are divided by the number of rows.
  noted <- NULL
  for (value in noted_losses(plan)) noted <- plus(noted, op_sum(value))
  if (!is.null(noted)) {
    noted <- op_multiply(noted, rows / task$rows)
    total <- plus(total, noted)
  }
  if (is.null(total)) total <- op_multiply(op_sum(outputs[[1]]), 0)
  list(loss = if (task$training) plan$self$optimizer$scale_loss(total),
       parts = parts, noted = noted, outputs = outputs)
}

shard_statistics <- function(plan, batch, task, outputs) {
  at <- setdiff(seq_along(plan$trackers), task$whole)
  unlist(lapply(plan$trackers[at], batch_tracked, batch = batch,
                outputs = outputs), recursive = FALSE)
}

batch_tracked <- function(tracker, batch, outputs) {
  k <- tracker$output
  tracker$metric$statistics(batch$y[[k]], outputs[[k]],
                            if (tracker$weighted) batch$weight[[k]])
}

# ---- tensors that are added up over ranks ------------------------------------

flat_tensor <- function(tensors) {
  pieces <- lapply(tensors[lengths(tensors) > 0L], function(x) {
    op_reshape(op_cast(x, "float64"), prod(shape_of(x)))
  })
  if (length(pieces) == 1L) pieces[[1]] else op_concatenate(pieces)
}

# Which variables have a gradient and how it looks, and of which shapes the
# pieces of the numbers are. All lie in one vector, floats first, two in each
# place.
sums_layout <- function(name, given, gradients, losses, pieces) {
  shapes <- lapply(pieces[lengths(pieces) > 0L], shape_of)
  forms <- lapply(unname(gradients), function(g) {
    list(shape = shape_of(g), dtype = dtype_of(g))
  })
  sizes <- vapply(forms, function(form) prod(form$shape), 1)
  floats <- vapply(forms, function(form) form$dtype == "float32", NA)
  numbers <- sum(vapply(shapes, prod, 1))
  pairs <- ceiling(sum(sizes[floats]) / 2)
  forms <- c(list(list(shape = as.integer(numbers), dtype = "float64")), forms)
  list(name = name, given = given, losses = losses, shapes = shapes,
       forms = forms, pairs = pairs,
       length = pairs + sum(sizes[!floats]) + numbers)
}

# The sums over ranks of tensors of this layout, in memory that is used again at
# the next step. Without tensors, those of a rank without rows, `size` is all
# that it has to add.
add_up_tensors <- function(comm, layout, tensors, size) {
  if (comm$size == 1L) return(tensors)
  if (is.null(tensors)) {
    tensors <- zeros_of(layout)
    count <- layout$forms[[1]]$shape
    cpp_piece_put(tensors[[1]], count - 1, as.double(size), FALSE, 0)
  }
  flat <- spare(comm, layout$length, "flat")
  cpp_pack(flat, tensors, layout$pairs, FALSE)
  sum_in_place(comm, flat, layout$pairs)
  sums <- kept_tensors(comm, layout)
  cpp_pack(flat, sums, layout$pairs, TRUE)
  sums
}

kept_tensors <- function(comm, layout) {
  key <- paste("sums", layout$name)
  if (is.null(comm$spare[[key]])) assign(key, zeros_of(layout), comm$spare)
  comm$spare[[key]]
}

zeros_of <- function(layout) {
  lapply(layout$forms, function(form) op_zeros(form$shape, form$dtype))
}

# The pieces of the flat tensor, in their shapes.
cut_flat <- function(flat, layout) {
  sizes <- vapply(layout$shapes, prod, 1)
  starts <- cumsum(sizes) - sizes
  lapply(seq_along(sizes), function(k) {
    op_reshape(slice_all(flat, as.integer(starts[k]), as.integer(sizes[k])),
               layout$shapes[[k]])
  })
}

# ---- from the sum over ranks to an update ------------------------------------

# Gives the numbers that absorb_statistics() adds, but for whole_trackers().
finish_step <- function(plan, sums, layout, task) {
  mode <- sprintf("joint %s %d", task$name, task$rows)
  run_step(plan_log(plan), mode, list(x = sums), function(batch) {
    pieces <- cut_flat(batch$x[[1]], layout)
    losses <- layout$losses
    divisors <- joint_tensors(task, pieces[losses + seq_len(losses)])
    parts <- Map(op_divide, pieces[seq_len(losses)], divisors)
    noted <- if (task$noted) pieces[[2L * losses + 1L]]
    # Before the update, which changes what the penalties are of.
    values <- list(joint_loss(plan, parts, noted))
    if (task$training) {
      gradients <- vector("list", length(plan$variables))
      gradients[layout$given] <- batch$x[-1]
      if (task$later) {
        gradients <- lapply(gradients, function(g) {
          if (!is.null(g)) op_divide(g, op_cast(divisors[[1]], dtype_of(g)))
        })
      }
      update_jointly(plan, gradients)
    }
    statistics <- pieces[-seq_len(2L * losses + task$noted)]
    c(values, statistics[-length(statistics)], if (length(plan$parts)) parts)
  })
}

joint_tensors <- function(task, counted) {
  Map(function(kind, x) {
    if (kind == "counted") op_add(x, op_cast(op_equal(x, 0), "float64"))
    else as_tensor(if (kind == "rows") task$rows else 1, "float64")
  }, task$kinds, counted)
}

joint_loss <- function(plan, parts, noted) {
  total <- noted
  for (k in seq_along(parts)) {
    weight <- plan$losses[[plan$with_loss[k]]]$weight
    total <- plus(total, op_multiply(parts[[k]], weight))
  }
  penalty <- weight_penalty(plan)
  if (!is.null(penalty)) total <- plus(total, op_cast(penalty, "float64"))
  total
}

weight_penalty <- function(plan) Reduce(op_add, weight_penalties(plan))

# The same on all ranks: penalties of weights join, and the optimizer moves.
update_jointly <- function(plan, gradients) {
  optimizer <- plan$self$optimizer
  if (length(plan$regularized)) {
    more <- record_gradients(function() {
      list(loss = optimizer$scale_loss(weight_penalty(plan)))
    }, plan$variables)$gradients
    gradients <- Map(function(g, m) {
      if (is.null(m)) g else plus(g, m)
    }, gradients, more)
  }
  suspendInterrupts(optimizer$apply(unname(gradients), plan$variables))
}
