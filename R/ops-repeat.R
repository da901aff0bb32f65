# Rearrangements: repeat, roll, pad, turn, and join by rows or columns. Each
# gathers along one axis after the other, by indices that are known beforehand.

# `x` at the 0-based `index` (an R vector) along a 0-based axis.
gather_axis <- function(x, axis, index) {
  op_take(x, array(as.integer(index), length(index)), axis = axis + 1L,
          zero_indexed = TRUE)
}

# The size of a 0-based axis, which must be known.
known_size <- function(x, axis) {
  size <- shape_of(x)[axis + 1L]
  if (is.na(size)) {
    abort_shape(sprintf("Axis %d must have a known size.", axis + 1L), "x")
  }
  size
}

whole_numbers <- function(x, arg, min = -Inf) {
  if (is_tensor(x)) x <- as.integer(x)
  if (is.list(x)) x <- unlist(x)
  if (!are_whole(x) || any(x < min)) {
    must_be(x, arg, if (is.finite(min)) {
      paste("whole numbers of at least", min)
    } else {
      "whole numbers"
    })
  }
  as.integer(x)
}

#' Repeat, roll and turn
#'
#' @param x,array A tensor or array.
#' @param repeats For `op_repeat()` how often each element comes: a number, or
#'   one for each element of the axis. For `op_tile()` how often the whole of
#'   `x` comes, one number for each axis, the last ones where there are fewer.
#' @param axis The axis or axes, counted from 1, negative ones from the end;
#'   `NULL` takes `x` flattened row-major (`op_roll()` restores its shape).
#' @param shift By how many places elements move towards the end; those that
#'   fall off come in at the start.
#' @param k How often to turn by 90 degrees, from the first axis towards the
#'   second.
#' @param axes The two axes of the plane to turn.
#' @param source,destination Axes, and where they go; the others keep their
#'   order.
#' @return A tensor.
#' @section Compatibility: Keras 3.15.1 mixes up the elements of `op_rot90()`
#'   for two turns of what is not square; here they are NumPy's.
#' @section Errors: `elman_error_argument` for an axis that is not there or
#'   negative repeats, `elman_error_shape` where counts do not fit the axis.
#' @examples
#' op_repeat(c(1, 2), 2)
#' op_tile(c(1, 2), 2)
#' op_roll(1:5, 2)
#' op_rot90(matrix(1:4, 2))
#' shape(op_moveaxis(array(0, c(2, 3, 4)), 1, -1))
#' @name op_repeat
NULL

#' @rdname op_repeat
#' @export
op_repeat <- function(x, repeats, axis = NULL) {
  to <- along_axis(x, axis)
  size <- known_size(to[[1]], to[[2]])
  repeats <- whole_numbers(repeats, "repeats", 0L)
  if (!length(repeats) %in% c(1L, size)) {
    abort_shape(sprintf(
      "`repeats` must be one number, or one for each of %d, not %d numbers.",
      size, length(repeats)), "repeats")
  }
  gather_axis(to[[1]], to[[2]], rep(seq_len(size) - 1L,
                                    times = rep_len(repeats, size)))
}

#' @rdname op_repeat
#' @export
op_tile <- function(x, repeats) {
  x <- operand(x)
  repeats <- whole_numbers(repeats, "repeats", 0L)
  missing <- length(repeats) - rank_of(x)
  if (missing > 0L) x <- op_expand_dims(x, seq_len(missing))
  repeats <- c(rep(1L, max(-missing, 0L)), repeats)
  for (k in which(repeats != 1L)) {
    n <- known_size(x, k - 1L)
    x <- gather_axis(x, k - 1L, rep(seq_len(n) - 1L, repeats[k]))
  }
  x
}

#' @rdname op_repeat
#' @export
op_roll <- function(x, shift, axis = NULL) {
  x <- operand(x)
  shift <- whole_numbers(shift, "shift")
  if (is.null(axis)) {
    flat <- op_roll(op_reshape(x, -1L), sum(shift), 1L)
    return(op_reshape(flat, shape_of(x)))
  }
  axes <- zero_based_axis(unlist(axis), rank_of(x))
  if (length(shift) == 1L) shift <- rep(shift, length(axes))
  if (length(shift) != length(axes)) {
    must_be(shift, "shift", "one number, or one for each axis")
  }
  for (k in seq_along(axes)) {
    n <- known_size(x, axes[k])
    if (n > 0L) {
      x <- gather_axis(x, axes[k], (seq_len(n) - 1L - shift[k]) %% n)
    }
  }
  x
}

#' @rdname op_repeat
#' @export
op_rot90 <- function(array, k = 1L, axes = list(1L, 2L)) {
  x <- operand(array, "array")
  k <- check_whole(k, "k") %% 4L
  if (rank_of(x) < 2L) {
    abort_shape("`array` must have two axes or more.", "array")
  }
  axes <- zero_based_axis(unlist(axes), rank_of(x), "axes") + 1L
  if (length(axes) != 2L || axes[1] == axes[2]) {
    must_be(axes, "axes", "two different axes")
  }
  if (k == 0L) return(x)
  if (k == 2L) return(op_flip(x, axes))
  if (k == 1L) return(op_swapaxes(op_flip(x, axes[2]), axes[1], axes[2]))
  op_flip(op_swapaxes(x, axes[1], axes[2]), axes[2])
}

#' @rdname op_repeat
#' @export
op_moveaxis <- function(x, source, destination) {
  x <- operand(x)
  rank <- rank_of(x)
  from <- zero_based_axis(unlist(source), rank, "source")
  to <- zero_based_axis(unlist(destination), rank, "destination")
  if (length(from) != length(to) || anyDuplicated(from) || anyDuplicated(to)) {
    abort_argument(
      "`source` and `destination` must name as many axes, each once.",
      "destination"
    )
  }
  perm <- setdiff(seq_len(rank) - 1L, from)
  for (k in order(to)) perm <- append(perm, from[k], to[k])
  op_transpose(x, perm + 1L)
}

#' Pad at both ends of each axis
#'
#' @param x A tensor or array.
#' @param pad_width How much to add: a matrix or list with two numbers for each
#'   axis, before and behind it; one pair or number holds for all axes.
#' @param mode `"constant"`, `"reflect"` (mirrored without the border element)
#'   or `"symmetric"` (mirrored with it).
#' @param constant_values The number to add in mode `"constant"`; `NULL` is 0.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for negative widths, an unknown mode,
#'   a value in another mode than `"constant"`, and for mirrors wider than `x`.
#' @examples
#' op_pad(c(1, 2, 3), list(c(1, 2)))
#' op_pad(matrix(1:4, 2), rbind(c(0, 0), c(1, 1)), mode = "symmetric")
#' @export
op_pad <- function(x, pad_width, mode = "constant", constant_values = NULL) {
  x <- operand(x)
  mode <- match_name(mode, c("constant", "reflect", "symmetric"), "mode")
  width <- pad_widths(pad_width, rank_of(x))
  if (mode == "constant") return(pad_constant(x, width, constant_values))
  if (!is.null(constant_values)) {
    must_be(constant_values, "constant_values",
            "NULL where `mode` is not \"constant\"")
  }
  for (k in which(rowSums(width) > 0L)) {
    x <- gather_axis(x, k - 1L, mirrored(known_size(x, k - 1L), width[k, ],
                                         mode == "reflect"))
  }
  x
}

pad_widths <- function(pad_width, rank) {
  if (is_tensor(pad_width)) pad_width <- as.array(pad_width)
  if (is.list(pad_width)) {
    pad_width <- do.call(rbind, lapply(pad_width, function(pair) unlist(pair)))
  }
  width <- whole_numbers(as.vector(pad_width), "pad_width", 0L)
  dim(width) <- dim(pad_width)
  if (length(width) <= 2L && length(width) > 0L) {
    width <- matrix(rep_len(width, 2L), rank, 2L, byrow = TRUE)
  }
  if (!identical(dim(width), c(rank, 2L))) {
    must_be(pad_width, "pad_width", sprintf("a pair for each of %d axes", rank))
  }
  width
}

pad_constant <- function(x, width, value) {
  value <- value %||% 0
  for (k in which(rowSums(width) > 0L)) {
    size <- shape_of(x)
    filler <- function(n) {
      size[k] <- n
      if (!anyNA(size)) return(op_full(size, value, dtype_of(x)))
      # An unknown batch: its rows are those of x.
      one <- op_sum(op_zeros_like(x), axis = k, keepdims = TRUE)
      gather_axis(op_add(one, op_cast(value, dtype_of(x))), k - 1L, rep(0L, n))
    }
    parts <- list(if (width[k, 1] > 0L) filler(width[k, 1]), x,
                  if (width[k, 2] > 0L) filler(width[k, 2]))
    x <- op_concatenate(Filter(Negate(is.null), parts), k)
  }
  x
}

# 0-based indices of an axis of `n` with its mirror image at both ends.
mirrored <- function(n, width, reflect) {
  most <- if (reflect) n - 1L else n
  if (max(width) > most) {
    must_be(max(width), "pad_width",
            sprintf("at most %d to mirror an axis of size %d", most, n))
  }
  skip <- if (reflect) 1L else 0L
  c(rev(seq_len(width[1]) - 1L + skip), seq_len(n) - 1L,
    n - seq_len(width[2]) - skip)
}

#' @rdname op_join
#' @param x1,x2 Tensors or arrays to join; with `axis = NULL` flattened.
#' @export
op_append <- function(x1, x2, axis = NULL) {
  both <- operands(x1, x2)
  if (is.null(axis)) {
    both <- lapply(both, op_reshape, newshape = -1L)
    axis <- 1L
  }
  op_concatenate(both, axis)
}

#' @rdname op_join
#' @param ... More tensors or arrays.
#' @export
op_hstack <- function(xs, ...) {
  xs <- lapply(gathered_list(xs, ...), at_least, rank = 1L)
  op_concatenate(xs, if (rank_of(xs[[1]]) == 1L) 1L else 2L)
}

#' @rdname op_join
#' @export
op_vstack <- function(xs, ...) {
  op_concatenate(lapply(gathered_list(xs, ...), at_least, rank = 2L), 1L)
}

gathered_list <- function(xs, ...) {
  common_operands(c(if (is.list(xs)) xs else list(xs), list(...)))
}

at_least <- function(x, rank) {
  missing <- rank - rank_of(x)
  if (missing > 0L) op_expand_dims(x, seq_len(missing)) else x
}
