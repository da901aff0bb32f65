# load_model(): from a file or raw vector to a model.

#' Read a model
#'
#' `load_model()` reads what [save_model()] or Keras has written: a `.keras`
#' file of Keras 3, or a whole model in one `.h5` file (Keras 2 and 3). Layers,
#' weights, the arguments of [compile()] and the optimizer's state come back, so
#' that training goes on where it stopped. `load_model_hdf5()` is the older
#' name.
#'
#' @param model,filepath Path of a file, or a raw vector with its bytes.
#' @param custom_objects A named list of your own layers, functions and the like
#'   that the file names.
#' @param compile Whether to compile the model as it was.
#' @param safe_mode Accepted for compatibility; `FALSE` changes nothing: code in
#'   files never runs.
#' @return A model.
#' @section Safety: A file is data. It may name what elman has and what you give
#'   in `custom_objects`, and nothing else: files with functions or lambdas in
#'   them, with unknown classes, with parts that reach outside of the file, or
#'   whose sizes do not agree are refused before anything is made or changed.
#'   Weights that are not finite numbers are loaded with a warning.
#' @section Errors: `elman_error_file` where there is no such file, where it is
#'   damaged, holds what is refused or cannot be made, or where jsonlite is
#'   missing.
#' @section Compatibility: keras3 loads lambdas with `safe_mode = FALSE`; here
#'   write them as a function or layer of your own. Directories (`zipped =
#'   FALSE`), sharded weights and compressed HDF5 files are not read.
#' @family files
#' @examplesIf requireNamespace("jsonlite", quietly = TRUE)
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(3)
#' path <- tempfile(fileext = ".keras")
#' save_model(model, path)
#' again <- load_model(path)
#' identical(get_weights(again), get_weights(model))
#' unlink(path)
#' @export
load_model <- function(model, custom_objects = NULL, compile = TRUE,
                       safe_mode = TRUE) {
  check_custom_objects(custom_objects)
  compile <- check_flag(compile, "compile")
  check_flag(safe_mode, "safe_mode")
  bytes <- file_bytes(model, "model")
  if (is_zip(bytes)) return(load_keras(bytes, custom_objects, compile))
  if (!is_hdf5(bytes)) {
    abort_damaged("it is neither a .keras nor an .h5 file")
  }
  load_whole_hdf5(bytes, custom_objects, compile)
}

#' @rdname load_model
#' @export
load_model_hdf5 <- function(filepath, custom_objects = NULL, compile = TRUE) {
  load_model(filepath, custom_objects, compile)
}

check_custom_objects <- function(x) {
  if (is.null(x)) return(invisible())
  if (!is.list(x) || is.null(names(x)) || any(names(x) == "")) {
    must_be(x, "custom_objects", "a named list")
  }
}

# ---- bytes -------------------------------------------------------------------

file_bytes <- function(x, arg = "filepath") {
  if (is.raw(x)) return(x)
  if (!is.character(x)) must_be(x, arg, "the path of a file or a raw vector")
  path <- check_readable(x, arg)
  tryCatch(readBin(path, "raw", file.size(path)), error = function(e) {
    abort_file(sprintf("`%s`: \"%s\" cannot be read.", arg, path), arg)
  })
}

check_readable <- function(path, arg = "filepath") {
  path <- path.expand(check_string(path, arg))
  if (!file.exists(path) || dir.exists(path)) {
    abort_file(sprintf("`%s` must be a file, but there is no file \"%s\".",
                       arg, path), arg)
  }
  if (file.access(path, 4L) != 0L) {
    abort_file(sprintf("`%s`: \"%s\" cannot be read.", arg, path), arg)
  }
  path
}

is_hdf5 <- function(bytes) {
  length(bytes) >= 8L &&
    identical(bytes[1:4], as.raw(c(0x89, 0x48, 0x44, 0x46)))
}

# ---- .keras ------------------------------------------------------------------

keras_members <- c("metadata.json", "config.json", "model.weights.h5")

keras_member_names <-
  "^(metadata\\.json|config\\.json|model\\.weights\\.h5|assets/([^/].*)?)$"

load_keras <- function(bytes, custom_objects, compile) {
  members <- read_zip(bytes, keras_members[-1], keras_member_names)
  record <- checked_record(
    parse_json(members[["config.json"]], "its config.json"), custom_objects,
    compile
  )
  with_hdf5(members[["model.weights.h5"]], function(index) {
    model <- making_from_file(count_numbers(index), function() {
      model_from_record(record, custom_objects)
    })
    self <- unwrap_layer(model)
    put_weights(read_weights(index, plan_weights(index, self)))
    put_optimizer(self, read_optimizer(index, self))
    model
  })
}
