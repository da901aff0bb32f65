# Models and files for the tests of reading and writing.

skip_without_files <- function() {
  skip_if_not_installed("jsonlite")
}

file_model <- function(...) {
  set.seed(1)
  model <- keras_model_sequential(input_shape = c(4, 2), name = "small") |>
    layer_simple_rnn(3, name = "memory") |>
    layer_dense(2, name = "answer")
  compile(model, optimizer_adam(0.0625), loss = "mse", ...)
  model
}

file_data <- function() {
  list(x = array(sin(1:24), c(3, 4, 2)), y = matrix(cos(1:6), 3))
}

train_once <- function(model) {
  data <- file_data()
  train_on_batch(model, data$x, data$y)
}

# An archive of what `change(members)` gives for the members of a saved model,
# which is saved once only.
changed_archive <- local({
  members <- NULL
  function(change) {
    if (is.null(members)) {
      members <<- read_zip(save_model(file_model()), keras_members,
                           keras_member_names)
    }
    zip_archive(change(members))
  }
})

# A saved model with another configuration: `edit` takes and gives its text.
with_config <- function(edit) {
  changed_archive(function(members) {
    text <- edit(rawToChar(members[["config.json"]]))
    members[["config.json"]] <- charToRaw(text)
    members
  })
}

# Calls `use(h5)` on a file, open in the HDF5 library.
with_library <- function(path, use, mode = "r+") {
  skip_if_not_installed("hdf5r")
  h5 <- hdf5r::H5File$new(path, mode)
  on.exit(h5$close_all())
  use(h5)
}

# Changes a text attribute of an open file.
edit_attribute <- function(h5, name, edit) {
  text <- hdf5r::h5attr(h5, name)
  h5$attr_delete(name)
  h5$create_attr(name, edit(text), dtype = hdf5r::H5T_STRING$new(size = Inf),
                 space = hdf5r::H5S$new("scalar"))
}

# An object as configurations have it, of which `config` and
# `registered_name` are JSON themselves.
object_json <- function(module, class_name, config, registered_name = "null") {
  sprintf(paste0(
    '{"module": "%s", "class_name": "%s", "config": %s, ',
    '"registered_name": %s}'
  ), module, class_name, config, registered_name)
}

# A saved model whose weights' file was changed by `edit(h5)`.
with_weights <- function(edit) {
  changed_archive(function(members) {
    path <- tempfile(fileext = ".h5")
    on.exit(unlink(path))
    writeBin(members[["model.weights.h5"]], path)
    with_library(path, edit)
    members[["model.weights.h5"]] <- readBin(path, "raw", file.size(path))
    members
  })
}

expect_refused <- function(bytes, regexp, ...) {
  expect_error(load_model(bytes, ...), regexp, class = "elman_error_file")
}

# The most memory that `code` has this process hold over what it held before, in
# MB: as the system tells it, or where it does not R.
peak_growth <- function(code) {
  reset <- "/proc/self/clear_refs"
  if (file.access(reset, 2L) != 0L) {
    before <- sum(gc(reset = TRUE)[, 6])
    force(code)
    return(sum(gc()[, 6]) - before)
  }
  peak <- function() {
    line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
    as.numeric(gsub("[^0-9]", "", line)) / 1024
  }
  gc()
  writeLines("5", reset)
  before <- peak()
  force(code)
  peak() - before
}

# ---- edits of configurations -------------------------------------------------

swap <- function(from, to) function(text) sub(from, to, text, fixed = TRUE)

# Another layer in the place of the first.
swap_layer <- function(layer) {
  first <- '{"module": "keras.layers", "class_name": "SimpleRNN"'
  swap(first, paste0(layer, ", ", first))
}

lambda <- paste0(
  '{"module": "keras.layers", "class_name": "Lambda", "config": {"name": ',
  '"l", "function": {"class_name": "__lambda__", "config": {"code": ',
  '"4wEAAAAAAAAA"}}}, "registered_name": null}'
)
