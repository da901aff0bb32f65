// Reductions over any set of axes. Axes of one kind that follow each other are
// merged, so a reduction is a short loop nest. Sums of float run in double;
// sums of double are pairwise. The order of additions depends on the shape
// only, never on threads.
#ifndef ELMAN_CORE_REDUCE_H_
#define ELMAN_CORE_REDUCE_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/array.h"
#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {

// Axes as extents with strides, outermost first.
struct AxisList {
  int rank = 0;
  int64_t extents[Shape::kMaxRank] = {};
  int64_t strides[Shape::kMaxRank] = {};

  void add(int64_t extent, int64_t stride) {
    extents[rank] = extent;
    strides[rank++] = stride;
  }
  int64_t size() const {
    int64_t n = 1;
    for (int axis = 0; axis < rank; ++axis) n *= extents[axis];
    return n;
  }
  // Where the index-th place lies, the last axis running fastest.
  int64_t offset(int64_t index) const {
    int64_t at = 0;
    for (int axis = rank - 1; axis >= 0; --axis) {
      at += (index % extents[axis]) * strides[axis];
      index /= extents[axis];
    }
    return at;
  }
};

struct ReducePlan {
  AxisList kept, reduced;
  bool keeps_inner = false;  // the innermost axis is kept

  ReducePlan(const Shape& shape, const std::vector<int64_t>& axes) {
    bool reduces[Shape::kMaxRank] = {};
    for (int64_t axis : axes) reduces[checked_axis(axis, shape.rank())] = true;
    int previous = -1;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      const int64_t stride = shape.size(axis + 1, shape.rank());
      AxisList& list = reduces[axis] ? reduced : kept;
      if (previous >= 0 && reduces[previous] == reduces[axis]) {
        list.extents[list.rank - 1] *= shape[axis];
        list.strides[list.rank - 1] = stride;
      } else {
        list.add(shape[axis], stride);
      }
      previous = axis;
    }
    keeps_inner = previous >= 0 && !reduces[previous];
  }
};

// A reduction R of elements T has: Sum (what it accumulates in), identity(),
// step(sum, x), merge(sum, sum) and finish(sum, count).
//
// A contiguous run: eight lanes, which vectorise, within blocks that are merged
// pairwise.
template <class R, class T>
typename R::Sum reduce_run(const T* x, int64_t n) {
  using Sum = typename R::Sum;
  constexpr int64_t kBlock = 1024;
  if (n > kBlock) {
    const int64_t half = (n / 2 + kBlock - 1) / kBlock * kBlock;
    return R::merge(reduce_run<R>(x, half), reduce_run<R>(x + half, n - half));
  }
  Sum lanes[8];
  std::fill(lanes, lanes + 8, R::identity());
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; ++k) lanes[k] = R::step(lanes[k], x[i + k]);
  }
  for (; i < n; ++i) lanes[i % 8] = R::step(lanes[i % 8], x[i]);
  for (int width = 4; width > 0; width /= 2) {
    for (int k = 0; k < width; ++k) {
      lanes[k] = R::merge(lanes[k], lanes[k + width]);
    }
  }
  return lanes[0];
}

// One long run on several threads: fixed pieces, merged in order.
template <class R, class T>
typename R::Sum reduce_long_run(const T* x, int64_t n) {
  if (n <= kGrain) return reduce_run<R>(x, n);
  const int64_t pieces = (n + kGrain - 1) / kGrain;
  std::vector<typename R::Sum> sums(static_cast<size_t>(pieces));
  parallel_for(pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t at = i * kGrain;
      sums[i] = reduce_run<R>(x + at, std::min(kGrain, n - at));
    }
  });
  typename R::Sum sum = sums[0];
  for (int64_t i = 1; i < pieces; ++i) sum = R::merge(sum, sums[i]);
  return sum;
}

// The innermost axis is reduced: every output is a few contiguous runs.
template <class R, class T, class Out>
void reduce_inner(const ReducePlan& plan, const T* x, Out* y, int64_t outputs,
                  int64_t count) {
  AxisList outer = plan.reduced;
  int64_t n = 1;
  if (outer.rank > 0) n = outer.extents[--outer.rank];
  const int64_t runs = n == 0 ? 0 : count / n;
  const int64_t grain = kGrain / std::max<int64_t>(1, count);
  parallel_for(
      outputs, std::max<int64_t>(1, grain), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const T* from = x + plan.kept.offset(i);
          typename R::Sum sum = R::identity();
          for (int64_t run = 0; run < runs; ++run) {
            const T* start = from + outer.offset(run);
            sum = R::merge(sum, outputs == 1 ? reduce_long_run<R>(start, n)
                                             : reduce_run<R>(start, n));
          }
          y[i] = static_cast<Out>(R::finish(sum, count));
        }
      });
}

// The innermost axis is kept: rows are accumulated into a row of sums, a strip
// of columns at a time, and every 256 rows are merged as one.
template <class R, class T, class Out>
void reduce_outer(const ReducePlan& plan, const T* x, Out* y, int64_t outputs,
                  int64_t count) {
  constexpr int64_t kStrip = 128, kRows = 256;
  AxisList outer = plan.kept;
  const int64_t n = outer.extents[--outer.rank];
  const int64_t strips = (n + kStrip - 1) / kStrip;
  const int64_t blocks = n == 0 ? 0 : outputs / n;
  const int64_t cost = count * std::min(n, kStrip);
  parallel_for(blocks * strips, std::max<int64_t>(1, kGrain / (cost + 1)),
               [&](int64_t begin, int64_t end) {
                 typename R::Sum sums[kStrip], part[kStrip];
                 for (int64_t task = begin; task < end; ++task) {
                   const int64_t first = task % strips * kStrip;
                   const int64_t width = std::min(kStrip, n - first);
                   const T* from = x + outer.offset(task / strips) + first;
                   std::fill(sums, sums + width, R::identity());
                   for (int64_t row = 0; row < count; row += kRows) {
                     std::fill(part, part + width, R::identity());
                     for (int64_t r = row; r < std::min(count, row + kRows);
                          ++r) {
                       const T* line = from + plan.reduced.offset(r);
                       for (int64_t j = 0; j < width; ++j) {
                         part[j] = R::step(part[j], line[j]);
                       }
                     }
                     for (int64_t j = 0; j < width; ++j) {
                       sums[j] = R::merge(sums[j], part[j]);
                     }
                   }
                   Out* to = y + task / strips * n + first;
                   for (int64_t j = 0; j < width; ++j) {
                     to[j] = static_cast<Out>(R::finish(sums[j], count));
                   }
                 }
               });
}

template <class R, class T, class Out>
void reduce(const Array& x, const Array& y, const std::vector<int64_t>& axes) {
  const ReducePlan plan(x.shape, axes);
  const int64_t outputs = plan.kept.size(), count = plan.reduced.size();
  require(y.size() == outputs, "the output has another size");
  if (plan.keeps_inner) {
    reduce_outer<R>(plan, x.as<T>(), y.as<Out>(), outputs, count);
  } else {
    reduce_inner<R>(plan, x.as<T>(), y.as<Out>(), outputs, count);
  }
}

}  // namespace elman

#endif  // ELMAN_CORE_REDUCE_H_
