# Sessions of their own under conditions that a test cannot make in this one.

# Runs `code` in a new session after the shell command `before`; gives its value,
# or what it said where it ended before.
in_session <- function(code, before = ":", env = character()) {
  answer <- tempfile(fileext = ".rds")
  script <- tempfile(fileext = ".R")
  log <- tempfile()
  on.exit(unlink(c(answer, script, log)))
  code <- deparse(substitute(code))
  writeLines(c(load_code(), "library(elman)",
               "refused <- function(code) tryCatch({ code; 'no error' },",
               "  elman_error = function(e) 'elman_error',",
               "  error = function(e) conditionMessage(e))",
               "limit_files <- function(bytes) system2('prlimit', c(",
               "  '--pid', Sys.getpid(), sprintf('--fsize=%d', bytes)))",
               sprintf("answer <- %s", paste(code, collapse = "\n")),
               sprintf("saveRDS(answer, '%s')", answer)), script)
  command <- sprintf("%s; exec '%s' '%s'", before,
                     file.path(R.home("bin"), "Rscript"), script)
  system2("sh", c("-c", shQuote(command)), stdout = log, stderr = log,
          env = c(paste0("R_LIBS=", paste(.libPaths(), collapse = ":")), env))
  if (file.exists(answer)) readRDS(answer) else
    paste(readLines(log), collapse = "\n")
}

# The folder of a locale that is made for the test, or NULL where that cannot be.
made_locale <- function(name, charset) {
  folder <- tempfile("locale")
  dir.create(folder)
  language <- sub("[.].*", "", name)
  made <- suppressWarnings(system2(
    "localedef", c("-i", language, "-f", charset, file.path(folder, name)),
    stdout = FALSE, stderr = FALSE
  ))
  if (file.exists(file.path(folder, name, "LC_NUMERIC"))) folder
}
