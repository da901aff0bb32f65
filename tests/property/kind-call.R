# Any exported function with arguments of every sort. Nothing is known about
# what comes but that it is whole, or refused in the package's own words, and
# that what was handed in is as before.

exported <- local({
  names <- sort(getNamespaceExports("elman"))
  Filter(function(name) is.function(getExportedValue("elman", name)), names)
})

# They are for the session or other processes, or wait for a user.
left_out <- c("set_distribution", "distribution_data_parallel", "%>%", "%<-%",
              "clear_session", "with_custom_object_scope")

# Generics of other packages.
foreign <- Filter(function(name) {
  !identical(environment(getExportedValue("elman", name)),
             asNamespace("elman"))
}, exported)

callable <- setdiff(exported, left_out)

# A few classes with state that calls could change.
fingerprint <- function(x) {
  if (inherits(x, "elman_tensor")) return(as.array(x))
  if (is.function(x) || is.environment(x)) return(NULL)
  if (is.list(x)) return(lapply(x, fingerprint))
  x
}

draw_arguments <- function(f) {
  formal <- formals(f)
  out <- list()
  for (name in names(formal)) {
    if (name == "...") {
      if (chance(0.1)) out <- c(out, unname(draw_hostile()))
      if (chance(0.05)) out <- c(out, stats::setNames(draw_hostile(), "wrong"))
      if (chance(0.15)) out <- c(out, list(some_array()))
      next
    }
    has_default <- !identical(formal[[name]], rlang::missing_arg())
    if (chance(if (has_default) 0.75 else 0.04)) next
    value <- if (chance(0.3)) draw_hostile() else draw_plausible(name)
    out <- c(out, stats::setNames(value, name))
  }
  # A misspelt, or a shortened name.
  if (length(out) && chance(0.03)) {
    at <- sample.int(length(out), 1L)
    names(out)[at] <- one_of(list("zzz", "", substr(names(out)[at], 1, 3)))
  }
  out
}

# What a session is like is put back.
in_session_as_it_is <- function(code) {
  before <- list(config_floatx(), config_epsilon(), getwd(), options())
  on.exit({
    config_set_floatx(before[[1]])
    config_set_epsilon(before[[2]])
    setwd(before[[3]])
    options(before[[4]])
  })
  code
}

run_call <- function(describe) {
  name <- one_of(callable)
  f <- getExportedValue("elman", name)
  arguments <- draw_arguments(f)
  describe(show_call(name, arguments))
  before <- lapply(arguments, fingerprint)
  in_session_as_it_is({
    utils::capture.output(
      out <- outcome_of(do.call(f, arguments, quote = TRUE), name %in% foreign)
    )
    if (is.null(out$refused)) outcome_of(must_be_whole(out$value))
  })
  changes <- c("op_subset_set", "op_subset<-", "fit_text_tokenizer")
  if (!name %in% changes) {
    must_be_same(lapply(arguments, fingerprint), before,
                 "an argument was changed")
  }
}

property_kinds$call <- list(share = 10, run = run_call)
