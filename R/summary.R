# The table of a model's layers, drawn with box characters.

#' Summary of a model
#'
#' @param object,x A model.
#' @param ... For `summary()`: `line_length` (the width, `getOption("width")`
#'   unless given) and `show_trainable` (a column that says which layers are
#'   trained; shown by itself where a layer is not). `print()` passes them on.
#' @return `summary()` gives the text, `print()` the model, both invisibly.
#' @details Shapes begin with the batch, `None` where it is not fixed. Once a
#'   model has been trained, the optimizer's own numbers count as parameters, as
#'   in Keras.
#' @examples
#' model <- keras_model_sequential(input_shape = c(10, 2)) |>
#'   layer_simple_rnn(4) |>
#'   layer_dense(1)
#' summary(model)
#' @export
summary.elman_model <- function(object, ...) {
  text <- format(object, ...)
  cat(text, sep = "\n")
  invisible(paste(text, collapse = "\n"))
}

#' @rdname summary.elman_model
#' @export
print.elman_model <- function(x, ...) {
  cat(format(x, ...), sep = "\n")
  invisible(x)
}

#' @export
format.elman_model <- function(x, ..., line_length = getOption("width"),
                               show_trainable = NULL) {
  self <- as_model(x)
  show_trainable <- show_trainable %||%
    (self$built && length(self$non_trainable_weights) > 0L)
  table <- summary_table(self, show_trainable)
  widths <- column_widths(table$positions, min(line_length, 180L))
  c(
    sprintf("Model: \"%s\"", self$name),
    box_table(table$header, table$rows, widths, table$align),
    summary_counts(self)
  )
}

# ---- what stands in the table ------------------------------------------------

summary_table <- function(self, show_trainable) {
  branching <- is_branching(self)
  rows <- lapply(self$listed_layers(), function(layer) {
    c(sprintf("%s (%s)", layer$name, layer$classes[1]), layer_shape(layer),
      layer_params(layer), if (branching) layer_sources(layer, self),
      if (show_trainable) trainable_mark(layer))
  })
  positions <- if (branching) c(0.3, 0.56, 0.74, 1) else c(0.45, 0.8, 1)
  if (show_trainable) positions <- c(positions * 0.9, 1)
  list(
    header = c("Layer (type)", "Output Shape", "Param #",
               if (branching) "Connected to", if (show_trainable) "Trainable"),
    align = c("left", "left", "right", if (branching) "left",
              if (show_trainable) "center"),
    rows = rows,
    positions = positions
  )
}

# "(None, 10, 4)", with several outputs "[(None, 4), (None, 4)]".
layer_shape <- function(layer) {
  if (!length(layer$calls) && is.null(layer$outputs)) {
    return(built_layer_shape(layer))
  }
  outputs <- if (length(layer$calls)) {
    layer$calls[[length(layer$calls)]]$outputs
  } else {
    layer$outputs
  }
  shapes <- vapply(outputs, function(t) keras_shape(shape_of(t)), "")
  if (length(shapes) == 1L) return(shapes)
  paste0("[", paste(shapes, collapse = ", "), "]")
}

# Of a layer that a model of the user's own calls.
built_layer_shape <- function(layer) {
  shape <- layer$get_build_config()$input_shape
  if (is.null(shape)) return("?")
  shapes <- tryCatch(layer$compute_output_shape(shape),
                     error = function(e) NULL)
  if (is.null(shapes)) return("?")
  shapes <- vapply(if (is.list(shapes)) shapes else list(shapes), function(s) {
    keras_shape(c(NA, s[-1]))
  }, "")
  if (length(shapes) == 1L) return(shapes)
  paste0("[", paste(shapes, collapse = ", "), "]")
}

keras_shape <- function(shape) {
  sizes <- ifelse(is.na(shape), "None", format_sizes(shape))
  paste0("(", paste(sizes, collapse = ", "), if (length(shape) == 1L) ",", ")")
}

layer_params <- function(layer) {
  if (!layer$built) return("0 (unbuilt)")
  format(layer$count_params(), big.mark = ",", trim = TRUE)
}

trainable_mark <- function(layer) {
  if (!length(layer$weights)) "-" else if (layer$trainable) "Y" else "N"
}

# Do branches meet or part in a functional model?
is_branching <- function(self) {
  if (is.null(self$nodes) || is.null(self$graph)) return(FALSE)
  several <- vapply(self$nodes, function(node) length(node$inputs) > 1L, NA)
  shared <- length(self$nodes) > length(self$operations)
  any(several) || any(duplicated(self$depths)) || shared
}

# Such as "input_layer[0][0], memory[0][0]".
layer_sources <- function(layer, self) {
  nodes <- Filter(function(node) identical(node$operation, layer), self$nodes)
  sources <- unlist(lapply(nodes, function(node) {
    vapply(node$inputs, function(tensor) {
      parent <- .subset2(tensor, "node")
      calls <- if (is_instance(parent$operation)) parent$operation$calls
      call <- if (length(calls)) index_of(parent, calls) else 1L
      if (is.na(call)) call <- 1L
      sprintf("%s[%d][%d]", parent$operation$name, call - 1L,
              .subset2(tensor, "index") - 1L)
    }, "")
  }))
  if (length(sources)) paste(sources, collapse = ", ") else "-"
}

summary_counts <- function(self) {
  trained <- self$trainable_weights
  frozen <- self$non_trainable_weights
  optimizer <- if (self$compiled && self$optimizer$built) {
    self$optimizer$variables
  }
  lines <- c(
    count_line("Total", c(trained, frozen, optimizer), !is.null(optimizer)),
    count_line("Trainable", trained),
    count_line("Non-trainable", frozen),
    if (!is.null(optimizer)) count_line("Optimizer", optimizer, TRUE)
  )
  lines
}

# " Trainable params: 857 (3.35 KB)". Keras keeps the iteration in 8 bytes.
count_line <- function(what, variables, iteration = FALSE) {
  count <- sum(vapply(variables, function(v) prod(shape_of(v)), 0))
  bytes <- sum(vapply(variables, function(v) {
    prod(shape_of(v)) * if (dtype_of(v) == "float64") 8 else 4
  }, 0)) + 4 * iteration
  sprintf(" %s params: %s (%s)", what,
          format(count, big.mark = ",", trim = TRUE, scientific = FALSE),
          memory_size(bytes))
}

memory_size <- function(bytes) {
  units <- c("B", "KB", "MB", "GB", "TB", "PB")
  power <- if (bytes < 1) 0 else min(floor(log(bytes, 1024)), 5)
  sprintf("%.2f %s", bytes / 1024^power, units[power + 1])
}

# ---- drawing -----------------------------------------------------------------

# Widths of the text in the columns. Each column ends at its share of the line;
# the bars and blanks between columns are then taken off evenly.
column_widths <- function(positions, line_length) {
  widths <- diff(c(0L, as.integer(positions * line_length)))
  n <- length(widths)
  excess <- sum(widths) + 3L * n + 1L - line_length
  for (k in seq_len(n)) {
    part <- round(excess / (n - k + 1L))
    widths[k] <- widths[k] - part
    excess <- excess - part
  }
  pmax(as.integer(widths), 4L)
}

box_table <- function(header, rows, widths, align) {
  rule <- function(left, line, middle, right) {
    paste0(left, paste(strrep(line, widths + 2L), collapse = middle), right)
  }
  between <- rule("\u251c", "\u2500", "\u253c", "\u2524")
  body <- lapply(rows, table_row, widths, align, "\u2502")
  body <- unlist(lapply(seq_along(body), function(k) {
    c(if (k > 1L) between, body[[k]])
  }))
  c(
    rule("\u250f", "\u2501", "\u2533", "\u2513"),
    table_row(header, widths, align, "\u2503"),
    rule("\u2521", "\u2501", "\u2547", "\u2529"),
    body,
    rule("\u2514", "\u2500", "\u2534", "\u2518")
  )
}

# One row, on as many lines as its longest cell needs.
table_row <- function(cells, widths, align, bar) {
  lines <- Map(wrap_cell, cells, widths)
  height <- max(lengths(lines))
  padded <- Map(function(text, width, side) {
    text <- c(text, rep("", height - length(text)))
    justify <- switch(side, left = "left", right = "right", "centre")
    paste0(" ", formatted(text, width, justify), " ")
  }, lines, widths, align)
  paste0(bar, do.call(paste, c(unname(padded), sep = bar)), bar)
}

formatted <- function(text, width, justify) {
  format(text, width = width, justify = justify)
}

# Breaks at blanks; words that are too long are cut.
wrap_cell <- function(text, width) {
  lines <- character()
  line <- ""
  for (word in strsplit(text, " ", fixed = TRUE)[[1]]) {
    joined <- if (nzchar(line)) paste(line, word) else word
    if (nchar(joined) <= width) {
      line <- joined
      next
    }
    if (nzchar(line)) lines <- c(lines, line)
    line <- if (nchar(word) > width) {
      paste0(substr(word, 1L, width - 1L), "\u2026")
    } else {
      word
    }
  }
  c(lines, line)
}
