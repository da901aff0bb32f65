# Draws the cases, runs them in processes of their own and adds up:
#
#   Rscript tests/fuzz/drive.R FOLDER SEED COUNT [sanitized]
#
# A process that dies is a failure, and the next goes on behind the case.
source("tests/fuzz/corpus.R")
suppressPackageStartupMessages(library(elman))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
count <- as.integer(arguments[3])
sanitized <- "sanitized" %in% arguments
# The sanitizers slow down all that is compiled. Seconds are the processor's, so
# that other work on the machine does not count.
limits <- list(seconds = if (sanitized) 10 else 2, mb = 256)

corpus <- file.path(folder, "corpus.rds")
if (!file.exists(corpus)) saveRDS(make_corpus(), corpus)
set.seed(as.integer(arguments[2]))
seeds <- sample.int(.Machine$integer.max, count)

read_results <- function(path) {
  names <- c("seed", "seconds", "mb", "kind", "came")
  if (!file.exists(path) || !file.size(path)) {
    return(stats::setNames(data.frame(1, 1, 1, "", "")[0, ], names))
  }
  utils::read.delim(path, header = FALSE, quote = "", col.names = names,
                    comment.char = "", encoding = "UTF-8")
}

# What only the workers get, so that R's own helpers are not sanitized.
worker_settings <- function() {
  if (!sanitized) return(character())
  c(sprintf("LD_PRELOAD='%s'", Sys.getenv("FUZZ_PRELOAD")),
    sprintf("R_LIBS='%s:%s'", Sys.getenv("FUZZ_LIBRARY"), Sys.getenv("R_LIBS")),
    paste0("ASAN_OPTIONS=", Sys.getenv("FUZZ_OPTIONS")),
    "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1")
}

run_worker <- function(seeds, results, log) {
  todo <- tempfile()
  writeLines(as.character(seeds), todo)
  system2(file.path(R.home("bin"), "Rscript"),
          c("tests/fuzz/worker.R", corpus, todo, results), stdout = log,
          stderr = log, env = worker_settings(),
          timeout = 60 + 5 * length(seeds))
}

# The results of these cases, those that ended the process among them.
run_cases <- function(seeds) {
  results <- tempfile()
  log <- tempfile()
  deaths <- NULL
  done <- integer()
  repeat {
    run_worker(setdiff(seeds, done), results, log)
    seen <- read_results(results)
    left <- setdiff(seeds, c(seen$seed, deaths$seed))
    if (!length(left)) break
    if (!nrow(seen)) stop(paste(readLines(log), collapse = "\n"))
    cat(utils::tail(readLines(log), 60), sep = "\n")
    deaths <- rbind(deaths, data.frame(seed = left[1], seconds = 0, mb = 0,
                                       kind = "?", came = "the process died"))
    done <- c(seen$seed, deaths$seed)
    if (nrow(deaths) >= 20L) stop("20 processes died.")
  }
  rbind(seen, deaths)
}

jobs <- if (.Platform$OS.type == "windows") 1L else
  as.integer(Sys.getenv("FUZZ_JOBS", parallel::detectCores()))
parts <- split(seeds, rep_len(seq_len(jobs), count))
all <- do.call(rbind, parallel::mclapply(parts, run_cases, mc.cores = jobs))

good <- all$came %in% c("loaded", "refused")
slow <- all$seconds > limits$seconds
# Under the sanitizers memory is another one.
large <- !sanitized & !is.na(all$mb) & all$mb > limits$mb
bad <- all[!good | slow | large, ]
if (nrow(bad)) print(utils::head(bad, 40), row.names = FALSE, right = FALSE)
print(table(all$kind, ifelse(good, all$came, "other")))
cat(sprintf("longest %.2f s, most memory %.0f MB over the start\n",
            max(all$seconds), max(all$mb)))
cat(sprintf("%d passed, %d failed\n", nrow(all) - nrow(bad), nrow(bad)))
quit(status = as.integer(nrow(bad) > 0))
