# Prints what is not in the style of the package; see tools/style.

found <- 0
report <- function(lines) {
  found <<- found + length(lines)
  if (length(lines)) writeLines(lines)
}

# Tables of help pages and addresses have to stay on one line.
files <- list.files(c("R", "demo", "inst/examples", "tests/testthat"), "[.]R$",
                    full.names = TRUE)
for (file in setdiff(files, "R/RcppExports.R")) {
  lines <- readLines(file, encoding = "UTF-8")
  long <- which(nchar(lines, "width") > 80 &
                  !grepl("^#' ([|]|@param [^ ]*$|@examplesIf)", lines))
  report(sprintf("%s:%d: %d columns", file, long, nchar(lines[long], "width")))
}

if (requireNamespace("spelling", quietly = TRUE)) {
  words <- spelling::spell_check_package(".")
  report(sprintf("unknown word: %s (%s)", words$word,
                 vapply(words$found, `[`, "", 1)))
} else {
  message("The package spelling is not installed: words are not checked.")
}

if (requireNamespace("lintr", quietly = TRUE)) {
  report(format(as.data.frame(lintr::lint_package())$message))
}
cat(found, "to look at\n")
quit(status = as.integer(found > 0))
