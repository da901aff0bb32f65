# A dataset or arrays in two.

#' Split data in two
#'
#' @param dataset A dataset, an array, or a list of arrays with as many samples
#'   each, such as `list(x, y)`.
#' @param left_size,right_size How many samples the two datasets get: a share
#'   below 1, or a number of samples. One of them may be `NULL` for all that are
#'   left. Where they leave some out, these are between the two.
#' @param shuffle Whether to mix the samples first.
#' @param seed A whole number that alone rules the mixing; `NULL` follows
#'   `set.seed()`.
#' @return A list of two datasets, `left` from the beginning and `right` from
#'   the end. They are in batches as `dataset` is; those of arrays have single
#'   samples, which [fit()], [evaluate()] and [predict()] put into batches of
#'   their `batch_size`, and `ds$batch(32)` into batches of 32.
#' @details No numbers are copied: both datasets gather their batches from the
#'   arrays that have been converted once. Of a dataset that shuffles, the
#'   samples are taken in the order of one pass.
#' @section Errors: `elman_error_argument` for sizes that leave a side empty or
#'   exceed the data, and for arrays with different numbers of samples.
#' @section Compatibility: in keras3 single samples have to be put into batches
#'   by `dataset_batch()` of tfdatasets before training.
#' @examples
#' x <- matrix(rnorm(40), 20)
#' c(train, test) %<-% split_dataset(list(x, x[, 1]), left_size = 0.8)
#' train
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, loss = "mse")
#' fit(model, train, batch_size = 4, validation_data = test, verbose = 0)
#' @export
split_dataset <- function(dataset, left_size = NULL, right_size = NULL,
                          shuffle = FALSE, seed = NULL) {
  shuffle <- check_flag(shuffle, "shuffle")
  seed <- check_whole(seed, "seed", null_ok = TRUE)
  if (!is_dataset(dataset)) dataset <- dataset_of_arrays(dataset)
  n <- dataset$size
  sizes <- split_sizes(left_size, right_size, n)
  order <- dataset$order()
  if (shuffle) {
    order <- order[Dataset$new(list(), n, shuffle = TRUE, seed = seed)$order()]
  }
  list(dataset$choose(order[seq_len(sizes[1])]),
       dataset$choose(order[n - sizes[2] + seq_len(sizes[2])]))
}

# Arrays, in any nesting of lists, as a dataset of single samples.
dataset_of_arrays <- function(x, arg = "dataset") {
  lengths <- integer()
  convert <- function(x, label) {
    if (is.list(x) && !is.data.frame(x)) {
      if (!length(x)) must_be(x, arg, "a dataset, an array or a list of arrays")
      labels <- sprintf("%s[[%d]]", label, seq_along(x))
      return(Map(convert, x, labels))
    }
    tensor <- as_data(x, label)
    if (!rank_of(tensor)) must_be(x, label, "an array with samples")
    lengths[label] <<- tensor_shape(tensor)[1]
    sample_source(tensor)
  }
  element <- convert(x, arg)
  if (length(unique(lengths)) > 1L) {
    abort_argument(sprintf(
      "All data must have one number of samples: %s.",
      paste0("`", names(lengths), "` has ", lengths, collapse = ", ")), arg)
  }
  Dataset$new(element, lengths[[1]])
}

# c(left, right) as numbers of samples.
split_sizes <- function(left, right, n) {
  if (is.null(left) && is.null(right)) {
    abort_argument("One of `left_size` and `right_size` must be given.",
                   "left_size")
  }
  left <- split_size(left, n, "left_size")
  right <- split_size(right, n, "right_size")
  left <- left %||% (n - right)
  right <- right %||% (n - left)
  if (left + right > n) {
    abort_argument(sprintf(paste(
      "`left_size` and `right_size` must be %d samples together at most,",
      "not %d."
    ), n, left + right), "left_size")
  }
  if (left < 1 || right < 1) {
    abort_argument(sprintf(paste(
      "`left_size` and `right_size` must leave samples on both sides,",
      "not %d and %d of %d."
    ), left, right, n), if (left < 1) "left_size" else "right_size")
  }
  c(as.integer(left), as.integer(right))
}

split_size <- function(x, n, arg) {
  if (is.null(x)) return(NULL)
  share <- is_number(x) && x > 0 && x < 1
  if (!share && !(is_whole(x) && x >= 1 && x < n)) {
    must_be(x, arg, sprintf(
      "a share between 0 and 1 or a number of samples below %d", n))
  }
  if (share) as.integer(round(x * n)) else as.integer(x)
}
