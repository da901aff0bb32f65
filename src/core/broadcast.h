// NumPy broadcasting as a short loop nest: the output's axes, merged where all
// operands walk on evenly, and each operand's stride along them (0 where it is
// repeated). Two same-shape operands become one axis; a bias, two.
#ifndef ELMAN_CORE_BROADCAST_H_
#define ELMAN_CORE_BROADCAST_H_

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "core/array.h"
#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {

template <int N>
struct BroadcastPlan {
  int rank = 0;  // at least one
  int64_t extents[Shape::kMaxRank] = {};
  int64_t strides[N][Shape::kMaxRank] = {};  // innermost: 0 or 1

  int64_t inner() const { return extents[rank - 1]; }
  int64_t rows() const {
    int64_t n = 1;
    for (int axis = 0; axis + 1 < rank; ++axis) n *= extents[axis];
    return n;
  }
};

// The stride along every axis of `out` of an operand of shape `shape`.
inline void broadcast_strides(const Shape& shape, const Shape& out,
                              int64_t* strides) {
  const int lead = out.rank() - shape.rank();
  int64_t stride = 1;
  bool fits = lead >= 0;
  for (int axis = out.rank() - 1; fits && axis >= 0; --axis) {
    const int64_t extent = axis < lead ? 1 : shape[axis - lead];
    fits = extent == out[axis] || extent == 1;
    strides[axis] = extent == 1 ? 0 : stride;
    stride *= extent;
  }
  if (!fits) {
    throw std::invalid_argument("shape " + shape.text() +
                                " does not broadcast to " + out.text());
  }
}

template <int N>
BroadcastPlan<N> plan_broadcast(const Shape* const (&shapes)[N],
                                const Shape& out) {
  int64_t full[N][Shape::kMaxRank] = {};
  for (int k = 0; k < N; ++k) broadcast_strides(*shapes[k], out, full[k]);
  BroadcastPlan<N> plan;
  for (int axis = 0; axis < out.rank(); ++axis) {
    if (out[axis] == 1) continue;
    bool merges = plan.rank > 0;
    for (int k = 0; k < N && merges; ++k) {
      merges = plan.strides[k][plan.rank - 1] == full[k][axis] * out[axis];
    }
    if (merges) {
      plan.extents[plan.rank - 1] *= out[axis];
    } else {
      plan.extents[plan.rank++] = out[axis];
    }
    for (int k = 0; k < N; ++k) plan.strides[k][plan.rank - 1] = full[k][axis];
  }
  if (plan.rank == 0) plan.extents[plan.rank++] = 1;
  return plan;
}

// Calls f(out_offset, offsets, n) for runs of n elements along the innermost
// axis, spread over threads; offsets[k] is where operand k starts.
template <int N, class F>
void for_each_run(const BroadcastPlan<N>& plan, F f) {
  const int last = plan.rank - 1;
  const int64_t n = plan.inner();
  if (last == 0) {
    parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      int64_t offsets[N];
      for (int k = 0; k < N; ++k) offsets[k] = begin * plan.strides[k][0];
      f(begin, offsets, end - begin);
    });
    return;
  }
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, n));
  parallel_for(plan.rows(), grain, [&](int64_t begin, int64_t end) {
    int64_t place[Shape::kMaxRank] = {};
    int64_t offsets[N] = {};
    int64_t rest = begin;
    for (int axis = last - 1; axis >= 0; --axis) {
      place[axis] = rest % plan.extents[axis];
      rest /= plan.extents[axis];
      for (int k = 0; k < N; ++k) {
        offsets[k] += place[axis] * plan.strides[k][axis];
      }
    }
    for (int64_t row = begin; row < end; ++row) {
      f(row * n, offsets, n);
      for (int axis = last - 1; axis >= 0; --axis) {
        for (int k = 0; k < N; ++k) offsets[k] += plan.strides[k][axis];
        if (++place[axis] < plan.extents[axis]) break;
        place[axis] = 0;
        for (int k = 0; k < N; ++k) {
          offsets[k] -= plan.extents[axis] * plan.strides[k][axis];
        }
      }
    }
  });
}

}  // namespace elman

#endif  // ELMAN_CORE_BROADCAST_H_
