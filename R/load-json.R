# JSON text is looked at before it is parsed (length, depth) and after it
# (names that occur twice, numbers out of range).

json_limits <- list(bytes = 64e6, depth = 100)

# The value of JSON text: objects are named lists, arrays unnamed ones.
parse_json <- function(text, what) {
  if (is.raw(text)) text <- json_from_bytes(text, what)
  if (nchar(text, "bytes") > json_limits$bytes) {
    abort_damaged("%s is too long", what)
  }
  depth <- json_depth(text)
  if (is.na(depth)) abort_damaged("%s is not valid JSON", what)
  if (depth > json_limits$depth) {
    abort_damaged("%s is nested too deeply, at most %d levels are allowed",
                  what, json_limits$depth)
  }
  need_package("jsonlite", "read models from files")
  value <- tryCatch(jsonlite::parse_json(text, simplifyVector = FALSE),
                    error = function(e) e)
  if (inherits(value, "error")) abort_damaged("%s is not valid JSON", what)
  check_json(value, what)
  value
}

json_from_bytes <- function(bytes, what) {
  if (length(bytes) > json_limits$bytes) abort_damaged("%s is too long", what)
  if (any(bytes == as.raw(0))) abort_damaged("%s is not text", what)
  text <- rawToChar(bytes)
  Encoding(text) <- "UTF-8"
  if (!validUTF8(text)) abort_damaged("%s is not text in UTF-8", what)
  text
}

# How deep brackets are nested, those in strings not counted; NA where a string
# has no end.
json_depth <- function(text) {
  bytes <- as.integer(charToRaw(text))
  slash <- bytes == 0x5c
  # A quote counts unless an odd number of backslashes stands before it.
  runs <- rle(slash)
  ends <- cumsum(runs$lengths)
  odd <- ends[runs$values & runs$lengths %% 2L == 1L]
  quote <- bytes == 0x22
  quote[odd[odd < length(bytes)] + 1L] <- FALSE
  if (sum(quote) %% 2L == 1L) return(NA_integer_)
  outside <- cumsum(quote) %% 2L == 0L
  step <- (bytes == 0x5b | bytes == 0x7b) - (bytes == 0x5d | bytes == 0x7d)
  max(0L, cumsum(step[outside]))
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
