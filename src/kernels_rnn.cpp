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
#include "core/rnn_weights.h"

namespace elman {
namespace {

// Groups of at least kFewestRows rows, each worth a thread. A group's sums for the
// gradients of [W; R] stay in the L2 cache beside what they sum, and take less
// memory than that; where they would not, there is one group.
template <class T>
RowGroups row_groups(const Rnn<T>& rnn) {
  constexpr int64_t kFewestRows = 16, kMostGroups = 16, kMostBytes = 1 << 19;
  RowGroups groups(rnn.B);
  const int64_t depth = rnn.F + rnn.U;
  const int64_t sums = depth * rnn.U * shape_of(rnn.cell).gates;
  if (rnn.B < 2 * kFewestRows || sums * sizeof(T) > kMostBytes) return groups;
  const int64_t rows = std::max(kFewestRows, (depth + rnn.T_ - 1) / rnn.T_);
  const int64_t most =
      std::min({rnn.B / rows, rnn.B / row_grain(rnn), kMostGroups});
  while (2 * groups.count <= most) groups.count *= 2;
  groups.most = (rnn.B + groups.count - 1) / groups.count;
  groups.count = (rnn.B + groups.most - 1) / groups.most;
  return groups;
}

// Where the plan of a pass finds what is saved: see rnn_saved_size().
template <class T, class Plan>
void lay_out_saved(const Rnn<T>& rnn, Plan* plan) {
  const CellShape& shape = plan->shape;
  const int64_t of_step = rnn.B * plan->Up;
  plan->groups = row_groups(rnn);
  plan->states = rnn.saved;
  T* next = rnn.saved + shape.states * (rnn.T_ + 1) * of_step;
  if (shape.kept > 0) plan->gates = next;
  if (saves_inputs(rnn.cell, rnn.activation, rnn.recurrent_activation)) {
    plan->inputs = next + shape.kept * rnn.T_ * of_step;
  }
}

// Whether threads take whole groups: all are busy then, and to the end.
bool by_groups(const RowGroups& groups) {
  const int64_t threads = internal::slice_count(groups.batch, 1);
  return groups.count > 1 && (groups.count % threads == 0 ||
                              groups.count > 4 * threads);
}

// f(begin, end) on ranges of rows, each on one thread: whole groups if `grouped`.
template <class T, class F>
void for_rows(const Rnn<T>& rnn, const RowGroups& groups, bool grouped, F f) {
  if (!grouped) return parallel_for(rnn.B, row_grain(rnn), f);
  parallel_for(groups.count, 1, [&](int64_t begin, int64_t end) {
    f(groups.first(begin), groups.first(end));
  });
}

template <class T>
void find_first_used(const Rnn<T>& rnn, int64_t* first_used) {
  for (int64_t row = 0; row < rnn.B; ++row) {
    const int32_t* mask = rnn.mask + row * rnn.T_;
    int64_t s = 0;
    while (s < rnn.T_ && !mask[rnn.go_backwards ? rnn.T_ - 1 - s : s]) ++s;
    first_used[row] = s;
  }
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
  plan.groups = RowGroups(B);
  plan.products = internal::forward_products(rnn);
  const int64_t S = plan.shape.states, kept = plan.shape.kept;
  const int64_t blocks = plan.shape.blocks();
  if (rnn.saved) lay_out_saved(rnn, &plan);
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
    if (rnn.mask) first_used = work.cut<int64_t>(B);
  });
  for (const GateProduct<T>& product : plan.products) {
    pack_weights(rnn, product, kernels, padded);
  }
  lay_out_bias(rnn, blocks, Up, bias);
  if (rnn.mask) find_first_used(rnn, first_used);
  plan.bias = bias, plan.first_used = first_used;
  const auto run = ELMAN_SELECT_FOR(kernels.isa, forward_rows<T>);
  const bool grouped = by_groups(plan.groups);
  for_rows(rnn, plan.groups, grouped, [&](int64_t begin, int64_t end) {
    const int64_t rows = std::min(end - begin, kBlockRows);
    ForwardScratch<T> own = {};
    Workspace slice(Purpose::kSlice);
    cut_workspace(slice, [&] {
      if (!plan.states) own.states = slice.cut<T>(S * 2 * rows * Up);
      if (!plan.gates) own.gates = slice.cut<T>(rows * kept * Up);
      if (rnn.h_drop) own.dropped = slice.cut<T>(rows * Up);
      if (rnn.x_drop) own.x_dropped = slice.cut<T>(rows * F);
      if (rows < 3 && !rnn.x_drop) {
        own.ahead = slice.cut<T>(rows * kTimeChunk * blocks * Up);
      }
      own.scratch = slice.cut<T>(Up);
    });
    run(plan, own, begin, end);
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
  const int64_t S = plan.shape.states;
  lay_out_saved(rnn, &plan);
  const bool inputs = gradient.dx && F > 0;
  const bool repeats = rnn.mask && gradient.dy && !rnn.zero_output_for_mask;
  plan.to_h = internal::products_to_h(rnn);
  if (inputs) plan.to_x = internal::products_to_x(rnn);
  const bool grouped = by_groups(plan.groups);
  const int64_t step_of_dz = rnn.T_ * plan.shape.gradients * Up;  // of a row
  WeightGradients<T> weights(plan, kernels);
  T* padded = nullptr;
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
    weights.cut_parts(&work);
    if (grouped) return;
    plan.dz = work.cut<T>(B * step_of_dz);
    padded = weights.cut_padded(&work);
  });
  for (const GateProduct<T>& product : plan.to_h) {
    pack_transpose(rnn.R, U, Up, rnn, product, kernels);
  }
  for (const GateProduct<T>& product : plan.to_x) {
    pack_transpose(rnn.W, F, F, rnn, product, kernels);
  }
  const auto run = ELMAN_SELECT_FOR(kernels.isa, backward_rows<T>);
  for_rows(rnn, plan.groups, grouped, [&](int64_t begin, int64_t end) {
    const int64_t rows = std::min(end - begin, kBlockRows);
    BackwardScratch<T> own = {};
    T* own_padded = nullptr;
    Workspace slice(Purpose::kSlice);
    cut_workspace(slice, [&] {
      own.dstates = slice.cut<T>(S * 2 * rows * Up);
      if (rnn.h_drop || plan.shape.stages > 1) {
        own.product = slice.cut<T>(rows * Up);
      }
      if (repeats) own.pending = slice.cut<T>(rows * Up);
      if (inputs && (plan.Fp != F || rnn.x_drop)) {
        own.dx = slice.cut<T>(std::max(rows, kTimeChunk) * plan.Fp);
      }
      own.scratch = slice.cut<T>(4 * Up);
      if (!grouped) return;
      own.dz = slice.cut<T>(plan.groups.most * step_of_dz);
      own_padded = weights.cut_padded(&slice);
    });
    if (!grouped) return run(plan, own, begin, end);
    // The weights' gradients of a group while its dz is in the cache.
    while (begin < end) {
      const int64_t group_end = plan.groups.end_of(begin);
      run(plan, own, begin, group_end);
      weights.take(begin, own.dz, own_padded);
      begin = group_end;
    }
  });
  for (int64_t row = 0; !grouped && row < B; row = plan.groups.end_of(row)) {
    weights.take(row, plan.dz + row * step_of_dz, padded);
  }
  weights.add_parts_up();
}

template void rnn_forward(const Rnn<float>&);
template void rnn_forward(const Rnn<double>&);
template void rnn_backward(const Rnn<float>&, const RnnGradient<float>&);
template void rnn_backward(const Rnn<double>&, const RnnGradient<double>&);

}  // namespace elman
