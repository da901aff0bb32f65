# The data of fit(), evaluate() and predict(): checked, and as feeds of batches.

# list(train, validation) of feeds, everything checked; builds the model.
training_feeds <- function(self, x, y, batch_size, validation_split,
                           validation_data, shuffle, class_weight,
                           sample_weight, steps_per_epoch, validation_steps,
                           validation_batch_size) {
  batch_size <- check_batch_size(batch_size)
  validation_batch_size <- check_batch_size(validation_batch_size,
                                            "validation_batch_size")
  validation_batch_size <- validation_batch_size %||% batch_size
  steps_per_epoch <- check_steps(steps_per_epoch, "steps_per_epoch")
  validation_steps <- check_steps(validation_steps, "validation_steps")
  validation_split <- check_split(validation_split)
  shuffle <- check_shuffle(shuffle)
  splits <- is.null(validation_data) && validation_split > 0
  if (is_stream(x)) {
    if (splits) {
      abort_argument(sprintf("`validation_split` needs arrays, not %s.",
                             describe_stream(x)), "validation_split")
    }
    train <- stream_feed(self, x, y, sample_weight, class_weight, batch_size,
                         steps_per_epoch, continues = TRUE)
  } else {
    data <- labelled_data(self, x, y, sample_weight, class_weight)
    n <- tensor_shape(data$x[[1]])[1]
    at <- if (splits) split_point(n, validation_split) else n
    train <- new_array_feed(data$x, data$y, data$weight, batch_size, shuffle,
                            steps_per_epoch, c(0L, at), continues = TRUE)
    check_targets(self, data)
  }
  validation <- if (splits) {
    new_array_feed(data$x, data$y, data$weight, validation_batch_size,
                   steps = validation_steps, rows = c(at, n))
  } else {
    validation_feed(self, validation_data, validation_batch_size,
                    validation_steps)
  }
  check_stateful_batches(self, c(train$sizes, validation$sizes))
  list(train = train, validation = validation)
}

validation_feed <- function(self, data, batch_size, steps) {
  if (is.null(data)) return(NULL)
  arg <- "validation_data"
  if (is_stream(data)) {
    return(stream_feed(self, data, NULL, NULL, NULL, batch_size, steps,
                       arg = arg))
  }
  data <- labelled_list(self, data, arg)
  new_array_feed(data$x, data$y, data$weight, batch_size, steps = steps,
                 arg = arg)
}

# Number of samples before the last `fraction` of `n`.
split_point <- function(n, fraction) {
  at <- as.integer(floor(n * (1 - fraction)))
  if (at < 1L || at >= n) {
    abort_argument(sprintf(paste(
      "`validation_split` must leave samples on both sides, but %s of %d",
      "samples leaves %d for training."), format(fraction), n, at),
      "validation_split")
  }
  at
}

# ---- generators and datasets -------------------------------------------------

# Data that gives its batches itself.
is_stream <- function(x) is_dataset(x) || is.function(x) && !is_layer(x)

describe_stream <- function(x) if (is_dataset(x)) "a dataset" else "a function"

stream_feed <- function(self, x, y, sample_weight, class_weight, batch_size,
                        steps, continues = FALSE, arg = "x", finite = TRUE) {
  refuse_beside(x, y, "y", arg)
  refuse_beside(x, sample_weight, "sample_weight", arg)
  convert <- function(data, finite) {
    batch <- labelled_list(self, data, arg, class_weight, finite)
    batch$size <- tensor_shape(batch$x[[1]])[1]
    check_stateful_batches(self, batch$size)
    check_targets(self, batch)
    batch
  }
  source <- if (is_dataset(x)) {
    if (finite) check_finite_dataset(x, arg)
    dataset_source(x, default_batch_size(batch_size, x$size, steps),
                   function(data) convert(data, FALSE))
  } else {
    function_source(x, function(data) convert(data, finite), arg)
  }
  new_feed(source, steps, continues, arg)
}

refuse_beside <- function(x, other, arg, stream) {
  if (is.null(other)) return(invisible())
  abort_argument(sprintf(
    "`%s` must be NULL where `%s` is %s: it gives list(x, y, sample_weight).",
    arg, stream, describe_stream(x)), arg)
}

# ---- arrays ------------------------------------------------------------------

# Tensors of x, y and weights, checked: finite, of one length, of fitting shape.
labelled_data <- function(self, x, y, sample_weight = NULL,
                          class_weight = NULL, finite = TRUE) {
  if (is.null(x)) abort_argument("`x` must be given.", "x")
  if (is.null(y) && needs_targets(self)) {
    abort_argument("`y` must be given.", "y")
  }
  if (!is.null(self$own)) note_inputs(self, x)
  x <- feed_tensors(x, input_names(self), "x", input_dtypes(self))
  if (is_free_model(self)) ensure_built(self, x)
  y <- if (!is.null(y)) feed_tensors(y, target_names(self), "y")
  if (finite) {
    check_finite(x, "x")
    check_finite(y, "y")
  }
  ensure_built(self, x)
  x <- fit_inputs(self, x, "x")
  if (!is.null(y)) y <- place_targets(self, y)
  weight <- feed_weights(sample_weight, class_weight, y, output_names(self))
  check_same_length(c(x, y, weight),
                    c(labels("x", x), labels("y", y),
                      labels("sample_weight", weight)))
  list(x = x, y = y, weight = weight)
}

labels <- function(arg, tensors) {
  if (length(tensors) == 1L) return(arg)
  sprintf("%s[[%d]]", arg, seq_along(tensors))
}

# list(x, y) or list(x, y, sample_weight).
labelled_list <- function(self, data, arg = "validation_data",
                          class_weight = NULL, finite = TRUE) {
  parts <- c("x", "y", "sample_weight")
  named <- is.list(data) && !is.null(names(data)) &&
    all(names(data) %in% parts) && all(parts[1:2] %in% names(data))
  if (named) data <- unname(data[intersect(parts, names(data))])
  if (!is.list(data) || is.data.frame(data) || !length(data) %in% 2:3) {
    what <- "list(x, y) or list(x, y, sample_weight)"
    must_be(data, arg, if (arg == "x") paste("made of", what) else what)
  }
  labelled_data(self, data[[1]], data[[2]],
                if (length(data) == 3L) data[[3]], class_weight, finite)
}

# The types of the inputs of a built model.
input_dtypes <- function(self) {
  if (!is.null(self$inputs)) vapply(self$inputs, dtype_of, "")
}

# Outputs that have a loss have targets.
target_names <- function(self) {
  names <- output_names(self)
  if (!self$built) return(names)
  losses <- arrange_losses(self$compile_arguments, names)
  given <- !vapply(losses, is.null, NA)
  if (any(given)) names[given] else names
}

# Targets in the order of all outputs, NULL for those without.
place_targets <- function(self, y) {
  names <- output_names(self)
  if (length(y) == length(names)) return(y)
  placed <- vector("list", length(names))
  placed[match(target_names(self), names)] <- y
  placed
}

# Targets whose shape no loss can use are found before the first update, on one
# sample's prediction shape.
check_targets <- function(self, data) {
  if (is.null(data$y)) return(invisible())
  plan <- training_plan(self)
  for (k in plan$with_loss) {
    check_output_data(plan$losses[[k]]$loss, data$y[[k]], data$weight[[k]],
                      shape_of(self$outputs[[k]]))
  }
}

check_batch_size <- function(batch_size, arg = "batch_size") {
  if (!is.null(batch_size)) check_count(batch_size, arg)
}

check_shuffle <- function(x) {
  if (identical(x, "batch")) return(x)
  if (is.character(x)) must_be(x, "shuffle", "TRUE, FALSE or \"batch\"")
  check_flag(x, "shuffle")
}

check_steps <- function(steps, arg) {
  if (is.null(steps)) NULL else check_count(steps, arg)
}

check_split <- function(x) {
  if (!is_number(x) || x < 0 || x >= 1) {
    must_be(x, "validation_split", "a number of at least 0 and below 1")
  }
  as.numeric(x)
}
