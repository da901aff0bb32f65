# The gated recurrent unit layer.

GRU <- R6::R6Class(
  "GRU",
  inherit = GatedLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(units, ...) {
      super$initialize(GRUCell, "gru_cell", units, ...)
    },

    layer_config = function() {
      c(self$recurrent_config(), entries_of(self, c(
        "units", "activation", "recurrent_activation", "use_bias",
        initializer_entries, regularizer_entries, "activity_regularizer",
        constraint_entries, "dropout", "recurrent_dropout", "reset_after",
        "seed"
      )))
    }
  ),
  active = delegate("reset_after", "cell")
)

#' Gated recurrent unit layer
#'
#' A recurrent layer whose units have a gate z that mixes the state before with
#' a candidate g, and a gate r that resets what the candidate sees of that
#' state:
#'
#' \deqn{z = s(x_t W_z + h_{t-1} R_z + b_z), \quad r = s(x_t W_r + h_{t-1} R_r +
#' b_r)}{z = s(x_t W_z + h_(t-1) R_z + b_z), r = s(x_t W_r + h_(t-1) R_r + b_r)}
#' \deqn{g = a(x_t W_g + b_g + r (h_{t-1} R_g + q_g))}{g = a(x_t W_g + b_g + r
#' (h_(t-1) R_g + q_g))}
#' \deqn{h_t = z h_{t-1} + (1 - z) g}{h_t = z h_(t-1) + (1 - z) g}
#'
#' where a is `activation` and s is `recurrent_activation`. With `reset_after =
#' FALSE` the reset comes before the product: \eqn{g = a(x_t W_g + b_g + (r
#' h_{t-1}) R_g)}{g = a(x_t W_g + b_g + (r h_(t-1)) R_g)}. The output is
#' \eqn{h_T}, or all \eqn{h_t}.
#'
#' Weights, in this order: `kernel` W (features, 3 units), `recurrent_kernel` R
#' (units, 3 units), `bias`, the gates in the order z, r, g. The bias is
#' (2, 3 units), one row for the input and one, q, for the state; with
#' `reset_after = FALSE` it is (3 units). Masks mean what they mean in
#' [layer_simple_rnn()].
#'
#' @inheritParams layer_lstm
#' @param activation The function a of the candidate: a name, a function such as
#'   [activation_relu], or your own made of `op_*`. `NULL` is linear.
#' @param return_state Also return the last state.
#' @param reset_after Reset the state after its product with R, or before.
#'
#' @section Call arguments:
#' `layer(sequence, mask = NULL, training = NULL, initial_state = NULL)`, as in
#' [layer_simple_rnn()].
#'
#' @inherit layer_simple_rnn return
#' @inheritSection layer_simple_rnn Errors
#' @inheritSection layer_lstm Compatibility
#'
#' @source Cho, K. et al. (2014). Learning phrase representations using RNN
#'   encoder-decoder for statistical machine translation. *EMNLP*, 1724-1734.
#'   \doi{10.3115/v1/D14-1179}
#' @seealso [layer_lstm()], [layer_simple_rnn()], [layer_bidirectional()],
#'   [rnn_cell_gru()]
#' @examples
#' inputs <- random_uniform(c(32, 10, 8))
#' gru <- layer_gru(units = 4, return_sequences = TRUE, return_state = TRUE)
#' c(whole_sequence_output, final_state) %<-% gru(inputs)
#' dim(whole_sequence_output)
#' dim(final_state)
#' @export
layer_gru <- function(object,
                      units,
                      activation = "tanh",
                      recurrent_activation = "sigmoid",
                      use_bias = TRUE,
                      kernel_initializer = "glorot_uniform",
                      recurrent_initializer = "orthogonal",
                      bias_initializer = "zeros",
                      kernel_regularizer = NULL,
                      recurrent_regularizer = NULL,
                      bias_regularizer = NULL,
                      activity_regularizer = NULL,
                      kernel_constraint = NULL,
                      recurrent_constraint = NULL,
                      bias_constraint = NULL,
                      dropout = 0,
                      recurrent_dropout = 0,
                      seed = NULL,
                      return_sequences = FALSE,
                      return_state = FALSE,
                      go_backwards = FALSE,
                      stateful = FALSE,
                      unroll = FALSE,
                      reset_after = TRUE,
                      use_cudnn = "auto",
                      ...) {
  units <- check_count(units, "units")
  arguments <- own_arguments(without = "object")
  compose_layer(object, function() make_instance(GRU, arguments, ...))
}
