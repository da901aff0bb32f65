# The loss of a joint batch from those of its shards. A loss is a sum over
# values divided by what the batch has of them, so the joint one is the sum of
# sums over the sum of divisors. A loss is of one of four kinds:
#
# * "sum": there is no divisor;
# * "rows": divided by the number of values, which is known from that of the
#   rows;
# * "counted": divided by what a mask leaves, or by a sum of weights, which is
#   known when all ranks have said what they have;
# * "whole": the user's own, which may be anything, and sees all rows.

shard_losses <- function(plan, batch, outputs) {
  lapply(plan$with_loss, shard_loss, plan = plan, y = batch$y,
         outputs = outputs, weights = batch$weight,
         rows = shape_of(batch$x[[1]])[1])
}

# What output `k` of a shard adds: its kind, its sum and its divisor, as
# tensors.
shard_loss <- function(plan, k, y, outputs, weights, rows) {
  loss <- plan$losses[[k]]$loss
  weight <- weights[[k]]
  check_reduction_of(loss)
  if (!is_native_loss(loss)) {
    return(whole_loss(loss, y[[k]], outputs[[k]], weight))
  }
  mean <- if (is.null(weight)) fused_loss(loss, y[[k]], outputs[[k]])
  if (!is.null(mean)) return(list(kind = "rows", sum = op_multiply(mean, rows)))
  entries <- loss_entries(loss, y[[k]], outputs[[k]])
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

check_reduction_of <- function(loss) {
  if (loss$reduction != "none") return(invisible())
  abort_argument(paste("`loss` must have a reduction to train on several",
                       "ranks, not \"none\"."), "loss")
}

# All ranks compute the same loss of all rows, but each takes gradients with
# respect to its own ones: their sum is that of the loss.
whole_loss <- function(loss, y, output, weight) {
  value <- loss_value(loss, all_rows(y), all_rows(output), all_rows(weight))
  list(kind = "whole", whole = value, sum = op_divide(value, ranks_with_rows()))
}

# What the sums are divided by: 1, the rows of all, or what all ranks counted,
# where nothing counts as 1.
joint_divisors <- function(kinds, rows, counted) {
  divisors <- ifelse(kinds == "rows", rows, 1)
  at <- kinds == "counted"
  divisors[at] <- ifelse(counted[at] == 0, 1, counted[at])
  divisors
}
