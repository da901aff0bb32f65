// A recurrent layer over a batch of sequences, forward and backward, for every
// cell of cell.h:
//
//   (h_t, c_t) = step(x_t, h_{t-1}, c_{t-1}; W, R, b)
//
// with x_t [B, F], states [B, U], W [F, G U], R [U, G U] for the G gates of the
// cell, in its order.
//
// Arrays are row-major. Step s reads time t = s, or t = T - 1 - s going
// backwards; outputs are in the order of the steps. Where the mask is 0 a step
// keeps the states and repeats the output of the step before (zeros before the
// first used step, whatever the first state is), or outputs zeros if
// zero_output_for_mask. Dropout multiplies x_t and h_{t-1} on their way into the
// products, by one mask for all gates or by one for each; the states themselves
// are never dropped.
#ifndef ELMAN_CORE_RNN_H_
#define ELMAN_CORE_RNN_H_

#include <cstdint>
#include <stdexcept>

#include "core/activations.h"
#include "core/cell.h"

namespace elman {

template <class T>
struct Rnn {
  Cell cell = Cell::kSimple;
  int64_t B = 0, T_ = 0, F = 0, U = 0;
  const T* x = nullptr;           // [B, T, F]
  const T* W = nullptr;           // [F, G U]
  const T* R = nullptr;           // [U, G U]
  const T* b = nullptr;           // [G U], twice for some cells; or null
  const T* first[kMostStates] = {};  // [B, U], or null: zeros
  const int32_t* mask = nullptr;  // [B, T], or null: every step is used
  const T* x_drop = nullptr;      // multipliers [B, F], or null
  const T* h_drop = nullptr;      // multipliers [B, U], or null
  bool drop_by_gate = false;      // both drops are [G, B, .]
  Activation activation = Activation::kTanh;
  Activation recurrent_activation = Activation::kSigmoid;  // of gates
  bool go_backwards = false;
  bool return_sequences = false;
  bool zero_output_for_mask = false;
  T* y = nullptr;                  // [B, T, U] or [B, U]; null: not wanted
  T* last[kMostStates] = {};       // [B, U]; null: not wanted
  T* saved = nullptr;  // rnn_saved_size() elements for the backward pass; null
                       // in inference
};

// What flows back. Null going in means zeros, null coming out not wanted.
template <class T>
struct RnnGradient {
  const T* dy = nullptr;                  // like y
  const T* dlast[kMostStates] = {};       // [B, U]
  T* dx = nullptr;                        // [B, T, F]
  T* dW = nullptr;                        // like W
  T* dR = nullptr;                        // like R
  T* db = nullptr;                        // like b
  T* dfirst[kMostStates] = {};            // [B, U]
};

// Rows of states are kept padded to whole vectors of every instruction set.
inline int64_t padded_units(int64_t U) {
  return U <= 8 ? 8 : (U + 15) / 16 * 16;
}

// Does the backward pass need what went into the activations?
inline bool saves_inputs(Cell cell, Activation activation,
                         Activation recurrent_activation) {
  return slope_needs_input(activation) ||
         (cell != Cell::kSimple && slope_needs_input(recurrent_activation));
}

// The length of `saved`, in rows of B padded_units(U) elements: every state
// [T + 1], the first ones first and then in the order of the steps; what the
// cell keeps of each step [T]; and the inputs of the activations [T], where a
// slope needs them. What lies in it is between the forward and backward pass.
inline int64_t rnn_saved_size(Cell cell, Activation activation,
                              Activation recurrent_activation, int64_t B,
                              int64_t T, int64_t U) {
  const CellShape shape = shape_of(cell);
  const bool inputs = saves_inputs(cell, activation, recurrent_activation);
  const int64_t rows = (T + 1) * shape.states +
                       T * (shape.kept + (inputs ? shape.gates : 0));
  return rows * B * padded_units(U);
}

template <class T>
int64_t rnn_saved_size(const Rnn<T>& rnn) {
  return rnn_saved_size(rnn.cell, rnn.activation, rnn.recurrent_activation,
                        rnn.B, rnn.T_, rnn.U);
}

// Computes y, the last states and saved. Throws std::invalid_argument for sizes
// below zero, T or U below one, missing weights, or glu, which changes the
// width.
template <class T>
void rnn_forward(const Rnn<T>& rnn);

// Computes the gradients, from the arguments of the forward pass (of which y
// and the last states are not read) and its `saved`.
template <class T>
void rnn_backward(const Rnn<T>& rnn, const RnnGradient<T>& gradient);

namespace internal {

template <class T>
void check_rnn(const Rnn<T>& rnn) {
  if (rnn.B < 0 || rnn.F < 0 || rnn.T_ < 1 || rnn.U < 1) {
    throw std::invalid_argument(
        "a recurrent layer needs at least one step and one unit");
  }
  const bool has_input = rnn.x || rnn.B == 0 || rnn.F == 0;
  if (!has_input || (!rnn.W && rnn.F > 0) || !rnn.R) {
    throw std::invalid_argument("a recurrent layer needs x, W and R");
  }
  if (rnn.activation == Activation::kGlu ||
      rnn.recurrent_activation == Activation::kGlu) {
    throw std::invalid_argument(
        "glu halves its input and cannot be a recurrent activation");
  }
}

}  // namespace internal
}  // namespace elman

#endif  // ELMAN_CORE_RNN_H_
