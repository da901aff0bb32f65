# How much memory training takes beside its data, in one process per form of the
# data (Linux: the peak of the resident memory is in /proc).
#
#   Rscript bench/data-memory.R [MEGABYTES [FORM]]
#
# Promised is twice the data in all, the user's own copy included. R lets
# garbage lie until its heap is full, so the heap is limited to twice the data
# (and what R holds before them, and 16 MB): a training that needs more fails.
suppressPackageStartupMessages(library(elman))

# Without a copy, as array() would make.
shaped <- function(x, dim) {
  dim(x) <- dim
  x
}

# list(x, y, arguments of fit) from the size in bytes.
forms <- list(
  array = function(bytes) {
    n <- bytes %/% (8 * 100)
    list(shaped(runif(n * 100), c(n, 20, 5)), runif(n))
  },
  `array, shuffled` = function(bytes) {
    c(forms$array(bytes), list(shuffle = TRUE))
  },
  `array, validation split` = function(bytes) {
    c(forms$array(bytes), list(validation_split = 0.25))
  },
  `integer array` = function(bytes) {
    n <- bytes %/% (4 * 100)
    list(shaped(rep_len(1:9, n * 100), c(n, 20, 5)), runif(n))
  },
  `data frame` = function(bytes) {
    n <- bytes %/% (8 * 50)
    columns <- lapply(1:50, function(i) runif(n))
    names(columns) <- paste0("x", 1:50)
    list(list2DF(columns), runif(n))
  },
  `time series` = function(bytes) {
    n <- bytes %/% (8 * 50)
    x <- shaped(runif(n * 50), c(n, 50))
    tsp(x) <- c(1, n, 1)
    class(x) <- c("mts", "ts", "matrix")
    list(x, runif(n))
  },
  `windows of a series` = function(bytes) {
    n <- bytes %/% (8 * 5)
    list(shaped(runif(n * 5), c(n, 5)), runif(n), windows = TRUE)
  },
  `dataset of arrays` = function(bytes) {
    c(forms$array(bytes), list(split = TRUE))
  }
)

status <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"),
    value = TRUE
  )
  as.numeric(gsub("[^0-9]", "", line)) * 1024
}

model_for <- function(shape) {
  model <- keras_model_sequential(input_shape = shape)
  if (length(shape) == 2) model <- layer_simple_rnn(model, 4)
  model <- layer_dense(model, 1)
  compile(model, optimizer_sgd(0.001), "mse")
}

train <- function(data) {
  if (isTRUE(data$windows)) {
    ds <- timeseries_dataset_from_array(data[[1]], data[[2]], 20,
      batch_size = 256, sequence_stride = 100
    )
    fit(model_for(c(20, 5)), ds, verbose = 0)
  } else if (isTRUE(data$split)) {
    parts <- split_dataset(data[1:2], left_size = 0.8)
    fit(model_for(dim(data[[1]])[-1]), parts[[1]], batch_size = 256,
      validation_data = parts[[2]], verbose = 0)
  } else {
    arguments <- utils::modifyList(
      list(shuffle = FALSE, batch_size = 256, verbose = 0), data[-(1:2)]
    )
    do.call(fit, c(list(model_for(dim(data[[1]])[-1]), data[[1]], data[[2]]),
      arguments))
  }
}

measure <- function(form, bytes) {
  # Everything that is loaded once is loaded before.
  train(forms[[form]](2e5))
  r_itself <- gc(full = TRUE)[2, 2]
  data <- forms[[form]](bytes)
  size <- sum(vapply(data[1:2], function(d) as.numeric(object.size(d)), 0))
  invisible(gc(full = TRUE))
  limit <- r_itself + 16 + 2 * size / 2^20
  if (abs(mem.maxVSize(limit) - limit) > 1) {
    stop("R's heap is larger than the limit: take more megabytes.")
  }
  writeLines("5", "/proc/self/clear_refs")
  before <- status("VmRSS")
  time <- system.time(train(data))[["elapsed"]]
  beside <- status("VmHWM") - before
  cat(sprintf("%-26s %4.0f MB, beside it %4.0f MB: %.2f times, %.1f s\n",
    form, size / 1e6, beside / 1e6, 1 + beside / size, time
  ))
}

arguments <- commandArgs(trailingOnly = TRUE)
megabytes <- if (length(arguments)) arguments[1] else "200"
if (length(arguments) > 1) {
  measure(arguments[2], as.numeric(megabytes) * 1e6)
} else {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  for (form in names(forms)) {
    system2("Rscript", shQuote(c(script, megabytes, form)))
  }
}
