// What the time loops of the recurrent layer work on: the caller's arrays and,
// around them, padded copies and scratch, laid out once per call. Rows of
// states are padded to `Up` elements and lie [step][B][Up], so that the rows of
// a block at one step are contiguous.
#ifndef ELMAN_CORE_RNN_PLAN_H_
#define ELMAN_CORE_RNN_PLAN_H_

#include <cstdint>

#include "core/cell.h"
#include "core/rnn.h"

namespace elman {

// Steps of x that a block of one or two rows multiplies at a time.
constexpr int64_t kTimeChunk = 64;

// A product of x, of h or of both with the columns of `blocks` gates, into
// neighbouring blocks of a row of gates; or back, from those blocks of dz.
template <class T>
struct GateProduct {
  int64_t block = 0, blocks = 1;
  int64_t gate = 0;  // the first of its gates, in W and R
  int stage = 0;     // in stage 1, h is what the cell kept in its last block
  bool x = true, h = true;
  const T* x_drop = nullptr;  // [B, F]
  const T* h_drop = nullptr;  // [B, U]
  T* panels = nullptr;        // its columns of [W; R] packed, see tile.h; or
                              // their transpose
};

template <class T>
struct GateProducts {
  GateProduct<T> all[kMostProducts];
  int count = 0;

  void add(const GateProduct<T>& product) { all[count++] = product; }
  const GateProduct<T>* begin() const { return all; }
  const GateProduct<T>* end() const { return all + count; }
  GateProduct<T>* begin() { return all; }
  GateProduct<T>* end() { return all + count; }
};

template <class T>
struct ForwardPlan {
  const Rnn<T>* rnn;
  CellShape shape;
  ActivationCalls<T> activations;
  CellCalls<T> cell;
  int64_t Up;
  int64_t block_rows;    // rows taken through all steps together
  GateProducts<T> products;
  const T* bias;         // padded, for all blocks of a row of gates
  T* states;             // [state][slots][B][Up]: slot 0 is the first state,
                         // slot s + 1 the state after step s
  int64_t slots;         // T + 1, or 2 that are used in turn
  T* gates;              // [gate_slots][B][kept][Up], or null
  int64_t gate_slots;    // T, or 1
  T* inputs;             // [T][B][gates][Up], of the activations, or null
  T* dropped;            // [B][Up], h of the last step times a mask, or null
  T* x_dropped;          // [B][F], x of this step times a mask, or null
  T* ahead;              // [B][kTimeChunk][blocks][Up], x W + b, or null
  const int64_t* first_used;  // [B], the first step that is not masked
  T* scratch;            // [B][Up]

  T* state(int k, int64_t slot) const {
    return states + (k * slots + slot % slots) * rnn->B * Up;
  }
};

template <class T>
struct BackwardPlan {
  const Rnn<T>* rnn;
  const RnnGradient<T>* gradient;
  CellShape shape;
  ActivationCalls<T> activations;
  CellCalls<T> cell;
  int64_t Up, Fp;
  int64_t block_rows;
  const T* states;  // [state][T + 1][B][Up], as saved
  const T* gates;   // [T][B][kept][Up], as saved, or null
  const T* inputs;  // [T][B][gates][Up], as saved, or null
  GateProducts<T> to_x, to_h;  // empty: dx is not wanted
  T* dz;            // [T][B][gradients][Up]
  T* dstates;       // [state][2][B][Up], used in turn
  T* product;       // [B][Up]: a product to be dropped or handed to the cell,
                    // or null
  T* pending;       // [B][Up]: dy of repeated outputs, or null
  T* dx;            // [B][dx_rows][Fp], or null: dx is written in place
  int64_t dx_rows;  // 1, or kTimeChunk if a thread may have but two rows
  T* scratch;       // [B][4 Up]

  const T* state(int k, int64_t slot) const {
    return states + (k * (rnn->T_ + 1) + slot) * rnn->B * Up;
  }
  T* dz_of(int64_t s) const {
    return dz + s * rnn->B * shape.gradients * Up;
  }
};

// What rnn_lanes.h works on, in blocks of `lanes` rows of the batch.
template <class T>
struct LanesPlan {
  const Rnn<T>* rnn;
  const RnnGradient<T>* gradient;
  CellShape shape;
  ActivationCalls<T> activations;
  CellCalls<T> cell;
  int64_t lanes;
  bool saves_inputs;
  int64_t saved_size;        // elements of a block's share of what is saved:
                             // [state][T + 1][U][lanes], [T][U][kept][lanes],
                             // [T][U][gates][lanes]
  GateProducts<T> products;  // their panels: [gate][U][rows of W and R]
  const T* bias;             // [U][blocks][lanes]
  const T* to_h;             // [U][U gradients]: of R, zeros where a gradient
                             // does not go to h
  const T* to_x;             // [F][U gradients], of W
  T* sums;                   // [block][F + U + 1][U gradients]: dW, dR and db,
                             // or null
};

namespace internal {

// The passes with rows of the batch in the lanes of vectors; false, and nothing
// is done, where that is not for this layer.
template <class T>
bool forward_in_lanes(const Rnn<T>& rnn);
template <class T>
bool backward_in_lanes(const Rnn<T>& rnn, const RnnGradient<T>& gradient);

}  // namespace internal
}  // namespace elman

#endif  // ELMAN_CORE_RNN_PLAN_H_
