# A stack of cells as one cell: each takes the output of the one below.

StackedRNNCells <- R6::R6Class(
  "StackedRNNCells",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    cells = NULL,

    initialize = function(cells, ...) {
      super$initialize(...)
      if (!is.list(cells) || !length(cells)) {
        must_be(cells, "cells", "a list of cells")
      }
      self$cells <- lapply(unname(cells), as_cell, arg = "cells")
      if (anyDuplicated(self$cells)) {
        abort_argument("`cells` must hold each cell once.", "cells")
      }
      self$nests <- TRUE
    },

    sublayers = function() self$cells,

    create_weights = function(input_shape) {
      for (cell in self$cells) {
        place_inside(cell, self)
        cell$build(input_shape)
        input_shape <- c(input_shape[1], cell_output_size(cell))
      }
      self$input_features <- self$cells[[1]]$input_features
    },

    # `states`: a list of each cell's states, or all of them in one list.
    call = function(inputs, states, mask = NULL, training = FALSE) {
      states <- nest_states(
        check_step_states(states, self, shape_of(inputs)[1]), self)
      if (length(self$cells) == 1L) states <- list(states)
      new <- list()
      for (k in seq_along(self$cells)) {
        step <- cell_step(
          self$cells[[k]], step_drops(self$cells[[k]], inputs, training),
          training
        )
        result <- step(inputs, states[[k]])
        inputs <- result[[1]]
        new <- c(new, result[[2]])
      }
      list(inputs, nest_states(new, self))
    },

    arrange_outputs = function(outputs) {
      list(outputs[[1]], nest_states(outputs[-1], self))
    },

    get_initial_state = function(batch_size) {
      nest_states(initial_states(self, batch_size, self$dtype), self)
    },

    compute_output_shape = function(input_shape) {
      cell_output_shape(self, input_shape)
    },

    layer_config = function() {
      list(cells = lapply(self$cells, function(cell) {
        serialize_object(wrap_layer(cell))
      }))
    }
  ),
  active = list(
    state_size = function() lapply(self$cells, function(cell) cell$state_size),
    output_size = function() cell_output_size(self)
  )
)

from_config_stacked_rnn_cells <- function(config, custom_objects = NULL) {
  config$cells <- lapply(config$cells, deserialize_object, custom_objects)
  wrap_layer(construct(StackedRNNCells$new, config))
}

#' Stack cells into one
#'
#' The first cell takes the input of a step, each further one the output of the
#' cell below. [layer_rnn()] over the stack gives what a row of recurrent layers
#' gives, one per cell.
#'
#' @param cells A list of cells, such as [rnn_cell_simple()], or the first of
#'   several that follow in `...`.
#' @param ... More cells, without names; by name `name`, `dtype` and
#'   `trainable`.
#' @return A cell: a layer that is called as `stack(inputs, states)` and gives
#'   `list(output, states)`, the states being a list of each cell's list.
#' @section Errors: `elman_error_argument` where something is no cell, or one
#'   cell comes twice.
#' @family cells
#' @examples
#' stack <- rnn_cells_stack(rnn_cell_simple(units = 4), rnn_cell_simple(2))
#' layer <- layer_rnn(cell = stack, return_state = TRUE)
#' c(output, low, high) %<-% layer(array(0.1, c(3, 5, 2)))
#' dim(output)
#' dim(low[[1]])
#' @export
rnn_cells_stack <- function(cells, ...) {
  if (missing(cells)) must_be_given("cells", "a list of cells")
  dots <- rlang::dots_list(..., .ignore_empty = "trailing")
  named <- names(dots) %||% character(length(dots))
  if (is_layer(cells)) cells <- list(cells)
  cells <- c(cells, dots[named == ""])
  wrap_layer(make_instance(StackedRNNCells, dots[named != ""], cells = cells))
}
