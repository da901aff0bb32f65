# Checks of arguments: each says what must hold, then what came.

# How a value looks in an error message, in a few words.
describe <- function(x) {
  if (is.null(x)) return("NULL")
  if (is_tensor(x)) {
    return(paste0("a ", tensor_dtype(x), " tensor of shape ",
                  format_shape(tensor_shape(x))))
  }
  if (is_symbolic(x)) {
    return(paste0("a symbolic tensor of shape ", format_shape(x$shape)))
  }
  if (is_layer(x)) return(paste("a layer of class", class(x)[1]))
  if (is.function(x)) return("a function")
  if (is.list(x)) return(paste0("a list of ", length(x)))
  if (is.environment(x)) return(paste0("an object of class ", class(x)[1]))
  if (is.atomic(x) && length(x) == 1L && is.null(dim(x))) {
    return(if (is.character(x)) encodeString(x, quote = "\"") else format(x))
  }
  if (is.atomic(x) && length(x) > 0L && length(x) <= 5L && is.null(dim(x))) {
    return(paste0("c(", paste(vapply(x, describe, ""), collapse = ", "), ")"))
  }
  if (!is.null(dim(x))) {
    return(paste0("an array of shape ", format_shape(dim(x))))
  }
  paste0("a ", typeof(x), " vector of length ", length(x))
}

must_be <- function(x, arg, what) {
  abort_argument(sprintf("`%s` must be %s, not %s.", arg, what, describe(x)),
                 arg)
}

must_be_given <- function(arg, what) {
  abort_argument(sprintf("`%s` must be %s, not missing.", arg, what), arg)
}

is_number <- function(x) {
  is.numeric(x) && length(x) == 1L && !is.na(x) && !is_tensor(x)
}

is_whole <- function(x) {
  is_number(x) && is.finite(x) && x == round(x) && abs(x) < 2^31
}

# Any number of whole numbers that R has as integers.
are_whole <- function(x) {
  is.numeric(x) && !is_tensor(x) && all(is.finite(x)) &&
    all(x == round(x) & abs(x) < 2^31)
}

# A positive whole number, given back as an integer.
check_count <- function(x, arg = "x") {
  if (missing(x)) must_be_given(arg, "a positive whole number")
  if (!is_whole(x) || x < 1) must_be(x, arg, "a positive whole number")
  as.integer(x)
}

check_whole <- function(x, arg = "x", min = -Inf, null_ok = FALSE) {
  if (null_ok && is.null(x)) return(NULL)
  if (!is_whole(x) || x < min) {
    what <- "a whole number"
    if (is.finite(min)) what <- paste(what, "of at least", min)
    must_be(x, arg, if (null_ok) paste(what, "or NULL") else what)
  }
  as.integer(x)
}

check_number <- function(x, arg = "x", min = -Inf, max = Inf,
                         null_ok = FALSE) {
  if (null_ok && is.null(x)) return(NULL)
  if (!is_number(x) || x < min || x > max) {
    what <- "a number"
    if (is.finite(min) && is.finite(max)) {
      what <- sprintf("a number between %s and %s", format(min), format(max))
    } else if (is.finite(min)) {
      what <- paste("a number of at least", format(min))
    } else if (is.finite(max)) {
      what <- paste("a number of at most", format(max))
    }
    must_be(x, arg, if (null_ok) paste(what, "or NULL") else what)
  }
  as.numeric(x)
}

check_rate <- function(x, arg = "rate") check_number(x, arg, min = 0, max = 1)

check_not_negative <- function(x, arg = "x") check_number(x, arg, min = 0)

check_positive <- function(x, arg = "x", null_ok = FALSE) {
  if (null_ok && is.null(x)) return(NULL)
  if (!is_number(x) || x <= 0) {
    must_be(x, arg, if (null_ok) "a number above 0 or NULL"
                    else "a number above 0")
  }
  as.numeric(x)
}

check_flag <- function(x, arg = "x") {
  if (!(is.logical(x) || is_number(x)) || length(x) != 1L || is.na(x)) {
    must_be(x, arg, "TRUE or FALSE")
  }
  as.logical(x)
}

check_string <- function(x, arg = "x", null_ok = FALSE) {
  if (null_ok && is.null(x)) return(NULL)
  if (!is.character(x) || length(x) != 1L || is.na(x)) {
    must_be(x, arg, if (null_ok) "a string or NULL" else "a string")
  }
  as.character(x)
}

# The one of `choices` that `x` names; an unknown name is met with the nearest.
match_name <- function(x, choices, what) {
  if (is.character(x) && length(x) == 1L && x %in% choices) return(x)
  abort_unknown_name(x, choices, what)
}

abort_unknown_name <- function(x, choices, what) {
  if (!is.character(x) || length(x) != 1L || is.na(x)) {
    abort_argument(sprintf("`%s` must be a name, not %s.", what, describe(x)),
                   what)
  }
  near <- nearest_name(x, choices)
  hint <- if (is.null(near)) "" else sprintf(" Did you mean \"%s\"?", near)
  abort_argument(sprintf("Unknown %s \"%s\".%s", what, x, hint), what)
}

nearest_name <- function(x, choices) {
  if (!length(choices)) return(NULL)
  begun <- startsWith(tolower(choices), tolower(x))
  if (nchar(x) > 2L && any(begun)) return(choices[begun][1])
  distance <- utils::adist(x, choices, ignore.case = TRUE)
  best <- which.min(distance)
  if (distance[best] <= max(2, nchar(x) %/% 2)) choices[best]
}

# Arguments of `...` as a named list: a trailing comma is forgiven, an unnamed
# or unknown argument is not. `.known` are names to suggest from, such as those
# of arguments that come after the dots.
check_dots <- function(..., .allowed = NULL, .known = .allowed) {
  dots <- rlang::dots_list(..., .ignore_empty = "trailing")
  if (!length(dots)) return(dots)
  names <- names(dots)
  if (is.null(names) || any(names == "")) {
    abort_argument("All arguments in `...` must be named.", "...")
  }
  unknown <- setdiff(names, .allowed)
  if (length(unknown)) {
    near <- nearest_name(unknown[1], .known)
    hint <- if (is.null(near)) "" else sprintf(" Did you mean `%s`?", near)
    abort_argument(sprintf("Unknown argument `%s`.%s", unknown[1], hint),
                   unknown[1])
  }
  dots
}

check_function <- function(f, arg, null_ok = FALSE) {
  if (null_ok && is.null(f)) return(f)
  if (!is.function(f)) {
    must_be(f, arg, paste0("a function", if (null_ok) " or NULL"))
  }
  f
}
