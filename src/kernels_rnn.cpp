// The simple recurrent layer (core/simple_rnn.h): lays out a call's plan, packs
// the weights, spreads the time loops over threads, and takes the large
// products after the backward one.
#include "core/simple_rnn.h"

#include <algorithm>

#include "core/product_plan.h"
#include "core/rnn_plan.h"
#include "core/thread_pool.h"
#include "core/workspace.h"

#define ELMAN_REGION "core/rnn_region.h"
#include "core/for_each_isa.h"

namespace elman {
namespace {

constexpr double kWorthAThread = 250000;  // multiplications

// The functions of the instruction set in use.
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

int64_t round_up(int64_t n, int64_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Rows of the batch worth a thread of their own.
template <class T>
int64_t row_grain(const SimpleRnn<T>& rnn) {
  const double row = static_cast<double>(rnn.T_) * (rnn.F + rnn.U) * rnn.U;
  return static_cast<int64_t>(kWorthAThread / (row + 1)) + 1;
}

// The fewest rows that a thread gets.
template <class T>
int64_t fewest_rows(const SimpleRnn<T>& rnn) {
  if (rnn.B == 0) return 0;
  return rnn.B / internal::slice_count(rnn.B, row_grain(rnn));
}

// Rows that go through the steps together: they share each panel of the
// weights while it is in the L1 cache, and their states should stay in L2.
template <class T>
int64_t rows_of_block(const SimpleRnn<T>& rnn) {
  const int64_t weights = (rnn.F + rnn.U) * rnn.U * int64_t{sizeof(T)};
  return weights > (int64_t{256} << 10) ? 48 : 24;
}

// States are padded further than panels of narrow vectors: the panels of the
// padding are zeros.
template <class T>
int64_t panels_size(int64_t Up, int64_t depth, const Kernels<T>& kernels) {
  return round_up(Up, kernels.panel) * depth;
}

template <class T>
void clear_padding(int64_t U, int64_t depth, const Kernels<T>& kernels,
                   T* panels) {
  const int64_t used = round_up(U, kernels.panel) * depth;
  std::fill(panels + used,
            panels + panels_size(padded_units(U), depth, kernels), T(0));
}

// [W; R] in panels of columns; large weights by several threads.
template <class T>
void pack_weights(const SimpleRnn<T>& rnn, const Kernels<T>& kernels,
                  T* panels) {
  const int64_t U = rnn.U, F = rnn.F, depth = F + U, P = kernels.panel;
  const auto pack = ELMAN_SELECT_FOR(kernels.isa, pack_rows<T>);
  const int64_t count = (U + P - 1) / P;
  parallel_for(count, (1 << 16) / (depth * P) + 1, [&](int64_t i, int64_t end) {
    const int64_t first = i * P, columns = std::min(end * P, U) - first;
    T* to = panels + first * depth;
    if (F > 0) pack(rnn.W + first, U, F, columns, to, depth, 0);
    pack(rnn.R + first, U, U, columns, to, depth, F);
  });
}

// The transpose of a [columns, U] matrix in panels.
template <class T>
void pack_transpose(const T* matrix, int64_t columns, int64_t U,
                    const Kernels<T>& kernels, T* panels) {
  const int64_t P = kernels.panel;
  const auto pack = ELMAN_SELECT_FOR(kernels.isa, pack_transposed<T>);
  const int64_t count = (columns + P - 1) / P;
  parallel_for(count, (1 << 16) / (U * P) + 1, [&](int64_t i, int64_t end) {
    const int64_t first = i * P;
    pack(matrix + first * U, U, U, std::min(end * P, columns) - first,
         panels + first * U, U, 0);
  });
}

template <class T>
void find_first_used(const SimpleRnn<T>& rnn, int64_t* first_used) {
  for (int64_t row = 0; row < rnn.B; ++row) {
    const int32_t* mask = rnn.mask + row * rnn.T_;
    int64_t s = 0;
    while (s < rnn.T_ && !mask[rnn.go_backwards ? rnn.T_ - 1 - s : s]) ++s;
    first_used[row] = s;
  }
}

// dW = sum x^T dz and dR = sum h_{t-1}^T dz over all steps and rows, as one
// product of [x | h].
template <class T>
void weight_gradients(const BackwardPlan<T>& plan) {
  const SimpleRnn<T>& rnn = *plan.rnn;
  Product<T> product;
  product.N = rnn.U, product.K = rnn.T_ * rnn.B;
  product.right = plan.dz;
  product.right_stride = product.right_columns = plan.Up;
  RowView<T>& x = product.views[0];
  if (plan.gradient->dW) {
    x.columns = rnn.F, x.inner = rnn.B, x.inner_stride = rnn.T_ * rnn.F;
    x.data = rnn.x;
    x.outer_stride = rnn.go_backwards ? -rnn.F : rnn.F;
    if (rnn.go_backwards) x.data += (rnn.T_ - 1) * rnn.F;
    x.scale = rnn.x_drop, x.scale_stride = rnn.F;
    x.out = plan.gradient->dW;
  }
  RowView<T>& h = product.views[1];
  if (plan.gradient->dR) {
    h.columns = rnn.U, h.inner = rnn.B, h.inner_stride = plan.Up;
    h.data = plan.states, h.outer_stride = rnn.B * plan.Up;
    h.scale = rnn.h_drop, h.scale_stride = rnn.U;
    h.out = plan.gradient->dR;
  }
  product.M = x.columns + h.columns;
  internal::run_product(product);
}

template <class T>
void bias_gradient(const BackwardPlan<T>& plan, const Kernels<T>& kernels) {
  const SimpleRnn<T>& rnn = *plan.rnn;
  const auto sums = ELMAN_SELECT_FOR(kernels.isa, column_sums<T>);
  const int64_t K = rnn.T_ * rnn.B, lot = 4 * kernels.width;
  const int64_t grain = (1 << 18) / (K * lot) + 1;
  parallel_for((rnn.U + lot - 1) / lot, grain, [&](int64_t i, int64_t end) {
    sums(plan.dz, plan.Up, K, i * lot, std::min(end * lot, rnn.U),
         plan.gradient->db);
  });
}

// An empty batch moves nothing: its weights get zeros.
template <class T>
void clear_gradients(const SimpleRnn<T>& rnn,
                     const SimpleRnnGradient<T>& gradient) {
  const int64_t U = rnn.U;
  if (gradient.dW) std::fill_n(gradient.dW, rnn.F * U, T(0));
  if (gradient.dR) std::fill_n(gradient.dR, U * U, T(0));
  if (gradient.db) std::fill_n(gradient.db, U, T(0));
}

}  // namespace

template <class T>
void simple_rnn_forward(const SimpleRnn<T>& rnn) {
  internal::check_simple_rnn(rnn);
  if (rnn.B == 0) return;
  const int64_t B = rnn.B, F = rnn.F, U = rnn.U, Up = padded_units(U);
  const Kernels<T> kernels(Up);
  const bool save_z = rnn.saved && slope_needs_input(rnn.activation);
  ForwardPlan<T> plan = {};
  plan.rnn = &rnn;
  plan.calls = internal::activation_calls<T>(kernels.isa);
  plan.Up = Up;
  plan.block_rows = rows_of_block(rnn);
  plan.slots = rnn.saved ? rnn.T_ + 1 : 2;
  T *panels = nullptr, *bias = nullptr;
  int64_t* first_used = nullptr;
  Workspace work(Purpose::kCall);
  cut_workspace(work, [&] {
    panels = work.cut<T>(panels_size(Up, F + U, kernels));
    bias = work.cut<T>(Up);
    plan.states = rnn.saved ? rnn.saved : work.cut<T>(2 * B * Up);
    if (rnn.h_drop) plan.dropped = work.cut<T>(B * Up);
    if (rnn.x_drop) plan.x_dropped = work.cut<T>(B * F);
    if (fewest_rows(rnn) < 3 && !rnn.x_drop) {
      plan.ahead = work.cut<T>(B * kTimeChunk * Up);
    }
    if (rnn.mask) first_used = work.cut<int64_t>(B);
    if (is_row_activation(rnn.activation)) {
      plan.row_scratch = work.cut<T>(B * Up);
    }
  });
  if (save_z) plan.z = rnn.saved + (rnn.T_ + 1) * B * Up;
  pack_weights(rnn, kernels, panels);
  clear_padding(U, F + U, kernels, panels);
  std::fill_n(bias, Up, T(0));
  if (rnn.b) std::copy_n(rnn.b, U, bias);
  if (rnn.mask) find_first_used(rnn, first_used);
  plan.panels = panels, plan.bias = bias, plan.first_used = first_used;
  const auto run = ELMAN_SELECT_FOR(kernels.isa, forward_rows<T>);
  parallel_for(B, row_grain(rnn), [&](int64_t begin, int64_t end) {
    run(plan, begin, end);
  });
}

template <class T>
void simple_rnn_backward(const SimpleRnn<T>& rnn,
                         const SimpleRnnGradient<T>& gradient) {
  internal::check_simple_rnn(rnn);
  if (!rnn.saved && rnn.B > 0) {
    throw std::invalid_argument("the backward pass needs what was saved");
  }
  if (rnn.B == 0) return clear_gradients(rnn, gradient);
  const int64_t B = rnn.B, F = rnn.F, U = rnn.U, Up = padded_units(U);
  const Kernels<T> kernels(Up);
  BackwardPlan<T> plan = {};
  plan.rnn = &rnn;
  plan.gradient = &gradient;
  plan.calls = internal::activation_calls<T>(kernels.isa);
  plan.Up = Up;
  plan.Fp = round_up(F, kernels.width);
  plan.block_rows = rows_of_block(rnn);
  plan.states = rnn.saved;
  if (slope_needs_input(rnn.activation)) {
    plan.z = rnn.saved + (rnn.T_ + 1) * B * Up;
  }
  plan.dx_rows = fewest_rows(rnn) < 3 ? kTimeChunk : 1;
  const bool inputs = gradient.dx && F > 0;
  const bool repeats = rnn.mask && gradient.dy && !rnn.zero_output_for_mask;
  T *R_panels = nullptr, *W_panels = nullptr;
  Workspace work(Purpose::kCall);
  cut_workspace(work, [&] {
    R_panels = work.cut<T>(panels_size(Up, U, kernels));
    if (inputs) W_panels = work.cut<T>(round_up(F, kernels.panel) * U);
    plan.dz = work.cut<T>(rnn.T_ * B * Up);
    plan.dh = work.cut<T>(2 * B * Up);
    if (repeats) plan.pending = work.cut<T>(B * Up);
    if (inputs && (plan.Fp != F || rnn.x_drop)) {
      plan.dx = work.cut<T>(B * plan.dx_rows * plan.Fp);
    }
  });
  pack_transpose(rnn.R, U, U, kernels, R_panels);
  clear_padding(U, U, kernels, R_panels);
  if (inputs) pack_transpose(rnn.W, F, U, kernels, W_panels);
  plan.R_panels = R_panels, plan.W_panels = W_panels;
  const auto run = ELMAN_SELECT_FOR(kernels.isa, backward_rows<T>);
  parallel_for(B, row_grain(rnn), [&](int64_t begin, int64_t end) {
    run(plan, begin, end);
  });
  if (gradient.dW || gradient.dR) weight_gradients(plan);
  if (gradient.db) bias_gradient(plan, kernels);
}

template void simple_rnn_forward(const SimpleRnn<float>&);
template void simple_rnn_forward(const SimpleRnn<double>&);
template void simple_rnn_backward(const SimpleRnn<float>&,
                                  const SimpleRnnGradient<float>&);
template void simple_rnn_backward(const SimpleRnn<double>&,
                                  const SimpleRnnGradient<double>&);

}  // namespace elman
