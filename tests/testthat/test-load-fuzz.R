# Files damaged by chance: what is loaded is a model, everything else an error
# of the file. tests/cpp has the same for HDF5 alone, under the sanitizers.

# A model, or "refused"; any other error fails, and so does one that takes long.
load_or_refuse <- function(code) {
  started <- proc.time()[["elapsed"]]
  result <- tryCatch(suppressWarnings(code),
                     elman_error_file = function(e) "refused")
  if (proc.time()[["elapsed"]] - started > 2) return("slow")
  result
}

expect_model_or_refusal <- function(results) {
  refused <- vapply(results, identical, NA, "refused")
  is_model <- vapply(results, inherits, NA, "elman_model")
  expect_true(all(refused | is_model))
  refused
}

damaged <- function(bytes) {
  n <- length(bytes)
  switch(sample(4, 1),
    {
      at <- sample(n, sample(4, 1))
      bytes[at] <- as.raw(sample(0:255, length(at), replace = TRUE))
      bytes
    },
    utils::head(bytes, sample(n, 1) - 1L),
    {
      from <- sample(n, 1)
      c(bytes[seq_len(from)], bytes[seq(sample(n, 1), n)])
    },
    {
      at <- (sample(n %/% 8L, 1) - 1L) * 8L
      hostile <- list(rep(0, 8), rep(255, 8), c(255, 255, 255, 127, 0, 0, 0, 0),
                      c(rep(255, 7), 127), little(n, 8))
      bytes[at + 1:8] <- as.raw(hostile[[sample(length(hostile), 1)]])
      bytes
    }
  )
}

test_that("100 damaged archives are refused, or give a model", {
  skip_without_files()
  set.seed(11)
  bytes <- save_model(file_model())
  results <- lapply(1:100, function(k) {
    load_or_refuse(load_model(damaged(bytes)))
  })
  refused <- expect_model_or_refusal(results)
  expect_gt(sum(refused), 60)
})

test_that("200 damaged files of weights are refused, or give a model", {
  skip_without_files()
  set.seed(12)
  model <- file_model()
  train_once(model)
  path <- withr::local_tempfile(fileext = ".weights.h5")
  save_model_weights(model, path)
  bytes <- readBin(path, "raw", file.size(path))
  shapes <- lapply(get_weights(model), dim)
  results <- lapply(1:200, function(k) {
    writeBin(damaged(bytes), path)
    before <- get_weights(model)
    result <- load_or_refuse(load_model_weights(model, path))
    if (identical(result, "refused")) {
      expect_identical(get_weights(model), before)
    }
    result
  })
  refused <- expect_model_or_refusal(results)
  expect_true(any(refused) && !all(refused))
  expect_identical(lapply(get_weights(model), dim), shapes)
})

# A value somewhere in nested lists, exchanged for another.
exchanged <- function(x, values) {
  if (!is.list(x) || !length(x) || stats::runif(1) < 0.1) {
    return(values[[sample(length(values), 1)]])
  }
  at <- sample(length(x), 1)
  x[at] <- list(exchanged(x[[at]], values))
  x
}

test_that("100 configurations of hostile values are refused or give a model", {
  skip_without_files()
  set.seed(13)
  members <- read_zip(save_model(file_model()), keras_members,
                      keras_member_names)
  config <- jsonlite::parse_json(rawToChar(members[["config.json"]]))
  hostile <- list(
    NULL, TRUE, -1L, 0L, 2147483647L, 1e18, 0.5, "", "../x", "system",
    "__lambda__", list(), list(1L, "a"), list(class_name = "Lambda"),
    list(class_name = "Dense", config = list(units = 1e9)),
    list(class_name = "function", config = "system"),
    strrep("a", 1e5), list(module = "os", class_name = "x", config = list())
  )
  results <- lapply(1:100, function(k) {
    text <- jsonlite::toJSON(exchanged(config, hostile), auto_unbox = TRUE,
                             null = "null", digits = NA)
    members[["config.json"]] <- charToRaw(text)
    load_or_refuse(load_model(zip_archive(members)))
  })
  expect_model_or_refusal(results)
})
