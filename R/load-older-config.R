# Configurations of older Keras versions in the present spelling.

# Arguments that Keras had once and that change nothing here.
gone_fields <- c("time_major", "implementation", "quantization_config",
                 "sparse", "ragged", "optional", "is_legacy_optimizer",
                 "jit_compile")

old_fields <- function(config, class) {
  if (identical(class, "InputLayer")) {
    if (isTRUE(config$sparse) || isTRUE(config$ragged)) {
      abort_damaged("an input of it is sparse or ragged")
    }
    config$batch_shape <- config$batch_shape %||% config$batch_input_shape
    config$batch_input_shape <- NULL
    check_stored_batch(config$batch_shape)
  }
  if (!is.null(config$batch_input_shape)) {
    check_stored_batch(config$batch_input_shape)
  }
  if (!is.null(config$lr)) {
    config$learning_rate <- config$learning_rate %||% config$lr
    config$lr <- NULL
  }
  if (identical(config$reduction, "auto")) {
    config$reduction <- "sum_over_batch_size"
  }
  config[setdiff(names(config), gone_fields)]
}

# States of stateful layers have this size; no model trains with more at once.
check_stored_batch <- function(shape) {
  size <- if (length(shape)) shape[[1]]
  if (is.numeric(size) && size > 65536) {
    abort_damaged("it has batches of %.0f samples, at most 65536 are allowed",
                  size)
  }
}

# Calls of layers: list(args, kwargs), or of older versions a list of the
# tensors' places, each with further arguments.
present_nodes <- function(nodes, custom_objects) {
  lapply(nodes, function(node) {
    if (is.null(names(node)) && length(node)) node <- older_node(node)
    # Python notes down that it drew the graph outside of training.
    if (is.list(node$kwargs) && identical(node$kwargs$training, FALSE)) {
      node$kwargs$training <- NULL
    }
    present_fields(node, custom_objects)
  })
}

older_node <- function(node) {
  tensors <- lapply(node, function(place) written_place(place[1:3]))
  further <- if (length(node[[1]]) > 3L) node[[1]][[4]]
  list(args = list(one_or_all(tensors)),
       kwargs = older_places(further) %||% list())
}

written_place <- function(place) {
  list(class_name = "__keras_tensor__", config = list(keras_history = place))
}

# Tensors among the further arguments are bare places.
older_places <- function(x) {
  if (!is.list(x)) return(x)
  is_place <- is.null(names(x)) && length(x) >= 3L && is.character(x[[1]]) &&
    is.numeric(x[[2]]) && is.numeric(x[[3]])
  if (is_place) return(written_place(x[1:3]))
  keep_nulls(x, older_places)
}
