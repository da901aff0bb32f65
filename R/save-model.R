# save_model(): a model into a file, a raw vector, or its weights alone.

#' Save a model
#'
#' `save_model()` writes all of a model into one file in the format of Keras
#' 3.15: its layers, weights, the arguments of [compile()] and the state of the
#' optimizer. Python's Keras opens it, [load_model()] too, and training goes on
#' where it stopped. A path that ends in `.h5` or `.hdf5` gives the older format
#' of Keras 2. `save_model_hdf5()` is the older name, for that format.
#'
#' @param model,object A model.
#' @param filepath Path of the file, ending in `.keras`, `.h5` or `.hdf5`.
#'   `NULL` gives the bytes of a `.keras` file as a raw vector.
#' @param overwrite Whether to replace a file that exists. If `FALSE`, you are
#'   asked in an interactive session, and elsewhere it is an error.
#' @param zipped `NULL` or `TRUE`: a `.keras` file is an archive.
#' @param ... `include_optimizer` (`.h5` only): whether to write the optimizer's
#'   state. A trailing comma is forgiven.
#' @param include_optimizer Whether to write the optimizer's state.
#' @return The model, invisibly; with `filepath = NULL` a raw vector.
#' @details The file is written under another name in the same folder, flushed
#'   to the disk and renamed: whatever happens, there is the old file or the new
#'   one.
#' @section Errors: `elman_error_file` where the file exists or cannot be
#'   written; `elman_error_argument` where the model holds what a file cannot:
#'   functions without a name, other operations than arithmetic between its
#'   layers.
#' @section Compatibility: `zipped = FALSE`, a directory in keras3, is refused.
#' @family files
#' @inherit load_model examples
#' @export
save_model <- function(model, filepath = NULL, overwrite = FALSE,
                       zipped = NULL, ...) {
  self <- as_model(model, "model")
  dots <- check_dots(..., .allowed = "include_optimizer")
  optimizer <- check_flag(dots$include_optimizer %||% TRUE,
                          "include_optimizer")
  check_zipped(zipped)
  if (is.null(filepath)) return(keras_bytes(self))
  filepath <- check_ending(filepath, c(".keras", ".h5", ".hdf5"))
  if (!may_overwrite(filepath, overwrite)) return(invisible(model))
  if (endsWith(filepath, ".keras")) {
    bytes <- keras_bytes(self)
    replace_file(filepath, function(path) write_bytes(bytes, path))
  } else {
    replace_file(filepath, function(path) {
      write_hdf5(path, function(h5) fill_whole_hdf5(h5, self, optimizer))
    })
  }
  invisible(model)
}

#' @rdname save_model
#' @export
save_model_hdf5 <- function(object, filepath, overwrite = TRUE,
                            include_optimizer = TRUE) {
  filepath <- check_ending(filepath, c(".h5", ".hdf5"))
  save_model(object, filepath, overwrite,
             include_optimizer = include_optimizer)
}

check_zipped <- function(zipped) {
  if (!is.null(zipped) && !check_flag(zipped, "zipped")) {
    must_be(zipped, "zipped",
            "NULL or TRUE: models are written into one file")
  }
}

check_ending <- function(filepath, endings) {
  filepath <- check_string(filepath, "filepath")
  if (!any(endsWith(filepath, endings))) {
    must_be(filepath, "filepath", paste(
      "a path that ends in",
      paste0("\"", endings, "\"", collapse = " or ")
    ))
  }
  filepath
}

# TRUE where the file is new or may be replaced; FALSE where the user, asked,
# would rather keep it.
may_overwrite <- function(filepath, overwrite) {
  overwrite <- check_flag(overwrite, "overwrite")
  if (overwrite || !file.exists(filepath)) return(TRUE)
  if (is_asking()) {
    question <- sprintf("\"%s\" exists. Overwrite it?", filepath)
    return(isTRUE(utils::askYesNo(question, default = FALSE)))
  }
  abort_file(sprintf(
    "`filepath`: \"%s\" exists already (`overwrite = TRUE` replaces it).",
    filepath
  ), "filepath")
}

is_asking <- function() interactive()

# ---- .keras ------------------------------------------------------------------

keras_version <- "3.15.1"

# The file as Keras writes it.
keras_bytes <- function(self) {
  if (!self$built) {
    warn_elman("The model is not built yet: the file will hold no weights.")
  }
  metadata <- list(keras_version = keras_version,
                   date_saved = format(Sys.time(), "%Y-%m-%d@%H:%M:%S"))
  config <- json_text(model_record(self))
  zip_archive(list(
    "metadata.json" = charToRaw(json_text(metadata)),
    "config.json" = charToRaw(enc2utf8(config)),
    "model.weights.h5" = hdf5_bytes(function(h5) fill_weights(h5, self))
  ))
}
