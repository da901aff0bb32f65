# Random numbers: a key drawn from R's generator, so that set.seed() rules, and
# a counter-based generator that expands it in C++.

# Two whole numbers below 2^32. A call that only asks for shapes draws none.
draw_key <- function() {
  if (the$measuring) return(c(0, 0))
  floor(stats::runif(2) * 4294967296)
}

# With a seed, the n-th key depends on the seed and n alone; without one, each
# key is drawn from R's generator when it is needed.
new_seed_generator <- function(seed = NULL) {
  self <- new.env(parent = emptyenv())
  self$seed <- check_whole(seed, "seed", null_ok = TRUE)
  self$draws <- 0
  class(self) <- "elman_seed_generator"
  self
}

next_key <- function(generator) {
  key <- if (is.null(generator$seed)) {
    draw_key()
  } else if (the$measuring) {
    c(0, 0)
  } else {
    generator$draws <- generator$draws + 1
    c(generator$seed %% 4294967296, generator$draws)
  }
  if (!is.null(the$recording)) note_key(key, generator)
  key
}

#' @export
`$.elman_seed_generator` <- function(x, name) {
  if (name == "next_key") return(function() next_key(x))
  .subset2(x, name)
}

# `seed` as functions of users take it: NULL, a whole number (the same numbers
# at every call) or a generator.
key_of <- function(seed) {
  if (is.null(seed)) return(draw_key())
  if (inherits(seed, "elman_seed_generator")) return(next_key(seed))
  c(check_whole(seed, "seed") %% 4294967296, 0)
}

# `rows` is the axis that samples lie along, if there is one: what a sample gets
# then does not depend on which samples of a batch are here; see shard_draw().
random_tensor <- function(kind, shape, dtype, key, ..., rows = NULL) {
  cpp_kernel_call(paste0("random_", kind), list(), shape, dtype,
                  c(list(key = key, ...), shard_draw(shape, rows)))
}

# 0 with probability `rate`, else 1 / (1 - rate).
dropout_mask <- function(shape, rate, dtype, key, rows = 1L) {
  cpp_kernel_call("dropout_mask", list(), shape, dtype,
                  c(list(key = key, rate = rate), shard_draw(shape, rows)))
}

# Where the rows of a shard (see distribution-step.R) stand in a draw for all
# rows of the batch. A sample may have several: reshaped layers put its steps
# one after the other.
shard_draw <- function(shape, rows) {
  shard <- the$shard
  if (is.null(shard) || is.null(rows) || shape[rows] %% shard$count) {
    return(NULL)
  }
  each <- prod(shape[-seq_len(rows)]) * shape[rows] / shard$count
  list(shard = c(shard$count, shard$first, shard$size) * each)
}

#' Random tensors
#'
#' Draws follow R's generator: `set.seed()` repeats them, whatever the number of
#' threads.
#'
#' @param shape Sizes, as in [shape()].
#' @param minval,maxval Range: `minval` included, `maxval` not.
#' @param mean,stddev Mean and standard deviation; the truncated normal draws
#'   again what falls more than two standard deviations from the mean.
#' @param dtype Type of the numbers; `NULL` for `config_floatx()`.
#' @param seed `NULL` draws from R's generator; a whole number gives the same
#'   numbers at every call; a [random_seed_generator()] goes on at each call.
#' @return A tensor of shape `shape`.
#' @section Errors: `elman_error_argument` for a shape with unknown sizes or a
#'   range that is empty.
#' @examples
#' set.seed(1)
#' random_uniform(c(2, 3))
#' random_normal(c(2, 3), seed = 42)
#' random_integer(5, 1, 7)
#' @export
random_uniform <- function(shape, minval = 0, maxval = 1, dtype = NULL,
                           seed = NULL) {
  dtype <- if (is.null(dtype)) the$floatx else check_dtype(dtype)
  if (!is_float(dtype)) {
    return(random_integer(shape, minval, maxval, dtype, seed))
  }
  random_tensor("uniform", known_shape(shape), dtype, key_of(seed),
                minval = check_number(minval, "minval"),
                maxval = check_number(maxval, "maxval"))
}

#' @rdname random_uniform
#' @export
random_normal <- function(shape, mean = 0, stddev = 1, dtype = NULL,
                          seed = NULL) {
  random_bell("normal", shape, mean, stddev, dtype, seed)
}

#' @rdname random_uniform
#' @export
random_truncated_normal <- function(shape, mean = 0, stddev = 1, dtype = NULL,
                                    seed = NULL) {
  random_bell("truncated_normal", shape, mean, stddev, dtype, seed)
}

random_bell <- function(kind, shape, mean, stddev, dtype, seed) {
  dtype <- if (is.null(dtype)) the$floatx else check_dtype(dtype)
  if (!is_float(dtype)) {
    must_be(dtype, "dtype", "\"float32\" or \"float64\"")
  }
  random_tensor(kind, known_shape(shape), dtype, key_of(seed),
                mean = check_number(mean, "mean"),
                stddev = check_number(stddev, "stddev", min = 0))
}

#' @rdname random_uniform
#' @export
random_integer <- function(shape, minval, maxval, dtype = "int32",
                           seed = NULL) {
  minval <- check_whole(minval, "minval")
  maxval <- check_whole(maxval, "maxval", min = minval + 1)
  x <- random_tensor("integers", known_shape(shape), "int32", key_of(seed),
                     minval = minval, maxval = maxval)
  as_tensor(x, check_dtype(dtype))
}

#' Random seeds
#'
#' @param seed A whole number, or for `random_seed_generator()` also `NULL`.
#' @param name,... Accepted for compatibility.
#' @return `set_random_seed()` gives `NULL`, invisibly: it is `set.seed(seed)`,
#'   which is all that elman needs to repeat a run. `random_seed_generator()`
#'   gives an object whose use as `seed` draws new numbers at each call, the
#'   same ones in every session.
#' @section Errors: `elman_error_argument` where `seed` is no whole number.
#' @examples
#' set_random_seed(1)
#' g <- random_seed_generator(7)
#' random_uniform(2, seed = g)
#' random_uniform(2, seed = g)
#' @export
set_random_seed <- function(seed) {
  set.seed(check_whole(seed, "seed"))
  invisible(NULL)
}

#' @rdname set_random_seed
#' @export
random_seed_generator <- function(seed = NULL, name = NULL, ...) {
  new_seed_generator(seed)
}

known_shape <- function(shape, arg = "shape") {
  shape <- as_shape(shape, arg)
  if (anyNA(shape) || is.null(shape)) {
    must_be(shape, arg, "whole numbers that are all known")
  }
  shape
}
