# A model's architecture alone, as JSON text.

#' Save and load the configuration of a model
#'
#' The architecture without weights, as Keras writes it: JSON text.
#' `load_model_config()` makes a model of it, with fresh weights.
#'
#' @param model A model.
#' @param filepath Path of the file; `NULL` gives the text.
#' @param overwrite Whether to replace a file that exists. If `FALSE`, you are
#'   asked in an interactive session, and elsewhere it is an error.
#' @inheritParams load_model
#' @return `save_model_config()` the model, invisibly, or the text;
#'   `load_model_config()` a model that is compiled as the one saved was.
#' @inheritSection load_model Safety
#' @section Errors: `elman_error_file` where the file exists, cannot be written
#'   or read, or describes what is not known here.
#' @family files
#' @examplesIf requireNamespace("jsonlite", quietly = TRUE)
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(3)
#' path <- tempfile(fileext = ".json")
#' save_model_config(model, path)
#' load_model_config(path)
#' unlink(path)
#' @export
save_model_config <- function(model, filepath = NULL, overwrite = FALSE) {
  self <- as_model(model, "model")
  text <- json_text(model_record(self))
  if (is.null(filepath)) return(text)
  filepath <- check_string(filepath, "filepath")
  if (!may_overwrite(filepath, overwrite)) return(invisible(model))
  replace_file(filepath, function(path) {
    write_bytes(charToRaw(enc2utf8(text)), path)
  })
  invisible(model)
}

#' @rdname save_model_config
#' @export
load_model_config <- function(filepath, custom_objects = NULL) {
  check_custom_objects(custom_objects)
  record <- checked_record(parse_json(file_bytes(filepath), "it"),
                           custom_objects, compile = TRUE)
  # Weights that nobody has stored are limited all the same: made as zeros
  # first, so that hostile sizes are met before a number is drawn.
  making_from_file(2^28, function() model_from_record(record, custom_objects))
  model_from_record(record, custom_objects)
}
