# Saves the model, or its weights, while it is trained.

ModelCheckpoint <- R6::R6Class(
  "ModelCheckpoint",
  inherit = MonitorCallback,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    filepath = NULL,
    save_best_only = FALSE,
    save_weights_only = FALSE,
    save_freq = "epoch",
    epoch = 0L,
    batches = 0L,
    state_fields = c("mode", "best", "epoch", "batches"),

    initialize = function(filepath, monitor, verbose, save_best_only,
                          save_weights_only, mode, save_freq,
                          initial_value_threshold) {
      self$watch(monitor, mode, verbose)
      self$save_best_only <- check_flag(save_best_only, "save_best_only")
      self$save_weights_only <- check_flag(save_weights_only,
                                           "save_weights_only")
      self$filepath <- check_checkpoint_path(filepath, self$save_weights_only)
      self$save_freq <- check_save_freq(save_freq)
      self$best <- check_number(initial_value_threshold,
                                "initial_value_threshold", null_ok = TRUE)
    },

    on_train_begin = function(logs = NULL) {
      private$warned <- FALSE
      check_writable(self$filepath, "filepath")
    },

    on_epoch_begin = function(epoch, logs = NULL) {
      self$epoch <- as.integer(epoch)
      NULL
    },

    on_train_batch_end = function(batch, logs = NULL) {
      self$batches <- self$batches + 1L
      if (self$batches < self$save_freq) return()
      self$batches <- 0L
      private$save_if_wanted(self$epoch, as.integer(batch), logs)
    },

    # Without batches to count, their events cost nothing.
    method = function(event) {
      if (event == "on_train_batch_end" && self$save_freq == "epoch") {
        return(NULL)
      }
      super$method(event)
    },

    on_epoch_end = function(epoch, logs = NULL) {
      if (self$save_best_only) self$direction(logs)
      if (self$save_freq != "epoch") return()
      private$save_if_wanted(as.integer(epoch), NULL, logs)
    }
  ),
  private = list(
    save_if_wanted = function(epoch, batch, logs) {
      values <- c(list(epoch = epoch), if (!is.null(batch)) list(batch = batch),
                  logs)
      path <- python_format(self$filepath, values, "filepath")
      if (self$save_best_only && !private$is_best(epoch, logs)) return()
      dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
      if (self$save_weights_only) {
        save_model_weights(self$model, path, overwrite = TRUE)
      } else {
        save_model(self$model, path, overwrite = TRUE)
      }
      if (self$verbose > 0L) say("Epoch %d: saved in %s.", epoch, path)
      NULL
    },

    # What is not logged is saved every time, with a warning.
    is_best = function(epoch, logs) {
      current <- self$monitored(logs)
      if (is.null(current)) return(TRUE)
      better <- self$is_better(current, self$best, logs)
      if (self$verbose > 0L) {
        say("Epoch %d: %s is %s, %s %s.", epoch, self$monitor,
            format(current, digits = 5),
            if (better) "better than" else "not better than",
            if (is.null(self$best)) "nothing yet" else
              format(self$best, digits = 5))
      }
      if (better) self$best <- current
      better
    }
  )
)

check_checkpoint_path <- function(filepath, weights_only) {
  filepath <- path.expand(check_string(filepath, "filepath"))
  ends <- if (weights_only) ".weights.h5" else c(".keras", ".h5")
  if (!any(endsWith(filepath, ends))) {
    must_be(filepath, "filepath", sprintf(
      "a file name that ends in %s", paste0("\"", ends, "\"",
                                            collapse = " or ")))
  }
  template_pieces(filepath, "filepath")
  filepath
}

check_save_freq <- function(save_freq) {
  if (identical(save_freq, "epoch")) return(save_freq)
  if (!is_whole(save_freq) || save_freq < 1) {
    must_be(save_freq, "save_freq", "\"epoch\" or a number of batches")
  }
  as.integer(save_freq)
}

# Whether the file, whose name may have fields in braces, can be written is
# tried out in its folder, or in the nearest one above it that exists.
check_writable <- function(path, arg) {
  if (dir.exists(path)) {
    abort_file(sprintf("`%s` must be a file, but \"%s\" is a folder.", arg,
                       path), arg)
  }
  known <- sub("\\{.*", "", path)
  folder <- dirname(paste0(known, "x"))
  while (!file.exists(folder) && dirname(folder) != folder) {
    folder <- dirname(folder)
  }
  probe <- tempfile(".probe-", folder)
  if (!suppressWarnings(file.create(probe))) {
    abort_file(sprintf(
      "`%s` is \"%s\", but in \"%s\" no file can be written.", arg, path,
      folder), arg)
  }
  unlink(probe)
  invisible(path)
}

#' Save a model while it is trained
#'
#' Saves the model or its weights after every epoch, after so many batches, or
#' only when a number of the logs has become better.
#'
#' A file is written under another name beside the old one, flushed to the disk
#' and renamed: whenever the process or the machine is stopped, there is a file
#' that can be loaded, the old one or the new one.
#'
#' @param filepath Name of the file, ending in `".keras"`, or in `".weights.h5"`
#'   for `save_weights_only = TRUE`. Fields in braces are filled as in Python:
#'   `"{epoch:02d}-{val_loss:.2f}.keras"`, with `epoch`, `batch` (in both first
#'   is 1) and the names of the logs. Folders are made where needed.
#' @param monitor Name of the number of the logs that is watched, such as
#'   `"val_loss"` or `"accuracy"`.
#' @param verbose 1 for a line about each file, 0 for none.
#' @param save_best_only Whether to save only when `monitor` has become better.
#' @param save_weights_only Whether to save weights instead of the model.
#' @param mode `"min"` where less is better, `"max"` where more is, `"auto"` for
#'   what the loss or metric says of itself.
#' @param save_freq `"epoch"`, or the number of batches between two files,
#'   counted on from epoch to epoch.
#' @param initial_value_threshold With `save_best_only`, what the first file
#'   must be better than; `NULL` for nothing.
#' @return A callback for `callbacks =`.
#' @section Errors: `elman_error_argument` for arguments out of range and for a
#'   field that is not logged; `elman_error_file`, before training starts, for a
#'   file that cannot be written; about `monitor` as for
#'   [callback_early_stopping()], and where it is not logged every epoch is
#'   saved.
#' @family callbacks
#' @examplesIf requireNamespace("jsonlite", quietly = TRUE)
#' file <- file.path(tempdir(), "best.keras")
#' keep <- callback_model_checkpoint(file, monitor = "loss",
#'                                   save_best_only = TRUE)
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, loss = "mse")
#' fit(model, matrix(rnorm(20), 10), rnorm(10), epochs = 2, verbose = 0,
#'     callbacks = keep)
#' best <- load_model(file)
#' @export
callback_model_checkpoint <- function(filepath, monitor = "val_loss",
                                      verbose = 0L, save_best_only = FALSE,
                                      save_weights_only = FALSE, mode = "auto",
                                      save_freq = "epoch",
                                      initial_value_threshold = NULL) {
  if (missing(filepath)) must_be_given("filepath", "the name of a file")
  ModelCheckpoint$new(filepath, monitor, verbose, save_best_only,
                      save_weights_only, mode, save_freq,
                      initial_value_threshold)
}
