# What cannot be put together from shards: losses and metrics of the user's own,
# which may look at all rows of a batch together, and the statistics of batch
# normalization. Ranks exchange numbers for them within a step, which is never
# recorded then.

# ---- exchanges within a step -------------------------------------------------

# Is a step now running on a part of a batch whose other parts are elsewhere?
shares_rows <- function() !is.null(the$shard$shared)

ranks_with_rows <- function() {
  if (shares_rows()) sum(the$shard$shared$counts > 0L) else 1L
}

full_rank <- function(shared) which(shared$counts > 0L)[1] - 1L

# The sum over ranks of plain doubles, in their memory.
sum_within <- function(x) {
  shared <- the$shard$shared
  refuse_recording("ranks exchange numbers within it")
  if (any(shared$counts == 0L)) {
    from_rank(shared$comm, length(x), full_rank(shared))
  }
  sum_in_place(shared$comm, x)
}

# A rank without rows adds nothing to each of the sums that the others take,
# until they are through.
stand_by <- function(shared) {
  repeat {
    count <- from_rank(shared$comm, NULL, full_rank(shared))
    if (is.null(count)) return(NULL)
    sum_in_place(shared$comm, numeric(count))
  }
}

release <- function(shared) from_rank(shared$comm, NULL, full_rank(shared))

# The numbers of a tensor as plain doubles of their own, and back.
plain_doubles <- function(x) {
  x <- untaped(op_cast(x, "float64"))
  out <- numeric(length(x))
  cpp_piece_take(x, 0, out)
  out
}

tensor_of_doubles <- function(x, shape, dtype) {
  # In one go and without a copy.
  attributes(x) <- list(shape = as.integer(shape), dtype = "float64",
                        class = c("elman_tensor", "elman_value"))
  untaped(op_cast(x, dtype))
}

# What a sum over ranks adds to the joint loss, it adds on every rank.
sum_over_ranks_op <- new_op(
  "sum_over_ranks",
  infer = identity_op$infer,
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(sum_over_ranks(dy))
  },
  kernel = function(inputs, out, attributes) {
    tensor_of_doubles(sum_within(plain_doubles(inputs[[1]])), out$shape,
                      out$dtype)
  }
)

sum_over_ranks <- function(x) run_op(sum_over_ranks_op, list(x))

# ---- all rows on all ranks ---------------------------------------------------

# The rows of this shard, and those of all others around them.
all_rows_op <- new_op(
  "all_rows",
  infer = function(inputs, attributes) {
    x <- inputs[[1]]
    list(shape = c(the$shard$size, shape_of(x)[-1]), dtype = dtype_of(x))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(rows_at(dy, batch_index(own_rows()), the$shard$count))
  },
  kernel = function(inputs, out, attributes) {
    tensor_of_doubles(
      sum_within(among_all(plain_doubles(inputs[[1]]), out$shape, the$shard)),
      out$shape, out$dtype
    )
  }
)

own_rows <- function() {
  as.integer(the$shard$first + seq_len(the$shard$count) - 1L)
}

# Zeros for all other rows of a tensor of this shape.
among_all <- function(x, shape, shard) {
  all <- numeric(prod(shape))
  cpp_piece_put(all, shard$first * prod(shape[-1]), x, FALSE, 0)
  all
}

# With the mask of all. A tensor that is not given is none, and without other
# ranks all rows are here.
all_rows <- function(x) {
  if (is.null(x) || !shares_rows()) return(x)
  mask <- get_mask(x)
  all <- run_op(all_rows_op, list(x))
  if (is.null(mask)) all else set_mask(all, run_op(all_rows_op, list(mask)))
}

# ---- metrics of all rows -----------------------------------------------------

# Which trackers follow functions and classes of the user's.
whole_trackers <- function(plan) {
  which(vapply(plan$trackers, function(tracker) {
    !tracker$native || isTRUE(tracker$metric$of_user)
  }, NA))
}

check_metrics <- function(plan) {
  for (tracker in plan$trackers) {
    if (tracker$native || plan$shared$sync_every == 1L) next
    abort_argument(sprintf(paste(
      "Metric \"%s\" must be one of the package, or a function of (y_true,",
      "y_pred), where `sync_every` is above 1: what ranks have counted apart",
      "in a class of your own cannot be added up."), tracker$name), "metrics")
  }
}

watched_outputs <- function(plan, task) {
  sort(unique(vapply(plan$trackers[task$whole], `[[`, 1, "output")))
}

# What a shard's program gives for them: outputs, and their masks.
whole_outputs <- function(plan, task, outputs) {
  unlist(lapply(outputs[watched_outputs(plan, task)], function(output) {
    mask <- get_mask(output)
    c(list(set_mask(output, NULL)), if (!is.null(mask)) list(mask))
  }), recursive = FALSE)
}

# A batch of what these metrics look at, with all rows if `joint`.
gather_wholes <- function(plan, batch, task, tensors, joint) {
  if (!length(task$whole)) return(NULL)
  at <- watched_outputs(plan, task)
  given <- if (batch$shard$count) {
    batch <- whole_batch(batch)
    outputs <- vector("list", length(plan$losses))
    masks <- outputs
    for (k in at) {
      outputs[[k]] <- tensors[[1]]
      tensors <- tensors[-1]
      if (length(tensors) && tensor_dtype(tensors[[1]]) == "bool") {
        masks[[k]] <- tensors[[1]]
        tensors <- tensors[-1]
      }
    }
    only <- function(part) {
      lapply(seq_along(outputs), function(k) if (k %in% at) part[k][[1]])
    }
    list(y = only(batch$y), weight = only(batch$weight), outputs = outputs,
         masks = masks)
  }
  if (joint) given <- rows_of_all(plan, batch, given)
  for (k in at) {
    if (is.null(given$masks[[k]])) next
    given$outputs[[k]] <- set_mask(given$outputs[[k]], given$masks[[k]])
  }
  given
}

# The same lists of tensors with the rows of all ranks.
rows_of_all <- function(plan, batch, given) {
  comm <- plan$shared$comm
  forms <- lapply(given, lapply, function(x) {
    if (!is.null(x)) list(shape = tensor_shape(x)[-1], dtype = tensor_dtype(x))
  })
  forms <- from_full_rank(plan, batch, forms)
  Map(function(part, forms) {
    lapply(seq_along(forms), function(k) {
      form <- forms[[k]]
      if (is.null(form)) return(NULL)
      shape <- c(batch$size, form$shape)
      mine <- if (is.null(given)) numeric() else
        plain_doubles(given[[part]][[k]])
      all <- among_all(mine, shape, batch$shard)
      tensor_of_doubles(sum_in_place(comm, all), shape, form$dtype)
    })
  }, names(forms), forms)
}

# Adds the numbers of a step to what is followed; metrics of whole batches are
# taken from the batch itself.
follow_wholes <- function(plan, task, values, batch) {
  if (length(task$whole)) {
    own <- lapply(plan$trackers[task$whole], function(tracker) {
      if (!tracker$native) return(NULL)
      lapply(batch_tracked(tracker, batch, batch$outputs), cpp_tensor_to_r)
    })
    values <- insert_values(plan, task, values, own)
  }
  absorb_statistics(plan, task$rows, values)
  if (plan$own_metrics) update_own_metrics(plan, batch, batch$outputs)
}

# `values` in the order of followed(), which has the loss first.
insert_values <- function(plan, task, values, own) {
  out <- values[1]
  rest <- values[-1]
  for (k in seq_along(plan$trackers)) {
    if (k %in% task$whole) {
      out <- c(out, own[[match(k, task$whole)]])
    } else {
      n <- length(.subset2(plan$trackers[[k]]$metric, "state"))
      out <- c(out, rest[seq_len(n)])
      rest <- rest[-seq_len(n)]
    }
  }
  c(out, rest)
}

# ---- statistics of whole batches ---------------------------------------------

takes_batch_statistics <- function(layer) {
  "BatchNormalization" %in% layer$classes && layer$trainable
}

any_batch_statistics <- function(self) {
  any(vapply(all_layers(self), takes_batch_statistics, NA))
}

moving_statistics <- function(self) {
  layers <- Filter(takes_batch_statistics, all_layers(self))
  unlist(lapply(layers, function(layer) {
    list(layer$moving_mean, layer$moving_variance)
  }))
}

# Mean and mean squared deviation over axes of all rows. Masks count as in
# masked_moments().
joint_moments <- function(x, mask, axes) {
  used <- if (!is.null(mask)) op_cast(mask, dtype_of(x))
  count <- if (is.null(mask)) {
    as_tensor(prod(shape_of(x)[axes]), dtype_of(x))
  } else {
    op_sum(used, axis = axes, keepdims = TRUE)
  }
  count <- sum_over_ranks(count)
  if (!is.null(mask)) count <- op_add(count, the$epsilon)
  mean_of <- function(x) {
    if (!is.null(mask)) x <- op_where(mask, x, 0)
    op_divide(sum_over_ranks(op_sum(x, axis = axes, keepdims = TRUE)), count)
  }
  mean <- mean_of(x)
  list(mean = mean, variance = mean_of(op_square(op_subtract(x, mean))))
}
