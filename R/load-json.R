# JSON text is looked through before it is parsed (length, depth, number of
# values, names that occur twice) and after it (numbers out of range, and names
# that are the same once their escapes are read).

json_limits <- list(bytes = 16e6, depth = 100, values = 250000)

# The value of JSON text: objects are named lists, arrays unnamed ones.
parse_json <- function(text, what) {
  bytes <- if (is.raw(text)) text else charToRaw(enc2utf8(text))
  if (length(bytes) > json_limits$bytes) abort_damaged("%s is too long", what)
  problem <- cpp_json_problem(bytes, json_limits$depth, json_limits$values)
  if (nzchar(problem)) {
    abort_damaged("%s %s", what, iconv(problem, "UTF-8", "UTF-8", "?"))
  }
  text <- json_from_bytes(bytes, what)
  need_package("jsonlite", "read models from files")
  # jsonlite takes the text that it quotes in an error for a format, where a
  # percent sign could end the session: it sees none.
  text <- gsub("%", "\\u0025", text, fixed = TRUE)
  value <- tryCatch(jsonlite::parse_json(text, simplifyVector = FALSE),
                    error = function(e) e)
  if (inherits(value, "error")) abort_damaged("%s is not valid JSON", what)
  check_json(value, what)
  value
}

json_from_bytes <- function(bytes, what) {
  if (any(bytes == as.raw(0))) abort_damaged("%s is not text", what)
  text <- rawToChar(bytes)
  Encoding(text) <- "UTF-8"
  if (!validUTF8(text)) abort_damaged("%s is not text in UTF-8", what)
  text
}

check_json <- function(x, what) {
  if (is.list(x)) {
    twice <- names(x)[duplicated(names(x))]
    if (length(twice)) {
      abort_damaged("%s holds the name %s twice in one object", what,
                    quote_all(twice[1]))
    }
    for (item in x) check_json(item, what)
  } else if (is.numeric(x) && !all(is.finite(x) & abs(x) <= 1e300)) {
    abort_damaged("%s holds a number out of range", what)
  }
}

need_package <- function(package, purpose) {
  if (requireNamespace(package, quietly = TRUE)) return(invisible())
  abort_file(sprintf(
    "Package %s is needed to %s: install.packages(\"%s\").", package, purpose,
    package
  ))
}
