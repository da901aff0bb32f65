# Loads damaged files one after the other, and notes of each what came, how long
# it took and how much memory:
#
#   Rscript tests/fuzz/worker.R CORPUS SEEDS RESULTS
#
# SEEDS is a file with the seed of every case; RESULTS grows by a line per case.
# A case that ends the process leaves no line.
source("tests/fuzz/mutate.R")
suppressPackageStartupMessages(library(elman))
arguments <- commandArgs(trailingOnly = TRUE)
corpus <- readRDS(arguments[1])
seeds <- scan(arguments[2], integer(), quiet = TRUE)
models <- lapply(corpus, function(entry) {
  if (!is.null(entry$model)) load_model(entry$model)
})

# The most memory that the process had since peak_begins(), in MB; NA where the
# system does not tell.
status_mb <- function(field) {
  line <- grep(field, readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
measured <- file.access("/proc/self/clear_refs", 2L) == 0L
peak_begins <- function() if (measured) writeLines("5", "/proc/self/clear_refs")
peak <- function() if (measured) status_mb("^VmHWM") else NA_real_

load_entry <- function(entry, model, bytes) {
  if (is.null(model)) return(load_model(bytes))
  load_model_weights(model, bytes)
}

# "loaded", "refused", or what else came, in words.
outcome <- function(entry, model, bytes) {
  odd <- NULL
  before <- if (!is.null(model)) get_weights(model)
  result <- tryCatch(withCallingHandlers(
    {
      load_entry(entry, model, bytes)
      "loaded"
    },
    warning = function(w) {
      if (!inherits(w, "elman_warning")) odd <<- conditionMessage(w)
      invokeRestart("muffleWarning")
    }
  ), error = function(e) {
    if (inherits(e, "elman_error_file")) return("refused")
    paste("error of class", class(e)[1], conditionMessage(e))
  })
  if (!is.null(odd)) return(paste("warning", odd))
  if (result == "refused" && !is.null(model) &&
        !identical(get_weights(model), before)) {
    return("the model of a refused file has changed")
  }
  if (result == "loaded" && !is.null(model)) set_weights(model, before)
  result
}

invisible(gc())
start <- status_mb("^VmRSS")
out <- file(arguments[3], "a")
for (seed in seeds) {
  set.seed(seed)
  k <- sample.int(length(corpus), 1L)
  bytes <- mutate(corpus[[k]], corpus)
  peak_begins()
  # Of the processor: others may keep the machine busy.
  seconds <- sum(system.time(
    came <- outcome(corpus[[k]], models[[k]], bytes), gcFirst = FALSE
  )[1:2])
  cat(seed, format(seconds), format(peak() - start), corpus[[k]]$kind,
      substr(gsub("[[:space:]]+", " ", came), 1L, 300L), file = out, sep = "\t")
  cat("\n", file = out)
  flush(out)
}
close(out)
