# The cell of the LSTM layer: one step, for settings without a native kernel and
# for calls by hand. src/core/cell_lstm.h has the same equations.

LSTMCell <- R6::R6Class(
  "LSTMCell",
  inherit = GatedCell,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    gates = 4L,
    unit_forget_bias = TRUE,
    config_entries = c(
      "units", "activation", "recurrent_activation", "use_bias",
      "unit_forget_bias", initializer_entries, regularizer_entries,
      constraint_entries, "dropout", "recurrent_dropout", "seed"
    ),

    initialize = function(units, ..., unit_forget_bias = TRUE) {
      super$initialize(units, ...)
      self$unit_forget_bias <- check_flag(unit_forget_bias, "unit_forget_bias")
      self$state_size <- c(self$units, self$units)
    },

    kernel_name = function() "lstm",

    # Ones for the forget gate. Values given for the whole bias stay.
    first_bias = function() {
      initializer <- self$bias_initializer
      if (!self$unit_forget_bias || !is.function(initializer)) {
        return(initializer)
      }
      function(shape, dtype) {
        part <- function(gates) {
          initial_value(initializer, gates * self$units, dtype,
                        paste0(self$path, "/bias"))
        }
        op_concatenate(list(part(1L), op_ones(self$units, dtype), part(2L)))
      }
    },

    step = function(x, states, drops) {
      z <- Map(op_add, self$gates_of_x(x, drops[[1]]),
               self$gates_of_h(states[[1]], drops[[2]]))
      input <- self$open_gate(z[[1]])
      forget <- self$open_gate(z[[2]])
      carry <- op_add(op_multiply(forget, states[[2]]),
                      op_multiply(input, self$activate(z[[3]])))
      h <- op_multiply(self$open_gate(z[[4]]), self$activate(carry))
      list(h, list(h, carry))
    }
  )
)

#' Cell of the LSTM layer
#'
#' One step of [layer_lstm()], from input and states to output and states.
#' [layer_rnn()] runs it over a sequence.
#'
#' @inheritParams layer_lstm
#' @inheritParams rnn_cell_simple
#' @param ... `name`, `dtype`, `trainable`, `weights`, a list of arrays, and
#'   `implementation`, see [layer_lstm()].
#' @return A cell: a layer that is called as `cell(inputs, states, training =
#'   NULL)` with `inputs` `[batch, features]` and `states` a list of h and c,
#'   both `[batch, units]`. It gives `list(output, states)`; the output is the
#'   new h.
#' @inheritSection rnn_cell_simple Errors
#' @family cells
#' @examples
#' cell <- rnn_cell_lstm(units = 4)
#' zeros <- matrix(0, 3, 4)
#' c(output, states) %<-% cell(matrix(0.1, 3, 2), list(zeros, zeros))
#' dim(output)
#'
#' cells <- list(rnn_cell_lstm(units = 4), rnn_cell_gru(units = 3))
#' rnn <- layer_rnn(cell = cells)
#' dim(rnn(array(0.1, c(2, 5, 3))))
#' @export
rnn_cell_lstm <- function(units,
                          activation = "tanh",
                          recurrent_activation = "sigmoid",
                          use_bias = TRUE,
                          kernel_initializer = "glorot_uniform",
                          recurrent_initializer = "orthogonal",
                          bias_initializer = "zeros",
                          unit_forget_bias = TRUE,
                          kernel_regularizer = NULL,
                          recurrent_regularizer = NULL,
                          bias_regularizer = NULL,
                          kernel_constraint = NULL,
                          recurrent_constraint = NULL,
                          bias_constraint = NULL,
                          dropout = 0,
                          recurrent_dropout = 0,
                          seed = NULL,
                          ...) {
  units <- check_count(units, "units")
  wrap_layer(make_instance(LSTMCell, own_arguments(), ...))
}
