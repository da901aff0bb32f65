# Files that are written whole or not at all: under another name in the same
# folder, flushed to the disk, then renamed over the old one.

# Calls `write(temporary)` and puts what it wrote in the place of `path`. After
# an error, an interrupt or a power failure, `path` is what it was before.
# Gives `path` invisibly.
replace_file <- function(path, write, arg = "filepath") {
  path <- check_file_target(path, arg)
  temporary <- tempfile(
    paste0(".", basename(path), "-"), dirname(path), ".tmp"
  )
  on.exit(unlink(temporary))
  write_temporary(temporary, write, path, arg)
  if (file.exists(path)) Sys.chmod(temporary, file.mode(path))
  if (!sync_path(temporary)) {
    abort_not_written(path, arg, "it could not be flushed to the disk")
  }
  if (!suppressWarnings(file.rename(temporary, path))) {
    abort_not_written(path, arg, "the old file could not be replaced")
  }
  # Where the folder cannot be flushed the rename stands all the same.
  sync_path(dirname(path))
  invisible(path)
}

# The file that `path` means, links followed: not a folder, in a folder that
# exists and can be written to.
check_file_target <- function(path, arg) {
  path <- path.expand(check_string(path, arg))
  if (!nzchar(path)) must_be(path, arg, "the name of a file")
  if (dir.exists(path)) {
    abort_file(sprintf("`%s` must be a file, but \"%s\" is a folder.", arg,
                       path), arg)
  }
  if (file.exists(path)) path <- normalizePath(path, "/")
  folder <- dirname(path)
  if (!dir.exists(folder)) {
    abort_file(sprintf(
      "`%s` must be in a folder that exists, but there is no folder \"%s\".",
      arg, folder
    ), arg)
  }
  if (file.access(folder, 2L) != 0L) {
    abort_file(sprintf(
      "`%s` must be in a folder that can be written to, but \"%s\" cannot.",
      arg, folder
    ), arg)
  }
  path
}

# Failures of `write` become errors about the file; the package's own errors
# stay as they are.
write_temporary <- function(temporary, write, path, arg) {
  wrong <- tryCatch({
    write(temporary)
    NULL
  }, error = identity)
  if (inherits(wrong, "elman_error")) stop(wrong)
  if (!is.null(wrong)) abort_not_written(path, arg, conditionMessage(wrong))
  if (!file.exists(temporary)) {
    abort_not_written(path, arg, "nothing was written")
  }
}

abort_not_written <- function(path, arg, reason) {
  abort_file(sprintf("`%s`: \"%s\" could not be written: %s.", arg, path,
                     sub("\\.\\s*$", "", reason)), arg)
}

sync_path <- function(path) cpp_sync_path(system_path(path))

# Writes a raw vector into a file, at its end where `append`. R's connections
# only warn where the disk is full, if they say anything: this stops.
write_bytes <- function(bytes, path, append = FALSE) {
  wrong <- cpp_write_path(system_path(path), bytes, append)
  if (nzchar(wrong)) stop(wrong, call. = FALSE)
}

system_path <- function(path) {
  windows <- .Platform$OS.type == "windows"
  if (windows) enc2utf8(path) else enc2native(path.expand(path))
}
