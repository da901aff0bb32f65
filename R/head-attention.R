# Attention of many heads at once, between their projections, and what layers of
# heads are told.

# What may look at what, to broadcast to the scores; NULL for all at all. Masks
# of query, value and key are [batch, steps]; `steps` are the numbers of both
# where a query sees no later key.
head_mask <- function(query, value, key, whole, steps) {
  along <- function(mask, axis) {
    if (!is.null(mask)) op_expand_dims(as_mask(mask), axis)
  }
  used <- both_masks(along(query, -1L), along(value, -2L))
  used <- both_masks(used, along(key, -2L))
  if (!is.null(steps)) used <- both_masks(used, causal_mask(steps))
  both_masks(if (!is.null(whole)) as_mask(whole), used)
}

# Projections [batch, ..., heads, size] in, along whose `axes` queries and keys
# stand; `output` of the same kind and `scores` [batch and other axes, heads,
# queries, keys] out. `drop` is a function of the weights, or NULL; `nothing`
# says that a query which may look at nothing has no weights.
attend_heads <- function(q, k, v, axes, used, nothing, drop, name) {
  rank <- rank_of(q)
  others <- setdiff(seq_len(rank - 1L), axes)
  order <- c(others, axes, rank)
  rows <- function(x) {
    shape <- shape_of(x)
    op_reshape(op_transpose(x, order),
               c(shape[others], prod(shape[axes]), shape[rank]))
  }
  scores <- multiply_matrices(rows(q), rows(k), FALSE, TRUE)
  flat <- shape_of(scores)
  sizes <- c(shape_of(q)[c(others, axes)], shape_of(k)[axes])
  weights <- share_heads(op_reshape(scores, sizes), used, length(axes), nothing,
                         name)
  dropped <- if (is.null(drop)) weights else drop(weights)
  y <- op_matmul(op_reshape(dropped, flat), rows(v))
  y <- op_reshape(y, c(shape_of(q)[c(others, axes)], shape_of(v)[rank]))
  list(output = op_transpose(y, match(seq_len(rank), order)), scores = weights)
}

# Softmax over the last `n` axes.
share_heads <- function(scores, used, n, nothing, name) {
  over <- -seq_len(n)
  if (is.null(used)) return(softmax_over(scores, over))
  shape <- shape_of(scores)
  have <- shape_of(used)
  missing <- length(shape) - length(have)
  if (missing > 0L && length(have) >= 2L * n) {
    have <- append(have, rep(1L, missing), length(have) - 2L * n)
  }
  if (length(have) != length(shape) || !all(have == 1L | have == shape)) {
    abort_shape(sprintf(paste(
      "The masks of layer `%s` must broadcast to the scores of shape %s, not",
      "have shape %s together."), name, format_shape(shape),
      format_shape(shape_of(used))), "attention_mask")
  }
  used <- op_reshape(used, have)
  y <- softmax_over(op_where(used, scores, masked_logit), over)
  if (nothing) op_where(used, y, 0) else y
}

# ---- arguments ---------------------------------------------------------------

check_causal <- function(self) {
  if (identical(as.integer(self$attention_axes), 1L)) return(invisible())
  abort_argument(paste("`use_causal_mask` must be FALSE where attention is not",
                       "along the first axis behind the batch."),
                 "use_causal_mask")
}

check_output_sizes <- function(x) {
  if (is.null(x)) return(NULL)
  sizes <- as_shape(x, "output_shape")
  if (!length(sizes) || anyNA(sizes) || any(sizes < 1L)) {
    must_be(x, "output_shape", "positive whole numbers or NULL")
  }
  sizes
}

check_attention_axes <- function(x) {
  if (!length(x)) return(NULL)
  axes <- unlist(x)
  if (!is.numeric(axes) || anyNA(axes) || any(axes != round(axes))) {
    must_be(x, "attention_axes", "whole numbers or NULL")
  }
  as.integer(axes)
}

# Neither the batch nor the features.
resolve_attention_axes <- function(self, rank) {
  axes <- self$attention_axes
  axes <- ifelse(axes < 0L, axes + rank, axes)
  if (any(axes < 1L | axes > rank - 2L) || anyDuplicated(axes)) {
    must_be(self$attention_axes, "attention_axes", sprintf(
      "axes from 1, the first behind the batch, to %d", rank - 2L))
  }
  axes
}

# Shapes of query, value and key: the same number of axes, the same batch, and
# value and key alike but for the features.
check_head_shapes <- function(self, shapes) {
  rank <- length(shapes[[1]])
  inner <- function(shape) shape[-length(shape)]
  axes <- (self$attention_axes %||% seq_len(max(rank - 2L, 0L))) + 1L
  axes <- ifelse(axes <= 0L, axes + rank, axes)
  ok <- rank >= 3L && all(lengths(shapes) == rank) &&
    fits_shape(inner(shapes[[2]]), inner(shapes[[3]])) &&
    fits_shape(inner(shapes[[1]])[-axes], inner(shapes[[2]])[-axes])
  if (!ok) {
    abort_shape(sprintf(paste(
      "Query, value and key of layer `%s` must have shapes [batch, queries,",
      "...], [batch, keys, ...] and [batch, keys, ...], not %s."), self$name,
      paste(vapply(shapes, format_shape, ""), collapse = ", ")), "inputs")
  }
}

unmasked <- function(x) {
  if (!is.null(get_mask(x))) attr(x, "mask") <- NULL
  x
}
