# What may come of a call: a value, or one of the package's own conditions, in
# reasonable time. Everything else is a complaint.

complain <- function(...) {
  stop(structure(class = c("complaint", "error", "condition"),
                 list(message = paste0(...), call = NULL)))
}

# Seconds of the processor within which any call of this size has to come back.
patience <- 20

# What R itself says: of a name that it has no argument for, or of an argument
# that is not there, in R's words that every user knows; of generics of other
# packages; and of memory that there is not.
is_of_r <- function(e, generics) {
  text <- conditionMessage(e)
  grepl(paste0("^unused argument|matched by multiple actual|",
               "^argument \".*\" is missing, with no default|",
               "cannot allocate|too many elements|too long a vector"), text) ||
    (generics && grepl("^no applicable method", text))
}

# What a function that was handed in says itself.
is_of_caller <- function(e) grepl("the caller's own error", conditionMessage(e))

# list(value), or list(refused = message); a complaint where something else
# came. `generics`: the function called is a generic of another package.
outcome_of <- function(code, generics = FALSE) {
  warned <- NULL
  on.exit(setTimeLimit())
  setTimeLimit(cpu = patience, transient = TRUE)
  out <- tryCatch(
    withCallingHandlers(
      list(value = code),
      warning = function(w) {
        if (!inherits(w, "elman_warning")) warned <<- conditionMessage(w)
        invokeRestart("muffleWarning")
      },
      message = function(m) invokeRestart("muffleMessage")
    ),
    complaint = function(e) stop(e),
    elman_error = function(e) {
      if (!nzchar(conditionMessage(e))) complain("an error without a message")
      list(refused = conditionMessage(e))
    },
    error = function(e) {
      if (is_of_r(e, generics) || is_of_caller(e)) {
        return(list(refused = conditionMessage(e)))
      }
      where <- conditionCall(e)
      complain("an error without a class: ", conditionMessage(e),
               if (!is.null(where)) paste0(" [", deparse(where)[1], "]"))
    }
  )
  setTimeLimit()
  if (!is.null(warned)) complain("a warning without a class: ", warned)
  out
}

# The value of a call that is right.
value_of <- function(code) {
  out <- outcome_of(code)
  if (!is.null(out$refused)) complain("refused: ", out$refused)
  out$value
}

# A call that is wrong is refused.
must_refuse <- function(code, what) {
  out <- outcome_of(code)
  if (is.null(out$refused)) complain(what, " is taken")
}

# ---- comparison --------------------------------------------------------------

show_shape <- function(x) {
  d <- dim(x)
  paste0("[", toString(if (is.null(d)) length(x) else d), "]")
}

numbers_of <- function(x) {
  if (inherits(x, "elman_value")) as.array(x) else x
}

# `got` is what the package says, `want` what plain R does. Numbers that the
# reference has as none, or as infinite, have to be that.
must_agree <- function(got, want, tolerance, what = "the value") {
  got <- numbers_of(got)
  one <- length(want) == 1L && length(got) == 1L
  shapes <- lapply(list(got, want), function(a) as.integer(shape_of(a)))
  if (!one && !identical(shapes[[1]], shapes[[2]])) {
    complain(what, " has shape ", show_shape(got), ", not ", show_shape(want))
  }
  got <- as.double(got)
  want <- as.double(want)
  if (!length(want)) return(invisible())
  if (any(is.nan(got) & !is.nan(want))) complain(what, " holds NaN")
  if (any(is.nan(want) & !is.nan(got))) complain(what, " holds no NaN")
  finite <- is.finite(want)
  if (!identical(got[!finite & !is.nan(want)],
                 want[!finite & !is.nan(want)])) {
    complain(what, " is infinite in other places")
  }
  if (!any(finite)) return(invisible())
  away <- max(abs(got[finite] - want[finite])) / max(1, abs(want[finite]))
  if (is.na(away) || away > tolerance) {
    complain(what, " is ", signif(away, 3), " from the reference: ",
             toString(signif(utils::head(got[finite], 4), 6)), ", not ",
             toString(signif(utils::head(want[finite], 4), 6)))
  }
}

shape_of <- function(x) if (is.null(dim(x))) length(x) else dim(x)

must_be_same <- function(got, want, what) {
  if (!identical(got, want)) complain(what)
}

# Values that can be looked at hold together: their shape has their numbers, and
# they can be printed.
must_be_whole <- function(x) {
  if (inherits(x, "elman_tensor")) {
    shape <- dim(x)
    a <- as.array(x)
    count <- if (is.null(shape)) 1 else prod(shape)
    if (length(a) != count) complain("a tensor has another size than shape")
    if (!op_dtype(x) %in% c("float32", "float64", "int32", "bool")) {
      complain("a tensor has no dtype")
    }
  } else if (is.list(x) && is.null(attr(x, "class"))) {
    lapply(x, must_be_whole)
  }
  if (is.object(x)) utils::capture.output(print(x))
  invisible()
}
