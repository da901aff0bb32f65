# Writes down the whole state of a training, so that a run that was killed goes
# on as if nothing had happened. What the state is stands in training-state.R.

BackupAndRestore <- R6::R6Class(
  "BackupAndRestore",
  inherit = CallbackBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    backup_dir = NULL,
    save_freq = "epoch",
    double_checkpoint = FALSE,
    delete_checkpoint = TRUE,
    batches = 0L,
    state_fields = "batches",

    initialize = function(backup_dir, save_freq, double_checkpoint,
                          delete_checkpoint) {
      self$backup_dir <- path.expand(check_string(backup_dir, "backup_dir"))
      if (!nzchar(self$backup_dir)) {
        must_be(backup_dir, "backup_dir", "the name of a folder")
      }
      self$save_freq <- check_save_freq(save_freq)
      self$double_checkpoint <- check_flag(double_checkpoint,
                                           "double_checkpoint")
      self$delete_checkpoint <- check_flag(delete_checkpoint,
                                           "delete_checkpoint")
    },

    on_train_begin = function(logs = NULL) {
      dir.create(self$backup_dir, showWarnings = FALSE, recursive = TRUE)
      check_writable(self$path(), "backup_dir")
    },

    # Called by the training loop when all callbacks have had the event.
    resume = function(run) {
      self$batches <- 0L
      state <- private$read()
      if (!is.null(state)) resume_run(run, state)
    },
    after_batch = function(run) {
      if (self$save_freq == "epoch") return()
      self$batches <- self$batches + 1L
      if (self$batches < self$save_freq) return()
      self$batches <- 0L
      private$write(run)
    },
    after_epoch = function(run) {
      if (self$save_freq == "epoch") private$write(run)
    },

    on_train_end = function(logs = NULL) {
      if (self$interrupted || !self$delete_checkpoint) return()
      unlink(c(self$path(), self$path(TRUE)))
      if (!length(dir(self$backup_dir, all.files = TRUE, no.. = TRUE))) {
        unlink(self$backup_dir, recursive = TRUE)
      }
      NULL
    },

    path = function(previous = FALSE) {
      file.path(self$backup_dir,
                if (previous) "previous.rds" else "latest.rds")
    }
  ),
  private = list(
    write = function(run) {
      latest <- self$path()
      if (self$double_checkpoint && file.exists(latest)) {
        replace_file(self$path(TRUE), function(path) {
          write_bytes(readBin(latest, "raw", file.size(latest)), path)
        }, "backup_dir")
      }
      state <- run_state(run)
      replace_file(latest, function(path) {
        write_bytes(serialize(state, NULL), path)
      }, "backup_dir")
    },

    # The last state that can be read, NULL where there is none.
    read = function() {
      paths <- Filter(file.exists, c(self$path(), self$path(TRUE)))
      if (!length(paths)) return(NULL)
      for (path in paths) {
        state <- tryCatch(suppressWarnings(readRDS(path)),
                          error = function(condition) NULL)
        if (is_run_state(state)) return(state)
      }
      abort_file(sprintf("`backup_dir`: \"%s\" is damaged and cannot be read.",
                         paths[1]), "backup_dir")
    }
  )
)

#' Go on with a training that was killed
#'
#' Writes down the state of [fit()] after every epoch, or after so many batches.
#' When the same script is run again after the process was killed, `fit()` goes
#' on from there, and ends with the same bits as a run that was never killed.
#'
#' @param backup_dir A folder for the state, of this training alone; it is made
#'   where needed.
#' @param save_freq `"epoch"`, or the number of batches between two backups,
#'   counted on from epoch to epoch.
#' @param double_checkpoint Whether to keep the backup before the last one, too,
#'   for the case that the last one is damaged.
#' @param delete_checkpoint Whether to delete the backup when training has come
#'   to its end. With `FALSE` the next `fit()` with this folder trains only the
#'   epochs that are new.
#' @return A callback for `callbacks =`.
#' @details The state is the weights, those that are not trained and the states
#'   of stateful layers included; the optimizer with its iteration, slots and
#'   learning rate; seeds of layers and R's random state; epoch, batch and the
#'   running metrics; the history; and the states of all callbacks: of your own
#'   ones the fields that hold plain data, unless they define `get_state()` and
#'   `set_state(state)`. What else a script does by itself, such as variables
#'   that a [callback_lambda()] changes, is not part of it. Data from a function
#'   is read and passed over up to the place where training goes on.
#'
#'   The model must be compiled and the data given as in the first run. Ctrl-C
#'   keeps the backup. It is written as described for
#'   [callback_model_checkpoint()], so that a kill at any moment leaves a whole
#'   one.
#' @section Errors: `elman_error_file`, before training starts, for a folder
#'   that cannot be written or a backup that cannot be read; `elman_error_state`
#'   for the backup of another model.
#' @section Compatibility: keras3 resumes weights, optimizer and epoch only.
#'   Here the history of the whole run is returned, and of the folder only the
#'   backup's own files are deleted.
#' @family callbacks
#' @examples
#' folder <- file.path(tempdir(), "backup")
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
#' compile(model, loss = "mse")
#' fit(model, matrix(rnorm(20), 10), rnorm(10), epochs = 2, verbose = 0,
#'     callbacks = callback_backup_and_restore(folder))
#' @export
callback_backup_and_restore <- function(backup_dir, save_freq = "epoch",
                                        double_checkpoint = FALSE,
                                        delete_checkpoint = TRUE) {
  if (missing(backup_dir)) must_be_given("backup_dir", "the name of a folder")
  BackupAndRestore$new(backup_dir, save_freq, double_checkpoint,
                       delete_checkpoint)
}
