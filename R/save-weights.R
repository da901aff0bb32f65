# A model's weights alone, in Keras 3's layout.

#' Save and load weights
#'
#' `save_model_weights()` writes the weights of a model, and the state of its
#' optimizer, into a `.weights.h5` file as Keras 3.15 does;
#' `load_model_weights()` puts them into a model of the same layers. Layers are
#' matched by class and order, not by name. It also reads the weights of a
#' `.keras` file and those of older `.h5` files.
#'
#' @param model,object A built model; loading changes it in place.
#' @param filepath Path of the file. What is written must end in `.weights.h5`.
#' @param overwrite Whether to replace a file that exists. If `FALSE`, you are
#'   asked in an interactive session, and elsewhere it is an error.
#' @param max_shard_size Must be `NULL`: weights are written into one file.
#' @param skip_mismatch Whether to leave layers whose weights do not fit as they
#'   are, with a warning. If `FALSE`, they are an error and the model stays as
#'   it was.
#' @param ... `by_name` (older `.h5` files only): match layers by name. A
#'   trailing comma is forgiven.
#' @param by_name Match layers by name.
#' @param reshape Must be `FALSE`.
#' @return The model, invisibly.
#' @section Errors: `elman_error_file` where the file exists, cannot be written
#'   or read, is damaged, or does not fit the model; `elman_error_state` where
#'   the model is not built.
#' @inheritSection load_model Safety
#' @section Compatibility: `save_model_weights_hdf5()` and
#'   `load_model_weights_hdf5()` are the names of the older package keras; what
#'   the first writes has Keras 2's layout.
#' @family files
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(3)
#' path <- tempfile(fileext = ".weights.h5")
#' save_model_weights(model, path)
#' load_model_weights(model, path)
#' unlink(path)
#' @export
save_model_weights <- function(model, filepath, overwrite = FALSE,
                               max_shard_size = NULL) {
  self <- built_model(model, "model")
  if (!is.null(max_shard_size)) {
    must_be(max_shard_size, "max_shard_size",
            "NULL: weights are written into one file")
  }
  filepath <- check_ending(filepath, ".weights.h5")
  if (!may_overwrite(filepath, overwrite)) return(invisible(model))
  replace_file(filepath, function(path) {
    write_hdf5(path, function(h5) fill_weights(h5, self))
  })
  invisible(model)
}

#' @rdname save_model_weights
#' @export
save_model_weights_hdf5 <- function(object, filepath, overwrite = TRUE) {
  self <- built_model(object, "object")
  filepath <- check_string(filepath, "filepath")
  if (!may_overwrite(filepath, overwrite)) return(invisible(object))
  replace_file(filepath, function(path) {
    write_hdf5(path, function(h5) fill_layer_groups(h5, self))
  })
  invisible(object)
}

#' @rdname save_model_weights
#' @export
load_model_weights <- function(model, filepath, skip_mismatch = FALSE, ...) {
  self <- built_model(model, "model")
  skip <- check_flag(skip_mismatch, "skip_mismatch")
  dots <- check_dots(..., .allowed = "by_name")
  by_name <- check_flag(dots$by_name %||% FALSE, "by_name")
  bytes <- file_bytes(filepath)
  if (is_zip(bytes)) {
    bytes <- read_zip(bytes, "model.weights.h5", keras_member_names)[[1]]
  }
  with_hdf5(bytes, function(index) {
    older <- has_layer_groups(index)
    plan <- if (older) plan_layer_groups(index, self, by_name) else
      plan_weights(index, self)
    weights <- read_weights(index, plan, skip)
    state <- if (!older) read_optimizer(index, self)
    put_weights(weights)
    put_optimizer(self, state)
  })
  invisible(model)
}

#' @rdname save_model_weights
#' @export
load_model_weights_hdf5 <- function(object, filepath, by_name = FALSE,
                                    skip_mismatch = FALSE, reshape = FALSE) {
  if (check_flag(reshape, "reshape")) must_be(reshape, "reshape", "FALSE")
  load_model_weights(object, filepath, skip_mismatch, by_name = by_name)
}

built_model <- function(x, arg) {
  self <- as_model(x, arg)
  if (!self$built) {
    abort_state(paste("The model must be built first: give it an input shape,",
                      "or call it on data."))
  }
  self
}

# ---- the file ----------------------------------------------------------------

# A group per layer, with its name and its own variables by number.
fill_weights <- function(h5, self) {
  for (part in saved_parts(self)) {
    fill_group(h5, part$path, part$name, values_to_save(part$layer))
  }
  optimizer <- self$optimizer
  if (is.null(optimizer)) return(invisible())
  fill_group(h5, "optimizer", optimizer$name, optimizer_values(optimizer))
}

fill_group <- function(h5, path, name, values) {
  group <- make_group(h5, join_path(path, "vars"))
  write_text(group, "name", name)
  for (k in seq_along(values)) {
    # Counts are 64 bits wide in Python.
    counts <- dtype_of(values[[k]]) == "int32" && path == "optimizer"
    type <- if (counts) "int64"
    write_array(group, as.character(k - 1L), values[[k]], type)
  }
}
