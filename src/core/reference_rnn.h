// The recurrent layers written as their equations: the twin that the fast ones
// of rnn.h are tested against. One row of the batch and one step at a time; a
// cell's step stands in reference_cells.h.
#ifndef ELMAN_CORE_REFERENCE_RNN_H_
#define ELMAN_CORE_REFERENCE_RNN_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/reference_cells.h"
#include "core/rnn.h"

namespace elman {
namespace reference {

template <class T>
int64_t time_of(const Rnn<T>& rnn, int64_t step) {
  return rnn.go_backwards ? rnn.T_ - 1 - step : step;
}

template <class T>
bool is_used(const Rnn<T>& rnn, int64_t row, int64_t step) {
  return !rnn.mask || rnn.mask[row * rnn.T_ + time_of(rnn, step)];
}

// All steps of one row: their cells, where used, and the states around them.
template <class T>
struct Row {
  std::vector<CellStep<T>> steps;
  std::vector<States<T>> states;  // T + 1 of them
};

template <class T>
Row<T> run_row(const Rnn<T>& rnn, int64_t row) {
  const int64_t U = rnn.U;
  Row<T> run;
  States<T> state(kMostStates, Vector<T>(U, T(0)));
  for (int k = 0; k < kMostStates; ++k) {
    if (!rnn.first[k]) continue;
    std::copy_n(rnn.first[k] + row * U, U, state[k].begin());
  }
  run.states.push_back(state);
  for (int64_t s = 0; s < rnn.T_; ++s) {
    run.steps.emplace_back(rnn, row, time_of(rnn, s));
    if (is_used(rnn, row, s)) state = run.steps.back().forward(state);
    run.states.push_back(state);
  }
  return run;
}

template <class T>
void rnn_forward(const Rnn<T>& rnn) {
  internal::check_rnn(rnn);
  const int64_t U = rnn.U;
  for (int64_t row = 0; row < rnn.B; ++row) {
    const Row<T> run = run_row(rnn, row);
    Vector<T> y(U, T(0));
    for (int64_t s = 0; s < rnn.T_; ++s) {
      if (is_used(rnn, row, s)) {
        y = run.states[s + 1][0];
      } else if (rnn.zero_output_for_mask) {
        std::fill(y.begin(), y.end(), T(0));
      }
      if (!rnn.y) continue;
      if (rnn.return_sequences) {
        std::copy(y.begin(), y.end(), rnn.y + (row * rnn.T_ + s) * U);
      } else if (s == rnn.T_ - 1) {
        std::copy(y.begin(), y.end(), rnn.y + row * U);
      }
    }
    for (int k = 0; k < kMostStates; ++k) {
      if (!rnn.last[k]) continue;
      std::copy_n(run.states[rnn.T_][k].begin(), U, rnn.last[k] + row * U);
    }
  }
}

// The gradient of the output of a step, where it has one.
template <class T>
const T* output_gradient(const Rnn<T>& rnn, const RnnGradient<T>& gradient,
                         int64_t row, int64_t s) {
  if (!gradient.dy) return nullptr;
  if (!is_used(rnn, row, s) && rnn.zero_output_for_mask) return nullptr;
  if (rnn.return_sequences) {
    return gradient.dy + (row * rnn.T_ + s) * rnn.U;
  }
  return s == rnn.T_ - 1 ? gradient.dy + row * rnn.U : nullptr;
}

template <class T>
void rnn_backward(const Rnn<T>& rnn, const RnnGradient<T>& gradient) {
  internal::check_rnn(rnn);
  const CellShape shape = shape_of(rnn.cell);
  const int64_t U = rnn.U, GU = shape.gates * U;
  const auto clear = [](T* p, int64_t n) { if (p) std::fill(p, p + n, T(0)); };
  clear(gradient.dx, rnn.B * rnn.T_ * rnn.F);
  clear(gradient.dW, rnn.F * GU);
  clear(gradient.dR, U * GU);
  clear(gradient.db, shape.bias_rows * GU);
  for (int64_t row = 0; row < rnn.B; ++row) {
    const Row<T> run = run_row(rnn, row);
    States<T> d(kMostStates, Vector<T>(U, T(0)));
    for (int k = 0; k < kMostStates; ++k) {
      if (!gradient.dlast[k]) continue;
      std::copy_n(gradient.dlast[k] + row * U, U, d[k].begin());
    }
    // dy gathers the gradients of an output and of its repetitions.
    Vector<T> dy(U, T(0));
    for (int64_t s = rnn.T_ - 1; s >= 0; --s) {
      const T* out = output_gradient(rnn, gradient, row, s);
      for (int64_t u = 0; out && u < U; ++u) dy[u] += out[u];
      if (!is_used(rnn, row, s)) continue;
      for (int64_t u = 0; u < U; ++u) d[0][u] += dy[u];
      std::fill(dy.begin(), dy.end(), T(0));
      d = run.steps[s].backward(run.states[s], d, gradient);
    }
    for (int k = 0; k < kMostStates; ++k) {
      if (!gradient.dfirst[k]) continue;
      std::copy_n(d[k].begin(), U, gradient.dfirst[k] + row * U);
    }
  }
}

}  // namespace reference
}  // namespace elman

#endif  // ELMAN_CORE_REFERENCE_RNN_H_
