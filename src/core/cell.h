// The recurrent cells: how many gates and states each has, and how its step is
// called. The equations stand in cell_simple.h, cell_lstm.h and cell_gru.h. A
// step computes the inputs of all gates by products, which the time loop does,
// and then the states from them, which a cell does for a block of rows at once.
#ifndef ELMAN_CORE_CELL_H_
#define ELMAN_CORE_CELL_H_

#include <cstdint>
#include <string_view>

#include "core/activations.h"
#include "core/isa.h"

namespace elman {

enum class Cell { kSimple, kLstm, kGru, kGruResetBefore };

constexpr int kMostStates = 2;
constexpr int kMostProducts = 4;

// Of blocks of U numbers: a row of a step's gates has `kept` of them and a row
// of their gradients `gradients`. A cell that keeps none computes in the place
// of its state.
struct CellShape {
  int gates;
  int states;
  int bias_rows;  // 2: one for x W, one for h R
  int kept;
  int gradients;
  int stages;     // 2: some gates need others of the same step

  // Those that the products of a step write.
  int64_t blocks() const { return kept > 0 ? kept : 1; }
};

inline CellShape shape_of(Cell cell) {
  switch (cell) {
    case Cell::kLstm: return {4, 2, 1, 4, 4, 1};
    case Cell::kGru: return {3, 1, 2, 4, 4, 1};
    case Cell::kGruResetBefore: return {3, 1, 1, 4, 3, 2};
    default: return {1, 1, 1, 0, 1, 1};
  }
}

// Finds a cell by name; false if there is none.
inline bool parse_cell(std::string_view name, Cell* cell) {
  static constexpr struct {
    std::string_view name;
    Cell cell;
  } kNames[] = {{"simple", Cell::kSimple},
                {"lstm", Cell::kLstm},
                {"gru", Cell::kGru},
                {"gru_reset_before", Cell::kGruResetBefore}};
  for (const auto& entry : kNames) {
    if (entry.name != name) continue;
    *cell = entry.cell;
    return true;
  }
  return false;
}

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

// One step of a block of rows. Rows of states lie Up apart, those of gates and
// of their inputs as many blocks of Up as they have.
template <class T>
struct StepForward {
  int64_t rows, U, Up;
  Activation activation, recurrent_activation;
  const ActivationCalls<T>* calls;
  bool keep;        // the backward pass will need the gates
  T* gates;         // in: their inputs; out: what is kept
  T* inputs;        // the inputs, to be kept as well, or null
  const T* before[kMostStates];
  T* after[kMostStates];
  const T* h_drop;  // of the last gate: [rows, U], or null
  T* scratch;       // [Up]
};

template <class T>
struct StepBackward {
  int64_t rows, U, Up;
  Activation activation, recurrent_activation;
  const ActivationCalls<T>* calls;
  const T* gates;   // as kept
  const T* inputs;  // as kept, or null
  const T* before[kMostStates];
  const T* after[kMostStates];
  const T* d_after[kMostStates];  // gradients of the states
  T* d_before[kMostStates];       // what does not come by way of the products
  T* dz;                          // out: gradients of the gates' inputs
  const T* d_product;  // of what the last gate's product took, in stage 0 of 2
  const T* h_drop;
  T* scratch;          // [4 Up]
};

// Stages run upwards in the forward step and downwards in the backward one.
template <class T>
struct CellCalls {
  void (*forward)(int stage, const StepForward<T>& step);
  void (*backward)(int stage, const StepBackward<T>& step);
};

namespace internal {

template <class T>
ActivationCalls<T> activation_calls(Isa isa);

template <class T>
CellCalls<T> cell_calls(Cell cell, Isa isa);

}  // namespace internal
}  // namespace elman

#endif  // ELMAN_CORE_CELL_H_
