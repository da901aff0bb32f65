# The R packages that elman needs, read from DESCRIPTION. Used by tools/setup:
#
#   Rscript tools/packages.R missing run|test|check|document|live|coverage
#   Rscript tools/packages.R install NAME...

# What the package itself does not use: roxygen2 writes its help pages, the
# shared golden cases and the answers of Keras are read with jsonlite.
tools_need <- list(document = "roxygen2", check = "jsonlite", live = "jsonlite",
                   coverage = "covr")

# What only R CMD check uses of DESCRIPTION: it makes the vignettes.
vignettes_need <- c("knitr", "rmarkdown")

# A data frame with the name and the least version of each package.
needed_packages <- function(purpose) {
  fields <- c("Depends", "Imports", "LinkingTo")
  if (purpose != "run") fields <- c(fields, "Suggests")
  text <- read.dcf("DESCRIPTION", fields)
  entries <- trimws(unlist(strsplit(text[!is.na(text)], ",")))
  entries <- entries[nzchar(entries)]
  entries <- c(entries, tools_need[[purpose]])
  # Rmpi is of use beside an MPI only, and does not install without one.
  left_out <- c(if (!nzchar(Sys.which("mpirun"))) "Rmpi",
                if (purpose != "check") vignettes_need)
  name <- sub("[[:space:](].*", "", entries)
  entries <- entries[!name %in% left_out]
  name <- name[!name %in% left_out]
  version <- ifelse(
    grepl(">=", entries, fixed = TRUE),
    gsub("[^0-9.-]", "", sub(".*>=", "", entries)),
    "0"
  )
  data.frame(name, version)
}

is_installed <- function(name, version) {
  if (name == "R") {
    if (getRversion() < version) {
      stop("elman needs R ", version, " or newer; this is ", getRversion(), ".")
    }
    return(TRUE)
  }
  have <- suppressWarnings(utils::packageDescription(name, fields = "Version"))
  !is.na(have) && package_version(have) >= version
}

missing_packages <- function(purpose) {
  needed <- needed_packages(purpose)
  absent <- !mapply(is_installed, needed$name, needed$version)
  unique(needed$name[absent])
}

# Into the first library that can be written, as a rule the user's own.
install_missing <- function(packages) {
  library <- Sys.getenv("R_LIBS_USER")
  writable <- file.access(.libPaths(), mode = 2) == 0 &
    basename(dirname(.libPaths())) != ".build"
  if (any(writable)) {
    library <- .libPaths()[writable][1]
  } else if (!dir.create(library, FALSE, TRUE) && !dir.exists(library)) {
    stop("No R library can be written: ", library)
  }
  if ("@CRAN@" %in% getOption("repos")) {
    utils::chooseCRANmirror(ind = 1, local.only = TRUE)
  }
  message("Installing into ", library, ": ", toString(packages))
  .libPaths(c(library, .libPaths()))
  cores <- parallel::detectCores()
  utils::install.packages(packages, library, quiet = TRUE, Ncpus = cores)
  absent <- packages[!mapply(is_installed, packages, "0")]
  if (length(absent) > 0) {
    stop("not installed: ", toString(absent), call. = FALSE)
  }
}

arguments <- commandArgs(trailingOnly = TRUE)
switch(
  arguments[1],
  missing = writeLines(
    paste("missing:", missing_packages(arguments[2]), recycle0 = TRUE)
  ),
  install = install_missing(arguments[-1]),
  stop("packages.R knows missing and install, not ", arguments[1], ".")
)
