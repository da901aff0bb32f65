# What a text vectorization layer does with texts: tokens, then numbers.

# ---- texts to tokens ---------------------------------------------------------

# One character vector per row. Without a split every string is a token, and a
# vector of strings is one token per row.
rows_of_tokens <- function(self, texts, arg) {
  texts <- check_texts(texts, arg, self$encoding)
  d <- dim(texts)
  texts <- standard_texts(self$standardize, as.vector(texts))
  if (is.null(self$split)) {
    width <- if (length(d) > 1L) prod(d[-1]) else 1L
    rows <- matrix(texts, ncol = width)
    rows <- lapply(seq_len(nrow(rows)), function(i) rows[i, ])
  } else {
    if (length(d) > 1L && any(d[-1] != 1L)) {
      abort_shape(sprintf("`%s` must have shape [batch] or [batch, 1], not %s.",
                          arg, format_shape(d)), arg)
    }
    rows <- split_texts(self$split, texts)
  }
  if (!is.null(self$ngrams)) rows <- lapply(rows, join_ngrams, self$ngrams)
  list(rows = rows, plain = is.null(self$split) && length(d) < 2L)
}

# Capital letters of ASCII alone become small, as in TensorFlow.
standard_texts <- function(how, texts) {
  if (is.null(how)) return(texts)
  if (is.function(how)) {
    return(check_own(how(texts), length(texts), "standardize"))
  }
  if (how != "strip_punctuation") {
    texts <- chartr(paste(LETTERS, collapse = ""),
                    paste(letters, collapse = ""), texts)
  }
  if (how != "lower") {
    texts <- gsub("[!-/:-@\\[-`{-~]", "", texts, perl = TRUE)
  }
  texts
}

split_texts <- function(how, texts) {
  if (is.function(how)) {
    rows <- how(texts)
    if (!is.list(rows) || length(rows) != length(texts)) {
      must_be(rows, "split",
              "a function that gives a list, one vector per text")
    }
    return(lapply(rows, function(r) check_own(r, length(r), "split")))
  }
  if (how == "character") return(characters_of(texts))
  rows <- strsplit(texts, "[ \t\n\v\f\r]+", perl = TRUE)
  lapply(rows, function(r) r[nzchar(r)])
}

check_own <- function(x, n, arg) {
  if (is.null(x) && !n) return(character())
  if (!is.character(x) || length(x) != n || anyNA(x)) {
    must_be(x, arg, "a function that gives strings, as many as it must")
  }
  enc2utf8(as.vector(x))
}

# Neighbours joined by a blank: first all single tokens, then all pairs, ...
join_ngrams <- function(tokens, sizes) {
  if (length(sizes) == 1L) sizes <- seq_len(sizes)
  unlist(lapply(sizes, function(size) {
    n <- length(tokens) - size + 1L
    if (n < 1L) return(character())
    shifted <- lapply(seq_len(size) - 1L, function(k) tokens[k + seq_len(n)])
    do.call(paste, shifted)
  }))
}

# ---- tokens to numbers -------------------------------------------------------

output_width <- function(self) {
  if (self$pad_to_max_tokens) self$max_tokens else self$vocabulary_size()
}

# Numbers from 0: the special tokens first. Empty tokens are padding, which
# other modes than "int" leave out (NA).
token_numbers <- function(self, tokens) {
  special <- length(self$special())
  numbers <- match(tokens, self$tokens) + special - 1L
  numbers[is.na(numbers)] <- special - 1L
  numbers[tokens == ""] <- if (special == 2L) 0L else NA_integer_
  numbers
}

vectorize <- function(self, cut) {
  rows <- cut$rows
  numbers <- token_numbers(self, unlist(rows) %||% character())
  text <- rep(seq_along(rows), lengths(rows))
  if (self$output_mode == "int") {
    return(padded_numbers(self, numbers, lengths(rows), cut$plain))
  }
  width <- output_width(self)
  place <- (text - 1) * width + numbers + 1
  counts <- tabulate(place[!is.na(place)], length(rows) * width)
  counts <- t(matrix(counts, width))
  switch(self$output_mode,
    multi_hot = (counts > 0L) + 0L,
    count = counts,
    tf_idf = {
      idf <- c(self$idf, numeric(width - length(self$idf)))
      counts * rep(idf, each = nrow(counts))
    }
  )
}

padded_numbers <- function(self, numbers, lengths, plain) {
  longest <- self$output_sequence_length
  rows <- split(numbers, rep(factor(seq_along(lengths)), lengths))
  if (self$ragged) {
    return(lapply(unname(rows), utils::head, longest %||% Inf))
  }
  if (plain && is.null(longest)) return(array(numbers, length(numbers)))
  width <- longest %||% max(lengths, 0L)
  out <- matrix(0L, length(lengths), width)
  for (k in which(lengths > 0L)) {
    row <- utils::head(rows[[k]], width)
    out[k, seq_along(row)] <- row
  }
  out
}
