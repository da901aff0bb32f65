# Runs the R tests against the installed package; one argument, if any, filters
# the files. Ends with the number of tests, not of expectations.

Sys.setenv(NOT_CRAN = "true")
arguments <- commandArgs(trailingOnly = TRUE)
results <- testthat::test_dir(
  "tests/testthat",
  filter = if (length(arguments) > 0) arguments[1],
  package = "elman",
  load_package = "installed",
  reporter = testthat::SummaryReporter$new(max_reports = 40),
  stop_on_failure = FALSE
)

# A snapshot that is not in the repository compares nothing.
is_new_snapshot <- function(expectation) {
  startsWith(conditionMessage(expectation), "Adding new snapshot")
}
unproved <- vapply(
  results,
  function(test) any(vapply(test$results, is_new_snapshot, NA)),
  NA
)
if (any(unproved)) {
  cat("New snapshots: read them, then commit tests/testthat/_snaps.\n")
}

tests <- as.data.frame(results)
failed <- tests$failed > 0 | tests$error |
  (unproved & nzchar(Sys.getenv("CI")))
left_out <- tests$skipped & !failed
if (any(left_out)) {
  cat("Left out:", paste0("  ", tests$file, ": ", tests$test)[left_out],
      sep = "\n")
}
cat(sprintf(
  "%d passed, %d failed, %d left out\n",
  sum(!failed & !left_out), sum(failed), sum(left_out)
))
quit(status = if (any(failed)) 1 else 0)
