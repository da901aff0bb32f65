# Normalization and attention as operations.

#' Normalization
#'
#' * `op_normalize()`: `x / max(norm(x), epsilon)`.
#' * `op_batch_normalization()`: `(x - mean) / sqrt(variance + epsilon)`, times
#'   `scale`, plus `offset`, each a vector along one axis.
#' * `op_layer_normalization()`: the same with mean and variance of `x` itself
#'   over `axis`, and `gamma` and `beta`.
#' * `op_rms_normalization()`: `x / sqrt(mean(x^2) + epsilon)`, times `scale`.
#'
#' @param x A tensor or array.
#' @param mean,variance,offset,scale,gamma,beta Vectors along `axis`, or for
#'   several axes tensors of their sizes; `NULL` for none.
#' @param axis One or more axes, counted from 1, negative ones from the end.
#' @param order Of the norm: a whole number from 1 on.
#' @param epsilon A small number; `NULL` for [config_epsilon()].
#' @param ... `rms_scaling = TRUE`: an older way that divides `x` itself by its
#'   standard deviation.
#' @return A tensor of the shape of `x`.
#' @section Errors: `elman_error_argument` for an axis that is not there,
#'   `elman_error_shape` for vectors of another size.
#' @examples
#' x <- rbind(c(3, 4), c(6, 8))
#' op_normalize(x)
#' op_layer_normalization(x)
#' op_rms_normalization(x)
#' @name op_normalize
NULL

#' @rdname op_normalize
#' @export
op_normalize <- function(x, axis = -1L, order = 2L, epsilon = NULL) {
  x <- at_least(float_of_any(operand(x)), 1L)
  order <- check_whole(order, "order", min = 1)
  epsilon <- check_number(epsilon %||% the$epsilon, "epsilon")
  if (order == 2L) {
    size <- op_rsqrt(op_sum(op_square(x), unlist(axis), keepdims = TRUE))
    return(op_multiply(x, op_minimum(size, 1 / epsilon)))
  }
  size <- op_norm(x, order, axis, keepdims = TRUE)
  op_divide(x, op_maximum(size, epsilon))
}

# A vector along one axis, or numbers along several, to broadcast with `x`.
along_axes <- function(v, x, at, arg) {
  if (is.null(v)) return(NULL)
  v <- op_cast(operand(v, arg), dtype_of(x))
  wide <- wide_shape(shape_of(x), at)
  wide[at] <- shape_of(x)[at]
  if (rank_of(v) == rank_of(x)) return(v)
  if (!fits_shape(shape_of(v), shape_of(x)[sort(at)])) {
    abort_shape(sprintf("`%s` must have shape %s, not %s.", arg,
                        format_shape(shape_of(x)[sort(at)]),
                        format_shape(shape_of(v))), arg)
  }
  wide[at] <- shape_of(v)[order(order(at))]
  op_reshape(v, wide)
}

#' @rdname op_normalize
#' @export
op_batch_normalization <- function(x, mean, variance, axis, offset = NULL,
                                   scale = NULL, epsilon = 0.001) {
  x <- float_of_any(operand(x))
  epsilon <- check_number(epsilon, "epsilon")
  at <- zero_based_axis(axis, rank_of(x)) + 1L
  mean <- along_axes(mean, x, at, "mean")
  inverse <- op_rsqrt(op_add(along_axes(variance, x, at, "variance"), epsilon))
  scale <- along_axes(scale, x, at, "scale")
  offset <- along_axes(offset, x, at, "offset")
  if (!is.null(scale)) inverse <- op_multiply(inverse, scale)
  y <- op_multiply(op_subtract(x, mean), inverse)
  if (is.null(offset)) y else op_add(y, offset)
}

#' @rdname op_normalize
#' @export
op_layer_normalization <- function(x, gamma = NULL, beta = NULL, axis = -1L,
                                   epsilon = NULL, ...) {
  older <- check_flag(check_dots(..., .allowed = "rms_scaling")$rms_scaling %||%
                        FALSE, "rms_scaling")
  x <- float_of_any(operand(x))
  epsilon <- check_number(epsilon %||% the$epsilon, "epsilon")
  at <- zero_based_axis(unlist(axis), rank_of(x)) + 1L
  m <- moments(x, at)
  y <- if (older) x else op_subtract(x, m$mean)
  y <- op_multiply(y, op_rsqrt(op_add(m$variance, epsilon)))
  gamma <- along_axes(gamma, x, at, "gamma")
  beta <- if (!older) along_axes(beta, x, at, "beta")
  if (!is.null(gamma)) y <- op_multiply(y, gamma)
  if (is.null(beta)) y else op_add(y, beta)
}

#' @rdname op_normalize
#' @export
op_rms_normalization <- function(x, scale = NULL, axis = -1L, epsilon = NULL) {
  x <- at_least(float_of_any(operand(x)), 1L)
  epsilon <- check_number(epsilon %||% the$epsilon, "epsilon")
  at <- zero_based_axis(unlist(axis), rank_of(x)) + 1L
  size <- op_mean(op_square(x), axis = at, keepdims = TRUE)
  y <- op_multiply(x, op_rsqrt(op_add(size, epsilon)))
  if (is.null(scale)) return(y)
  op_multiply(y, op_cast(operand(scale, "scale"), dtype_of(x)))
}

#' Attention by scaled products
#'
#' The softmax of `query key' * scale + bias` over the keys, times `value`: each
#' head by itself.
#'
#' @param query `[batch, queries, heads, size]`.
#' @param key,value `[batch, keys, heads, size]`; with fewer heads, each serves
#'   as many heads of `query` in turn.
#' @param bias To add to the scores, broadcast to
#'   `[batch, heads, queries, keys]`.
#' @param mask Which keys a query may look at, as `bias`.
#' @param scale Factor of the scores; `NULL` for `1 / sqrt(size)`.
#' @param is_causal Whether a query may not look at later keys.
#' @param flash_attention,attn_logits_soft_cap Must be `NULL` (or `FALSE`): they
#'   belong to other backends.
#' @return A tensor `[batch, queries, heads, size of value]`.
#' @section Errors: `elman_error_shape` where shapes do not fit.
#' @section Compatibility: TensorFlow rounds `1 / sqrt(size)` to `float32`,
#'   which shows in `float64`.
#' @examples
#' x <- array(rnorm(24), c(1, 3, 2, 4))
#' shape(op_dot_product_attention(x, x, x, is_causal = TRUE))
#' @export
op_dot_product_attention <- function(query, key, value, bias = NULL,
                                     mask = NULL, scale = NULL,
                                     is_causal = FALSE, flash_attention = NULL,
                                     attn_logits_soft_cap = NULL) {
  if (isTRUE(flash_attention)) {
    must_be(flash_attention, "flash_attention", "NULL or FALSE")
  }
  if (!is.null(attn_logits_soft_cap)) {
    must_be(attn_logits_soft_cap, "attn_logits_soft_cap", "NULL")
  }
  xs <- common_operands(list(query, key, value), "query")
  xs <- share_key_heads(lapply(xs, float_of_any))
  heads <- lapply(xs, op_swapaxes, axis1 = 2L, axis2 = 3L)
  scale <- if (is.null(scale)) 1 / sqrt(shape_of(xs[[2]])[4]) else
    check_number(scale, "scale")
  scores <- op_multiply(mm(heads[[1]], heads[[2]], tb = TRUE), scale)
  if (!is.null(bias)) {
    scores <- op_add(scores, op_cast(operand(bias, "bias"), dtype_of(scores)))
  }
  used <- if (!is.null(mask)) op_cast(operand(mask, "mask"), "bool")
  if (check_flag(is_causal, "is_causal")) {
    used <- both_masks(used, causal_mask(shape_of(scores)))
  }
  if (!is.null(used)) {
    lowest <- -0.7 * largest_number(dtype_of(scores))
    scores <- op_where(used, scores, lowest)
  }
  op_swapaxes(op_matmul(op_softmax(scores), heads[[3]]), 2L, 3L)
}

# Keys and values with as many heads as queries have.
share_key_heads <- function(xs) {
  shapes <- lapply(xs, shape_of)
  sound <- all(lengths(shapes) == 4L) &&
    fits_shape(shapes[[2]][-4], shapes[[3]][-4]) &&
    fits_shape(shapes[[1]][c(1, 4)], shapes[[2]][c(1, 4)]) &&
    isTRUE(shapes[[1]][3] %% shapes[[2]][3] == 0L)
  if (!sound) {
    abort_shape(sprintf(paste(
      "`query`, `key` and `value` must be [batch, steps, heads, size], not %s,",
      "%s and %s."), format_shape(shapes[[1]]), format_shape(shapes[[2]]),
      format_shape(shapes[[3]])), "query")
  }
  groups <- shapes[[1]][3] %/% shapes[[2]][3]
  if (groups == 1L) return(xs)
  c(xs[1], lapply(xs[-1], op_repeat, repeats = groups, axis = 3L))
}
