# Windows over a time series.

#' Windows over a time series
#'
#' Cuts sequences out of a long series: a dataset for [fit()], [evaluate()],
#' [predict()] and [as_iterator()]. The series is kept once; windows are
#' gathered batch by batch.
#'
#' @param data The series: a vector, a `ts`, or an array `[time, ...]`, such as
#'   a matrix `[time, feature]`.
#' @param targets One target per time step, along the first axis: that at
#'   position `i` belongs to the window that starts at `i`. `NULL` for none.
#' @param sequence_length Number of time steps in a window.
#' @param sequence_stride Steps from the start of one window to the next.
#' @param sampling_rate Steps from one value in a window to the next.
#' @param batch_size Number of windows per batch; `NULL` for single windows.
#' @param shuffle Whether every pass goes through the windows in a new order. It
#'   follows `set.seed()`, or `seed`.
#' @param seed A whole number that alone rules the orders of the passes.
#' @param start_index,end_index Which part of `data` to use: from `start_index`,
#'   counted from 0, up to but without `end_index`. `targets` are counted alike.
#' @return A dataset of tensors `x` of shape `[batch, sequence_length, ...]`, or
#'   of `list(x, y)` where there are targets. `length()` is its number of
#'   batches; `ds$batch(n)` has the same windows in batches of `n`.
#' @details A window of length `L` and rate `r` that starts at `i` holds
#'   `data[i]`, `data[i + r]`, ..., `data[i + (L - 1) r]`. To forecast the value
#'   that follows each window, give `data[1:(n - L)]` and the targets
#'   `data[(L + 1):n]`.
#' @section Errors: `elman_error_argument` for arguments out of range, for a
#'   series that leaves no window, and for too few targets.
#' @section Compatibility: indices count from 0, as in keras3. A shuffled
#'   dataset draws all windows in one new order per pass, where TensorFlow
#'   shuffles once and then within a buffer. A series too short for a window is
#'   an error at once, not an empty dataset. What `ds |> dataset_batch(32)` of
#'   tfdatasets does is `ds$batch(32)` here.
#' @examples
#' x <- sin(1:60 / 5)
#' ds <- timeseries_dataset_from_array(x[1:50], x[11:60], sequence_length = 10,
#'                                     batch_size = 16)
#' ds
#' model <- keras_model_sequential(input_shape = c(10, 1)) |>
#'   layer_simple_rnn(4) |>
#'   layer_dense(1)
#' compile(model, loss = "mse")
#' fit(model, ds, epochs = 2, verbose = 0)
#' dim(predict(model, ds, verbose = 0))
#' @export
timeseries_dataset_from_array <- function(data, targets, sequence_length,
                                          sequence_stride = 1L,
                                          sampling_rate = 1L,
                                          batch_size = 128L, shuffle = FALSE,
                                          seed = NULL, start_index = NULL,
                                          end_index = NULL) {
  length <- check_count(sequence_length, "sequence_length")
  stride <- check_count(sequence_stride, "sequence_stride")
  rate <- check_count(sampling_rate, "sampling_rate")
  batch_size <- check_whole(batch_size, "batch_size", 1, null_ok = TRUE)
  shuffle <- check_flag(shuffle, "shuffle")
  seed <- check_whole(seed, "seed", null_ok = TRUE)
  if (missing(targets)) must_be_given("targets", "an array or NULL")
  data <- feed_tensors(data, "data", "data")[[1]]
  n <- tensor_shape(data)[1]
  check_below(stride, n, "sequence_stride")
  check_below(rate, n, "sampling_rate")
  range <- check_range(start_index, end_index, n)
  windows <- range[2] - range[1] - (length - 1) * rate
  if (!is.null(targets)) {
    targets <- feed_tensors(targets, "targets", "targets")[[1]]
    windows <- min(windows, tensor_shape(targets)[1])
  }
  n <- count_windows(windows, stride, range, length, rate)
  check_targets_reach(targets, range[1] + stride * (n - 1L) + 1L)
  offsets <- as.integer((seq_len(length) - 1) * rate)
  element <- sample_source(data, range[1], stride, offsets)
  if (!is.null(targets)) {
    element <- list(element, sample_source(targets, range[1], stride))
  }
  Dataset$new(element, n, batch_size = batch_size, shuffle = shuffle,
              seed = seed)
}

check_below <- function(x, n, arg) {
  if (x < n) return(invisible())
  abort_argument(sprintf(
    "`%s` must be below the %d time steps of `data`, not %d.", arg, n, x), arg)
}

# c(first, end) of the part that is used, from 0, the end not in it.
check_range <- function(start_index, end_index, n) {
  start <- check_whole(start_index, "start_index", 0, null_ok = TRUE)
  end <- check_whole(end_index, "end_index", 1, null_ok = TRUE)
  if (!is.null(start)) check_below(start, n, "start_index")
  if (!is.null(end)) {
    check_below(end, n, "end_index")
    if (end <= (start %||% 0L)) {
      abort_argument(sprintf(
        "`end_index` must be above `start_index` %d, not %d.", start, end
      ), "end_index")
    }
  }
  c(start %||% 0L, end %||% n)
}

count_windows <- function(windows, stride, range, length, rate) {
  if (windows < 1) {
    abort_argument(sprintf(paste0(
      "`sequence_length` must leave a window: %d values at a `sampling_rate` ",
      "of %d do not fit into %d time steps."), length, rate,
      range[2] - range[1]), "sequence_length")
  }
  as.integer(ceiling(windows / stride))
}

check_targets_reach <- function(targets, needed) {
  if (is.null(targets)) return(invisible())
  have <- tensor_shape(targets)[1]
  if (have < needed) {
    abort_argument(sprintf(paste(
      "`targets` must have a target for every window's start, %d at least,",
      "not %d."), needed, have), "targets")
  }
}

#' Windows before a time step, of older scripts
#'
#' Each sample holds the values before a time step, its target is that step's:
#' with `data` and `targets` alike, the next value. New scripts use
#' [timeseries_dataset_from_array()].
#'
#' @inheritParams timeseries_dataset_from_array
#' @param targets One target per time step; as many as there are in `data`.
#' @param length Number of time steps that a window spans.
#' @param stride Steps from one target to the next.
#' @param start_index,end_index First and last time step of `data` to use, from
#'   0; `NULL` is the last one.
#' @param shuffle Whether targets are drawn at random, with replacement, instead
#'   of in their order.
#' @param reverse Whether the values in a window run backwards.
#' @return A dataset of `list(x, y)`, `x` of shape `[batch, steps, ...]` with
#'   `steps` the `length` over the `sampling_rate`, rounded up.
#' @section Errors: `elman_error_argument` for arguments out of range and for
#'   `data` and `targets` of different lengths.
#' @examples
#' x <- as.double(1:10)
#' windows <- timeseries_generator(x, x, length = 3, batch_size = 2)
#' iter_next(as_iterator(windows))
#' @export
timeseries_generator <- function(data, targets, length, sampling_rate = 1,
                                 stride = 1, start_index = 0,
                                 end_index = NULL, shuffle = FALSE,
                                 reverse = FALSE, batch_size = 128) {
  length <- check_count(length, "length")
  rate <- check_count(sampling_rate, "sampling_rate")
  stride <- check_count(stride, "stride")
  start <- check_whole(start_index, "start_index", 0)
  batch_size <- check_count(batch_size, "batch_size")
  shuffle <- check_flag(shuffle, "shuffle")
  reverse <- check_flag(reverse, "reverse")
  tensors <- c(feed_tensors(data, "data", "data"),
               feed_tensors(targets, "targets", "targets"))
  n <- check_same_length(tensors, c("data", "targets"))
  end <- check_whole(end_index, "end_index", 0, null_ok = TRUE) %||% (n - 1L)
  check_below(end, n, "end_index")
  if (start + length > end) {
    abort_argument(sprintf(
      "`start_index` + `length` must be at most the last time step %d, not %d.",
      end, start + length
    ), "length")
  }
  offsets <- as.integer(seq(0, length - 1, by = rate))
  if (reverse) offsets <- rev(offsets)
  windows <- end - start - length + 1L
  source <- function(stride) {
    list(sample_source(tensors[[1]], start, stride, offsets),
         sample_source(tensors[[2]], start + length, stride))
  }
  if (!shuffle) {
    return(Dataset$new(source(stride), as.integer(ceiling(windows / stride)),
                       batch_size = batch_size))
  }
  # Whole batches, drawn from all windows whatever the stride.
  batches <- (windows - 1L + batch_size * stride) %/% (batch_size * stride)
  Dataset$new(source(1L), batches * batch_size, seq_len(windows) - 1L,
              batch_size, "replace")
}
