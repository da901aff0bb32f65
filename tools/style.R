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

# Of a vignette the chunks; its text may have lines of any length.
code_lines <- function(file) {
  lines <- readLines(file, encoding = "UTF-8")
  if (endsWith(file, ".R")) return(lines)
  ifelse(cumsum(startsWith(lines, "```")) %% 2 == 1, lines, "")
}

# Tables of help pages, names of arguments and addresses have to stay on one
# line.
one_line <- "^#' ([|]|@param [^ ]*$|@examplesIf)|^ *#'? *<?https?://[^ ]*$"
files <- list.files(
  c("R", "bench", "demo", "inst", "tests", "tools", "vignettes"),
  "[.](R|Rmd)$", full.names = TRUE, recursive = TRUE
)
for (file in setdiff(files, "R/RcppExports.R")) {
  lines <- code_lines(file)
  columns <- nchar(lines, "width")
  long <- which(columns > 80 & !grepl(one_line, lines))
  looked(sprintf("%s:%d: %d columns", file, long, columns[long]))
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
