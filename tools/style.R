# Prints what is not in the style of the package; see tools/style.

# looked(lines): one thing was looked at, and `lines` are what is wrong with it.
passed <- 0
failed <- 0
looked <- function(lines) {
  passed <<- passed + !length(lines)
  failed <<- failed + length(lines)
  writeLines(lines)
}
left_out <- function(name, package) {
  cat(sprintf("%-28s not run: the R package %s is not installed\n", name,
              package))
}

# Tables of help pages and addresses have to stay on one line.
files <- list.files(c("R", "demo", "inst/examples", "tests/testthat"), "[.]R$",
                    full.names = TRUE)
for (file in setdiff(files, "R/RcppExports.R")) {
  lines <- readLines(file, encoding = "UTF-8")
  long <- which(nchar(lines, "width") > 80 &
                  !grepl("^#' ([|]|@param [^ ]*$|@examplesIf)", lines))
  looked(sprintf("%s:%d: %d columns", file, long,
                 nchar(lines[long], "width")))
}

if (requireNamespace("spelling", quietly = TRUE)) {
  unknown <- spelling::spell_check_package(".")
  looked(sprintf("unknown word: %s (%s)", unknown$word,
                 vapply(unknown$found, `[`, "", 1)))
  # The list holds what is written somewhere, and nothing more.
  listed <- readLines("inst/WORDLIST")
  written <- spelling::spell_check_package(".", use_wordlist = FALSE)$word
  unused <- listed[!tolower(listed) %in% tolower(written)]
  looked(sprintf("inst/WORDLIST: %s is written nowhere", unused))
} else {
  left_out("Spelling", "spelling")
}

if (requireNamespace("lintr", quietly = TRUE)) {
  lints <- as.data.frame(lintr::lint_package())
  looked(sprintf("%s:%d: %s [%s]", lints$filename, lints$line_number,
                 lints$message, lints$linter))
} else {
  left_out("lintr's rules", "lintr")
}
cat(sprintf("%d passed, %d failed\n", passed, failed))
quit(status = as.integer(failed > 0))
