# The cell of the GRU layer: one step, for settings without a native kernel and
# for calls by hand. src/core/cell_gru.h has the same equations.

GRUCell <- R6::R6Class(
  "GRUCell",
  inherit = GatedCell,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    gates = 3L,
    reset_after = TRUE,
    config_entries = c(
      "units", "activation", "recurrent_activation", "use_bias",
      initializer_entries, regularizer_entries, constraint_entries, "dropout",
      "recurrent_dropout", "reset_after", "seed"
    ),

    initialize = function(units, ..., reset_after = TRUE) {
      super$initialize(units, ...)
      self$reset_after <- check_flag(reset_after, "reset_after")
    },

    kernel_name = function() {
      if (self$reset_after) "gru" else "gru_reset_before"
    },

    # Reset after its product, the state has a bias of its own.
    bias_shape = function() c(if (self$reset_after) 2L, 3L * self$units),

    step = function(x, states, drops) {
      h <- states[[1]]
      of_x <- self$gates_of_x(x, drops[[1]])
      of_h <- if (self$reset_after) {
        self$gates_of_h(h, drops[[2]])
      } else {
        self$gates_before_reset(h, drops[[2]])
      }
      update <- self$open_gate(op_add(of_x[[1]], of_h[[1]]))
      reset <- self$open_gate(op_add(of_x[[2]], of_h[[2]]))
      kept <- if (self$reset_after) {
        op_multiply(reset, of_h[[3]])
      } else {
        op_matmul(op_multiply(reset, of_h[[3]]), of_h[[4]])
      }
      new <- self$activate(op_add(of_x[[3]], kept))
      h <- op_add(op_multiply(update, h),
                  op_multiply(op_subtract(1, update), new))
      list(h, list(h))
    },

    # The products of the first two gates, and both factors of the third one's.
    gates_before_reset = function(h, drop) {
      weights <- op_split(self$recurrent_kernel, 3L, axis = 2L)
      dropped <- rep(list(h), 3L)
      if (!is.null(drop)) {
        masks <- if (rank_of(drop) == 3L) op_unstack(drop) else
          rep(list(drop), 3L)
        dropped <- lapply(masks, function(mask) op_multiply(h, mask))
      }
      list(op_matmul(dropped[[1]], weights[[1]]),
           op_matmul(dropped[[2]], weights[[2]]), dropped[[3]], weights[[3]])
    }
  )
)

#' Cell of the GRU layer
#'
#' One step of [layer_gru()], from input and state to output and state.
#' [layer_rnn()] runs it over a sequence.
#'
#' @inheritParams layer_gru
#' @inheritParams rnn_cell_lstm
#' @inherit rnn_cell_simple return
#' @inheritSection rnn_cell_simple Errors
#' @family cells
#' @examples
#' cell <- rnn_cell_gru(units = 4)
#' c(output, state) %<-% cell(matrix(0.1, 3, 2), matrix(0, 3, 4))
#' dim(output)
#' @export
rnn_cell_gru <- function(units,
                         activation = "tanh",
                         recurrent_activation = "sigmoid",
                         use_bias = TRUE,
                         kernel_initializer = "glorot_uniform",
                         recurrent_initializer = "orthogonal",
                         bias_initializer = "zeros",
                         kernel_regularizer = NULL,
                         recurrent_regularizer = NULL,
                         bias_regularizer = NULL,
                         kernel_constraint = NULL,
                         recurrent_constraint = NULL,
                         bias_constraint = NULL,
                         dropout = 0,
                         recurrent_dropout = 0,
                         reset_after = TRUE,
                         seed = NULL,
                         ...) {
  units <- check_count(units, "units")
  wrap_layer(make_instance(GRUCell, own_arguments(), ...))
}
