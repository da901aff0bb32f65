# The whole files that tools/fuzz damages: models of many layers as elman and as
# several versions of Keras saved them, in every format.

word_model <- function() {
  model <- keras_model_sequential(input_shape = 4, name = "words") |>
    layer_embedding(5, 3, mask_zero = TRUE) |>
    layer_bidirectional(layer_lstm(units = 2, return_sequences = TRUE)) |>
    layer_gru(2, kernel_regularizer = "l2") |>
    layer_dropout(0.25) |>
    layer_dense(2, activation = "softmax")
  compile(model, optimizer_adam(0.0625), loss = "categorical_crossentropy",
          metrics = "accuracy")
  x <- rbind(c(1, 0, 4, 2), c(3, 3, 0, 0))
  train_on_batch(model, x, diag(2))
  model
}

graph_model <- function() {
  x <- keras_input(c(4, 2), name = "x")
  z <- keras_input(c(4, 2), name = "z")
  memory <- layer_simple_rnn(units = 3, return_sequences = TRUE)
  stack <- layer_rnn(x, cell = list(rnn_cell_lstm(units = 2),
                                    rnn_cell_gru(units = 2)))
  shared <- layer_concatenate(memory(x), memory(z)) |>
    layer_time_distributed(layer = layer_dense(units = 2)) |>
    layer_batch_normalization() |> layer_conv_1d(2, 2) |> layer_flatten()
  model <- keras_model(list(x, z), layer_dense(
    layer_concatenate(shared, stack), 2
  ), name = "graph")
  compile(model, optimizer_sgd(learning_rate_schedule_exponential_decay(
    0.0625, 2, 0.5
  ), momentum = 0.5), loss = loss_huber(), metrics = list("mae"))
  x <- array(sin(1:16), c(2, 4, 2))
  train_on_batch(model, list(x, x / 2), diag(2))
  model
}

# A configuration has room behind it, so that a longer one can take its place.
room <- strrep(" ", 4000)

file_in <- function(path) readBin(path, "raw", file.size(path))

saved_files <- function(model, folder) {
  path <- function(ending) file.path(folder, paste0(model$name, ending))
  save_model(model, path(".keras"), overwrite = TRUE)
  save_model(model, path(".h5"), overwrite = TRUE)
  save_model_weights(model, path(".weights.h5"), overwrite = TRUE)
  h5 <- hdf5r::H5File$new(path(".h5"), "r+")
  text <- hdf5r::h5attr(h5, "model_config")
  h5$attr_delete("model_config")
  h5$create_attr("model_config", paste0(text, room),
                 dtype = hdf5r::H5T_STRING$new(size = Inf),
                 space = hdf5r::H5S$new("scalar"))
  h5$close_all()
}

keras_files <- function(folder) {
  utils::untar("tests/testthat/older-keras.tar.xz", exdir = folder)
  versions <- list.files(folder, "^[0-9.]+$", full.names = TRUE)
  versions[c(1, length(versions))]
}

# A list of list(kind, bytes, model): the bytes of a file of this kind, and
# where it holds weights alone those of the model that they belong to.
make_corpus <- function() {
  folder <- tempfile("corpus-")
  dir.create(folder)
  set.seed(1)
  for (model in list(word_model(), graph_model())) saved_files(model, folder)
  folders <- c(folder, keras_files(folder))
  paths <- list.files(folders, "\\.(keras|h5)$", full.names = TRUE)
  paths <- paths[!grepl("series", paths)]
  lapply(paths, function(path) {
    weights <- endsWith(path, ".weights.h5")
    list(
      kind = if (weights) "weights" else sub(".*\\.", "", path),
      bytes = file_in(path),
      model = if (weights) file_in(sub("weights.h5", "keras", path))
    )
  })
}
