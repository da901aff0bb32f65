# The long short-term memory layer.

LSTM <- R6::R6Class(
  "LSTM",
  inherit = GatedLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(units, ...) {
      super$initialize(LSTMCell, "lstm_cell", units, ...)
    },

    layer_config = function() {
      c(self$recurrent_config(), entries_of(self, c(
        "units", "activation", "recurrent_activation", "use_bias",
        initializer_entries, "unit_forget_bias", regularizer_entries,
        "activity_regularizer", constraint_entries, "dropout",
        "recurrent_dropout", "seed"
      )))
    }
  ),
  active = delegate("unit_forget_bias", "cell")
)

#' Long short-term memory layer
#'
#' A recurrent layer whose units keep a memory \eqn{c_t} beside their output
#' \eqn{h_t}, and have gates that decide what enters it, what stays and what is
#' shown. With \eqn{z = x_t W + h_{t-1} R + b}{z = x_t W + h_(t-1) R + b} in
#' four parts of `units` columns,
#'
#' \deqn{i = s(z_1), \quad f = s(z_2), \quad g = a(z_3), \quad o = s(z_4)}{i =
#' s(z_1), f = s(z_2), g = a(z_3), o = s(z_4)}
#' \deqn{c_t = f c_{t-1} + i g, \quad h_t = o\, a(c_t)}{c_t = f c_(t-1) + i g,
#' h_t = o a(c_t)}
#'
#' where a is `activation` and s is `recurrent_activation`. The output is
#' \eqn{h_T}, or all \eqn{h_t}.
#'
#' Weights, in this order: `kernel` W (features, 4 units), `recurrent_kernel` R
#' (units, 4 units), `bias` b (4 units), the gates in the order i, f, g, o.
#' Masks mean what they mean in [layer_simple_rnn()].
#'
#' @inheritParams layer_simple_rnn
#' @param activation The function a of candidate and output: a name, a function
#'   such as [activation_relu], or your own made of `op_*`. `NULL` is linear.
#' @param recurrent_activation The function s of the gates, likewise.
#' @param unit_forget_bias Start the bias of the forget gate at 1, the others as
#'   `bias_initializer` says.
#' @param dropout,recurrent_dropout Fractions of the inputs and of the state
#'   \eqn{h_{t-1}}{h_(t-1)} to drop on their way into the products, in training
#'   only. What is kept is scaled by 1 / (1 - rate). Masks are drawn per call
#'   and sample and serve all its steps: one for the input of all gates, or,
#'   where `recurrent_dropout` is above 0, one for each gate, of input and state
#'   both. A rate of 1 is taken for none.
#' @param return_state Also return the last states.
#' @param use_cudnn Accepted: `"auto"`, `TRUE` or `FALSE`. There is one
#'   implementation.
#' @param ... As in [layer_simple_rnn()]; and `implementation`, 1 to draw input
#'   masks for each gate, 2 (the default) not to.
#'
#' @section Call arguments:
#' `layer(sequence, mask = NULL, training = NULL, initial_state = NULL)`, as in
#' [layer_simple_rnn()]; `initial_state` is a list of \eqn{h_0} and \eqn{c_0},
#' both (batch, units).
#'
#' @return A layer, the model (invisibly), or what the layer gives:
#'   (batch, units), or (batch, time, units) with `return_sequences`; with
#'   `return_state` a list of that and the last h and c, both (batch, units).
#'   For an R array it is an R array, for a tensor a tensor.
#'
#' @inheritSection layer_simple_rnn Errors
#'
#' @section Compatibility:
#' As in keras3, with these differences. A dropout rate outside 0 to 1 is an
#' error, where Keras cuts it. Shapes of `mask` and `initial_state` must fit
#' exactly, where Keras may broadcast, and a stateful layer refuses a partial
#' batch. `batch_size` and `batch_input_shape`, gone from Keras 3, are accepted,
#' and so is `use_cudnn = TRUE` without a graphics card.
#'
#' @source Hochreiter, S. and Schmidhuber, J. (1997). Long short-term memory.
#'   *Neural Computation* 9(8), 1735-1780. \doi{10.1162/neco.1997.9.8.1735}
#'
#'   Gers, F. A., Schmidhuber, J. and Cummins, F. (2000). Learning to forget.
#'   *Neural Computation* 12(10), 2451-2471. \doi{10.1162/089976600300015015}
#' @seealso [layer_gru()], [layer_simple_rnn()], [layer_bidirectional()],
#'   [rnn_cell_lstm()]
#' @examples
#' inputs <- random_uniform(c(32, 10, 8))
#' lstm <- layer_lstm(units = 4)
#' dim(lstm(inputs))
#'
#' lstm <- layer_lstm(units = 4, return_sequences = TRUE, return_state = TRUE)
#' c(whole_sequence_output, final_memory_state, final_carry_state) %<-%
#'   lstm(inputs)
#' dim(whole_sequence_output)
#' @export
layer_lstm <- function(object,
                       units,
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
                       use_cudnn = "auto",
                       ...) {
  units <- check_count(units, "units")
  arguments <- own_arguments(without = "object")
  compose_layer(object, function() make_instance(LSTM, arguments, ...))
}
