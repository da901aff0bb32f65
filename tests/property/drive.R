# Runs cases in processes of their own and adds up:
#
#   Rscript tests/property/drive.R CASES SEED FOLDER [CASE [KINDS]]
#
# A process that dies or hangs is a failure, and the next goes on behind it.
arguments <- commandArgs(trailingOnly = TRUE)
count <- as.integer(arguments[1])
seed <- as.integer(arguments[2])
folder <- arguments[3]
only <- if (length(arguments) > 3 && nzchar(arguments[4])) {
  as.integer(arguments[4])
}
kinds <- if (length(arguments) > 4) arguments[5] else ""

read_results <- function(path) {
  columns <- c("what", "case", "kind", "call", "wrong")
  if (!file.exists(path)) {
    return(stats::setNames(data.frame("", 0L, "", "", "")[0, ], columns))
  }
  utils::read.delim(path, header = FALSE, quote = "", comment.char = "",
                    col.names = columns, encoding = "UTF-8",
                    colClasses = c("character", "integer", rep("character", 3)))
}

# Cases first to last, whatever happens to the processes.
run_part <- function(first, last) {
  results <- tempfile("property-", folder)
  log <- tempfile("property-", folder)
  on.exit(unlink(c(results, log)))
  deaths <- NULL
  repeat {
    worker <- paste(c(shQuote(file.path(R.home("bin"), "Rscript")),
                      "tests/property/worker.R", seed, first, last,
                      shQuote(results), shQuote(kinds)), collapse = " ")
    # Numbers may be huge: 4 GB of memory are what there is.
    status <- suppressWarnings(system2("sh", c("-c", shQuote(paste(
      "ulimit -v 4000000; exec", worker, "</dev/null"
    ))), stdout = log, stderr = log, timeout = 1200 + 10 * (last - first)))
    seen <- read_results(results)
    begun <- seen[seen$what == "begin", ]
    done <- seen$case[seen$what %in% c("good", "wrong")]
    open <- setdiff(begun$case, c(done, deaths$case))
    if (!length(open)) {
      if (status != 0L) stop(paste(readLines(log), collapse = "\n"))
      break
    }
    cat(utils::tail(readLines(log), 30), sep = "\n")
    at <- begun[match(open[1], begun$case), ]
    at$what <- "wrong"
    at$wrong <- if (status == 124L) "the process hangs" else "the process died"
    deaths <- rbind(deaths, at)
    first <- open[1] + 1L
    if (first > last || nrow(deaths) >= 20L) break
  }
  rbind(seen, deaths)
}

cases <- if (is.null(only)) seq_len(count) else only
jobs <- if (.Platform$OS.type == "windows") 1L else
  min(as.integer(Sys.getenv("PROPERTY_JOBS", parallel::detectCores())),
      length(cases))
# In pieces, so that no process holds what thousands of cases have left behind.
size <- min(250L, ceiling(length(cases) / jobs))
parts <- split(cases, (seq_along(cases) - 1L) %/% size)
all <- do.call(rbind, parallel::mclapply(parts, function(part) {
  run_part(min(part), max(part))
}, mc.cores = jobs, mc.preschedule = FALSE))

bad <- all[all$what %in% c("wrong", "slow"), ]
bad <- bad[order(bad$case), ]
for (k in seq_len(min(nrow(bad), 60L))) {
  cat(sprintf("case %d (%s): %s\n  %s\n", bad$case[k], bad$kind[k],
              bad$wrong[k], bad$call[k]))
}
if (nrow(bad)) {
  cat(sprintf("One alone: sh tools/property %d %d CASE\n", count, seed))
}
good <- all[all$what == "good", ]
print(table(c(good$kind)))
cat(sprintf("%d passed, %d failed\n", nrow(good), nrow(bad)))
quit(status = as.integer(nrow(bad) > 0L || !nrow(good)))
