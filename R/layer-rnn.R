# The recurrent layer over any cell.

RNN <- R6::R6Class(
  "RNN",
  inherit = RecurrentLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(cell, ...) {
      super$initialize(...)
      self$cell <- as_cell(cell, dtype = self$dtype)
      if (!is_native_cell(self$cell)) {
        self$input_axes <- NULL
        self$min_ndim <- 3L
      }
      self$nests <- TRUE
    },

    layer_config = function() {
      c(self$recurrent_config(),
        list(cell = serialize_object(wrap_layer(self$cell))))
    }
  )
)

from_config_rnn <- function(config, custom_objects = NULL) {
  config$cell <- deserialize_object(config$cell, custom_objects)
  wrap_layer(construct(RNN$new, config))
}

#' Recurrent layer over a cell
#'
#' Runs a cell over the steps of a sequence: \eqn{(y_t, s_t) = cell(x_t,
#' s_{t-1})}{(y_t, s_t) = cell(x_t, s_(t-1))}. Cells of the package run in the
#' native kernels, as their layers do; a cell of your own runs step by step.
#'
#' @inheritParams layer_simple_rnn
#' @param cell A cell: [rnn_cell_simple()], a stack of [rnn_cells_stack()], a
#'   list of cells, which is stacked, or a layer of your own (see below).
#' @param unroll Accepted: results do not depend on it.
#' @param zero_output_for_mask `TRUE`: masked steps give zeros; `FALSE`: they
#'   repeat the output before.
#' @param ... `name`, `dtype`, `trainable`, `input_shape` and the like, see
#'   [layer_simple_rnn()].
#'
#' @section Shapes: Input `[batch, time, ...]`; output `[batch, output_size]`,
#'   or `[batch, time, output_size]` with `return_sequences`. With
#'   `return_state` a list of that and the states; of a stack of several cells
#'   each cell's states are a list of their own.
#' @section Call arguments: `mask`, `training` and `initial_state` as in
#'   [layer_simple_rnn()]; `initial_state` is a list with one tensor a state, or
#'   nested as a stack gives them.
#' @section A cell of your own: A layer with a method `call(inputs, states)` (or
#'   `call(inputs, states, training)`), which gives `list(output, states)` for
#'   one step, and `state_size`, a whole number for each state. `states` is a
#'   list. `output_size` is the first state's where it is not there, and
#'   `get_initial_state(batch_size)` gives the first states in place of zeros.
#' @inherit layer_simple_rnn return
#' @section Errors: `elman_error_argument` where `cell` is none, or gives
#'   something else than an output and as many states as it takes;
#'   `elman_error_shape` as for [layer_simple_rnn()].
#' @family cells
#' @examples
#' x <- array(0.1, c(3, 5, 2))
#' layer <- layer_rnn(cell = rnn_cell_simple(units = 4))
#' dim(layer(x))
#'
#' stacked <- layer_rnn(cell = list(rnn_cell_simple(4), rnn_cell_simple(2)),
#'                      return_sequences = TRUE)
#' dim(stacked(x))
#' @export
layer_rnn <- function(object,
                      cell,
                      return_sequences = FALSE,
                      return_state = FALSE,
                      go_backwards = FALSE,
                      stateful = FALSE,
                      unroll = FALSE,
                      zero_output_for_mask = FALSE,
                      ...) {
  if (missing(cell)) must_be_given("cell", "a cell or a list of cells")
  compose_layer(object, function() {
    RNN$new(
      cell = cell,
      return_sequences = return_sequences,
      return_state = return_state,
      go_backwards = go_backwards,
      stateful = stateful,
      unroll = unroll,
      zero_output_for_mask = zero_output_for_mask,
      ...
    )
  })
}
