# The help page that says what differs from keras3.

#' What differs from keras3
#'
#' A script that begins with `library(keras3)` and uses what is here runs with
#' `library(elman)`: names, arguments, defaults, shapes and numbers are those of
#' keras3 and Keras 3.15.1 on TensorFlow. What differs from them on purpose
#' stands in the section "Compatibility" of each help page; this page gathers
#' what holds for many.
#'
#' @section Different:
#' * Wrong arguments are classed errors (`elman_error` and its children) that
#'   say which argument, what must hold and what came, before anything changes.
#'   Keras clamps some (dropout rates), truncates others (`units = 2.7`,
#'   `min_delta`) and leaves others to the backend (initial states and masks of
#'   wrong shapes, ids out of range).
#' * Types are `"float32"` (the default) and `"float64"`; there are no half
#'   precision and no mixed policies.
#' * `set.seed()` alone repeats a run, for any number of threads. Random numbers
#'   follow Keras's distributions, not its generators.
#' * `activity_regularizer` of [layer_simple_rnn()] is honoured; Keras 3.15.1
#'   drops it.
#' * A model is an R object: `saveRDS()` keeps it.
#' * [distribution_data_parallel()] and [set_distribution()] train over MPI;
#'   Keras's distributions act on devices.
#' * [predict()] has `into`, [fit()] has `distribution`.
#' * [compile()] finds unknown losses and metrics at once, Keras at the first
#'   batch.
#' * Gradients of your own functions come from [value_and_grad()], in the place
#'   of TensorFlow's tape.
#' @section Not here:
#' * Layers, data sets, applications and operations for images (`op_image_*()`);
#'   `op_fft()` and its like, `op_stft()` and `op_istft()`; segmentation
#'   (`op_segment_sum()`, `op_segment_max()`); complex tensors, and so
#'   `op_polar()` and `op_view_as_complex()`.
#' * `loss_ctc()`, `op_ctc_loss()`, `op_ctc_decode()`, `loss_circle()` and the
#'   metrics of intersection over union.
#' * TensorBoard, remote monitors, TensorFlow's and JAX's objects.
#' * Text within a model: [layer_text_vectorization()] works before it.
#' @name compatibility
NULL
