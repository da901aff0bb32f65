# Texts to numbers, by a vocabulary.

TextVectorization <- R6::R6Class(
  "TextVectorization",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    max_tokens = NULL,
    standardize = NULL,
    split = NULL,
    ngrams = NULL,
    output_mode = NULL,
    output_sequence_length = NULL,
    pad_to_max_tokens = FALSE,
    ragged = FALSE,
    encoding = "utf-8",
    # What the constructor was given, to be written down.
    given = NULL,
    # Tokens by number, without the special ones; NULL before there are any.
    tokens = NULL,
    idf = NULL,

    initialize = function(max_tokens = NULL,
                          standardize = "lower_and_strip_punctuation",
                          split = "whitespace", ngrams = NULL,
                          output_mode = "int", output_sequence_length = NULL,
                          pad_to_max_tokens = FALSE, vocabulary = NULL,
                          idf_weights = NULL, sparse = FALSE, ragged = FALSE,
                          encoding = "utf-8", vocabulary_size = NULL, ...) {
      super$initialize(...)
      self$built <- TRUE
      self$max_tokens <- check_whole(max_tokens, "max_tokens", 2,
                                     null_ok = TRUE)
      self$standardize <- check_text_step(standardize, "standardize", c(
        "lower_and_strip_punctuation", "lower", "strip_punctuation"
      ))
      self$split <- check_text_step(split, "split",
                                    c("whitespace", "character"))
      self$ngrams <- check_ngrams(ngrams)
      self$output_mode <- check_output_mode(output_mode)
      self$output_sequence_length <- check_whole(
        output_sequence_length, "output_sequence_length", 1, null_ok = TRUE
      )
      self$pad_to_max_tokens <- check_flag(pad_to_max_tokens,
                                           "pad_to_max_tokens")
      self$ragged <- check_flag(ragged, "ragged")
      self$encoding <- check_string(encoding, "encoding")
      check_vectorization(self, check_flag(sparse, "sparse"), vocabulary,
                          idf_weights)
      if (!is.null(vocabulary)) {
        self$given <- list(vocabulary = vocabulary, idf_weights = idf_weights)
        self$set_vocabulary(vocabulary, idf_weights)
      }
    },

    # Numbers below that of the first token: padding and unknown tokens.
    special = function() {
      c(if (self$output_mode == "int") "", unknown_token)
    },

    get_vocabulary = function(include_special_tokens = TRUE) {
      c(if (include_special_tokens) self$special(), self$tokens)
    },
    vocabulary_size = function() length(self$get_vocabulary()),

    set_vocabulary = function(vocabulary, idf_weights = NULL) {
      weighs <- self$output_mode == "tf_idf"
      if (weighs == is.null(idf_weights)) {
        abort_argument(paste(
          "`idf_weights` must be given with a `vocabulary` in output mode",
          "\"tf_idf\", and in no other."), "idf_weights")
      }
      found <- check_vocabulary(read_vocabulary(vocabulary), self$special(),
                                self$max_tokens)
      if (weighs) {
        self$idf <- check_idf_weights(idf_weights, found, self$special())
      }
      self$tokens <- found$tokens
      invisible(NULL)
    },

    adapt = function(data, batch_size = NULL, steps = NULL) {
      if (!is.null(self$given)) {
        abort_state(sprintf(
          "Layer `%s` has been given its `vocabulary`: it cannot be adapted.",
          self$name))
      }
      counts <- new_token_counts()
      each_batch(data, function(texts) {
        count_tokens(counts, self$cut(texts, "data")$rows)
      }, steps)
      limit <- (self$max_tokens %||% Inf) - length(self$special())
      found <- frequent_tokens(counts, limit)
      self$tokens <- found$tokens
      if (self$output_mode == "tf_idf") {
        self$idf <- c(mean(found$idf), found$idf)
      }
    },

    # Texts as rows of tokens: list(rows, single), see rows_of_tokens().
    cut = function(texts, arg = "inputs") {
      rows_of_tokens(self, texts, arg)
    },

    invoke = function(inputs, ...) {
      check_dots(..., .allowed = "training")
      if (has_symbolic(inputs)) {
        abort_argument(sprintf(paste(
          "Layer `%s` takes texts, which no tensor holds: call it on them",
          "before the model, and give the model its numbers."), self$name),
          "object")
      }
      if (is.null(self$tokens)) {
        abort_state(sprintf(
          "Layer `%s` has no vocabulary: use adapt() or set_vocabulary().",
          self$name))
      }
      vectorize(self, self$cut(inputs))
    },

    compute_output_shape = function(input_shape) {
      if (self$output_mode == "int") {
        return(c(input_shape[1], self$output_sequence_length %||% NA_integer_))
      }
      c(input_shape[1], output_width(self))
    },

    layer_config = function() {
      list(
        max_tokens = self$max_tokens, standardize = self$standardize,
        split = self$split, ngrams = self$ngrams,
        output_mode = self$output_mode,
        output_sequence_length = self$output_sequence_length,
        pad_to_max_tokens = self$pad_to_max_tokens, sparse = FALSE,
        ragged = self$ragged, vocabulary = self$given$vocabulary,
        idf_weights = self$given$idf_weights, encoding = self$encoding,
        vocabulary_size = self$vocabulary_size()
      )
    }
  )
)

#' Text vectorization layer
#'
#' Turns texts into numbers before a model: standardizes and splits them into
#' tokens, and looks these up in a vocabulary that [adapt()] counts from texts
#' or that is given. Most frequent tokens come first, those as frequent as each
#' other from the last in the order of bytes to the first.
#'
#' @param object Missing or `NULL` to make a layer; texts to call it on.
#' @param max_tokens Largest size of the vocabulary, with its special tokens;
#'   `NULL` for none.
#' @param standardize `"lower_and_strip_punctuation"`, `"lower"` or
#'   `"strip_punctuation"`, `NULL` for nothing, or a function of a character
#'   vector that gives another one. Letters and punctuation of ASCII are meant.
#' @param split `"whitespace"` or `"character"`, `NULL` where every string is a
#'   token, or a function of a character vector that gives a list of character
#'   vectors.
#' @param ngrams `NULL`, or a number: `2` adds pairs of neighbours, joined by a
#'   blank, to the tokens. Several numbers are the sizes themselves.
#' @param output_mode `"int"` gives the numbers of the tokens in order,
#'   `"multi_hot"` one column per token of the vocabulary that says whether it
#'   occurs, `"count"` how often, `"tf_idf"` that times its weight. `"binary"`
#'   and `"tf-idf"` are older names.
#' @param output_sequence_length For `"int"`: the number of columns; longer
#'   texts are cut, shorter ones filled up with 0. `NULL` for the longest text
#'   of a call.
#' @param pad_to_max_tokens Whether the other modes have `max_tokens` columns
#'   even where there are fewer tokens.
#' @param vocabulary Tokens, or the path of a file with one per line.
#' @param idf_weights Weights of the tokens for `"tf_idf"`.
#' @param sparse Must be `FALSE`.
#' @param ragged Whether `"int"` gives a list of vectors instead of a matrix.
#' @param encoding Encoding of the texts.
#' @param name,... Name, and what else layers take.
#' @param include_special_tokens Whether to give padding and `"[UNK]"`, too.
#' @return A layer; called on a character vector `[batch]` or `[batch, 1]` an
#'   integer matrix `[batch, time]` for `"int"`, else a matrix
#'   `[batch, vocabulary]`. `get_vocabulary()` a character vector,
#'   `set_vocabulary()` the layer, invisibly.
#' @details In `"int"` mode number 0 is padding, 1 stands for unknown tokens and
#'   tokens count from 2; the other modes have no padding, and unknown tokens in
#'   the first column. The weight of a token in `"tf_idf"` is
#'   log(1 + texts / (1 + texts with the token)).
#' @section Errors: `elman_error_state` for a layer without a vocabulary, or
#'   adapted in spite of a given one; `elman_error_argument` for texts that are
#'   not valid in their encoding, and for repeated tokens.
#' @section Compatibility: no tensor here holds strings, so the layer works on
#'   texts before a model, not inside it: `fit(model, layer(texts), y)`. There
#'   are no sparse results and no output mode `"one_hot"`. The size of the
#'   vocabulary may change.
#' @examples
#' layer <- layer_text_vectorization(output_sequence_length = 4)
#' adapt(layer, c("The cat sat.", "The dog sat!"))
#' get_vocabulary(layer)
#' layer(c("the cat", "a dog sat on the cat"))
#'
#' counts <- layer_text_vectorization(output_mode = "count",
#'                                    vocabulary = c("cat", "dog"))
#' counts("cat and dog and cat")
#' @export
layer_text_vectorization <- function(
    object, max_tokens = NULL, standardize = "lower_and_strip_punctuation",
    split = "whitespace", ngrams = NULL, output_mode = "int",
    output_sequence_length = NULL, pad_to_max_tokens = FALSE,
    vocabulary = NULL, idf_weights = NULL, sparse = FALSE, ragged = FALSE,
    encoding = "utf-8", name = NULL, ...) {
  if (!missing(object) && is_sequential(object)) {
    abort_argument(paste(
      "`object` must be texts, not a model: call the layer on",
      "them before, and give the model its numbers."
    ), "object")
  }
  compose_layer(object, function() {
    TextVectorization$new(
      max_tokens, standardize, split, ngrams, output_mode,
      output_sequence_length, pad_to_max_tokens, vocabulary, idf_weights,
      sparse, ragged, encoding, name = name, ...
    )
  })
}

#' @rdname layer_text_vectorization
#' @export
get_vocabulary <- function(object, include_special_tokens = TRUE) {
  self <- vocabulary_layer(object)
  self$get_vocabulary(check_flag(include_special_tokens,
                                 "include_special_tokens"))
}

#' @rdname layer_text_vectorization
#' @export
set_vocabulary <- function(object, vocabulary, idf_weights = NULL, ...) {
  check_dots(...)
  vocabulary_layer(object)$set_vocabulary(vocabulary, idf_weights)
  invisible(object)
}

vocabulary_layer <- function(object) {
  if (is_layer(object)) {
    self <- unwrap_layer(object)
    if (is.function(self$set_vocabulary)) return(self)
  }
  must_be(object, "object", "a layer with a vocabulary")
}

# ---- arguments ---------------------------------------------------------------

check_text_step <- function(x, arg, choices) {
  if (is.null(x) || is.function(x)) x else match_name(x, choices, arg)
}

check_output_mode <- function(x) {
  if (identical(x, "binary")) x <- "multi_hot"
  if (identical(x, "tf-idf")) x <- "tf_idf"
  match_name(x, c("int", "multi_hot", "count", "tf_idf"), "output_mode")
}

# NULL, one number for all sizes up to it, or the sizes.
check_ngrams <- function(x) {
  if (is.null(x)) return(NULL)
  values <- unlist(x)
  if (!are_whole(values) || any(values < 1)) {
    must_be(x, "ngrams", "NULL or positive whole numbers")
  }
  as.integer(values)
}

check_vectorization <- function(self, sparse, vocabulary, idf_weights) {
  int <- self$output_mode == "int"
  if (sparse) must_be(sparse, "sparse", "FALSE (tensors are dense)")
  if (self$ragged && !int) {
    must_be(TRUE, "ragged", "FALSE unless `output_mode` is \"int\"")
  }
  if (!int && !is.null(self$output_sequence_length)) {
    must_be(self$output_sequence_length, "output_sequence_length",
            "NULL unless `output_mode` is \"int\"")
  }
  if (self$pad_to_max_tokens && is.null(self$max_tokens)) {
    abort_argument(
      "`max_tokens` must be given where `pad_to_max_tokens` is TRUE.",
      "max_tokens"
    )
  }
  if (!is.null(idf_weights) && (self$output_mode != "tf_idf" ||
                                  is.null(vocabulary))) {
    abort_argument(paste(
      "`idf_weights` must come with a `vocabulary`, in output",
      "mode \"tf_idf\"."
    ), "idf_weights")
  }
}
