// The simple recurrent layer over a batch of sequences, forward and backward:
//
//   h_t = f(x_t W + h_{t-1} R + b)     x_t [B, F], h_t [B, U], W [F, U], R [U, U]
//
// Arrays are row-major. Step s reads time t = s, or t = T - 1 - s going
// backwards; outputs are in the order of the steps. Where the mask is 0 a step
// keeps the state and repeats the output of the step before (zeros before the
// first used step, whatever h0 is), or outputs zeros if zero_output_for_mask.
// Dropout multiplies x_t and h_{t-1} on their way into the products; the state
// itself is never dropped.
#ifndef ELMAN_CORE_SIMPLE_RNN_H_
#define ELMAN_CORE_SIMPLE_RNN_H_

#include <cstdint>
#include <stdexcept>

#include "core/activations.h"

namespace elman {

template <class T>
struct SimpleRnn {
  int64_t B = 0, T_ = 0, F = 0, U = 0;
  const T* x = nullptr;           // [B, T, F]
  const T* W = nullptr;           // [F, U]
  const T* R = nullptr;           // [U, U]
  const T* b = nullptr;           // [U], or null
  const T* h0 = nullptr;          // [B, U], or null: zeros
  const int32_t* mask = nullptr;  // [B, T], or null: every step is used
  const T* x_drop = nullptr;      // [B, F] multipliers, or null
  const T* h_drop = nullptr;      // [B, U] multipliers, or null
  Activation activation = Activation::kTanh;
  bool go_backwards = false;
  bool return_sequences = false;
  bool zero_output_for_mask = false;
  T* y = nullptr;       // [B, T, U] or [B, U]; null: not wanted
  T* h_last = nullptr;  // [B, U]; null: not wanted
  T* saved = nullptr;   // simple_rnn_saved_size() elements for the backward
                        // pass; null in inference
};

// What flows back. Null going in means zeros, null coming out not wanted.
template <class T>
struct SimpleRnnGradient {
  const T* dy = nullptr;      // like y
  const T* dh_last = nullptr; // [B, U]
  T* dx = nullptr;            // [B, T, F]
  T* dW = nullptr;            // [F, U]
  T* dR = nullptr;            // [U, U]
  T* db = nullptr;            // [U]
  T* dh0 = nullptr;           // [B, U]
};

// Rows of states are kept padded to whole vectors of every instruction set.
inline int64_t padded_units(int64_t U) {
  return U <= 8 ? 8 : (U + 15) / 16 * 16;
}

// The length of `saved`: h [T + 1, B, padded_units(U)], h0 first and then in the
// order of the steps; and z [T, B, padded_units(U)] with the activations whose
// slope needs it. What lies in it is between the forward and the backward pass.
inline int64_t simple_rnn_saved_size(Activation activation, int64_t B,
                                     int64_t T, int64_t U) {
  const int64_t states = B * padded_units(U);
  return ((T + 1) + (slope_needs_input(activation) ? T : 0)) * states;
}

template <class T>
int64_t simple_rnn_saved_size(const SimpleRnn<T>& rnn) {
  return simple_rnn_saved_size(rnn.activation, rnn.B, rnn.T_, rnn.U);
}

// Computes y, h_last and saved. Throws std::invalid_argument for sizes below
// zero, T or U below one, missing weights, or glu, which changes the width.
template <class T>
void simple_rnn_forward(const SimpleRnn<T>& rnn);

// Computes the gradients, from the arguments of the forward pass (of which y
// and h_last are not read) and its `saved`.
template <class T>
void simple_rnn_backward(const SimpleRnn<T>& rnn,
                         const SimpleRnnGradient<T>& gradient);

namespace internal {

template <class T>
void check_simple_rnn(const SimpleRnn<T>& rnn) {
  if (rnn.B < 0 || rnn.F < 0 || rnn.T_ < 1 || rnn.U < 1) {
    throw std::invalid_argument(
        "a recurrent layer needs at least one step and one unit");
  }
  const bool has_input = rnn.x || rnn.B == 0 || rnn.F == 0;
  if (!has_input || (!rnn.W && rnn.F > 0) || !rnn.R) {
    throw std::invalid_argument("a recurrent layer needs x, W and R");
  }
  if (rnn.activation == Activation::kGlu) {
    throw std::invalid_argument(
        "glu halves its input and cannot be a recurrent activation");
  }
}

}  // namespace internal
}  // namespace elman

#endif  // ELMAN_CORE_SIMPLE_RNN_H_
