# Runs rounds in this process, one line each:
#
#   Rscript tests/soak/worker.R SEED FIRST END RESULTS [ONLY]
#
# from round FIRST on until the time END (in seconds since 1970), into the file
# RESULTS; ONLY is one round to run alone.
suppressPackageStartupMessages(library(elman))
for (file in c("draw", "build", "reference", "faults", "round")) {
  source(sprintf("tests/soak/%s.R", file))
}
arguments <- commandArgs(trailingOnly = TRUE)
seed <- as.integer(arguments[1])
end <- as.numeric(arguments[3])
dyn.load(file.path(dirname(arguments[4]),
                   paste0("return_freed", .Platform$dynlib.ext)))
only <- if (length(arguments) > 4L) as.integer(arguments[5])

# In kB: what the system says this process holds, and what R does. R gives its
# empty pages back over several collections.
memory_now <- function() {
  for (i in 1:3) gc(full = TRUE)
  .C("return_freed")
  status <- "/proc/self/status"
  held <- if (file.exists(status)) {
    line <- grep("^VmRSS", readLines(status), value = TRUE)
    as.numeric(gsub("[^0-9]", "", line))
  } else {
    NA
  }
  c(held, round(sum(gc()[, 2]) * 1024))
}

say <- function(...) {
  out <- pipe(sprintf("cat >>'%s'", arguments[4]), "w")
  writeLines(paste(..., sep = "\t"), out)
  close(out)
}

k <- if (is.null(only)) as.integer(arguments[2]) else only
repeat {
  started <- proc.time()
  came <- run_round(seed, k)
  memory <- if (k %% 4 == 0) memory_now() else c(NA, NA)
  took <- proc.time() - started
  say(k, round(took[[3]], 3), round(sum(took[c(1, 2)]), 3), memory[1],
      memory[2], came$checks, came$fault, came$text,
      gsub("[\t\n]+", " ", came$wrong))
  if (!is.null(only) || Sys.time() > end) break
  k <- k + 1L
}
