# The cell of the simple recurrent layer: one step, and the weights it needs.
#
#   h_t = activation(x_t W + h_{t-1} R + b)

SimpleRNNCell <- R6::R6Class(
  "SimpleRNNCell",
  inherit = NativeCell,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    config_entries = c(
      "units", "activation", "use_bias", initializer_entries,
      regularizer_entries, constraint_entries, "dropout", "recurrent_dropout",
      "seed"
    ),

    kernel_name = function() "simple",

    step = function(x, states, drops) {
      h <- states[[1]]
      if (!is.null(drops[[1]])) x <- op_multiply(x, drops[[1]])
      kept <- if (is.null(drops[[2]])) h else op_multiply(h, drops[[2]])
      z <- op_add(op_matmul(x, self$kernel),
                  op_matmul(kept, self$recurrent_kernel))
      if (!is.null(self$bias)) z <- op_add(z, self$bias)
      y <- self$activation(z)
      check_step(y, z)
      list(y, list(y))
    }
  )
)

#' Cell of the simple recurrent layer
#'
#' One step of [layer_simple_rnn()]: \eqn{h_t = f(x_t W + h_{t-1} R + b)}{h_t =
#' f(x_t W + h_(t-1) R + b)}. [layer_rnn()] runs it over a sequence.
#'
#' @inheritParams layer_simple_rnn
#' @param dropout,recurrent_dropout Fractions from 0 to 1 of the input and of
#'   the state to drop on their way into the products, in training only.
#' @param ... `name`, `dtype`, `trainable`, and `weights`, a list of arrays.
#' @return A cell: a layer that is called as `cell(inputs, states, training =
#'   NULL)` with `inputs` `[batch, features]` and `states` `[batch, units]`,
#'   alone or in a list. It gives `list(output, states)`.
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where `inputs` or `states` do not fit.
#' @family cells
#' @examples
#' cell <- rnn_cell_simple(units = 4)
#' c(output, states) %<-% cell(matrix(0.1, 3, 2), list(matrix(0, 3, 4)))
#' dim(output)
#' @export
rnn_cell_simple <- function(units,
                            activation = "tanh",
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
                            seed = NULL,
                            ...) {
  units <- check_count(units, "units")
  wrap_layer(make_instance(SimpleRNNCell, own_arguments(), ...))
}
