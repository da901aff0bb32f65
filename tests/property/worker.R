# Runs cases and writes one line for each:
#
#   Rscript tests/property/worker.R SEED FIRST LAST RESULTS [KINDS]
suppressPackageStartupMessages(library(elman))
arguments <- commandArgs(trailingOnly = TRUE)
seed <- as.integer(arguments[1])
results <- arguments[4]
chosen <- if (length(arguments) > 4) arguments[5] else ""

property_kinds <- list()
source("tests/property/judge.R")
source("tests/property/draw.R")
for (kind in c("op", "call", "loss", "data", "make", "model")) {
  source(sprintf("tests/property/kind-%s.R", kind))
}
property_kinds <- property_kinds[grepl(chosen, names(property_kinds))]
shares <- vapply(property_kinds, `[[`, 1, "share")

write_line <- function(...) {
  text <- gsub("[\t\r\n]+", " ", c(...))
  cat(paste(text, collapse = "\t"), "\n", sep = "", file = results,
      append = TRUE)
}

# Other work on the machine does not count.
processor_seconds <- function() sum(proc.time()[1:2])

# A case depends on its number and the seed alone.
run_case <- function(k) {
  set.seed(seed)
  set.seed(sample.int(.Machine$integer.max, 1) %/% 2L + k)
  kind <- names(shares)[sample.int(length(shares), 1, prob = shares)]
  text <- ""
  write_line("begin", k, kind, "", "")
  start <- processor_seconds()
  wrong <- tryCatch({
    property_kinds[[kind]]$run(function(what) text <<- what)
    ""
  }, error = function(e) {
    paste0(if (!inherits(e, "complaint")) "error: ", conditionMessage(e))
  })
  seconds <- processor_seconds() - start
  write_line(if (nzchar(wrong)) "wrong" else "good", k, kind,
             substr(text, 1, 1000), wrong)
  if (seconds > 10) write_line("slow", k, kind, text, paste(seconds, "s"))
}

for (k in as.integer(arguments[2]):as.integer(arguments[3])) run_case(k)
