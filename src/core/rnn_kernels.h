// The functions behind the recurrent layer for the instruction set in use,
// packing by threads, and how work is shared out. Included by the files that
// include a region file of the layer for each set.
#ifndef ELMAN_CORE_RNN_KERNELS_H_
#define ELMAN_CORE_RNN_KERNELS_H_

#include <algorithm>

#include "core/rnn_plan.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

template <class T>
struct Kernels {
  Isa isa = current_isa();
  int64_t panel = ELMAN_SELECT_FOR(isa, panel_width<T>)();
  int64_t width = ELMAN_SELECT_FOR(isa, vector_width<T>)();

  // Rows of eight units are half a vector of AVX-512.
  explicit Kernels(int64_t Up) {
    if (Up % width == 0) return;
    isa = Isa::kAvx2;
    panel = ELMAN_SELECT_FOR(isa, panel_width<T>)();
    width = ELMAN_SELECT_FOR(isa, vector_width<T>)();
  }
};

constexpr double kWorthAThread = 250000;  // multiplications

// Rows of the batch worth a thread of their own.
template <class T>
int64_t row_grain(const Rnn<T>& rnn) {
  const double row = static_cast<double>(rnn.T_) * (rnn.F + rnn.U) * rnn.U *
                     shape_of(rnn.cell).gates;
  return static_cast<int64_t>(kWorthAThread / (row + 1)) + 1;
}

inline int64_t round_up(int64_t n, int64_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Rows of [W; R] that a product takes.
template <class T>
int64_t depth_of(const Rnn<T>& rnn, const GateProduct<T>& product) {
  return (product.x ? rnn.F : 0) + (product.h ? rnn.U : 0);
}

// Rows of dz that a product back takes: to the end of its last gate.
template <class T>
int64_t back_depth_of(const Rnn<T>& rnn, const GateProduct<T>& product) {
  return (product.blocks - 1) * padded_units(rnn.U) + rnn.U;
}

template <class T>
int64_t panels_size(int64_t columns, int64_t depth, const Kernels<T>& kernels) {
  return round_up(columns, kernels.panel) * depth;
}

// The columns of several gates, each padded: [rows][blocks][Up].
template <class T>
void pad_gates(const T* matrix, int64_t rows, int64_t stride, int64_t U,
               int64_t blocks, T* padded) {
  const int64_t Up = padded_units(U);
  for (int64_t i = 0; i < rows * blocks; ++i, padded += Up) {
    const T* from = matrix + i / blocks * stride + i % blocks * U;
    std::copy_n(from, U, padded);
    std::fill(padded + U, padded + Up, T(0));
  }
}

// The columns of some gates of W or R into panels, as rows offset.. of each;
// large weights by several threads. `padded` is scratch for pad_gates().
template <class T>
void pack_gates(const T* matrix, int64_t rows, const Rnn<T>& rnn,
                const GateProduct<T>& product, int64_t offset,
                const Kernels<T>& kernels, T* padded) {
  const int64_t U = rnn.U, Up = padded_units(U), P = kernels.panel;
  const int64_t depth = depth_of(rnn, product);
  int64_t stride = shape_of(rnn.cell).gates * U;
  int64_t columns = product.blocks * U;
  matrix += product.gate * U;
  if (product.blocks > 1 && U != Up) {
    pad_gates(matrix, rows, stride, U, product.blocks, padded);
    matrix = padded;
    stride = columns = product.blocks * Up;
  }
  const auto pack = ELMAN_SELECT_FOR(kernels.isa, pack_rows<T>);
  const int64_t grain = (1 << 16) / (rows * P + 1) + 1;
  parallel_for((columns + P - 1) / P, grain, [&](int64_t i, int64_t end) {
    const int64_t first = i * P;
    pack(matrix + first, stride, rows, std::min(end * P, columns) - first,
         product.panels + first * depth, depth, offset);
  });
}

// [W; R] of a product. States are padded further than panels of narrow
// vectors: the panels of the padding are zeros.
template <class T>
void pack_weights(const Rnn<T>& rnn, const GateProduct<T>& product,
                  const Kernels<T>& kernels, T* padded) {
  const int64_t Up = padded_units(rnn.U), P = kernels.panel;
  const int64_t depth = depth_of(rnn, product);
  const int64_t whole = product.blocks == 1 ? rnn.U / P : product.blocks * Up / P;
  std::fill(product.panels + whole * P * depth,
            product.panels + panels_size(product.blocks * Up, depth, kernels),
            T(0));
  const int64_t from_x = product.x ? rnn.F : 0;
  if (from_x > 0) {
    pack_gates(rnn.W, rnn.F, rnn, product, 0, kernels, padded);
  }
  if (product.h) {
    pack_gates(rnn.R, rnn.U, rnn, product, from_x, kernels, padded);
  }
}

// The transpose of some gates of a [columns, G U] matrix into panels of `wide`
// columns; rows of padding between the gates, and columns behind the last, are
// zeros.
template <class T>
void pack_transpose(const T* matrix, int64_t columns, int64_t wide,
                    const Rnn<T>& rnn, const GateProduct<T>& product,
                    const Kernels<T>& kernels) {
  const int64_t P = kernels.panel, U = rnn.U, Up = padded_units(U);
  const int64_t stride = shape_of(rnn.cell).gates * U;
  const int64_t depth = back_depth_of(rnn, product);
  const auto pack = ELMAN_SELECT_FOR(kernels.isa, pack_transposed<T>);
  const int64_t count = (columns + P - 1) / P;
  const int64_t grain = (1 << 16) / (depth * P) + 1;
  parallel_for(count, grain, [&](int64_t i, int64_t end) {
    const int64_t first = i * P, last = std::min(end * P, columns);
    T* panels = product.panels + first * depth;
    for (int64_t k = 0; k < product.blocks; ++k) {
      pack(matrix + first * stride + (product.gate + k) * U, stride, U,
           last - first, panels, depth, k * Up);
    }
    if (U == Up) return;
    for (int64_t j = i; j < end; ++j, panels += P * depth) {
      for (int64_t k = 0; k + 1 < product.blocks; ++k) {
        std::fill(panels + (k * Up + U) * P, panels + (k + 1) * Up * P, T(0));
      }
    }
  });
  std::fill(product.panels + count * P * depth,
            product.panels + panels_size(wide, depth, kernels), T(0));
}

// The bias of every block of a row of gates, padded to Up. The GRU whose last gate
// sees h apart from x has one bias for each.
template <class T>
void lay_out_bias(const Rnn<T>& rnn, int64_t blocks, int64_t Up, T* bias) {
  const int64_t U = rnn.U;
  std::fill_n(bias, blocks * Up, T(0));
  if (!rnn.b) return;
  const CellShape shape = shape_of(rnn.cell);
  for (int64_t g = 0; g < shape.gates; ++g) {
    std::copy_n(rnn.b + g * U, U, bias + g * Up);
  }
  if (shape.bias_rows == 1) return;
  const T* second = rnn.b + shape.gates * U;
  for (int64_t u = 0; u < U; ++u) {
    bias[u] += second[u];
    bias[Up + u] += second[U + u];
    bias[3 * Up + u] = second[2 * U + u];
  }
}

}  // namespace
}  // namespace elman

#endif  // ELMAN_CORE_RNN_KERNELS_H_
