# Writes the logs of each epoch as a line of a CSV file.

CSVLogger <- R6::R6Class(
  "CSVLogger",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    filename = NULL,
    separator = ",",
    append = FALSE,
    # Columns, once known; lines written in this training; size of the file
    # before it.
    keys = NULL,
    lines = character(),
    size = 0,

    initialize = function(filename, separator, append) {
      self$filename <- path.expand(check_string(filename, "filename"))
      self$separator <- check_string(separator, "separator")
      if (nchar(self$separator) != 1L) {
        must_be(separator, "separator", "a single character")
      }
      self$append <- check_flag(append, "append")
    },

    on_train_begin = function(logs = NULL) {
      check_writable(self$filename, "filename")
      self$keys <- NULL
      self$lines <- character()
      if (!self$append || !file.exists(self$filename)) {
        file.create(self$filename)
      }
      self$size <- file.size(self$filename)
    },

    on_epoch_end = function(epoch, logs = NULL) {
      if (is.null(self$keys)) {
        self$keys <- csv_columns(names(logs))
        if (self$size == 0) private$write(c("epoch", self$keys))
      }
      values <- lapply(self$keys, function(key) logs[[key]] %||% "NA")
      private$write(c(epoch - 1L, values))
      NULL
    },

    get_state = function() {
      list(keys = self$keys, lines = self$lines, size = self$size)
    },

    # What a killed training had written after the backup is written again.
    set_state = function(state) {
      for (field in names(state)) self[[field]] <- state[[field]]
      before <- readBin(self$filename, "raw", min(state$size,
                                                  file.size(self$filename)))
      replace_file(self$filename, function(path) {
        lines <- charToRaw(paste(state$lines, collapse = ""))
        write_bytes(c(before, lines), path)
      }, "filename")
    }
  ),
  private = list(
    write = function(values) {
      fields <- vapply(values, csv_field, "", self$separator)
      line <- paste0(paste(fields, collapse = self$separator), "\r\n")
      write_bytes(charToRaw(enc2utf8(line)), self$filename, append = TRUE)
      self$lines <- c(self$lines, line)
    }
  )
)

# By name. Where nothing is validated yet there is room for it all the same.
csv_columns <- function(names) {
  names <- sort_names(names)
  if (any(startsWith(names, "val_")) || !length(names)) return(names)
  c(names, paste0("val_", names))
}

csv_field <- function(value, separator) {
  text <- if (length(value) != 1L) {
    sprintf("\"[%s]\"", paste(vapply(value, python_text, ""), collapse = ", "))
  } else {
    python_text(value)
  }
  special <- grepl("[\"\r\n]", text) || grepl(separator, text, fixed = TRUE)
  if (special) sprintf("\"%s\"", gsub("\"", "\"\"", text)) else text
}

#' Write the logs of each epoch to a file
#'
#' Writes a file of comma-separated values with one line per epoch: its number,
#' then the numbers of the logs by name.
#'
#' @param filename Name of the file, in a folder that exists.
#' @param separator The character between two values.
#' @param append Whether to go on behind the lines of a file that is there; its
#'   columns are not written again. Otherwise it is replaced.
#' @return A callback for `callbacks =`.
#' @details The file is the one keras3 writes: epochs count from 0, lines end in
#'   a carriage return and a line feed, numbers have as many digits as they
#'   need, what is not logged is `NA`, and there are columns for validation
#'   where there was none in the first epoch.
#' @section Errors: `elman_error_file`, before training starts, for a file that
#'   cannot be written; `elman_error_argument` for other arguments.
#' @family callbacks
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, loss = "mse")
#' file <- tempfile(fileext = ".csv")
#' fit(model, matrix(rnorm(20), 10), rnorm(10), epochs = 2, verbose = 0,
#'     callbacks = callback_csv_logger(file))
#' read.csv(file)
#' @export
callback_csv_logger <- function(filename, separator = ",", append = FALSE) {
  if (missing(filename)) must_be_given("filename", "the name of a file")
  CSVLogger$new(filename, separator, append)
}
