# From one value per sample to the number that a batch is trained on: weights,
# masks and reductions. Nothing here looks at a tensor's numbers.

# The mean over a batch in one op, where there is neither mask nor weight and
# training can do with first derivatives; else NULL.
fused_loss <- function(loss, y_true, y_pred) {
  mean <- loss$reduction == "sum_over_batch_size" || loss$reduction == "mean"
  if (!mean || is.null(loss$fused) || !is.null(loss$dtype) ||
        !is.null(get_mask(y_pred))) {
    return(NULL)
  }
  run_row_loss(loss, y_true, y_pred, mean = TRUE)
}

# The reduced loss; masks on the predictions are honoured.
loss_value <- function(loss, y_true, y_pred, sample_weight = NULL) {
  reduce_entries(loss, loss_entries(loss, y_true, y_pred), sample_weight)
}

# What is to be reduced: values, the axis that they are averaged over to one per
# sample, and their mask.
loss_entries <- function(loss, y_true, y_pred) {
  y_pred <- as_float(y_pred, loss$dtype)
  mask <- get_mask(y_pred)
  values <- run_row_loss(loss, y_true, y_pred, mean = FALSE)
  axis <- NULL
  if (is.null(values)) {
    pair <- match_ranks(loss, y_true, y_pred)
    values <- as_float(loss$elements(pair$y_true, pair$y_pred))
    axis <- loss$axis
  }
  list(values = values, axis = axis, mask = both_masks(mask, get_mask(values)))
}

reduce_entries <- function(loss, entries, sample_weight) {
  values <- entries$values
  axis <- entries$axis
  mask <- entries$mask
  reduction <- loss$reduction
  if (is.null(mask) && is.null(sample_weight)) {
    # Groups of one size: the mean of their means is the mean of all.
    if (reduction == "none") return(sample_values(values, axis))
    if (reduction != "sum") return(mean_of_all(values))
    if (is.null(axis)) return(op_sum(values))
  }
  reduce_values(sample_values(values, axis), sample_weight, mask, reduction)
}

mean_of_all <- function(values) {
  if (rank_of(values)) op_mean(values) else values
}

both_masks <- function(a, b) {
  if (is.null(a)) return(b)
  if (is.null(b)) a else op_logical_and(a, b)
}

sample_values <- function(elements, axis) {
  if (is.null(axis)) elements else op_mean(elements, axis = axis)
}

# Weighted values, reduced; with a mask the divisor is the number of valid
# entries, whatever the weights.
reduce_values <- function(values, sample_weight, mask, reduction) {
  dtype <- dtype_of(values)
  weight <- if (!is.null(sample_weight)) as_weight(sample_weight, dtype)
  if (!is.null(mask)) weight <- weigh_mask(weight, mask, reduction, dtype)
  if (!is.null(weight)) {
    values <- op_multiply(values, align_weight(weight, values))
  }
  if (reduction == "none" || !rank_of(values)) return(values)
  if (reduction == "sum") return(op_sum(values))
  if (reduction == "mean_with_sample_weight" && !is.null(weight)) {
    return(divide_or_zero(op_sum(values), op_sum(weight)))
  }
  op_mean(values)
}

# x / y, and 0 where y is 0.
divide_or_zero <- function(x, y) {
  zero <- op_cast(op_equal(y, 0), dtype_of(y))
  op_divide(op_multiply(x, op_subtract(1, zero)), op_add(y, zero))
}

# The mask as weights, and times the weights.
weigh_mask <- function(weight, mask, reduction, dtype) {
  scaled <- op_cast(mask, dtype)
  if (reduction %in% c("mean", "sum_over_batch_size")) {
    valid <- op_maximum(op_sum(scaled), 1)
    total <- prod(tensor_shape(mask))
    scaled <- op_multiply(scaled, op_divide(total, valid))
  }
  if (is.null(weight)) return(scaled)
  op_multiply(scaled, align_weight(weight, scaled))
}

as_weight <- function(weight, dtype) {
  if (!is_tensor(weight)) weight <- as_data(weight, "sample_weight")
  as_tensor(weight, dtype)
}

# Weights with as many axes as the values, from the left: one per sample, or
# per sample and step. A single value takes several weights as they are.
align_weight <- function(weight, values) {
  have <- shape_of(weight)
  rank <- rank_of(values)
  n <- length(have)
  if (n == rank) return(weight)
  if (n == rank + 1L && have[n] == 1L) return(op_reshape(weight, have[-n]))
  if (rank == 0L) return(weight)
  if (n > rank) abort_weight_shape(shape_of(values), have)
  op_reshape(weight, c(have, rep(1L, rank - n)))
}

abort_weight_shape <- function(want, have) {
  abort_shape(sprintf(
    "`sample_weight` must have one number per value, shape %s, not %s.",
    format_shape(want), format_shape(have)), "sample_weight")
}
