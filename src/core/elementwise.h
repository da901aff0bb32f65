// Loops over elements: one operation applied to one, two or three operands.
#ifndef ELMAN_CORE_ELEMENTWISE_H_
#define ELMAN_CORE_ELEMENTWISE_H_

#include <cstdint>

#include "core/broadcast.h"
#include "core/dispatch.h"

namespace elman {

// out = op(x)
template <class T, class R, class Op>
void map_elements(const Array& x, const Array& out, Op op) {
  require_same_size(x, out);
  const T* from = x.as<T>();
  R* to = out.as<R>();
  parallel_for(out.size(), kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = op(from[i]);
  });
}

// out = op(a, b), a and b broadcast to the shape of out. Each operand either
// walks along a run or stays, and each case is a loop that vectorises.
template <class T, class R, class Op>
void map_pairs(const Array& a, const Array& b, const Array& out, Op op) {
  const Shape* shapes[2] = {&a.shape, &b.shape};
  const auto plan = plan_broadcast<2>(shapes, out.shape);
  const T* from_a = a.as<T>();
  const T* from_b = b.as<T>();
  R* to = out.as<R>();
  const bool a_walks = plan.strides[0][plan.rank - 1] != 0;
  const bool b_walks = plan.strides[1][plan.rank - 1] != 0;
  for_each_run(plan, [=](int64_t at, const int64_t* offsets, int64_t n) {
    const T* x = from_a + offsets[0];
    const T* y = from_b + offsets[1];
    R* z = to + at;
    if (a_walks && b_walks) {
      for (int64_t i = 0; i < n; ++i) z[i] = op(x[i], y[i]);
    } else if (a_walks) {
      const T fixed = *y;
      for (int64_t i = 0; i < n; ++i) z[i] = op(x[i], fixed);
    } else if (b_walks) {
      const T fixed = *x;
      for (int64_t i = 0; i < n; ++i) z[i] = op(fixed, y[i]);
    } else {
      const R value = op(*x, *y);
      for (int64_t i = 0; i < n; ++i) z[i] = value;
    }
  });
}

// out = condition ? a : b, all three broadcast.
template <class T>
void select_elements(const Array& condition, const Array& a, const Array& b,
                     const Array& out) {
  const Shape* shapes[3] = {&condition.shape, &a.shape, &b.shape};
  const auto plan = plan_broadcast<3>(shapes, out.shape);
  const int32_t* chooses = condition.as<int32_t>();
  const T* from_a = a.as<T>();
  const T* from_b = b.as<T>();
  T* to = out.as<T>();
  const int last = plan.rank - 1;
  const int64_t sc = plan.strides[0][last];
  const int64_t sa = plan.strides[1][last];
  const int64_t sb = plan.strides[2][last];
  for_each_run(plan, [=](int64_t at, const int64_t* offsets, int64_t n) {
    const int32_t* c = chooses + offsets[0];
    const T* x = from_a + offsets[1];
    const T* y = from_b + offsets[2];
    T* z = to + at;
    if (sc == 1 && sa == 1 && sb == 1) {
      for (int64_t i = 0; i < n; ++i) z[i] = c[i] ? x[i] : y[i];
    } else {
      for (int64_t i = 0; i < n; ++i) {
        z[i] = c[i * sc] ? x[i * sa] : y[i * sb];
      }
    }
  });
}

}  // namespace elman

#endif  // ELMAN_CORE_ELEMENTWISE_H_
