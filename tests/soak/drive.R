# Runs rounds for some minutes in a process of their own and adds up:
#
#   Rscript tests/soak/drive.R MINUTES SEED FOLDER [ROUND]
#
# A process that dies is a failure, and the next goes on behind the round.
arguments <- commandArgs(trailingOnly = TRUE)
minutes <- as.numeric(arguments[1])
seed <- as.integer(arguments[2])
folder <- arguments[3]
only <- arguments[-(1:3)]
results <- file.path(folder, "rounds.tsv")
log <- file.path(folder, "worker.log")
unlink(c(results, log))
started <- Sys.time()
end <- as.numeric(started) + 60 * minutes

# Files of a worker may grow to so many bytes, which stands for a full disk. The
# signal that comes with it is ignored, so that writing fails and nothing else.
limit <- 2^20
start_worker <- function(first) {
  worker <- paste(c(shQuote(file.path(R.home("bin"), "Rscript")),
                    "tests/soak/worker.R", seed, first, end, results, only),
                  collapse = " ")
  system2("sh", c("-c", shQuote(sprintf(
    "trap '' XFSZ; ulimit -f %d; SOAK_FILE_LIMIT=%d exec %s",
    limit %/% 512L, limit, worker))), stdout = log, stderr = log)
}

# What a worker loads, from a copy beside its results: nothing is written here.
file.copy("tests/soak/return_freed.c", folder, overwrite = TRUE)
source_file <- shQuote(file.path(folder, "return_freed.c"))
built <- system2(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", source_file),
                 stdout = FALSE)
if (built != 0L) stop("return_freed.c was not built")

columns <- c("round", "wall", "cpu", "held", "heap", "checks", "fault", "model",
             "wrong")
read_rounds <- function() {
  if (!file.exists(results)) {
    return(stats::setNames(data.frame(1, 1, 1, 1, 1, 1, "", "", "")[0, ],
                           columns))
  }
  utils::read.delim(results, header = FALSE, quote = "", comment.char = "",
                    col.names = columns, encoding = "UTF-8")
}

deaths <- NULL
first <- 1L
repeat {
  status <- start_worker(first)
  done <- max(0L, read_rounds()$round)
  if (status == 0L || length(only)) break
  deaths <- c(deaths, done + 1L)
  cat(sprintf("round %d: the process died\n", done + 1L))
  cat(utils::tail(readLines(log), 40), sep = "\n")
  if (length(deaths) >= 20L || as.numeric(Sys.time()) > end) break
  first <- done + 2L
}

# ---- what came ---------------------------------------------------------------

rounds <- read_rounds()
bad <- rounds[!is.na(rounds$wrong) & nzchar(rounds$wrong), ]
for (k in seq_len(nrow(bad))) {
  cat(sprintf("round %d: %s\n  %s (%s)\n", bad$round[k], bad$wrong[k],
              bad$model[k], bad$fault[k]))
}
kinds <- unlist(strsplit(rounds$fault, ", "))
if (length(kinds)) print(sort(table(sub("fault_", "", kinds)),
                              decreasing = TRUE))

# Memory of the last process after a warm-up of its first third: held by the
# process as the system tells it, and by R's objects.
memory <- rounds[!is.na(rounds$heap) & rounds$round >= first, ]
memory <- memory[-seq_len(nrow(memory) %/% 3L), ]
slope_of <- function(kb) {
  line <- stats::lm(kb ~ memory$round)
  list(per_round = unname(stats::coef(line)[2]),
       growth = diff(range(stats::fitted(line))) *
         sign(stats::coef(line)[2]))
}
leaks <- 0L
limits <- c(heap = 2048, held = 6144)
if (nrow(memory) >= 4L) {
  for (what in names(limits)) {
    if (anyNA(memory[[what]])) next
    slope <- slope_of(memory[[what]])
    leak <- slope$growth > limits[[what]]
    leaks <- leaks + leak
    cat(sprintf("%s: %.0f MB, %+.3f kB a round, %+.0f kB since the warm-up%s\n",
                c(heap = "R's objects", held = "resident memory")[[what]],
                max(memory[[what]]) / 1024, slope$per_round, slope$growth,
                if (leak) sprintf(" (the limit is %.0f kB)", limits[[what]])
                else ""))
  }
}

cat(sprintf(paste("%d rounds, %d checks in %.1f minutes of the clock, %.1f of",
                  "the processor; seed %d\n"),
            nrow(rounds), sum(rounds$checks),
            as.numeric(Sys.time() - started, units = "mins"),
            sum(rounds$cpu) / 60, seed))
failed <- nrow(bad) + length(deaths) + leaks
if (!nrow(rounds)) cat(readLines(log), sep = "\n")
cat(sprintf("%d passed, %d failed\n", nrow(rounds) - nrow(bad), failed))
quit(status = as.integer(failed > 0L || !nrow(rounds)))
