# The loss of a joint batch from those of its shards. A loss is a sum over values
# divided by what the batch has of them, so the joint one is the sum of sums over
# the sum of divisors. A loss is of one of three kinds:
#
# * "sum": there is no divisor;
# * "rows": divided by the number of values, which is known from that of the rows;
# * "counted": divided by what a mask leaves, or by a sum of weights, which is
#   known when all ranks have said what they have.

# What output `k` of a shard adds: its kind, its sum and its divisor, as tensors.
shard_loss <- function(plan, k, y, outputs, weights, rows) {
  loss <- plan$losses[[k]]$loss
  weight <- weights[[k]]
  mean <- if (is.null(weight)) fused_loss(loss, y[[k]], outputs[[k]])
  if (!is.null(mean)) return(list(kind = "rows", sum = op_multiply(mean, rows)))
  entries <- loss_entries(loss, y[[k]], outputs[[k]])
  check_entries(plan, k, entries$values, rows)
  value <- reduce_entries(loss, entries, weight)
  if (loss$reduction == "sum") return(list(kind = "sum", sum = value))
  divisor <- loss_divisor(loss, entries, weight)
  if (is.null(divisor)) {
    return(list(kind = "rows", sum = op_multiply(value, rows)))
  }
  list(kind = "counted", sum = op_multiply(value, divisor), divisor = divisor)
}

# What reduce_values() divides by, NULL where that is the number of values.
loss_divisor <- function(loss, entries, weight) {
  dtype <- dtype_of(entries$values)
  if (loss$reduction == "mean_with_sample_weight" && !is.null(weight)) {
    weight <- as_weight(weight, dtype)
    if (!is.null(entries$mask)) {
      weight <- weigh_mask(weight, entries$mask, loss$reduction, dtype)
    }
    return(op_sum(weight))
  }
  if (is.null(entries$mask)) return(NULL)
  op_sum(op_cast(entries$mask, dtype))
}

# A loss whose values are not those of samples cannot be put together from
# shards.
check_entries <- function(plan, k, values, rows) {
  if (plan$losses[[k]]$loss$reduction == "none") {
    abort_argument(paste("`loss` must have a reduction to train on several",
                         "ranks, not \"none\"."), "loss")
  }
  shape <- shape_of(values)
  if (!length(shape) || shape[1] %% rows != 0L) {
    abort_argument(sprintf(paste(
      "`loss` must give values for each of %d samples to train on several",
      "ranks, not %s."), rows,
      if (length(shape)) format_shape(shape) else "a single number"), "loss")
  }
}

# What the sums are divided by: 1, the rows of all, or what all ranks counted,
# where nothing counts as 1.
joint_divisors <- function(kinds, rows, counted) {
  divisors <- ifelse(kinds == "rows", rows, 1)
  at <- kinds == "counted"
  divisors[at] <- ifelse(counted[at] == 0, 1, counted[at])
  divisors
}
