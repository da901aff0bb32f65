// What the time loops of the recurrent layer work on: the caller's arrays and,
// around them, padded copies and scratch, laid out once per call. Rows of
// states are padded to `Up` elements and lie [step][B][Up], so that the rows of
// a block at one step are contiguous.
#ifndef ELMAN_CORE_RNN_PLAN_H_
#define ELMAN_CORE_RNN_PLAN_H_

#include <cstdint>

#include "core/isa.h"
#include "core/simple_rnn.h"

namespace elman {

// Element-wise and row-wise activations, out of line.
template <class T>
struct ActivationCalls {
  void (*forward)(Activation a, const T* z, T* y, int64_t n);
  void (*gradient)(Activation a, const T* dy, const T* z, const T* y, T* dz,
                   int64_t n);
  void (*forward_row)(Activation a, T* z, int64_t n, T* scratch);
  void (*gradient_row)(Activation a, const T* dy, const T* z, const T* y, T* dz,
                       int64_t n);
};

namespace internal {
template <class T>
ActivationCalls<T> activation_calls(Isa isa);
}  // namespace internal

// Steps of x that a block of one or two rows multiplies at a time.
constexpr int64_t kTimeChunk = 64;

template <class T>
struct ForwardPlan {
  const SimpleRnn<T>* rnn;
  ActivationCalls<T> calls;
  int64_t Up;
  int64_t block_rows;     // rows taken through all steps together
  const T* panels;        // [W; R] packed, see tile.h
  const T* bias;          // padded
  T* states;              // [slots][B][Up]: slot 0 is h0, slot s + 1 h of step s
  int64_t slots;          // T + 1, or 2 that are used in turn
  T* z;                   // [T][B][Up], or null
  T* dropped;             // [B][Up], h of the last step times h_drop, or null
  T* x_dropped;           // [B][F], x of this step times x_drop, or null
  T* ahead;               // [B][kTimeChunk][Up], x W + b, or null
  const int64_t* first_used;  // [B], the first step that is not masked
  T* row_scratch;         // [B][Up], for sparsemax

  T* state(int64_t slot) const {
    return states + (slot % slots) * rnn->B * Up;
  }
};

template <class T>
struct BackwardPlan {
  const SimpleRnn<T>* rnn;
  const SimpleRnnGradient<T>* gradient;
  ActivationCalls<T> calls;
  int64_t Up, Fp;
  int64_t block_rows;
  const T* states;   // [T + 1][B][Up], as saved
  const T* z;        // [T][B][Up], as saved, or null
  const T* R_panels; // the transpose of R packed
  const T* W_panels; // the transpose of W packed; null: dx is not wanted
  T* dz;             // [T][B][Up]
  T* dh;             // [2][B][Up], used in turn
  T* pending;        // [B][Up]: dy of repeated outputs, or null
  T* dx;             // [B][dx_rows][Fp], or null: dx is written in place
  int64_t dx_rows;   // 1, or kTimeChunk if a thread may have but two rows
};

}  // namespace elman

#endif  // ELMAN_CORE_RNN_PLAN_H_
