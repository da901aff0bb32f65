// What most kernels begin with: from a dtype to a C++ type, size checks, and
// how many elements are worth a thread.
#ifndef ELMAN_CORE_DISPATCH_H_
#define ELMAN_CORE_DISPATCH_H_

#include <cstdint>
#include <stdexcept>
#include <string>

#include "core/array.h"
#include "core/registry.h"

namespace elman {

// A loop over fewer elements costs less than waking a thread.
constexpr int64_t kGrain = 1 << 15;

inline void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

inline void require_counts(const Arrays& in, size_t inputs, const Arrays& out,
                           size_t outputs) {
  require(in.size() == inputs, "wrong number of inputs");
  require(out.size() == outputs, "wrong number of outputs");
}

inline void require_dtype(const Array& array, DType dtype) {
  if (array.dtype != dtype) {
    throw std::invalid_argument(std::string("expected dtype ") +
                                dtype_name(dtype) + ", not " +
                                dtype_name(array.dtype));
  }
}

inline void require_same_size(const Array& a, const Array& b) {
  if (a.size() != b.size()) {
    throw std::invalid_argument("shapes " + a.shape.text() + " and " +
                                b.shape.text() + " differ in size");
  }
}

// The axis of attribute "axis", counted from 0, or from the end if negative.
inline int checked_axis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    throw std::invalid_argument("there is no axis " + std::to_string(axis) +
                                " among " + std::to_string(rank));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

// Calls f(T()) with the type of a floating dtype.
template <class F>
void visit_floating(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kFloat32:
      return f(float());
    case DType::kFloat64:
      return f(double());
    default:
      throw std::invalid_argument(std::string("no kernel for dtype ") +
                                  dtype_name(dtype));
  }
}

// The same for every dtype; int32 and bool are int32_t.
template <class F>
void visit_number(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kFloat32:
      return f(float());
    case DType::kFloat64:
      return f(double());
    case DType::kInt32:
    case DType::kBool:
      return f(int32_t());
  }
}

// For kernels that only move elements: calls f(T()) with a type of their size.
template <class F>
void visit_width(DType dtype, F&& f) {
  if (dtype_bytes(dtype) == 8) return f(uint64_t());
  return f(uint32_t());
}

}  // namespace elman

#endif  // ELMAN_CORE_DISPATCH_H_
