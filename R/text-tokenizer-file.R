# Tokenizers in files.

tokenizer_settings <- c("num_words", "filters", "lower", "split", "char_level",
                        "oov_token")
tokenizer_state <- c("document_count", "words", "counts", "docs", "ranked",
                     "ranked_docs")

#' Save a text tokenizer
#'
#' @param object A tokenizer, from [text_tokenizer()].
#' @param filename Path of the file.
#' @return `save_text_tokenizer()` its `object`, invisibly;
#'   `load_text_tokenizer()` the tokenizer.
#' @section Errors: `elman_error_file` where the file cannot be written or read,
#'   or holds something else.
#' @section Compatibility: the file is R's own (`saveRDS()`), not Python's
#'   pickle.
#' @examples
#' tokenizer <- fit_text_tokenizer(text_tokenizer(), "time and time again")
#' path <- tempfile()
#' save_text_tokenizer(tokenizer, path)
#' load_text_tokenizer(path)
#' @export
save_text_tokenizer <- function(object, filename) {
  self <- check_tokenizer(object, "object")
  filename <- check_string(filename, "filename")
  fields <- c(tokenizer_settings, tokenizer_state)
  content <- list(class = class(self)[1],
                  fields = stats::setNames(lapply(fields, function(name) {
                    self[[name]]
                  }), fields))
  replace_file(filename, function(path) {
    write_bytes(serialize(content, NULL), path)
  }, "filename")
  invisible(object)
}

#' @rdname save_text_tokenizer
#' @export
load_text_tokenizer <- function(filename) {
  filename <- check_string(filename, "filename")
  content <- tryCatch(suppressWarnings(readRDS(filename)),
                      error = function(e) NULL)
  if (!is.list(content) || !identical(content$class, "elman_text_tokenizer")) {
    abort_file(sprintf("`filename` \"%s\" must be a file of a text tokenizer.",
                       filename))
  }
  self <- do.call(Tokenizer$new, content$fields[tokenizer_settings])
  for (name in tokenizer_state) self[[name]] <- content$fields[[name]]
  self
}
