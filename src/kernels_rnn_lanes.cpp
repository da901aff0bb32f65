// The recurrent layer for few units (core/rnn_lanes.h): when it is taken, what is
// laid out for it, and how blocks are shared out over threads.
#include <algorithm>

#include "core/product_plan.h"
#include "core/rnn_plan.h"
#include "core/rnn_products.h"
#include "core/thread_pool.h"
#include "core/transpose_blocks.h"
#include "core/workspace.h"

#define ELMAN_REGION "core/rnn_lanes_region.h"
#include "core/for_each_isa.h"

#include "core/rnn_kernels.h"

namespace elman {
namespace {

constexpr int64_t kMostUnits = 8;
constexpr int64_t kFewestRows = 12;

// An instruction set and the rows of a block; no rows where the layer is for
// rows.
struct Lanes {
  Isa isa;
  int64_t count = 0;
};

template <class T>
bool only_in_rows(const Rnn<T>& rnn) {
  return rnn.cell == Cell::kGruResetBefore || rnn.mask || rnn.x_drop ||
         rnn.h_drop || is_row_activation(rnn.activation) ||
         is_row_activation(rnn.recurrent_activation);
}

// Lanes are taken where they need fewer vectors than the rows, of eight padded
// units, and as much memory at most; of two instruction sets, that which needs
// the fewest.
template <class T>
Lanes lanes_for(const Rnn<T>& rnn) {
  Lanes lanes = {current_isa()};
  if (rnn.U > kMostUnits || rnn.B < kFewestRows || only_in_rows(rnn)) {
    return lanes;
  }
  const int64_t saved = rnn.B * padded_units(rnn.U);
  const int64_t widest = ELMAN_SELECT(vector_width<T>)();
  int64_t fewest = widest < 8 ? saved / widest : rnn.B;
  const auto consider = [&](Isa isa) {
    const int64_t count = ELMAN_SELECT_FOR(isa, panel_width<T>)();
    const int64_t width = ELMAN_SELECT_FOR(isa, vector_width<T>)();
    const int64_t needed = round_up(rnn.B, count) * rnn.U;
    if (needed > saved || needed / width >= fewest) return;
    fewest = needed / width;
    lanes = {isa, count};
  };
  const Isa isa = lanes.isa;
  if (isa == Isa::kAvx512) consider(Isa::kAvx2);
  consider(isa);
  return lanes;
}

template <class T>
LanesPlan<T> plan_for(const Rnn<T>& rnn, const Lanes& lanes) {
  LanesPlan<T> plan = {};
  plan.rnn = &rnn;
  plan.shape = shape_of(rnn.cell);
  plan.activations = internal::activation_calls<T>(lanes.isa);
  plan.cell = internal::cell_calls<T>(rnn.cell, lanes.isa);
  plan.lanes = lanes.count;
  plan.saves_inputs =
      rnn.saved &&
      saves_inputs(rnn.cell, rnn.activation, rnn.recurrent_activation);
  const int64_t inputs = plan.saves_inputs ? plan.shape.gates : 0;
  plan.saved_size = (plan.shape.states * (rnn.T_ + 1) +
                     rnn.T_ * (plan.shape.kept + inputs)) *
                    rnn.U * lanes.count;
  return plan;
}

// Runs blocks of the batch, each thread with scratch of its own.
template <class T, class Run>
void for_blocks(const LanesPlan<T>& plan, int64_t scratch_size, Run run) {
  const int64_t blocks = (plan.rnn->B + plan.lanes - 1) / plan.lanes;
  const int64_t grain = row_grain(*plan.rnn) / plan.lanes + 1;
  parallel_for(blocks, grain, [&](int64_t block, int64_t end) {
    Workspace workspace(Purpose::kPacking);
    T* scratch = nullptr;
    cut_workspace(workspace, [&] { scratch = workspace.cut<T>(scratch_size); });
    for (; block < end; ++block) run(plan, block, scratch);
  });
}

// The columns of a product's gates in [W; R], as rows.
template <class T>
void turn_gates(const Rnn<T>& rnn, const GateProduct<T>& product, T* rows) {
  const int64_t U = rnn.U, GU = shape_of(rnn.cell).gates * U;
  for (int64_t column = product.gate * U;
       column < (product.gate + product.blocks) * U; ++column) {
    for (int64_t k = 0; product.x && k < rnn.F; ++k) {
      *rows++ = rnn.W[k * GU + column];
    }
    for (int64_t k = 0; product.h && k < U; ++k) {
      *rows++ = rnn.R[k * GU + column];
    }
  }
}

// Calls f(column of W or R, column of the sums) for the units of all gates that
// have gradients by way of these products.
template <class T, class F>
void for_columns(const LanesPlan<T>& plan, const GateProducts<T>& products,
                 F f) {
  const int64_t U = plan.rnn->U, gradients = plan.shape.gradients;
  for (const GateProduct<T>& product : products) {
    for (int64_t j = 0; j < product.blocks; ++j) {
      for (int64_t u = 0; u < U; ++u) {
        f((product.gate + j) * U + u, u * gradients + product.block + j);
      }
    }
  }
}

// The rows of W or R in the order of the gradients of gates.
template <class T>
void order_columns(const LanesPlan<T>& plan, const GateProducts<T>& products,
                   const T* matrix, int64_t rows, T* ordered) {
  const int64_t GU = plan.shape.gates * plan.rnn->U;
  const int64_t K = plan.shape.gradients * plan.rnn->U;
  std::fill_n(ordered, rows * K, T(0));
  for_columns(plan, products, [&](int64_t column, int64_t sum) {
    for (int64_t i = 0; i < rows; ++i) {
      ordered[i * K + sum] = matrix[i * GU + column];
    }
  });
}

// Adds up the sums of the blocks, in their order, and hands them out.
template <class T>
void hand_out(const LanesPlan<T>& plan, const GateProducts<T>& to_x,
              const GateProducts<T>& to_h) {
  const Rnn<T>& rnn = *plan.rnn;
  const RnnGradient<T>& gradient = *plan.gradient;
  const int64_t F = rnn.F, U = rnn.U, G = plan.shape.gates;
  const int64_t K = plan.shape.gradients * U, size = (F + U + 1) * K;
  T* sums = plan.sums;
  for (int64_t row = plan.lanes; row < rnn.B; row += plan.lanes) {
    const T* block = sums + row / plan.lanes * size;
    for (int64_t i = 0; i < size; ++i) sums[i] += block[i];
  }
  const auto give = [&](const GateProducts<T>& products, const T* from,
                        int64_t rows, T* to) {
    for_columns(plan, products, [&](int64_t column, int64_t sum) {
      for (int64_t i = 0; i < rows; ++i) {
        to[i * G * U + column] = from[i * K + sum];
      }
    });
  };
  if (gradient.dW) give(to_x, sums, F, gradient.dW);
  if (gradient.dR) give(to_h, sums + F * K, U, gradient.dR);
  if (!gradient.db) return;
  give(to_x, sums + (F + U) * K, 1, gradient.db);
  if (plan.shape.bias_rows == 2) {
    give(to_h, sums + (F + U) * K, 1, gradient.db + G * U);
  }
}

}  // namespace

namespace internal {

template <class T>
bool forward_in_lanes(const Rnn<T>& rnn) {
  const Lanes lanes = lanes_for(rnn);
  if (lanes.count == 0) return false;
  LanesPlan<T> plan = plan_for(rnn, lanes);
  plan.products = forward_products(rnn);
  const int64_t U = rnn.U, blocks = plan.shape.blocks();
  T *bias = nullptr, *lanes_of_bias = nullptr;
  Workspace work(Purpose::kCall);
  cut_workspace(work, [&] {
    for (GateProduct<T>& product : plan.products) {
      product.panels =
          work.cut<T>(product.blocks * U * depth_of(rnn, product));
    }
    bias = work.cut<T>(blocks * U);
    lanes_of_bias = work.cut<T>(blocks * U * lanes.count);
  });
  for (const GateProduct<T>& product : plan.products) {
    turn_gates(rnn, product, product.panels);
  }
  lay_out_bias(rnn, blocks, U, bias);
  for (int64_t i = 0; i < U * blocks; ++i) {
    std::fill_n(lanes_of_bias + i * lanes.count, lanes.count,
                bias[i % blocks * U + i / blocks]);
  }
  plan.bias = lanes_of_bias;
  const int64_t scratch = ELMAN_SELECT_FOR(lanes.isa, forward_scratch<T>)(plan);
  for_blocks(plan, scratch, ELMAN_SELECT_FOR(lanes.isa, forward_lanes<T>));
  return true;
}

template <class T>
bool backward_in_lanes(const Rnn<T>& rnn, const RnnGradient<T>& gradient) {
  const Lanes lanes = lanes_for(rnn);
  if (lanes.count == 0) return false;
  LanesPlan<T> plan = plan_for(rnn, lanes);
  plan.gradient = &gradient;
  const int64_t F = rnn.F, U = rnn.U, K = plan.shape.gradients * U;
  const int64_t blocks = (rnn.B + lanes.count - 1) / lanes.count;
  const int64_t sums = blocks * (F + U + 1) * K;
  T *to_h = nullptr, *to_x = nullptr;
  Workspace work(Purpose::kCall);
  cut_workspace(work, [&] {
    to_h = work.cut<T>(U * K);
    to_x = work.cut<T>(F * K);
    if (gradient.dW || gradient.dR || gradient.db) {
      plan.sums = work.cut<T>(sums);
    }
  });
  const GateProducts<T> back_to_x = products_to_x(rnn);
  const GateProducts<T> back_to_h = products_to_h(rnn);
  order_columns(plan, back_to_h, rnn.R, U, to_h);
  order_columns(plan, back_to_x, rnn.W, F, to_x);
  if (plan.sums) std::fill_n(plan.sums, sums, T(0));
  plan.to_h = to_h, plan.to_x = to_x;
  const int64_t scratch =
      ELMAN_SELECT_FOR(lanes.isa, backward_scratch<T>)(plan);
  for_blocks(plan, scratch, ELMAN_SELECT_FOR(lanes.isa, backward_lanes<T>));
  if (plan.sums) hand_out(plan, back_to_x, back_to_h);
  return true;
}

template bool forward_in_lanes(const Rnn<float>&);
template bool forward_in_lanes(const Rnn<double>&);
template bool backward_in_lanes(const Rnn<float>&, const RnnGradient<float>&);
template bool backward_in_lanes(const Rnn<double>&, const RnnGradient<double>&);

}  // namespace internal
}  // namespace elman
