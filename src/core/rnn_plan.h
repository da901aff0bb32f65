// What the time loops of the recurrent layer work on: the caller's arrays and,
// around them, padded copies and scratch, laid out once per call. Rows of
// states are padded to `Up` elements, and those of a block at one step are
// contiguous.
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

  GateProduct<T>* add() { return &all[count++]; }
  const GateProduct<T>* begin() const { return all; }
  const GateProduct<T>* end() const { return all + count; }
  GateProduct<T>* begin() { return all; }
  GateProduct<T>* end() { return all + count; }
};

// The most rows that are taken through the steps together: they share each panel
// of the weights while it is in the L1 cache, and their states stay in L2.
constexpr int64_t kBlockRows = 48;

// Where a block of rows lies in an array of steps, [group][step][row].
struct Place {
  int64_t before = 0;  // rows of the groups before its own
  int64_t rows = 0;    // rows of its group
  int64_t row = 0;     // its first row, from the group's

  int64_t at(int64_t step, int64_t steps) const {
    return before * steps + step * rows + row;
  }
};

// The rows of a batch, in groups of one size but for the last. What is kept of
// the steps lies group by group, so that threads with groups of their own write
// far apart and find in their caches what they wrote; gradients of the weights
// are summed up in each group and then over the groups. The call's shape alone
// says how many there are, so that threads do not change the bits.
struct RowGroups {
  int64_t batch = 0, count = 1, most = 0;

  RowGroups() = default;
  explicit RowGroups(int64_t rows) : batch(rows), most(rows) {}  // one group

  int64_t first(int64_t group) const {
    return group < count ? group * most : batch;
  }
  int64_t group_of(int64_t row) const { return count > 1 ? row / most : 0; }
  int64_t end_of(int64_t row) const { return first(group_of(row) + 1); }
  Place place(int64_t row) const {
    const int64_t group = group_of(row), before = first(group);
    return {before, first(group + 1) - before, row - before};
  }
};

// What a thread writes for the block that it works on: memory of its own, for
// what lies beside another thread's memory is fetched from its cache again and
// again.
template <class T>
struct ForwardScratch {
  T* states;     // [state][2][rows][Up], used in turn, or null: they are saved
  T* gates;      // [rows][kept][Up], or null
  T* dropped;    // [rows][Up], h of the last step times a mask, or null
  T* x_dropped;  // [rows][F], x of this step times a mask, or null
  T* ahead;      // [rows][kTimeChunk][blocks][Up], x W + b, or null
  T* scratch;    // [Up]
};

template <class T>
struct BackwardScratch {
  T* dz;       // [T][rows of the group][gradients][Up], or null: see the plan's
  T* dstates;  // [state][2][rows][Up], used in turn
  T* product;  // [rows][Up]: a product to be dropped or handed to the cell, or
               // null
  T* pending;  // [rows][Up]: dy of repeated outputs, or null
  T* dx;       // [rows, or kTimeChunk][Fp], or null: dx is written in place
  T* scratch;  // [4 Up]
};

template <class T>
struct ForwardPlan {
  const Rnn<T>* rnn;
  CellShape shape;
  ActivationCalls<T> activations;
  CellCalls<T> cell;
  int64_t Up;
  RowGroups groups;  // one, where nothing is saved
  GateProducts<T> products;
  const T* bias;   // padded, for all blocks of a row of gates
  T* states;       // [state][group][T + 1][row][Up] to be saved, or null: step 0
                   // is the first state, s + 1 the state after step s
  T* gates;        // [group][T][row][kept][Up] to be saved, or null
  T* inputs;       // [group][T][row][gates][Up], of the activations, or null
  const int64_t* first_used;  // [B], the first step that is not masked
};

template <class T>
struct BackwardPlan {
  const Rnn<T>* rnn;
  const RnnGradient<T>* gradient;
  CellShape shape;
  ActivationCalls<T> activations;
  CellCalls<T> cell;
  int64_t Up, Fp;
  RowGroups groups;
  const T* states;  // as saved
  const T* gates;   // as saved, or null
  const T* inputs;  // as saved, or null
  GateProducts<T> to_x, to_h;  // empty: dx is not wanted
  T* dz;            // [group][T][row][gradients][Up], or null: in the scratch
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
