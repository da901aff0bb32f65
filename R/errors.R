# Classed conditions: every error of the package is an `elman_error` with a
# child class that says what kind of thing was wrong.

abort_argument <- function(message, arg = NULL) {
  abort_elman(message, "elman_error_argument", arg)
}

abort_shape <- function(message, arg = NULL) {
  abort_elman(message, "elman_error_shape", arg)
}

abort_state <- function(message) abort_elman(message, "elman_error_state")

abort_file <- function(message, arg = NULL) {
  abort_elman(message, "elman_error_file", arg)
}

abort_elman <- function(message, class, arg = NULL) {
  rlang::abort(
    message,
    class = c(class, "elman_error"),
    arg = arg,
    call = user_call(),
    use_cli_format = FALSE
  )
}

warn_elman <- function(message, class = NULL) {
  rlang::warn(message, class = c(class, "elman_warning"))
}

# The call a user wrote: going outwards from here, the first of the package's
# own frames that a user's code has called, or the last before a user's own.
# An own function that a user's callback calls is thus the one shown, not the
# fit() around it; and of a pipe the step that has the argument, though it is
# evaluated within the steps behind it.
user_call <- function() {
  call <- NULL
  parents <- sys.parents()
  for (i in rev(seq_len(sys.nframe() - 1L))) {
    owner <- function_owner(sys.function(i))
    if (owner == "user") break
    if (owner != "elman") next
    call <- sys.call(i)
    from <- parents[i]
    # Of an environment that is no call, such as the global one, it is 0 or i.
    if (from %in% c(0L, i) || function_owner(sys.function(from)) == "user") {
      break
    }
  }
  # Arguments are left out: they may be large values, not names.
  if (is.null(call) || !is_name_of_function(call[[1]])) return(NULL)
  call <- call[1]
  # A method is shown as the generic that the user called.
  if (is.symbol(call[[1]])) {
    call[[1]] <- as.name(sub("\\.elman_[a-z]+$", "", call[[1]]))
  }
  call
}

is_name_of_function <- function(f) {
  is.symbol(f) || is.call(f) && as.character(f[[1]])[1] %in% c("::", "$")
}

# Whose a function is: the package's, R's own (which may stand between two of
# the package's), or a user's.
function_owner <- function(f) {
  env <- environment(f)
  if (is.null(env)) return("R")
  elman <- topenv(environment(abort_elman))
  while (!identical(env, emptyenv())) {
    if (identical(env, elman)) return("elman")
    if (identical(env, globalenv())) return("user")
    if (isNamespace(env)) {
      r <- c("base", "stats", "rlang", "generics", "R6")
      return(if (getNamespaceName(env) %in% r) "R" else "user")
    }
    env <- parent.env(env)
  }
  "user"
}
