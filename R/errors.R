# Classed conditions: every error of the package is an `elman_error` with a
# child class that says what kind of thing was wrong.

abort_argument <- function(message, arg = NULL) {
  abort_elman(message, "elman_error_argument", arg)
}

abort_shape <- function(message, arg = NULL) {
  abort_elman(message, "elman_error_shape", arg)
}

abort_state <- function(message) abort_elman(message, "elman_error_state")

abort_file <- function(message) abort_elman(message, "elman_error_file")

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

# The call a user wrote: going outwards from here, the last frame that is
# still the package's own. An own function called by fit() inside a user's
# callback is thus the one shown, not fit().
user_call <- function() {
  frames <- sys.nframe()
  call <- NULL
  for (i in rev(seq_len(frames - 1L))) {
    if (!is_own_function(sys.function(i))) break
    call <- sys.call(i)
  }
  if (is.null(call)) return(NULL)
  # A call on a value rather than a name ("do.call") would print the value.
  if (!is.symbol(call[[1]]) && !is_qualified(call[[1]])) return(NULL)
  call[seq_len(min(length(call), 1L))]
}

is_qualified <- function(f) {
  is.call(f) && (identical(f[[1]], quote(`::`)) || identical(f[[1]], quote(`$`)))
}

# Closures of the package: functions of the namespace, methods of its objects,
# and functions of base and rlang that stand between two of them.
is_own_function <- function(f) {
  env <- environment(f)
  if (is.null(env)) return(TRUE)
  own <- topenv(environment(abort_elman))
  while (!identical(env, emptyenv())) {
    if (identical(env, own)) return(TRUE)
    if (identical(env, globalenv())) return(FALSE)
    if (isNamespace(env)) {
      return(getNamespaceName(env) %in% c("base", "rlang", "generics", "R6"))
    }
    env <- parent.env(env)
  }
  FALSE
}
