# The tokenizer of older scripts: numbers for words, by how often they occur.

#' Text tokenizer
#'
#' Numbers words by how often they occur: 1 is the most frequent one, and words
#' that occur as often come in the order of their first appearance.
#' `fit_text_tokenizer()` counts, the other functions turn texts into sequences
#' of numbers or into one row per text, and back.
#'
#' @param num_words Only words with numbers below it are used; `NULL` for all.
#' @param filters,lower,split How texts are cut into words, as in
#'   [text_to_word_sequence()].
#' @param char_level Whether every character is a word.
#' @param oov_token A word that stands for all unknown ones and gets number 1;
#'   `NULL` drops unknown words.
#' @param object,tokenizer A tokenizer.
#' @param x,texts A character vector, or a list of strings. An element of a list
#'   that is a list, or a vector of several strings, is a text that has been cut
#'   into words already. For `fit_text_tokenizer()` also a function that gives
#'   texts at each call and `NULL` at its end.
#' @param mode What a row holds per word: `"binary"` whether it occurs,
#'   `"count"` how often, `"freq"` its share, `"tfidf"` (1 + log count) log(1 +
#'   D / (1 + d)) with D texts of which d have the word.
#' @param sequences A list of vectors of numbers.
#' @return `text_tokenizer()` and `fit_text_tokenizer()` (invisibly) the
#'   tokenizer, which is changed in place and has `$word_index` (a list of
#'   numbers by word), `$index_word`, `$word_counts`, `$word_docs` and
#'   `$document_count`. `texts_to_sequences()` a list of integer vectors;
#'   `texts_to_sequences_generator()` a function that gives the next one at each
#'   call and `NULL` at the end; `texts_to_matrix()` and `sequences_to_matrix()`
#'   a matrix `[text, word]` whose first column belongs to number 0, which no
#'   word has; `sequences_to_texts()` strings.
#' @section Errors: `elman_error_argument` for what is no text or no tokenizer;
#'   `elman_error_state` where texts have to be counted first.
#' @section Compatibility: these functions are of the package keras, before
#'   keras3. New scripts use [layer_text_vectorization()].
#' @examples
#' texts <- c("the cat sat on the mat", "the dog sat")
#' tokenizer <- text_tokenizer(num_words = 5) |> fit_text_tokenizer(texts)
#' unlist(tokenizer$word_index)
#' texts_to_sequences(tokenizer, texts)
#' texts_to_matrix(tokenizer, texts, mode = "count")
#' @export
text_tokenizer <- function(num_words = NULL, filters = text_filters,
                           lower = TRUE, split = " ", char_level = FALSE,
                           oov_token = NULL) {
  Tokenizer$new(num_words, filters, lower, split, char_level, oov_token)
}

# `words` are in the order of their first appearance, `counts` and `docs` (how
# many texts have them) beside them; `ranked` are they by number.
Tokenizer <- R6::R6Class(
  "elman_text_tokenizer",
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    num_words = NULL,
    filters = NULL,
    lower = NULL,
    split = NULL,
    char_level = NULL,
    oov_token = NULL,
    document_count = 0L,
    words = character(),
    counts = integer(),
    docs = integer(),
    ranked = character(),
    ranked_docs = integer(),

    initialize = function(num_words = NULL, filters = text_filters,
                          lower = TRUE, split = " ", char_level = FALSE,
                          oov_token = NULL) {
      self$num_words <- check_whole(num_words, "num_words", 1, null_ok = TRUE)
      self$filters <- check_filters(filters)
      self$lower <- check_flag(lower, "lower")
      self$split <- check_separator(split)
      self$char_level <- check_flag(char_level, "char_level")
      self$oov_token <- check_string(oov_token, "oov_token", null_ok = TRUE)
    },

    cut = function(texts, arg = "texts") cut_texts(self, texts, arg),

    # Adds texts that have been cut to the counts.
    count = function(cut) {
      all <- unlist(cut) %||% character()
      self$words <- c(self$words, setdiff(all, self$words))
      add <- function(counts, words) {
        counts <- c(counts, integer(length(self$words) - length(counts)))
        counts + tabulate(match(words, self$words), length(self$words))
      }
      self$counts <- add(self$counts, all)
      self$docs <- add(self$docs, unlist(lapply(cut, unique)) %||% character())
      self$document_count <- self$document_count + length(cut)
    },

    rank = function() {
      by_count <- order(-self$counts, method = "radix")
      self$ranked <- c(self$oov_token, self$words[by_count])
      self$ranked_docs <- self$docs[match(self$ranked, self$words)]
      shadowed <- duplicated(self$ranked, fromLast = TRUE)
      self$ranked_docs[is.na(self$ranked_docs) | shadowed] <- 0L
    },

    # Numbers of words, NA for unknown ones. A word that is the token for
    # unknown ones too has its later number, as in Python.
    number = function(words) {
      n <- length(self$ranked)
      n + 1L - match(words, rev(self$ranked))
    },

    # Of these numbers, those that are used: others become that for unknown
    # words, or are dropped.
    limit = function(numbers) {
      unknown <- if (is.null(self$oov_token)) NA_integer_ else
        self$number(self$oov_token)
      if (!is.null(self$num_words)) {
        numbers[!is.na(numbers) & numbers >= self$num_words] <- NA_integer_
      }
      numbers[is.na(numbers)] <- unknown
      numbers[!is.na(numbers)]
    }
  ),
  active = list(
    word_index = function() {
      once <- !duplicated(self$ranked, fromLast = TRUE)
      stats::setNames(as.list(which(once)), self$ranked[once])
    },
    index_word = function() {
      stats::setNames(as.list(self$ranked), seq_along(self$ranked))
    },
    word_counts = function() stats::setNames(as.list(self$counts), self$words),
    word_docs = function() stats::setNames(as.list(self$docs), self$words)
  )
)

# Words of texts, a list of character vectors.
cut_texts <- function(self, texts, arg) {
  if (!is.list(texts)) return(cut_strings(self, check_texts(texts, arg)))
  done <- vapply(texts, function(t) is.list(t) || length(t) != 1L, NA)
  out <- vector("list", length(texts))
  out[!done] <- cut_strings(self, check_texts(texts[!done], arg))
  out[done] <- lapply(texts[done], function(words) {
    words <- if (length(words)) check_texts(words, arg) else character()
    if (self$lower) tolower(words) else words
  })
  out
}

cut_strings <- function(self, texts) {
  if (!length(texts)) return(list())
  if (!self$char_level) {
    return(words_of(texts, self$filters, self$lower, self$split))
  }
  characters_of(if (self$lower) tolower(texts) else texts)
}

check_tokenizer <- function(x, arg = "tokenizer") {
  if (inherits(x, "elman_text_tokenizer")) return(x)
  must_be(x, arg, "a tokenizer, from text_tokenizer()")
}

#' @rdname text_tokenizer
#' @export
fit_text_tokenizer <- function(object, x) {
  self <- check_tokenizer(object, "object")
  if (is.function(x)) {
    while (!is.null(texts <- x())) self$count(self$cut(texts, "x"))
  } else {
    self$count(self$cut(x, "x"))
  }
  self$rank()
  invisible(object)
}

#' @rdname text_tokenizer
#' @export
texts_to_sequences <- function(tokenizer, texts) {
  self <- check_tokenizer(tokenizer)
  cut <- self$cut(texts)
  numbers <- self$number(unlist(cut))
  ends <- cumsum(lengths(cut))
  Map(function(first, last) self$limit(numbers[seq_to(first, last)]),
      ends - lengths(cut) + 1, ends)
}

#' @rdname text_tokenizer
#' @export
texts_to_sequences_generator <- function(tokenizer, texts) {
  self <- check_tokenizer(tokenizer)
  cut <- self$cut(texts)
  at <- 0L
  function() {
    if (at >= length(cut)) return(NULL)
    at <<- at + 1L
    self$limit(self$number(cut[[at]]))
  }
}

#' @rdname text_tokenizer
#' @export
sequences_to_texts <- function(tokenizer, sequences) {
  self <- check_tokenizer(tokenizer)
  vapply(check_sequences(sequences), function(numbers) {
    known <- numbers >= 1 & numbers <= length(self$ranked)
    numbers[!known] <- NA
    paste(self$ranked[self$limit(numbers)], collapse = " ")
  }, "", USE.NAMES = FALSE)
}

#' @rdname text_tokenizer
#' @export
texts_to_matrix <- function(tokenizer, texts,
                            mode = c("binary", "count", "tfidf", "freq")) {
  sequences_to_matrix(tokenizer, texts_to_sequences(tokenizer, texts), mode)
}

#' @rdname text_tokenizer
#' @export
sequences_to_matrix <- function(tokenizer, sequences,
                                mode = c("binary", "count", "tfidf", "freq")) {
  self <- check_tokenizer(tokenizer)
  mode <- match_name(mode[1], c("binary", "count", "tfidf", "freq"), "mode")
  sequences <- check_sequences(sequences)
  if (is.null(self$num_words) && !length(self$ranked) ||
        mode == "tfidf" && !self$document_count) {
    abort_state(
      "The tokenizer has seen no text: use fit_text_tokenizer() first."
    )
  }
  width <- self$num_words %||% (length(unique(self$ranked)) + 1L)
  counts <- vapply(sequences, function(numbers) {
    tabulate(numbers[numbers < width] + 1L, width)
  }, numeric(width), USE.NAMES = FALSE)
  counts <- t(matrix(counts, width))
  switch(mode,
    binary = (counts > 0) + 0,
    count = counts,
    freq = counts / pmax(lengths(sequences), 1),
    tfidf = {
      docs <- c(0, self$ranked_docs)[seq_len(width)]
      docs[is.na(docs)] <- 0
      rarity <- log(1 + self$document_count / (1 + docs))
      ifelse(counts > 0, 1 + log(counts), 0) * rep(rarity, each = nrow(counts))
    }
  )
}

check_sequences <- function(x) {
  if (!is.list(x)) must_be(x, "sequences", "a list of vectors of numbers")
  lapply(x, function(numbers) {
    numbers <- unlist(numbers)
    if (is.null(numbers)) return(integer())
    if (!is.numeric(numbers) || anyNA(numbers) ||
          any(numbers < 0 | numbers != round(numbers))) {
      must_be(numbers, "sequences", "made of whole numbers from 0")
    }
    as.integer(numbers)
  })
}

#' @export
print.elman_text_tokenizer <- function(x, ...) {
  cat(sprintf("<text tokenizer: %d words from %d texts>\n",
              length(x$ranked), x$document_count))
  invisible(x)
}

# from, ..., to; nothing where that is empty.
seq_to <- function(from, to) if (from > to) integer() else from:to
