# Prepares the installed package for tools/coverage:
#
#   Rscript tools/coverage-trace.R FOLDER
#
# covr's counters go into every function once, and are stored with the package,
# so that no process has to do so when it loads it. A process only notes which
# counters it came by, and writes them down when it ends.
folder <- commandArgs(trailingOnly = TRUE)[1]
library <- file.path(folder, "library")
base <- file.path(library, "elman", "R", "elman")
stored <- names(readRDS(paste0(base, ".rdx"))$variables)
ns <- loadNamespace("elman", lib.loc = library)
invisible(mget(stored, ns))

rebind <- function(name, value, ns) {
  unlockBinding(name, ns)
  assign(name, value, envir = ns)
  lockBinding(name, ns)
}

# For each condition covr reads the tokens of the whole package, half a second's
# work. Here they are read once, and only those of the condition's lines given.
tokens <- list()
tokens_of <- function(file) {
  for (known in tokens) if (identical(known$file, file)) return(known$data)
  data <- utils::getParseData(file)
  tokens[[length(tokens) + 1L]] <<- list(file = file, data = data)
  data
}
rebind("get_tokens", function(srcref) {
  data <- tokens_of(attr(srcref, "srcfile"))
  ends <- findInterval(srcref[7:8] + c(-0.5, 0.5), data$line1)
  data[seq_len(ends[2] - ends[1]) + ends[1], ]
}, asNamespace("covr"))

# What a callback or a layer leaves undone is a function of NULL, and stays one.
trace_calls <- covr:::trace_calls
rebind("trace_calls", function(x, ...) {
  if (is.function(x) && is.null(body(x))) x else trace_calls(x, ...)
}, asNamespace("covr"))
covr:::trace_environment(ns)
cat(length(ls(covr:::.counters)), "counters\n")

# ---- functions that covr does not look for --------------------------------

# covr takes what is bound in the namespace and the methods of R6 classes. The
# rules of ops, kinds of classes and the like stand in lists and in environments
# of functions. What has no source is not of this package but made by R6.
is_traced <- function(f) {
  all(c("covr", "count") %in% all.names(body(f)))
}

seen <- list()
is_own <- function(env) {
  !(isNamespace(env) || identical(env, globalenv()) ||
      identical(env, baseenv()) || identical(env, emptyenv()) ||
      any(vapply(seen, identical, NA, env)))
}

found <- list()
visit <- function(x, name) {
  if (is.function(x) && !is.primitive(x)) {
    if (!is.null(attr(x, "srcref"))) {
      found[[length(found) + 1L]] <<- list(name = name, value = x)
    }
    visit(environment(x), name)
  } else if (is.environment(x)) {
    if (inherits(x, "srcfile") || !is_own(x)) return(invisible())
    seen[[length(seen) + 1L]] <<- x
    for (inner in ls(x, all.names = TRUE)) {
      if (!bindingIsActive(inner, x)) visit(get(inner, x), inner)
    }
  } else if (is.list(x)) {
    labels <- names(x)
    for (k in seq_along(x)) {
      visit(x[[k]], if (any(nzchar(labels[k]))) labels[k] else name)
    }
  }
  kept <- attributes(x)
  visit_attributes <- setdiff(names(kept), c("srcref", "names", "class"))
  for (label in visit_attributes) visit(kept[[label]], label)
  invisible()
}
for (name in setdiff(stored, c(".__NAMESPACE__.", ".__S3MethodsTable__."))) {
  visit(get(name, ns), name)
}
further <- Filter(function(entry) !is_traced(entry$value), found)
for (entry in further) {
  covr:::replace(covr:::replacement(entry$name, ns, entry$value))
}
cat(length(found), "functions,", length(further), "beyond covr's\n")

# ---- stored with the package ----------------------------------------------

# Compiled now, in place, as the package's own functions are when it installs.
for (entry in found) {
  compiled <- compiler::cmpfun(entry$value, list(suppressAll = TRUE))
  .Call(covr:::covr_reassign_function, as.name(entry$name), ns, entry$value,
        compiled)
}
saveRDS(as.list(covr:::.counters), file.path(folder, "counters.rds"))
methods <- get(".__S3MethodsTable__.", ns)
rm(list = ls(methods, all.names = TRUE), envir = methods)
made <- tempfile("elman")
tools:::makeLazyLoadDB(ns, made, variables = stored)
for (ending in c(".rdb", ".rdx")) {
  file.copy(paste0(made, ending), paste0(base, ending), overwrite = TRUE)
}

# Runs in each process that loads the package. A forked one ends by mcexit(),
# without its finalizers.
hook <- quote(local({
  hits <- new.env()
  covr <- asNamespace("covr")
  rebind <- function(name, value, ns) {
    unlockBinding(name, ns)
    assign(name, value, envir = ns)
    lockBinding(name, ns)
  }
  rebind("count", function(key) assign(key, TRUE, envir = hits), covr)
  write <- function(...) {
    folder <- Sys.getenv("COVERAGE_DIR")
    if (!nzchar(folder)) return()
    saveRDS(ls(hits, all.names = TRUE, sorted = FALSE),
            tempfile(sprintf("trace_%d_", Sys.getpid()), folder),
            compress = FALSE)
  }
  reg.finalizer(hits, write, onexit = TRUE)
  in_forks <- function(...) {
    parallel <- asNamespace("parallel")
    exit <- get("mcexit", parallel)
    rebind("mcexit", function(...) { write(); exit(...) }, parallel)
  }
  setHook(packageEvent("parallel", "onLoad"), in_forks)
  if (isNamespaceLoaded("parallel")) in_forks()
}))
lines <- readLines(base)
writeLines(append(lines, deparse(hook), length(lines)), base)
