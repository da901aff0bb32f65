// The recurrent layer (core/rnn.h): lays out a call's plan, packs the weights,
// spreads the time loops over threads, and takes the large products after the
// backward one.
#include "core/rnn.h"

#include <algorithm>

#include "core/product_plan.h"
#include "core/rnn_plan.h"
#include "core/rnn_products.h"
#include "core/thread_pool.h"
#include "core/transpose_blocks.h"
#include "core/workspace.h"

#define ELMAN_REGION "core/rnn_region.h"
#include "core/for_each_isa.h"

#include "core/rnn_kernels.h"

namespace elman {
namespace {

// The fewest rows that a thread gets.
template <class T>
int64_t fewest_rows(const Rnn<T>& rnn) {
  if (rnn.B == 0) return 0;
  return rnn.B / internal::slice_count(rnn.B, row_grain(rnn));
}

// Rows that go through the steps together: they share each panel of the
// weights while it is in the L1 cache, and their states stay in L2.
constexpr int64_t kBlockRows = 48;

template <class T>
void find_first_used(const Rnn<T>& rnn, int64_t* first_used) {
  for (int64_t row = 0; row < rnn.B; ++row) {
    const int32_t* mask = rnn.mask + row * rnn.T_;
    int64_t s = 0;
    while (s < rnn.T_ && !mask[rnn.go_backwards ? rnn.T_ - 1 - s : s]) ++s;
    first_used[row] = s;
  }
}

// ---- after the backward loop ------------------------------------------------

// dW and dR of some gates, as one product of [x | h] with their dz over all
// steps and rows. Either may be absent.
template <class T>
void weight_gradient(const BackwardPlan<T>& plan, const GateProduct<T>* to_x,
                     const GateProduct<T>* to_h, T* scratch) {
  const Rnn<T>& rnn = *plan.rnn;
  const int64_t U = rnn.U, Up = plan.Up, B = rnn.B;
  const GateProduct<T>& part = to_x ? *to_x : *to_h;
  const bool direct = part.blocks == 1 || U == Up;
  const int64_t row = plan.shape.gradients * Up, G = plan.shape.gates;
  Product<T> product;
  product.N = direct ? part.blocks * U : part.blocks * Up;
  product.K = rnn.T_ * B;
  product.right = plan.dz + part.block * Up;
  product.right_stride = row;
  product.right_columns = part.blocks * Up;
  product.out_stride = direct ? G * U : product.N;
  RowView<T>& x = product.views[0];
  if (to_x) {
    x.columns = rnn.F, x.inner = B, x.inner_stride = rnn.T_ * rnn.F;
    x.data = rnn.x;
    x.outer_stride = rnn.go_backwards ? -rnn.F : rnn.F;
    if (rnn.go_backwards) x.data += (rnn.T_ - 1) * rnn.F;
    x.scale = to_x->x_drop, x.scale_stride = rnn.F;
    x.out = direct ? plan.gradient->dW + part.gate * U : scratch;
  }
  RowView<T>& h = product.views[1];
  if (to_h) {
    h.columns = U, h.inner = B, h.inner_stride = Up;
    h.data = plan.states, h.outer_stride = B * Up;
    h.scale = to_h->h_drop, h.scale_stride = U;
    if (to_h->stage == 1) {
      h.inner_stride = plan.shape.kept * Up;
      h.outer_stride = B * h.inner_stride;
      h.data = plan.gates + h.inner_stride - Up;
      h.scale = nullptr;
    }
    h.out = direct ? plan.gradient->dR + part.gate * U
                   : scratch + x.columns * product.N;
  }
  product.M = x.columns + h.columns;
  internal::run_product(product);
  if (direct) return;
  for (int64_t m = 0; m < product.M; ++m) {
    T* out = m < x.columns ? plan.gradient->dW + m * G * U
                           : plan.gradient->dR + (m - x.columns) * G * U;
    for (int64_t k = 0; k < part.blocks; ++k) {
      std::copy_n(scratch + m * product.N + k * Up, U,
                  out + (part.gate + k) * U);
    }
  }
}

template <class T>
void weight_gradients(const BackwardPlan<T>& plan, T* scratch) {
  const Rnn<T>& rnn = *plan.rnn;
  GateProducts<T> to_x, to_h;
  if (plan.gradient->dW && rnn.F > 0) to_x = internal::products_to_x(rnn);
  if (plan.gradient->dR) to_h = internal::products_to_h(rnn);
  bool taken[kMostProducts] = {};
  for (const GateProduct<T>& x : to_x) {
    const GateProduct<T>* beside = nullptr;
    for (int i = 0; i < to_h.count; ++i) {
      const GateProduct<T>& h = to_h.all[i];
      if (h.block != x.block || h.blocks != x.blocks) continue;
      taken[i] = true;
      beside = &h;
    }
    weight_gradient(plan, &x, beside, scratch);
  }
  for (int i = 0; i < to_h.count; ++i) {
    if (!taken[i]) weight_gradient<T>(plan, nullptr, &to_h.all[i], scratch);
  }
}

template <class T>
void bias_gradient(const BackwardPlan<T>& plan, const Kernels<T>& kernels) {
  const Rnn<T>& rnn = *plan.rnn;
  const auto sums = ELMAN_SELECT_FOR(kernels.isa, column_sums<T>);
  const int64_t K = rnn.T_ * rnn.B, lot = 4 * kernels.width;
  const int64_t lots = (rnn.U + lot - 1) / lot, G = plan.shape.gates;
  const int64_t blocks = plan.shape.bias_rows == 1 ? G : G + 1;
  const int64_t grain = (1 << 18) / (K * lot) + 1;
  T* db = plan.gradient->db;
  parallel_for(blocks * lots, grain, [&](int64_t i, int64_t end) {
    for (; i < end; ++i) {
      const int64_t block = i / lots, first = i % lots * lot;
      // The last block is the last gate again, in the second row.
      T* out = db + (block < G ? block : 2 * G - 1) * rnn.U;
      sums(plan.dz + block * plan.Up, plan.shape.gradients * plan.Up, K, first,
           std::min(first + lot, rnn.U), out);
    }
  });
  if (blocks > G) std::copy_n(db, (G - 1) * rnn.U, db + G * rnn.U);
}

// An empty batch moves nothing: its weights get zeros.
template <class T>
void clear_gradients(const Rnn<T>& rnn, const RnnGradient<T>& gradient) {
  const CellShape shape = shape_of(rnn.cell);
  const int64_t GU = shape.gates * rnn.U;
  if (gradient.dW) std::fill_n(gradient.dW, rnn.F * GU, T(0));
  if (gradient.dR) std::fill_n(gradient.dR, rnn.U * GU, T(0));
  if (gradient.db) std::fill_n(gradient.db, shape.bias_rows * GU, T(0));
}

}  // namespace

template <class T>
void rnn_forward(const Rnn<T>& rnn) {
  internal::check_rnn(rnn);
  if (rnn.B == 0 || internal::forward_in_lanes(rnn)) return;
  const int64_t B = rnn.B, F = rnn.F, U = rnn.U, Up = padded_units(U);
  const Kernels<T> kernels(Up);
  ForwardPlan<T> plan = {};
  plan.rnn = &rnn;
  plan.shape = shape_of(rnn.cell);
  plan.activations = internal::activation_calls<T>(kernels.isa);
  plan.cell = internal::cell_calls<T>(rnn.cell, kernels.isa);
  plan.Up = Up;
  plan.block_rows = kBlockRows;
  plan.products = internal::forward_products(rnn);
  plan.slots = rnn.saved ? rnn.T_ + 1 : 2;
  plan.gate_slots = rnn.saved ? rnn.T_ : 1;
  const int64_t S = plan.shape.states, kept = plan.shape.kept;
  const int64_t blocks = plan.shape.blocks();
  T *bias = nullptr, *padded = nullptr;
  int64_t* first_used = nullptr;
  Workspace work(Purpose::kCall);
  cut_workspace(work, [&] {
    for (GateProduct<T>& product : plan.products) {
      product.panels = work.cut<T>(panels_size(
          product.blocks * Up, depth_of(rnn, product), kernels));
    }
    if (U != Up) padded = work.cut<T>(std::max(F, U) * blocks * Up);
    bias = work.cut<T>(blocks * Up);
    if (!rnn.saved) {
      plan.states = work.cut<T>(S * 2 * B * Up);
      if (kept > 0) plan.gates = work.cut<T>(B * kept * Up);
    }
    if (rnn.h_drop) plan.dropped = work.cut<T>(B * Up);
    if (rnn.x_drop) plan.x_dropped = work.cut<T>(B * F);
    if (fewest_rows(rnn) < 3 && !rnn.x_drop) {
      plan.ahead = work.cut<T>(B * kTimeChunk * blocks * Up);
    }
    if (rnn.mask) first_used = work.cut<int64_t>(B);
    plan.scratch = work.cut<T>(B * Up);
  });
  if (rnn.saved) {
    plan.states = rnn.saved;
    T* next = rnn.saved + S * (rnn.T_ + 1) * B * Up;
    if (kept > 0) plan.gates = next;
    if (saves_inputs(rnn.cell, rnn.activation, rnn.recurrent_activation)) {
      plan.inputs = next + rnn.T_ * B * kept * Up;
    }
  }
  for (const GateProduct<T>& product : plan.products) {
    pack_weights(rnn, product, kernels, padded);
  }
  lay_out_bias(rnn, blocks, Up, bias);
  if (rnn.mask) find_first_used(rnn, first_used);
  plan.bias = bias, plan.first_used = first_used;
  const auto run = ELMAN_SELECT_FOR(kernels.isa, forward_rows<T>);
  parallel_for(B, row_grain(rnn), [&](int64_t begin, int64_t end) {
    run(plan, begin, end);
  });
}

template <class T>
void rnn_backward(const Rnn<T>& rnn, const RnnGradient<T>& gradient) {
  internal::check_rnn(rnn);
  if (!rnn.saved && rnn.B > 0) {
    throw std::invalid_argument("the backward pass needs what was saved");
  }
  if (rnn.B == 0) return clear_gradients(rnn, gradient);
  if (internal::backward_in_lanes(rnn, gradient)) return;
  const int64_t B = rnn.B, F = rnn.F, U = rnn.U, Up = padded_units(U);
  const Kernels<T> kernels(Up);
  BackwardPlan<T> plan = {};
  plan.rnn = &rnn;
  plan.gradient = &gradient;
  plan.shape = shape_of(rnn.cell);
  plan.activations = internal::activation_calls<T>(kernels.isa);
  plan.cell = internal::cell_calls<T>(rnn.cell, kernels.isa);
  plan.Up = Up;
  plan.Fp = round_up(F, kernels.width);
  plan.block_rows = kBlockRows;
  const int64_t S = plan.shape.states, kept = plan.shape.kept;
  plan.states = rnn.saved;
  const T* next = rnn.saved + S * (rnn.T_ + 1) * B * Up;
  if (kept > 0) plan.gates = next;
  if (saves_inputs(rnn.cell, rnn.activation, rnn.recurrent_activation)) {
    plan.inputs = next + rnn.T_ * B * kept * Up;
  }
  plan.dx_rows = fewest_rows(rnn) < 3 ? kTimeChunk : 1;
  const bool inputs = gradient.dx && F > 0;
  const bool repeats = rnn.mask && gradient.dy && !rnn.zero_output_for_mask;
  const bool weights = gradient.dW || gradient.dR;
  plan.to_h = internal::products_to_h(rnn);
  if (inputs) plan.to_x = internal::products_to_x(rnn);
  T* scratch = nullptr;
  Workspace work(Purpose::kCall);
  cut_workspace(work, [&] {
    for (GateProduct<T>& product : plan.to_h) {
      product.panels =
          work.cut<T>(panels_size(Up, back_depth_of(rnn, product), kernels));
    }
    for (GateProduct<T>& product : plan.to_x) {
      product.panels =
          work.cut<T>(panels_size(F, back_depth_of(rnn, product), kernels));
    }
    plan.dz = work.cut<T>(rnn.T_ * B * plan.shape.gradients * Up);
    plan.dstates = work.cut<T>(S * 2 * B * Up);
    if (rnn.h_drop || plan.shape.stages > 1) plan.product = work.cut<T>(B * Up);
    if (repeats) plan.pending = work.cut<T>(B * Up);
    if (inputs && (plan.Fp != F || rnn.x_drop)) {
      plan.dx = work.cut<T>(B * plan.dx_rows * plan.Fp);
    }
    plan.scratch = work.cut<T>(B * 4 * Up);
    if (weights && U != Up) {
      scratch = work.cut<T>((F + U) * plan.shape.gradients * Up);
    }
  });
  for (const GateProduct<T>& product : plan.to_h) {
    pack_transpose(rnn.R, U, Up, rnn, product, kernels);
  }
  for (const GateProduct<T>& product : plan.to_x) {
    pack_transpose(rnn.W, F, F, rnn, product, kernels);
  }
  const auto run = ELMAN_SELECT_FOR(kernels.isa, backward_rows<T>);
  parallel_for(B, row_grain(rnn), [&](int64_t begin, int64_t end) {
    run(plan, begin, end);
  });
  if (weights) weight_gradients(plan, scratch);
  if (gradient.db) bias_gradient(plan, kernels);
}

template void rnn_forward(const Rnn<float>&);
template void rnn_forward(const Rnn<double>&);
template void rnn_backward(const Rnn<float>&, const RnnGradient<float>&);
template void rnn_backward(const Rnn<double>&, const RnnGradient<double>&);

}  // namespace elman
