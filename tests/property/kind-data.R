# What prepares data: padding, classes, norms, windows and tokens, against
# loops in plain R, and with arguments that no data have.

ref_pad <- function(sequences, maxlen, padding, truncating, value) {
  if (is.null(maxlen)) maxlen <- max(lengths(sequences))
  out <- matrix(value, length(sequences), maxlen)
  for (k in seq_along(sequences)) {
    s <- sequences[[k]]
    if (!length(s)) next
    s <- if (truncating == "pre") utils::tail(s, maxlen) else
      utils::head(s, maxlen)
    at <- seq_along(s) + if (padding == "pre") maxlen - length(s) else 0
    out[k, at] <- s
  }
  out
}

data_cases <- list(
  pad = function(describe) {
    sequences <- lapply(seq_len(draw_count(6)), function(k) {
      sample.int(99, sample.int(7, 1) - 1L, TRUE)
    })
    maxlen <- if (chance(0.5)) draw_count(7)
    padding <- one_of(c("pre", "post"))
    truncating <- one_of(c("pre", "post"))
    value <- sample(-3:3, 1)
    describe(paste("pad_sequences", toString(lengths(sequences)), maxlen,
                   padding, truncating, value))
    got <- value_of(pad_sequences(sequences, maxlen, padding = padding,
                                  truncating = truncating, value = value))
    must_agree(got, ref_pad(sequences, maxlen, padding, truncating, value), 0)
  },
  classes = function(describe) {
    classes <- draw_count(5)
    y <- sample.int(classes, draw_count(8), TRUE) - 1L
    n <- if (chance(0.5)) classes + draw_count(3) - 1L
    describe(show_call("to_categorical", list(y, n)))
    width <- if (is.null(n)) max(y) + 1 else n
    want <- outer(y, seq_len(width) - 1, `==`) + 0
    must_agree(value_of(to_categorical(y, n)), want, 0)
  },
  norm = function(describe) {
    x <- some_array()
    axis <- sample.int(length(dim(x)), 1)
    order <- draw_count(3)
    describe(show_call("normalize", list(x, axis, order)))
    want <- lines_along(x, axis, function(v) {
      n <- sum(abs(v)^order)^(1 / order)
      v / if (n == 0) 1 else n
    })
    must_agree(value_of(normalize(x, axis, order)), want, 1e-5)
  },
  reshape = function(describe) {
    d <- draw_dims()
    new <- one_of(list(prod(d), c(1, prod(d)), c(prod(d), 1), rev(d)))
    x <- draw_numbers(d)
    describe(show_call("array_reshape", list(x, new)))
    must_agree(value_of(array_reshape(x, new)), from_row(by_row(x), new), 0)
  },
  windows = function(describe) {
    n <- 4 + draw_count(20)
    x <- matrix(stats::rnorm(2 * n), n)
    long <- draw_count(4)
    stride <- draw_count(3)
    rate <- draw_count(2)
    batch <- draw_count(5)
    describe(paste("timeseries_dataset_from_array", n, long, stride, rate,
                   batch))
    span <- (long - 1) * rate
    starts <- if (n - span > 0) seq(1, n - span, by = stride)
    out <- outcome_of(timeseries_dataset_from_array(
      x, x[, 1], long, sequence_stride = stride, sampling_rate = rate,
      batch_size = batch
    ))
    if (!length(starts)) return()
    if (!is.null(out$refused)) complain("refused: ", out$refused)
    parts <- split(starts, (seq_along(starts) - 1) %/% batch)
    got <- value_of(iterate(out$value))
    if (length(got) != length(parts)) complain("another number of batches")
    for (k in seq_along(parts)) {
      at <- outer(parts[[k]], (seq_len(long) - 1) * rate, `+`)
      want <- array(x[at, ], c(dim(at), 2))
      must_agree(got[[k]][[1]], want, 1e-6)
      must_agree(got[[k]][[2]], array(x[parts[[k]], 1]), 1e-6)
    }
  },
  tokens = function(describe) {
    words <- c("a", "b", "cd", "e")
    texts <- vapply(seq_len(draw_count(5)), function(k) {
      paste(sample(words, draw_count(6), TRUE), collapse = " ")
    }, "")
    limit <- if (chance(0.5)) 1L + draw_count(4)
    describe(show_call("text_tokenizer", list(texts, num_words = limit)))
    tokenizer <- fit_text_tokenizer(text_tokenizer(num_words = limit), texts)
    split <- strsplit(texts, " ")
    all <- unlist(split)
    counts <- table(factor(all, unique(all)))
    index <- names(counts)[order(-counts)]
    largest <- if (is.null(limit)) length(index) else limit - 1L
    want <- lapply(split, function(one) {
      at <- match(one, index)
      at[at <= largest]
    })
    got <- value_of(texts_to_sequences(tokenizer, texts))
    must_be_same(lapply(got, as.integer), lapply(want, as.integer),
                 "other numbers of words")
    hot <- value_of(texts_to_matrix(tokenizer, texts, mode = "count"))
    if (nrow(hot) != length(texts)) complain("a row for each text")
    must_agree(rowSums(hot), lengths(want), 0)
    back <- value_of(sequences_to_texts(tokenizer, got))
    must_be_same(unname(unlist(back)), vapply(want, function(at) {
      paste(index[at], collapse = " ")
    }, ""), "other words come back")
  },
  vectorized = function(describe) {
    texts <- vapply(seq_len(draw_count(5)), function(k) {
      paste(sample(c("a", "b", "C", "d!"), draw_count(6), TRUE), collapse = " ")
    }, "")
    long <- draw_count(6)
    describe(show_call("layer_text_vectorization", list(texts, long)))
    layer <- value_of({
      layer <- layer_text_vectorization(output_sequence_length = long)
      adapt(layer, texts)
      layer
    })
    vocabulary <- get_vocabulary(layer)
    plain <- strsplit(gsub("!", "", tolower(texts)), " ")
    want <- t(vapply(plain, function(one) {
      at <- c(match(one, vocabulary) - 1, rep(0, long))
      at[seq_len(long)]
    }, numeric(long)))
    got <- as.array(value_of(layer(as_texts(texts))))
    must_agree(got, matrix(want, length(texts)), 0)
  }
)
as_texts <- function(texts) array(texts, length(texts))

run_data <- function(describe) one_of(data_cases)(describe)

property_kinds$data <- list(share = 2, run = run_data)
