# From texts to words, and from words to numbers without a vocabulary.

text_filters <- "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n"

#' Words of texts
#'
#' `text_to_word_sequence()` cuts a text into words. `text_one_hot()` and
#' `text_hashing_trick()` give every word a number by a hash function, without a
#' vocabulary; different words may share one.
#'
#' @param text,input_text A string; for several, the words of all in a row.
#' @param filters A string of the characters that end words.
#' @param lower Whether to make all letters small.
#' @param split What separates words.
#' @param n Numbers lie between 1 and `n - 1`.
#' @param hash_function `NULL` or `"md5"` for the MD5 sum, or a function that
#'   gives a whole number for a string.
#' @return `text_to_word_sequence()` a character vector, the others an integer
#'   vector with one number per word.
#' @section Errors: `elman_error_argument` for texts that are no strings or not
#'   valid in their encoding.
#' @section Compatibility: these functions are of the package keras, before
#'   keras3. Without a `hash_function`, Python's own hash was used there, which
#'   differs from session to session; here it is MD5, whose numbers are those of
#'   `hash_function = "md5"` there.
#' @examples
#' text_to_word_sequence("Time, and time again.")
#' text_hashing_trick("Time, and time again.", n = 100)
#' @export
text_to_word_sequence <- function(text, filters = text_filters, lower = TRUE,
                                  split = " ") {
  unlist(words_of(check_texts(text, "text"), check_filters(filters),
                  check_flag(lower, "lower"), check_separator(split))) %||%
    character()
}

#' @rdname text_to_word_sequence
#' @export
text_one_hot <- function(input_text, n, filters = text_filters, lower = TRUE,
                         split = " ", text = NULL) {
  text_hashing_trick(text %||% input_text, n, NULL, filters, lower, split)
}

#' @rdname text_to_word_sequence
#' @export
text_hashing_trick <- function(text, n, hash_function = NULL,
                               filters = text_filters, lower = TRUE,
                               split = " ") {
  n <- check_whole(n, "n", min = 2)
  words <- text_to_word_sequence(text, filters, lower, split)
  known <- unique(words)
  rest <- if (is.function(hash_function)) {
    own_hash(known, hash_function) %% (n - 1)
  } else if (is.null(hash_function) || identical(hash_function, "md5")) {
    bytes_modulo(md5_bytes(known), n - 1)
  } else {
    must_be(hash_function, "hash_function", "NULL, \"md5\" or a function")
  }
  as.integer(rest[match(words, known)] + 1)
}

own_hash <- function(words, hash_function) {
  values <- lapply(words, hash_function)
  whole <- vapply(values, function(v) is_number(v) && v == round(v), NA)
  if (!all(whole)) {
    must_be(values[[which(!whole)[1]]], "hash_function",
            "a function that gives whole numbers")
  }
  as.numeric(unlist(values))
}

# ---- cutting -----------------------------------------------------------------

# A list of character vectors, one per text.
words_of <- function(texts, filters, lower, split) {
  if (lower) texts <- tolower(texts)
  if (nzchar(filters)) {
    # A backslash before a sign that is no letter or digit takes its meaning
    # off.
    signs <- gsub("([^[:alnum:]])", "\\\\\\1", filters)
    texts <- gsub(paste0("[", signs, "]"), gsub("\\", "\\\\", split,
                                                fixed = TRUE), texts,
                  perl = TRUE)
  }
  lapply(strsplit(texts, split, fixed = TRUE), function(w) w[nzchar(w)])
}

# Single characters of texts, a list of vectors.
characters_of <- function(texts) strsplit(texts, "")

check_texts <- function(x, arg, encoding = "UTF-8") {
  if (is.factor(x)) x <- as.character(x)
  if (is.list(x)) {
    single <- vapply(x, function(e) is.character(e) && length(e) == 1L, NA)
    if (all(single)) x <- unlist(x) %||% character()
  }
  if (!is.character(x) || anyNA(x)) {
    must_be(x, arg, "strings, none of them missing")
  }
  d <- dim(x)
  x <- if (toupper(encoding) %in% c("UTF-8", "UTF8")) enc2utf8(x) else
    iconv(x, encoding, "UTF-8")
  bad <- which(is.na(x) | !validUTF8(x))
  if (length(bad)) {
    abort_argument(sprintf("`%s` must be valid %s, but text %d is not.", arg,
                           encoding, bad[1]), arg)
  }
  dim(x) <- d
  x
}

check_filters <- function(x) {
  if (is.null(x)) return("")
  enc2utf8(check_string(x, "filters"))
}

check_separator <- function(x) {
  x <- enc2utf8(check_string(x, "split"))
  if (!nzchar(x)) must_be(x, "split", "a string that is not empty")
  x
}
