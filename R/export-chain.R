# A model as a chain of layers, for the formats that it is exported into: models
# inside of it taken apart, layers that do nothing in inference left out.

# Layers that only training knows, or that do nothing at all.
training_layers <- c("Dropout", "AlphaDropout", "GaussianDropout",
                     "GaussianNoise", "SpatialDropout1D",
                     "ActivityRegularization", "Identity")

# list(name, layers, input, what, takes, kind): the layers in a row; the
# symbolic input; what the model becomes, for errors; what goes in and what
# comes out, a "vector" or a "sequence".
export_chain <- function(model, what) {
  self <- as_model(model, "model")
  if (!self$built) {
    abort_state(paste("The model must be built first: give it an input shape,",
                      "or call it on data."))
  }
  if (length(self$inputs) != 1L || length(self$outputs) != 1L) {
    refuse_export(self, what, "it has several inputs or outputs")
  }
  input <- self$inputs[[1]]
  layers <- flat_layers(self, what)
  kind <- input_kind(input, layers, what)
  chain <- list(name = self$name, layers = list(), input = input, what = what,
                takes = kind, kind = kind)
  for (layer in layers) chain <- join_chain(chain, layer)
  if (!length(layers)) refuse_export(self, what, "it has no layers")
  chain
}

# The numbers that go in at each step.
input_width <- function(chain) {
  if (chain$layers[[1]]$classes[1] == "Embedding") return(1L)
  shape <- shape_of(chain$input)
  width <- shape[length(shape)]
  if (is.na(width)) {
    refuse_export(chain$layers[[1]], chain$what,
                  "the size of what it takes is not known")
  }
  width
}

input_kind <- function(input, layers, what) {
  rank <- length(shape_of(input))
  ids <- length(layers) && layers[[1]]$classes[1] == "Embedding"
  if (rank == 3L && !ids || rank == 2L && ids) return("sequence")
  if (rank == 2L) return("vector")
  abort_argument(sprintf(paste(
    "`model` must take sequences [batch, time, features], ids [batch, time] or",
    "vectors [batch, features] to become %s, not %s."), what,
    format_shape(shape_of(input))), "model")
}

join_chain <- function(chain, layer) {
  recurrent <- layer$classes[1] %in% c(recurrent_classes, "Bidirectional")
  if (recurrent && chain$kind != "sequence") {
    refuse_export(layer, chain$what, "it does not follow a sequence")
  }
  if (layer$classes[1] == "Embedding" && length(chain$layers)) {
    refuse_export(layer, chain$what, "it is not the first layer")
  }
  if (recurrent && layer$return_state) {
    refuse_export(layer, chain$what, "it returns its states")
  }
  chain$layers <- c(chain$layers, list(layer))
  if (recurrent && !layer$return_sequences) chain$kind <- "vector"
  chain
}

# ---- layers in a row ---------------------------------------------------------

flat_layers <- function(self, what) {
  layers <- switch(self$classes[1],
    Sequential = self$stack,
    Functional = graph_layers(self, what),
    refuse_export(self, what, "it is of a class of your own")
  )
  flat <- lapply(layers, function(layer) {
    if (layer$classes[1] %in% training_layers) return(list())
    if (is_model_instance(layer)) return(flat_layers(layer, what))
    list(layer)
  })
  unlist(flat, recursive = FALSE)
}

# Of a functional model, if each layer takes nothing but what the one before it
# gives.
graph_layers <- function(self, what) {
  at <- self$inputs[[1]]
  layers <- list()
  for (node in self$nodes) {
    if (!length(node$inputs)) next
    operation <- node$operation
    alone <- is_instance(operation) && length(node$inputs) == 1L &&
      identical(node$inputs[[1]], at) && length(node$outputs) == 1L &&
      sum(!vapply(node$arguments, is.null, NA)) == 1L
    if (!alone) {
      refuse_export(operation, what,
                    "its place is not in one row with the others")
    }
    at <- node$outputs[[1]]
    layers <- c(layers, list(operation))
  }
  if (!identical(at, self$outputs[[1]])) {
    refuse_export(self, what, "its output is not that of its last layer")
  }
  layers
}

# ---- parts of layers ---------------------------------------------------------

recurrent_classes <- c("SimpleRNN", "LSTM", "GRU", "RNN")

native_cells <- c("SimpleRNNCell", "LSTMCell", "GRUCell")

# The cells of a recurrent layer, the first to the last.
export_cells <- function(layer, what) {
  cells <- if (layer$cell$classes[1] == "StackedRNNCells") {
    layer$cell$cells
  } else {
    list(layer$cell)
  }
  for (cell in cells) {
    if (!cell$classes[1] %in% native_cells) {
      refuse_export(layer, what, sprintf("its cell is a %s", cell$classes[1]))
    }
  }
  cells
}

# The name of an activation of the package's.
export_activation <- function(f, layer, what) {
  name <- activation_name(f)
  if (is.null(name)) {
    refuse_export(layer, what, "its activation is a function of your own")
  }
  name
}

# The numbers of a weight in row-major order; NULL stays NULL.
export_numbers <- function(weight, layer, what) {
  if (is.null(weight)) return(NULL)
  numbers <- as.numeric(as_tensor(weight))
  if (!all(is.finite(numbers))) {
    refuse_export(layer, what, "its weights are not all finite numbers")
  }
  numbers
}

refuse_export <- function(part, what, reason = NULL) {
  kind <- if (!is_instance(part)) "operation" else
    if ("elman_model" %in% part$classes) "model" else "layer"
  class <- if (kind != "operation") sprintf(" (%s)", part$classes[1])
  abort_argument(sprintf(
    "`model` has the %s `%s`%s, which cannot become %s%s.", kind, part$name,
    class %||% "", what, if (is.null(reason)) "" else paste0(": ", reason)
  ), "model")
}
