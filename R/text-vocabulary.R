# Vocabularies: which number a token has, counted from texts or given.

unknown_token <- "[UNK]"

# Token counts that grow text by text: `rows` is a list of character vectors.
new_token_counts <- function() {
  self <- new.env(parent = emptyenv())
  self$tokens <- character()
  self$counts <- integer()
  self$docs <- integer()
  self$texts <- 0L
  self
}

count_tokens <- function(self, rows) {
  all <- unlist(rows) %||% character()
  self$tokens <- c(self$tokens, setdiff(all, self$tokens))
  n <- length(self$tokens)
  longer <- function(x) c(x, integer(n - length(x)))
  self$counts <- longer(self$counts) + tabulate(match(all, self$tokens), n)
  once <- unlist(lapply(rows, unique)) %||% character()
  self$docs <- longer(self$docs) + tabulate(match(once, self$tokens), n)
  self$texts <- self$texts + length(rows)
}

# The most frequent tokens, `limit` at most, with the logarithms of
# 1 + texts / (1 + texts with the token); ties by the tokens' bytes, downwards.
frequent_tokens <- function(self, limit = Inf) {
  keep <- !self$tokens %in% c("", unknown_token)
  tokens <- self$tokens[keep]
  docs <- self$docs[keep]
  ranked <- order(self$counts[keep], tokens, decreasing = TRUE,
                  method = "radix")
  ranked <- utils::head(ranked, min(limit, length(ranked)))
  list(tokens = tokens[ranked],
       idf = log(1 + self$texts / (1 + docs[ranked])))
}

# A vocabulary as users give it: strings, or the path of a file with one token
# per line.
read_vocabulary <- function(x) {
  if (!is.character(x) || !is.null(dim(x)) || length(x) != 1L) {
    return(check_texts(as.vector(unlist(x)), "vocabulary"))
  }
  if (!file.exists(x)) {
    abort_file(sprintf(
      "`vocabulary` must be tokens or the path of a file, not \"%s\".", x))
  }
  check_texts(readLines(x, encoding = "UTF-8", warn = FALSE), "vocabulary")
}

# Tokens without the special ones at their front.
check_vocabulary <- function(x, special, limit = NULL) {
  n <- length(special)
  told <- length(x) >= n && identical(as.vector(x[seq_len(n)]), special)
  tokens <- if (told) x[-seq_len(n)] else x
  if (!length(x)) must_be(x, "vocabulary", "tokens, one at least")
  if (anyDuplicated(tokens)) {
    twice <- unique(tokens[duplicated(tokens)])
    abort_argument(sprintf(
      "`vocabulary` must hold every token once, not %s again.",
      quote_all(utils::head(twice, 5))
    ), "vocabulary")
  }
  if ("" %in% tokens) {
    abort_argument(paste("`vocabulary` must not hold the empty string, unless",
                         "both special tokens come first."), "vocabulary")
  }
  if (!is.null(limit) && n + length(tokens) > limit) {
    abort_argument(sprintf(paste(
      "`vocabulary` must have %d tokens at most, special ones included,",
      "not %d."
    ), limit, n + length(tokens)), "vocabulary")
  }
  list(tokens = as.vector(tokens), told = told)
}

# Weights of a vocabulary's numbers: those of the special tokens are the mean
# unless they are given too.
check_idf_weights <- function(x, vocabulary, special) {
  n <- length(vocabulary$tokens) + if (vocabulary$told) length(special) else 0L
  values <- suppressWarnings(as.numeric(unlist(as_r_array(x))))
  if (length(values) != n || anyNA(values)) {
    must_be(x, "idf_weights",
            sprintf("%d numbers, one per token of `vocabulary`", n))
  }
  if (vocabulary$told) values else c(rep(mean(values), length(special)), values)
}
