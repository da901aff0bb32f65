# Holds the index of functions in _pkgdown.yml to NAMESPACE and the help pages,
# then builds the site.
#
#   Rscript tools/site.R            check and build
#   Rscript tools/site.R check      check only

# What one of the pages in man/ is found by.
aliases_of <- function(page) {
  lines <- readLines(page, encoding = "UTF-8")
  gsub("\\\\", "", sub("^\\\\alias\\{(.*)\\}$", "\\1",
                       grep("^\\\\alias", lines, value = TRUE)))
}

index <- yaml::read_yaml("_pkgdown.yml")$reference
listed <- unlist(lapply(index, `[[`, "contents"))
pages <- list.files("man", "[.]Rd$", full.names = TRUE)
names(pages) <- sub("[.]Rd$", "", basename(pages))
known <- unlist(lapply(pages[intersect(listed, names(pages))], aliases_of))
exports <- gsub("\"", "", sub("^export\\((.*)\\)$", "\\1",
                              grep("^export\\(", readLines("NAMESPACE"),
                                   value = TRUE)))
elsewhere <- aliases_of(pages[["reexports"]])

problems <- c(
  sprintf("%s is listed twice", listed[duplicated(listed)]),
  sprintf("%s has no help page", setdiff(listed, names(pages))),
  sprintf("%s is not listed", setdiff(exports, c(known, elsewhere))),
  sprintf("%s is on two pages",
          intersect(known[duplicated(known)], exports))
)
if (length(problems)) stop(paste(problems, collapse = "\n"), call. = FALSE)
cat(length(exports), "exports, each listed once\n")

if (!identical(commandArgs(trailingOnly = TRUE), "check")) {
  # Else it asks CRAN for the package and for others that are named and not
  # installed, and stops where it gets no answer. They have no links then.
  options(pkgdown.internet = FALSE)
  utils::assignInNamespace(
    "CRAN_urls", function() data.frame(Package = character(),
                                       URL = character()), "downlit"
  )
  pkgdown::build_site(
    devel = FALSE, preview = FALSE, install = FALSE, new_process = FALSE
  )
}
