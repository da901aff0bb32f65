# The simple recurrent layer: Elman's network over a batch of sequences.

SimpleRNN <- R6::R6Class(
  "SimpleRNN",
  inherit = CellLayer,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(units, ...) {
      super$initialize(SimpleRNNCell, "simple_rnn_cell", units, ...)
    },

    # Keras loses the seed.
    layer_config = function() {
      c(self$recurrent_config(), entries_of(self, c(
        "units", "activation", "use_bias", initializer_entries,
        regularizer_entries, "activity_regularizer", constraint_entries,
        "dropout", "recurrent_dropout", if (!is.null(self$seed)) "seed"
      )))
    }
  )
)

#' Simple recurrent layer
#'
#' A fully connected recurrent layer whose output is fed back as part of its
#' next input: Elman's network. With \eqn{x_t} of shape (batch, features) and
#' \eqn{h_0} zeros or the state given,
#'
#' \deqn{h_t = f(x_t W + h_{t-1} R + b)}{h_t = f(x_t W + h_(t-1) R + b)}
#'
#' where f is `activation`. The output is \eqn{h_T}, or all \eqn{h_t}.
#'
#' Weights, in this order: `kernel` W (features, units), `recurrent_kernel` R
#' (units, units), `bias` b (units).
#'
#' Where the mask of a sample is `FALSE`, its state stays as it is and its
#' output repeats the one before: zeros before the first step that counts. The
#' gradient passes through such a step unchanged.
#'
#' @param object What the layer is composed with. Missing or `NULL`: the layer
#'   is returned. A sequential model: the layer is added to it, in place. A
#'   tensor, symbolic tensor or R array (batch, time, features): the layer is
#'   called on it.
#' @param units Number of units, a positive whole number.
#' @param activation The function f: a name, a function such as
#'   [activation_relu], or your own made of `op_*`. `NULL` is linear.
#' @param use_bias Whether there is a bias b.
#' @param kernel_initializer,recurrent_initializer,bias_initializer How the
#'   weights start, see [initializers]: a name, object, function of
#'   `(shape, dtype)` or array.
#' @param kernel_regularizer,recurrent_regularizer,bias_regularizer Penalties on
#'   the weights, see [regularizers].
#' @param activity_regularizer Penalty on each output, divided by the batch
#'   size.
#' @param kernel_constraint,recurrent_constraint,bias_constraint Applied to the
#'   weights after each update, see [constraints].
#' @param dropout,recurrent_dropout Fractions from 0 to 1 of the inputs
#'   \eqn{x_t} and of the state \eqn{h_{t-1}}{h_(t-1)} to drop on their way into
#'   the products, in training only. What is kept is scaled by 1 / (1 - rate).
#'   One mask is drawn per call and sample and serves all its steps.
#' @param return_sequences Return all outputs, or the last one.
#' @param return_state Also return the last state.
#' @param go_backwards Go from the last step to the first. Sequences are
#'   returned in the order of processing.
#' @param stateful Start each call from the last state of the call before,
#'   sample by sample; needs a fixed batch size. [reset_state()] puts zeros.
#' @param unroll Accepted; the numbers and the speed are the same.
#' @param seed A whole number that fixes the dropout masks, or `NULL`: then they
#'   follow R's generator.
#' @param ... `name`, `dtype` (`"float32"` or `"float64"`), `trainable`,
#'   `autocast`; `zero_output_for_mask` (`TRUE`: masked steps output zeros);
#'   for the first layer of a sequential model `input_shape` (time, features),
#'   `input_dim`, `input_length`, `batch_size`, `batch_input_shape`; `weights`,
#'   a list of arrays to start from.
#'
#' @section Call arguments:
#' `layer(sequence, mask = NULL, training = NULL, initial_state = NULL)`
#'
#' * `sequence`: (batch, time, features).
#' * `mask`: (batch, time), `TRUE` for the steps to use. Without it, the mask
#'   that comes with `sequence` is used, unless `initial_state` is given.
#' * `training`: whether to drop; `NULL` follows the model around, else `FALSE`.
#' * `initial_state`: \eqn{h_0} (batch, units), as it is or in a list.
#'
#' @return A layer, the model (invisibly), or what the layer gives:
#'   (batch, units), or (batch, time, units) with `return_sequences`; with
#'   `return_state` a list of that and the last state (batch, units). For an R
#'   array it is an R array, for a tensor a tensor.
#'
#' @section Errors:
#' `elman_error_argument` for an argument out of range or an unknown name;
#' `elman_error_shape` where the input has not three axes or another number of
#' features than before, where `mask` or `initial_state` does not fit, and where
#' a stateful layer meets an unknown or another batch size.
#'
#' @section Compatibility:
#' As in keras3, with these differences. `activity_regularizer` works: Keras
#' 3.15 takes it and silently drops it. A dropout rate outside 0 to 1 is an
#' error, where Keras cuts it. Shapes of `mask` and `initial_state` must fit
#' exactly, where Keras may broadcast, and a stateful layer refuses a partial
#' batch. `batch_size` and `batch_input_shape`, gone from Keras 3, are accepted.
#' `get_config()` keeps `seed`, which Keras loses.
#'
#' @source Elman, J. L. (1990). Finding structure in time. *Cognitive Science*
#'   14(2), 179-211. \doi{10.1207/s15516709cog1402_1}
#' @seealso [layer_rnn()] for other cells, [rnn_cell_simple()],
#'   [layer_bidirectional()], [layer_dense()], [reset_state()]
#' @examples
#' inputs <- random_uniform(c(32, 10, 8))
#' simple_rnn <- layer_simple_rnn(units = 4)
#' output <- simple_rnn(inputs)
#' dim(output)
#'
#' simple_rnn <- layer_simple_rnn(
#'   units = 4, return_sequences = TRUE, return_state = TRUE
#' )
#' c(whole_sequence_output, final_state) %<-% simple_rnn(inputs)
#' dim(whole_sequence_output)
#' dim(final_state)
#' @export
layer_simple_rnn <- function(object,
                             units,
                             activation = "tanh",
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
                             return_sequences = FALSE,
                             return_state = FALSE,
                             go_backwards = FALSE,
                             stateful = FALSE,
                             unroll = FALSE,
                             seed = NULL,
                             ...) {
  units <- check_count(units, "units")
  arguments <- own_arguments(without = "object")
  compose_layer(object, function() make_instance(SimpleRNN, arguments, ...))
}
