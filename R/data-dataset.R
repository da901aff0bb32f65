# Datasets: samples that are gathered batch by batch from arrays which have been
# converted once.

# ---- sources of samples ------------------------------------------------------

# Where one array's samples come from: sample k, counted from 0, is the row
# first + stride * k of the tensor, or with `offsets` the window of the rows
# that lie so far from it.
sample_source <- function(tensor, first = 0L, stride = 1L, offsets = NULL) {
  structure(list(tensor = tensor, first = first, stride = stride,
                 offsets = offsets), class = "elman_samples")
}

is_samples <- function(x) inherits(x, "elman_samples")

# Numbers of the rows, from 0, that samples are made of; window after window.
rows_of_samples <- function(source, samples) {
  at <- source$first + source$stride * samples
  if (is.null(source$offsets)) at else as.vector(outer(source$offsets, at, `+`))
}

# One kernel call for all samples of a batch, windows included.
gather_samples <- function(source, samples) {
  index <- as_tensor(array(as.integer(rows_of_samples(source, samples))))
  x <- source$tensor
  shape <- c(length(samples), length(source$offsets)[!is.null(source$offsets)],
             tensor_shape(x)[-1])
  cpp_kernel_call("take", list(x, index), shape, tensor_dtype(x),
                  list(axis = 0L))
}

# The same structure with every source replaced.
map_samples <- function(x, f) {
  if (is_samples(x)) return(f(x))
  lapply(x, map_samples, f = f)
}

samples_leaves <- function(x) {
  if (is_samples(x)) return(list(x))
  unlist(lapply(unname(x), samples_leaves), recursive = FALSE)
}

# ---- the dataset -------------------------------------------------------------

# `element` is what a sample looks like: a source or a nested list of them.
# `samples` are the numbers (from 0) of those to use, in their order; NULL for
# the first `size`. `shuffle` is FALSE, TRUE (a new order in every pass) or
# "replace" (`size` draws with replacement).
Dataset <- R6::R6Class(
  "elman_dataset",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    element = NULL,
    samples = NULL,
    size = NULL,
    batch_size = NULL,
    shuffle = FALSE,
    seeds = NULL,

    initialize = function(element, size, samples = NULL, batch_size = NULL,
                          shuffle = FALSE, seed = NULL) {
      self$element <- element
      self$size <- size
      self$samples <- samples
      self$batch_size <- batch_size
      self$shuffle <- shuffle
      if (!is.null(seed)) self$seeds <- new_seed_generator(seed)
    },

    # The same samples in batches of another size; NULL for single ones.
    batch = function(batch_size = 32L) {
      batch_size <- check_whole(batch_size, "batch_size", min = 1,
                                null_ok = TRUE)
      other <- Dataset$new(self$element, self$size, self$samples, batch_size,
                           self$shuffle)
      other$seeds <- self$seeds
      other
    },

    # The same kind of batches of the samples at these places, in their order.
    choose = function(places) {
      Dataset$new(self$element, length(places), self$at(places),
                  self$batch_size)
    },

    # Places among the samples, from 1, in the order of a new pass.
    order = function() {
      n <- if (is.null(self$samples)) self$size else length(self$samples)
      if (isFALSE(self$shuffle)) return(seq_len(n))
      if (identical(self$shuffle, "replace")) {
        return(sample.int(n, self$size, replace = TRUE))
      }
      if (is.null(self$seeds)) return(sample.int(n))
      order(as.numeric(random_tensor("uniform", n, "float64",
                                     next_key(self$seeds), minval = 0,
                                     maxval = 1)))
    },

    # Numbers of the samples at these places.
    at = function(places) {
      if (is.null(self$samples)) places - 1L else self$samples[places]
    },

    # A new pass: a function that gives one batch or sample after the other, and
    # NULL at the end.
    pass = function() {
      order <- self$order()
      n <- length(order)
      at <- 0L
      function() {
        if (at >= n) return(NULL)
        last <- min(at + (self$batch_size %||% 1L), n)
        chosen <- self$at(order[(at + 1L):last])
        at <<- last
        map_samples(self$element, function(source) {
          x <- gather_samples(source, chosen)
          if (!is.null(self$batch_size)) return(x)
          op_reshape(x, tensor_shape(x)[-1])
        })
      }
    }
  )
)

is_dataset <- function(x) inherits(x, "elman_dataset")

# Values that are not finite among the rows that samples use, as
# check_finite() counts them in arrays.
check_finite_dataset <- function(dataset, arg) {
  for (source in samples_leaves(dataset$element)) {
    if (count_not_finite(source$tensor) == 0) next
    samples <- dataset$samples %||% (seq_len(dataset$size) - 1L)
    used <- unique(rows_of_samples(source, samples))
    index <- as_tensor(array(as.integer(used)))
    check_finite(list(rows_at(source$tensor, index, length(used))), arg)
  }
}

#' @export
length.elman_dataset <- function(x) {
  if (is.null(x$batch_size)) x$size else count_batches(x$size, x$batch_size)
}

#' @export
format.elman_dataset <- function(x, ...) {
  shapes <- vapply(samples_leaves(x$element), function(source) {
    sizes <- c(if (!is.null(x$batch_size)) "batch",
               length(source$offsets)[!is.null(source$offsets)],
               tensor_shape(source$tensor)[-1])
    sprintf("[%s] %s", paste(sizes, collapse = ", "),
            tensor_dtype(source$tensor))
  }, "")
  what <- if (is.null(x$batch_size)) "samples" else
    sprintf("batches of %d", x$batch_size)
  sprintf("<dataset of %d %s: %s>", length(x), what,
          paste(shapes, collapse = ", "))
}

#' @export
print.elman_dataset <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}
