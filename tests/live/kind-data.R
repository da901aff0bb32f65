# Data helpers: windows of a series, padding, classes, norms, tokenizers and the
# text vectorization layer. Python has no quick way to hand back lists of arrays
# of different lengths, so results are flat arrays by name.

draw_windows <- function() {
  n <- 5L + draw_size(25)
  length <- draw_size(4)
  rate <- draw_size(3)
  start <- if (draw_flag(0.3)) sample(0:2, 1)
  end <- if (draw_flag(0.3)) n - draw_size(2)
  span <- (if (is.null(end)) n else end) - (if (is.null(start)) 0L else start)
  rate <- min(rate, max(1L, (span - 1L) %/% max(1L, length - 1L)))
  features <- if (draw_flag()) draw_size(3)
  list(
    what = "windows", data = draw_array(n, features),
    targets = if (draw_flag(0.7)) draw_array(n, if (draw_flag(0.3)) 2),
    arguments = list(
      sequence_length = length, sequence_stride = draw_size(3),
      sampling_rate = rate, batch_size = draw_size(6), start_index = start,
      end_index = end
    )
  )
}

draw_pad <- function() {
  list(
    what = "pad",
    sequences = lapply(seq_len(draw_size(6)), function(i) {
      I(sample.int(99, sample(0:6, 1), replace = TRUE))
    }),
    maxlen = if (draw_flag()) draw_size(7),
    padding = sample(c("pre", "post"), 1),
    truncating = sample(c("pre", "post"), 1), value = sample(-3:3, 1)
  )
}

draw_numbers <- function() {
  order <- sample(list(1, 2, 3, 0), 1)[[1]]
  x <- draw_array(vapply(seq_len(1L + draw_size(2)), function(i) {
    draw_size(4)
  }, 1L))
  if (draw_flag(0.3)) x[1] <- 0
  # For the first of several axes Keras is wrong.
  list(
    what = "numbers", x = x, order = order,
    axis = -sample.int(length(dim(x)), 1),
    classes = I(sample(0:4, draw_size(6), replace = TRUE)),
    num_classes = if (draw_flag()) 4L + draw_size(4)
  )
}

# Words of a few letters, some with signs, capitals, accents and blanks.
draw_texts <- function(n) {
  words <- c("a", "b", "ab", "Ab", "B", "be,", "\u00e9a", "\u00c9", "c-d",
    "c", "it's", "\u4e2d\u6587", "x.", "_y", "")
  vapply(seq_len(n), function(i) {
    paste(sample(words, sample(0:8, 1), replace = TRUE),
      collapse = sample(c(" ", "  ", "\t"), 1)
    )
  }, "")
}

draw_vectorization <- function() {
  mode <- sample(c("int", "multi_hot", "count", "tf_idf"), 1)
  limit <- if (draw_flag()) 3L + draw_size(6)
  int <- mode == "int"
  list(
    what = "vectorization", texts = I(draw_texts(1L + draw_size(6))),
    test = I(draw_texts(draw_size(5))),
    arguments = list(
      max_tokens = limit, output_mode = mode,
      standardize = sample(c("lower_and_strip_punctuation", "lower",
        "strip_punctuation"), 1),
      split = sample(c("whitespace", "character"), 1),
      ngrams = if (draw_flag(0.4)) draw_size(3),
      output_sequence_length = if (int && draw_flag()) draw_size(6),
      pad_to_max_tokens = !int && !is.null(limit) && draw_flag()
    )
  )
}

draw_tokenizer <- function() {
  list(
    what = "tokenizer", texts = I(draw_texts(draw_size(6))),
    test = I(draw_texts(draw_size(4))),
    mode = sample(c("binary", "count", "freq", "tfidf"), 1),
    arguments = list(
      num_words = if (draw_flag()) 1L + draw_size(8),
      lower = draw_flag(), char_level = draw_flag(0.3),
      oov_token = if (draw_flag()) sample(c("<oov>", "a"), 1)
    )
  )
}

draw_data <- function() {
  drop <- function(x) Filter(Negate(is.null), x)
  case <- sample(list(draw_windows, draw_pad, draw_numbers,
    draw_vectorization, draw_tokenizer), 1)[[1]]()
  if (!is.null(case$arguments)) case$arguments <- drop(case$arguments)
  drop(case)
}

# ---- elman's answers ---------------------------------------------------------

# Vectors of different lengths as one, with their lengths.
flat <- function(rows) {
  c(lengths(rows), unlist(rows))
}

# What a vocabulary is, as code points, so that only numbers are compared.
code_points <- function(words) flat(lapply(words, utf8ToInt))

data_results <- list(
  windows = function(case) {
    ds <- do.call(timeseries_dataset_from_array, c(
      list(case$data, case$targets), case$arguments
    ))
    batches <- iterate(ds, function(batch) {
      parts <- if (is.null(case$targets)) list(batch) else batch
      lapply(parts, as.numeric)
    }, simplify = FALSE)
    list(sizes = lengths(unlist(batches, recursive = FALSE)),
      values = unlist(batches))
  },
  pad = function(case) {
    list(padded = pad_sequences(lapply(case$sequences, unclass), case$maxlen,
      padding = case$padding, truncating = case$truncating, value = case$value))
  },
  numbers = function(case) {
    list(
      norms = normalize(case$x, case$axis, case$order),
      classes = to_categorical(unclass(case$classes), case$num_classes)
    )
  },
  vectorization = function(case) {
    layer <- do.call(layer_text_vectorization, case$arguments)
    adapt(layer, unclass(case$texts))
    list(vocabulary = code_points(get_vocabulary(layer)),
      output = layer(unclass(case$test)))
  },
  tokenizer = function(case) {
    tokenizer <- do.call(text_tokenizer, case$arguments)
    fit_text_tokenizer(tokenizer, unclass(case$texts))
    sequences <- texts_to_sequences(tokenizer, unclass(case$test))
    words <- names(tokenizer$word_index)[order(unlist(tokenizer$word_index))]
    list(
      words = code_points(words), sequences = flat(sequences),
      texts = code_points(sequences_to_texts(tokenizer, sequences)),
      matrix = texts_to_matrix(tokenizer, unclass(case$test), case$mode)
    )
  }
)

# In row-major order, as Keras's results are flat, and behind their number,
# since there may be none.
live_kinds$data <- list(
  count = 100, draw = draw_data,
  answer = function(case) {
    lapply(data_results[[case$what]](case), function(x) {
      c(length(x), if (is.array(x)) as.vector(aperm(x)) else x)
    })
  },
  tolerance = function(case) 1e-7
)
