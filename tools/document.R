# Writes the generated files of the package in the folder that is given.

folder <- commandArgs(trailingOnly = TRUE)[1]
noted <- read.dcf(file.path(folder, "DESCRIPTION"), "RoxygenNote")[1]
if (utils::packageVersion("roxygen2") != noted) {
  message(
    "DESCRIPTION was written with roxygen2 ", noted, ", and this is ",
    utils::packageVersion("roxygen2"), ": the help pages may differ."
  )
}
Rcpp::compileAttributes(folder)
suppressMessages(
  roxygen2::roxygenise(folder, load_code = roxygen2::load_source)
)
