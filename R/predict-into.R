# Predictions that leave batch by batch, to a function or a file, so that memory
# holds one batch however many there are.

check_into <- function(into) {
  if (is.function(into)) return(into)
  if (is.character(into) && length(into) == 1L && !is.na(into) &&
        grepl("\\.csv$", into, ignore.case = TRUE)) {
    return(check_file_target(into, "into"))
  }
  must_be(into, "into",
          "a function of (outputs, first) or the name of a .csv file")
}

# `run(take)` makes the predictions and calls `take(outputs)` with the tensors
# of each batch. Gives the number of samples.
stream_predictions <- function(self, into, run) {
  if (is.function(into)) return(stream_to_function(self, into, run))
  samples <- 0
  replace_file(into, function(path) {
    samples <<- stream_to_csv(self, path, run)
  }, "into")
  samples
}

stream_to_function <- function(self, into, run) {
  samples <- 0
  run(function(outputs) {
    into(named_outputs(self, lapply(outputs, as.array)), samples + 1)
    samples <<- samples + shape_of(outputs[[1]])[1]
  })
  samples
}

# One line for each sample, the numbers of each output in row-major order, with
# all their digits.
stream_to_csv <- function(self, path, run) {
  samples <- 0
  run(function(outputs) {
    rows <- shape_of(outputs[[1]])[1]
    if (!samples) write_line(path, csv_header(self, outputs))
    columns <- lapply(outputs, function(y) {
      y <- op_reshape(y, c(rows, prod(shape_of(y)[-1])))
      digits <- if (dtype_of(y) == "float64") 17L else 9L
      y <- as.array(y)
      lapply(seq_len(ncol(y)), function(k) number_text("%.*g", digits, y[, k]))
    })
    columns <- unlist(columns, recursive = FALSE)
    write_line(path, do.call(paste, c(columns, sep = ",")))
    samples <<- samples + rows
  })
  samples
}

csv_header <- function(self, outputs) {
  names <- output_names(self)
  columns <- Map(function(name, y) {
    count <- prod(shape_of(y)[-1])
    if (count == 1) name else paste0(name, "_", seq_len(count))
  }, names, outputs)
  paste(unlist(columns), collapse = ",")
}

write_line <- function(path, lines) {
  text <- paste0(lines, "\n", collapse = "")
  write_bytes(charToRaw(enc2utf8(text)), path, append = TRUE)
}
