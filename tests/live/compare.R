# Draws random cases, asks Keras, and holds elman to its answers in float64.
#
#   Rscript tests/live/compare.R PYTHON FOLDER [SEED [KINDS]]
#
# A kind of case stands in two files: kind-<name>.R enters into `live_kinds`
#   count              how many cases are drawn,
#   draw()             a case: a named list of arrays and settings,
#   answer(case)       elman's results, arrays by name,
#   tolerance(case)    of the largest element, 1e-8 where there is none;
# and truth_<name>.py gives Keras's results under the same names. KINDS is a
# regular expression that chooses among them.
suppressPackageStartupMessages(library(elman))
source("tests/live/draws.R")
live_kinds <- list()
for (file in sort(Sys.glob("tests/live/kind-*.R"))) {
  own <- new.env()
  source(file, local = own)
  twice <- setdiff(intersect(ls(own), ls()), "live_kinds")
  if (length(twice)) stop(file, " defines again: ", toString(twice))
  list2env(as.list(own, all.names = TRUE), globalenv())
}

# Of the largest element; rounding alone gives some 1e-15. TensorFlow's gelu
# holds the root of two in float32 even where all else is float64, and its
# leaky_relu the slope 0.2, which float32 misses by 1.5e-8 of it.
tolerance_of <- function(case) {
  own <- live_kinds[[case$kind]]$tolerance
  if (!is.null(own)) return(own(case))
  rounded <- c(gelu = 1e-6, leaky_relu = 1e-7)
  activation <- case$arguments$activation
  if (isTRUE(activation %in% names(rounded))) rounded[[activation]] else 1e-8
}

# ---- JSON: an array is its shape and its values in row-major order ----------

pack <- function(x) {
  if (is.array(x)) {
    row_major <- aperm(x, rev(seq_along(dim(x))))
    list(shape = I(dim(x)), values = I(as.vector(row_major)))
  } else if (is.list(x)) {
    lapply(x, pack)
  } else {
    x
  }
}

unpack <- function(packed) {
  shape <- as.integer(packed$shape)
  values <- as.double(unlist(packed$values))
  if (length(shape) == 0) {
    return(values)
  }
  aperm(array(values, rev(shape)), rev(seq_along(shape)))
}

ask_keras <- function(cases, python, folder) {
  question <- file.path(folder, "live-cases.json")
  answer <- file.path(folder, "live-results.json")
  no_nulls <- lapply(cases, function(case) Filter(Negate(is.null), case))
  jsonlite::write_json(pack(no_nulls), question,
    digits = NA, auto_unbox = TRUE
  )
  # R's own library path would give Python another Python's libraries.
  status <- system2("env", c(
    "-u", "LD_LIBRARY_PATH", python, "tests/live/keras_truth.py", question,
    answer
  ))
  if (status != 0) {
    stop("Keras gave no answer: see the lines above.")
  }
  results <- jsonlite::read_json(answer)
  lapply(results, lapply, unpack)
}

# ---- comparison -------------------------------------------------------------

array_difference <- function(name, found, expected, tolerance) {
  if (length(found) != length(expected)) {
    return(sprintf("%s: no result of that size", name))
  }
  if (length(found) == 0) {
    return(NULL)
  }
  error <- max(abs(as.vector(found) - as.vector(expected))) /
    max(1, abs(expected))
  if (!is.finite(error) || error > tolerance) {
    sprintf("%s: off by %.1e", name, error)
  }
}

# What is wrong with a case, in words; NULL where nothing is.
differences <- function(case, expected) {
  found <- tryCatch(live_kinds[[case$kind]]$answer(case),
    error = conditionMessage
  )
  if (is.character(found)) {
    return(found)
  }
  unlist(Map(
    function(name) {
      array_difference(
        name, found[[name]], expected[[name]], tolerance_of(case)
      )
    },
    names(expected)
  ))
}

describe <- function(case) {
  told <- case[setdiff(names(case), c("weights", "x", "y", "h0", "dy", "dh"))]
  told$mask <- !is.null(case$mask)
  told$input <- dim(case$x)
  jsonlite::toJSON(told, auto_unbox = TRUE)
}

draw_cases <- function(kinds) {
  cases <- lapply(names(kinds), function(name) {
    lapply(seq_len(kinds[[name]]$count), function(index) {
      c(list(kind = name), kinds[[name]]$draw())
    })
  })
  do.call(c, cases)
}

compare <- function(python, folder, seed, chosen) {
  set.seed(seed)
  kinds <- live_kinds[grepl(chosen, names(live_kinds))]
  cases <- draw_cases(kinds)
  truth <- ask_keras(cases, python, folder)
  config_set_floatx("float64")
  failed <- 0
  for (i in seq_along(cases)) {
    wrong <- differences(cases[[i]], truth[[i]])
    if (length(wrong) > 0) {
      failed <- failed + 1
      cat("\nCase", i, "of seed", seed, describe(cases[[i]]), "\n")
      cat(paste0("  ", wrong, "\n"), sep = "")
    }
  }
  cat(sprintf("Live cases of seed %d against Keras: %s\n", seed,
    toString(names(kinds))
  ))
  cat(sprintf("%d passed, %d failed\n", length(cases) - failed, failed))
  failed == 0
}

arguments <- commandArgs(trailingOnly = TRUE)
seed <- if (length(arguments) > 2) arguments[3] else Sys.Date()
chosen <- if (length(arguments) > 3) arguments[4] else ""
ok <- compare(arguments[1], arguments[2], as.integer(seed), chosen)
quit(status = if (ok) 0 else 1)
