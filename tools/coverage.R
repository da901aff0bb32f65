# Runs the R tests of tools/coverage and adds up:
#
#   Rscript tools/coverage.R run FOLDER [FILTER]
#   Rscript tools/coverage.R report FOLDER
#
# Each test file has a folder in FOLDER/results: what it printed, counters that
# its processes came by, and GCC's counts of the same processes.
arguments <- commandArgs(trailingOnly = TRUE)
folder <- normalizePath(arguments[2])
results <- file.path(folder, "results")
least <- c("R" = 95, "C++" = 95)

# ---- running --------------------------------------------------------------

test_names <- function(filter = NULL) {
  files <- list.files("tests/testthat", "^test-.*[.]R$")
  names <- sub("^test-(.*)[.]R$", "\\1", files)
  if (is.null(filter)) return(names)
  c(grep(filter, names, value = TRUE), grep(filter, names, value = TRUE,
                                            invert = TRUE))
}

# All that the result of a file depends on beside the package.
inputs_of <- function(name) {
  files <- c(file.path("tests/testthat", paste0("test-", name, ".R")),
             list.files("tests/testthat", "^helper-", full.names = TRUE))
  paste(c(readLines(file.path(folder, "installed")),
          unname(tools::md5sum(files))), collapse = " ")
}

is_done <- function(name) {
  note <- file.path(results, name, "done")
  file.exists(note) && identical(readLines(note)[1], inputs_of(name))
}

run_file <- function(name, limit) {
  result <- file.path(results, name)
  unlink(result, recursive = TRUE)
  dir.create(result, FALSE, TRUE)
  log <- file.path(result, "log")
  environment <- c(
    sprintf("R_LIBS=%s:%s", file.path(folder, "library"),
            Sys.getenv("R_LIBS")),
    paste0("COVERAGE_DIR=", result), paste0("GCOV_PREFIX=", result),
    "GCOV_PREFIX_STRIP=99"
  )
  started <- Sys.time()
  status <- suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"),
    c("tools/testthat.R", shQuote(sprintf("^%s$", name))),
    stdout = log, stderr = log, env = environment, timeout = limit
  ))
  seconds <- as.numeric(difftime(Sys.time(), started, units = "secs"))
  said <- utils::tail(grep("^[0-9]+ passed, [0-9]+ failed", readLines(log),
                           value = TRUE), 1)
  ended <- length(said) > 0L
  if (!ended) {
    said <- sprintf("0 passed, 1 failed: ended with status %d", status)
  }
  cat(sprintf("%-36s %4.0f s  %s\n", name, seconds, said))
  if (!ended) return(invisible())
  writeLines(c(inputs_of(name), said, sprintf("%.0f s", seconds)),
             file.path(result, "done"))
}

run <- function(filter = NULL) {
  limit <- as.numeric(Sys.getenv("COVERAGE_LIMIT", "900"))
  names <- test_names(filter)
  for (name in names) {
    wanted <- !is.null(filter) && grepl(filter, name)
    if (wanted || !is_done(name)) run_file(name, limit)
  }
}

# ---- what they came by ----------------------------------------------------

r_lines <- function() {
  counters <- readRDS(file.path(folder, "counters.rds"))
  counters <- counters[vapply(counters, is.list, NA)]
  traces <- list.files(results, "^trace_", recursive = TRUE, full.names = TRUE)
  for (trace in traces) {
    # Where a test lets no file grow, its process cannot write down all.
    keys <- tryCatch(readRDS(trace), error = function(e) NULL)
    for (key in intersect(keys, names(counters))) {
      counters[[key]]$value <- counters[[key]]$value + 1
    }
  }
  counters
}

# GCC's counts of all files in one folder.
merge_counts <- function() {
  sets <- Filter(function(set) length(list.files(set, "[.]gcda$")),
                 list.dirs(results, recursive = FALSE))
  total <- sets[1]
  for (set in sets[-1]) {
    both <- tempfile("counts")
    status <- system2("gcov-tool", c("merge", "-o", both, set, total),
                      stdout = FALSE, stderr = FALSE)
    if (status != 0L) stop("gcov-tool could not merge ", set)
    if (total != sets[1]) unlink(total, recursive = TRUE)
    total <- both
  }
  total
}

# The lines of one object's sources, as gcov prints them: "count:line:text". A
# template's lines come once more for each of its instances.
gcov_lines <- function(notes, counts, prefix) {
  counted <- sub("[.]gcno$", ".gcda", notes)
  if (!file.copy(file.path(counts, basename(counted)), counted,
                 overwrite = TRUE)) {
    unlink(counted)
  }
  said <- system2("gcov", c("-r", "-t", shQuote(counted)), stdout = TRUE,
                  stderr = FALSE)
  unlink(counted)
  said <- said[grepl("^ *[-0-9#=]+[*]?: *[0-9]+:", said)]
  count <- sub("^ *([-0-9#=]+)[*]?:.*", "\\1", said)
  line <- as.integer(sub("^[^:]*: *([0-9]+):.*", "\\1", said))
  is_source <- line == 0L & grepl(":0:Source:", gsub(" ", "", said))
  source <- sub(".*:Source:", "", said[is_source])[cumsum(is_source)]
  keep <- line > 0L & count != "-"
  value <- suppressWarnings(as.numeric(count[keep]))
  value[is.na(value)] <- 0
  data.frame(file = paste0(prefix, source[keep]), line = line[keep], value)
}

# A line counts as run where it ran in any object, instance or instruction set.
cpp_lines <- function() {
  counts <- merge_counts()
  package <- file.path(folder, "elman/src")
  core <- Sys.glob(file.path(folder, "elman-cpp-*coverage*"))
  owd <- setwd(package)
  lines <- lapply(list.files(".", "[.]gcno$"), gcov_lines, counts, "src/")
  setwd(owd)
  lines <- c(lines, lapply(list.files(core, "[.]gcno$", full.names = TRUE),
                           gcov_lines, counts, ""))
  lines <- do.call(rbind, lines)
  lines <- lines[grepl("^src/", lines$file), ]
  lines <- stats::aggregate(value ~ file + line, lines, max)
  by_file <- split(lines, lines$file)
  unlist(unname(lapply(names(by_file), function(file) {
    found <- by_file[[file]]
    unclass(covr:::line_coverages(
      file.path(folder, "elman", file),
      data.frame(line = found$line), found$value,
      rep(NA_character_, nrow(found))
    ))
  })), recursive = FALSE)
}

# ---- the table ------------------------------------------------------------

# "3-5, 9"
ranges <- function(lines) {
  lines <- sort(unique(lines))
  starts <- c(TRUE, diff(lines) > 1)
  from <- lines[starts]
  to <- lines[c(which(starts)[-1] - 1L, length(lines))]
  toString(ifelse(from == to, from, paste0(from, "-", to)))
}

coverage_of_package <- function() {
  root <- file.path(folder, "elman")
  coverage <- structure(c(r_lines(), cpp_lines()), class = "coverage",
                        package = list(package = "elman", path = root),
                        root = root)
  covr:::exclude(coverage, path = root, line_exclusions =
                   c("src/RcppExports.cpp", "R/RcppExports.R"))
}

report <- function() {
  coverage <- coverage_of_package()
  saveRDS(coverage, file.path(folder, "coverage.rds"))
  lines <- covr::tally_coverage(coverage)
  lines <- stats::aggregate(value ~ filename + line, lines, min)
  by_file <- split(lines, lines$filename)
  language <- ifelse(startsWith(names(by_file), "R/"), "R", "C++")
  for (file in names(by_file)) {
    found <- by_file[[file]]
    missed <- found$line[found$value == 0]
    text <- sprintf("%-38s %5d %6.1f %%", file, nrow(found),
                    100 * mean(found$value > 0))
    if (length(missed)) {
      text <- strwrap(paste(text, " not:", ranges(missed)), 80, exdent = 4)
    }
    cat(text, sep = "\n")
  }

  notes <- list.files(results, "^done$", recursive = TRUE)
  said <- vapply(notes, function(note) {
    log <- readLines(file.path(results, dirname(note), "log"))
    said <- grep("^[0-9]+ passed, [0-9]+ failed", log, value = TRUE)
    c(utils::tail(said, 1), "0 passed, 1 failed")[1]
  }, "")
  without <- setdiff(c(test_names(), "core"), dirname(names(said)))
  if (length(without)) cat("\nWithout a result:", without, fill = 80)
  passed <- sum(as.integer(sub(" passed.*", "", said)))
  failed <- sum(as.integer(sub(".* passed, ([0-9]+) failed.*", "\\1", said))) +
    length(without)
  cat("\n")
  for (kind in names(least)) {
    found <- do.call(rbind, by_file[language == kind])
    percent <- 100 * mean(found$value > 0)
    enough <- percent >= least[[kind]]
    cat(sprintf("%-4s %5d of %5d lines run, %5.2f %%%s\n", kind,
                sum(found$value > 0), nrow(found), percent,
                if (enough) "" else sprintf(": below %g %%", least[[kind]])))
    passed <- passed + enough
    failed <- failed + !enough
  }
  cat(sprintf("%d passed, %d failed\n", passed, failed))
  quit(status = if (failed > 0) 1 else 0)
}

switch(
  arguments[1],
  run = run(if (length(arguments) > 2L) arguments[3]),
  report = report(),
  stop("coverage.R knows run and report, not ", arguments[1], ".")
)
