# Texts of numbers as Python writes them, for file names such as
# "{epoch:02d}-{val_loss:.2f}.keras" and for CSV files.

# Fills the fields in braces of `template` with `values`, a named list.
python_format <- function(template, values, arg) {
  pieces <- template_pieces(template, arg)
  paste(vapply(pieces, function(piece) {
    if (is.character(piece)) return(piece)
    if (!piece$name %in% names(values)) {
      abort_argument(sprintf(
        "`%s` has a field \"{%s}\", but there is only %s.", arg, piece$name,
        quote_all(names(values))), arg)
    }
    format_field(values[[piece$name]], piece$spec, arg)
  }, ""), collapse = "")
}

# A list of texts and of fields, list(name, spec).
template_pieces <- function(template, arg) {
  found <- regmatches(template, gregexpr(
    "\\{\\{|\\}\\}|\\{[^{}]*\\}|[^{}]+|[{}]", template
  ))[[1]]
  lapply(found, function(piece) {
    if (piece %in% c("{{", "}}")) return(substr(piece, 1L, 1L))
    if (piece %in% c("{", "}")) {
      must_be(template, arg, "a text in which all braces are closed")
    }
    if (!startsWith(piece, "{")) return(piece)
    inside <- substr(piece, 2L, nchar(piece) - 1L)
    list(name = sub(":.*", "", inside),
         spec = read_spec(sub("^[^:]*:?", "", inside), arg))
  })
}

# [[fill]align][sign][0][width][,][.precision][type]
read_spec <- function(spec, arg) {
  pattern <- paste0("^(?:(.)?([<>=^]))?([-+ ]?)(0?)(\\d*)([,_]?)",
                    "(?:\\.(\\d+))?([dfFeEgGs%]?)$")
  parts <- regmatches(spec, regexec(pattern, spec, perl = TRUE))[[1]]
  if (!length(parts)) {
    must_be(spec, arg,
            "formatted by widths, digits and one of d, e, f, g, s, %")
  }
  zero <- parts[5] == "0"
  list(fill = if (nzchar(parts[2])) parts[2] else if (zero) "0" else " ",
       align = if (nzchar(parts[3])) parts[3] else if (zero) "=" else "",
       sign = parts[4], width = as.integer(parts[6]), group = parts[7],
       precision = as.integer(parts[8]), type = parts[9])
}

format_field <- function(value, spec, arg) {
  if (length(value) != 1L) must_be(value, arg, "made of single numbers")
  if (is.numeric(value) || is.logical(value)) {
    body <- format_magnitude(value, spec, arg)
    sign <- if (isTRUE(value < 0)) "-" else if (spec$sign == "-") "" else
      spec$sign
    default <- ">"
  } else {
    body <- as.character(value)
    if (!is.na(spec$precision)) body <- substr(body, 1L, spec$precision)
    sign <- ""
    default <- "<"
  }
  align <- if (nzchar(spec$align)) spec$align else default
  missing <- max(0L, spec$width - nchar(body) - nchar(sign), na.rm = TRUE)
  left <- switch(align, "<" = 0L, "^" = missing %/% 2L, missing)
  fill <- function(n) strrep(spec$fill, n)
  if (align == "=") return(paste0(sign, fill(missing), body))
  paste0(fill(left), sign, body, fill(missing - left))
}

# A number without its sign.
format_magnitude <- function(value, spec, arg) {
  if (!is.finite(value)) return(sub("-", "", python_text(value)))
  size <- abs(value)
  digits <- spec$precision
  whole <- is.integer(value) || is.logical(value)
  if (spec$type == "d" && !whole) {
    abort_argument(sprintf("`%s` has a field of type d for the number %s.", arg,
                           python_text(value)), arg)
  }
  if (spec$type %in% c("f", "F", "e", "E", "g", "G", "%")) {
    type <- if (spec$type == "%") "f" else spec$type
    if (spec$type == "%") size <- 100 * size
    text <- number_text(paste0("%.*", type), if (is.na(digits)) 6L else digits,
                    as.double(size))
    if (spec$type == "%") text <- paste0(text, "%")
  } else if (whole || is.na(digits)) {
    text <- python_text(if (whole) as.integer(size) else size)
  } else {
    text <- number_text("%.*g", max(1L, digits), size)
    if (!grepl("[.e]", text)) text <- paste0(text, ".0")
  }
  if (nzchar(spec$group)) text <- group_digits(text, spec$group)
  text
}

group_digits <- function(text, mark) {
  digits <- sub("^(\\d+).*", "\\1", text)
  grouped <- gsub("(?<=\\d)(?=(\\d{3})+$)", mark, digits, perl = TRUE)
  paste0(grouped, substring(text, nchar(digits) + 1L))
}

# sprintf() with a decimal point, whatever the session's language writes.
number_text <- function(...) {
  text <- sprintf(...)
  mark <- Sys.localeconv()[["decimal_point"]]
  if (mark == ".") text else sub(mark, ".", text, fixed = TRUE)
}

# A value as Python's str(): the fewest digits that give the number again.
python_text <- function(x) {
  if (is.integer(x)) return(format(x))
  if (!is.double(x)) return(as.character(x))
  if (is.na(x)) return("nan")
  if (is.infinite(x)) return(if (x > 0) "inf" else "-inf")
  if (x == 0) return("0.0")
  digits <- 1L
  while (digits < 17L &&
           as.numeric(number_text("%.*e", digits - 1L, x)) != x) {
    digits <- digits + 1L
  }
  text <- number_text("%.*e", digits - 1L, x)
  power <- as.integer(sub(".*e", "", text))
  if (power < -4L || power >= 16L) return(text)
  number_text("%.*f", max(1L, digits - 1L - power), x)
}
