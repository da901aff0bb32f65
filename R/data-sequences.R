# Sequences of different lengths as one array.

#' Pad sequences to one length
#'
#' @param sequences A list of sequences: vectors, lists of numbers, or arrays
#'   `[time, ...]` that agree but in time.
#' @param maxlen The length; `NULL` for that of the longest sequence.
#' @param dtype `"int32"`, which drops fractions, `"float32"`, `"float64"`,
#'   `"bool"`, or `"object"` for strings.
#' @param padding Whether to fill up at the beginning (`"pre"`) or the end
#'   (`"post"`).
#' @param truncating Whether to drop the beginning or the end of what is longer.
#' @param value What to fill up with.
#' @return A matrix `[sequence, time]`, or an array `[sequence, time, ...]`.
#' @section Errors: `elman_error_argument` where `sequences` is not a list of
#'   sequences, for missing values in integers, and for unknown names;
#'   `elman_error_shape` for arrays that do not agree.
#' @examples
#' sequences <- list(1, 2:3, 4:6)
#' pad_sequences(sequences)
#' pad_sequences(sequences, maxlen = 2, padding = "post")
#' @export
pad_sequences <- function(sequences, maxlen = NULL, dtype = "int32",
                          padding = "pre", truncating = "pre", value = 0) {
  maxlen <- check_whole(maxlen, "maxlen", min = 1, null_ok = TRUE)
  padding <- match_name(padding, c("pre", "post"), "padding")
  truncating <- match_name(truncating, c("pre", "post"), "truncating")
  if (!is.list(sequences) || is.data.frame(sequences) || !length(sequences)) {
    must_be(sequences, "sequences", "a list of sequences")
  }
  cast <- sequence_cast(dtype)
  value <- cast(check_fill(value), "value")
  parts <- lapply(seq_along(sequences), function(k) {
    as_sequence(sequences[[k]], sprintf("sequences[[%d]]", k), cast)
  })
  lengths <- vapply(parts, function(x) dim(x)[1], 1L)
  inner <- inner_shape(parts, lengths)
  maxlen <- maxlen %||% max(lengths)
  out <- array(value, c(length(parts), maxlen, inner))
  # The sequences' values, seen as [sequence, time, rest].
  whole <- c(length(parts), maxlen, prod(inner))
  dim(out) <- whole
  for (k in seq_along(parts)) {
    n <- lengths[k]
    if (!n) next
    kept <- if (n <= maxlen) seq_len(n) else
      if (truncating == "pre") n - maxlen + seq_len(maxlen) else
        seq_len(maxlen)
    at <- if (padding == "pre") maxlen - length(kept) + seq_along(kept) else
      seq_along(kept)
    part <- parts[[k]]
    dim(part) <- c(n, whole[3])
    out[k, at, ] <- part[kept, ]
  }
  dim(out) <- c(length(parts), maxlen, inner)
  out
}

# A function that makes values of the type.
sequence_cast <- function(dtype) {
  if (identical(dtype, "object") || identical(dtype, "str")) {
    return(function(x, label) {
      if (is.factor(x)) x <- as.vector(x)
      storage.mode(x) <- "character"
      x
    })
  }
  dtype <- check_dtype(dtype)
  function(x, label) {
    if (is.factor(x) || !(is.numeric(x) || is.logical(x))) {
      must_be(x, label, "numbers (dtype = \"object\" takes strings)")
    }
    switch(dtype,
      int32 = {
        if (anyNA(x) || any(abs(x) >= 2^31)) {
          must_be(x, label, "whole numbers below 2^31, none of them missing")
        }
        storage.mode(x) <- "integer"
      },
      bool = storage.mode(x) <- "logical",
      float32 = if (length(x)) x[] <- as.array(tensor_from_r(x, "float32")),
      storage.mode(x) <- "double"
    )
    x
  }
}

check_fill <- function(value) {
  if (!is.atomic(value) || length(value) != 1L) {
    must_be(value, "value", "one number or string")
  }
  value
}

# One sequence as an array, time along its first axis.
as_sequence <- function(x, label, cast) {
  kinds <- "a vector, a list of numbers or an array"
  if (is_tensor(x)) x <- as.array(x)
  if (is.list(x)) {
    plain <- vapply(x, function(e) is.atomic(e) && length(e) == 1L, NA)
    if (!all(plain)) must_be(x, label, kinds)
    x <- unlist(x)
  }
  if (is.null(x)) x <- integer()
  if (!is.atomic(x)) must_be(x, label, kinds)
  d <- dim(x) %||% length(x)
  if (!length(x)) return(array(cast(integer(), label), d))
  x <- cast(x, label)
  array(as.vector(x), d)
}

# The axes behind time, which all sequences that are not empty share.
inner_shape <- function(parts, lengths) {
  filled <- which(lengths > 0L)
  if (!length(filled)) return(integer())
  inner <- dim(parts[[filled[1]]])[-1]
  for (k in filled) {
    have <- dim(parts[[k]])[-1]
    if (identical(have, inner)) next
    abort_shape(sprintf(paste(
      "`sequences[[%d]]` must have time steps of shape %s, as the first,",
      "not %s."
    ), k, format_shape(inner), format_shape(have)), "sequences")
  }
  inner
}
