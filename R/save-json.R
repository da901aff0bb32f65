# Configurations as JSON text, as Python reads it. jsonlite is not asked: what
# is a list of one and what a single number is known here.

# A named list is an object, an unnamed one an array; so is a vector that has
# not exactly one element, or is a shape. NA in whole numbers (an unknown size)
# and NULL are null.
json_text <- function(x) {
  if (is.null(x)) return("null")
  if (inherits(x, "elman_shape")) return(json_array(as.list(x)))
  if (is.list(x)) {
    return(if (is.null(names(x))) json_array(x) else json_object(x))
  }
  if (is.atomic(x) && length(x) != 1L) return(json_array(as.list(x)))
  if (is.character(x)) return(json_string(x))
  if (is.logical(x)) return(if (is.na(x)) "null" else tolower(as.character(x)))
  if (is.numeric(x)) return(json_number(x))
  abort_argument(sprintf("%s cannot be written into a file.", describe(x)),
                 "model")
}

json_array <- function(x) {
  paste0("[", paste(vapply(x, json_text, ""), collapse = ", "), "]")
}

json_object <- function(x) {
  fields <- sprintf("%s: %s", vapply(names(x), json_string, ""),
                    vapply(x, json_text, ""))
  paste0("{", paste(fields, collapse = ", "), "}")
}

json_string <- function(x) {
  x <- enc2utf8(as.character(x))
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  if (grepl("[[:cntrl:]]", x)) {
    for (code in c(1:31, 127)) {
      x <- gsub(intToUtf8(code), sprintf("\\u%04x", code), x, fixed = TRUE)
    }
  }
  paste0("\"", x, "\"")
}

# The shortest of 15 to 17 digits that gives the same number again. Doubles show
# that they are: Python takes 0 for a whole number and refuses it as a rate.
json_number <- function(x) {
  if (is.na(x)) return("null")
  if (!is.finite(x)) return(if (x > 0) "Infinity" else "-Infinity")
  if (is.integer(x)) return(sprintf("%d", x))
  for (digits in 15:17) {
    text <- number_text("%.*g", digits, x)
    if (as.numeric(text) == x) break
  }
  if (grepl("[.e]", text)) text else paste0(text, ".0")
}
