// What the kernel tests share: tensors that own their numbers, a call by name,
// shapes at the edges, and walking the places of a shape.
#ifndef ELMAN_TESTS_CPP_KERNEL_CASES_H_
#define ELMAN_TESTS_CPP_KERNEL_CASES_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "check.h"
#include "core/registry.h"
#include "core/thread_pool.h"

namespace cases {

using elman::Array;
using elman::Arrays;
using elman::Attributes;
using elman::DType;
using elman::Shape;

template <class T>
DType dtype_of() {
  return std::is_same<T, float>::value    ? DType::kFloat32
         : std::is_same<T, double>::value ? DType::kFloat64
                                          : DType::kInt32;
}

template <class T>
struct Tensor {
  std::vector<T> values;
  Shape shape;
  DType dtype = dtype_of<T>();

  explicit Tensor(const Shape& s, T value = T())
      : values(static_cast<size_t>(s.size()) + 1, value), shape(s) {}
  Tensor(const Shape& s, std::initializer_list<T> list)
      : values(list), shape(s) {
    values.push_back(T());
  }
  Array view() { return Array{values.data(), dtype, shape}; }
  T& operator[](int64_t i) { return values[static_cast<size_t>(i)]; }
  T operator[](int64_t i) const { return values[static_cast<size_t>(i)]; }
  int64_t size() const { return shape.size(); }
};

// Repeatable numbers in (-3, 3), or whole ones in -6..6.
template <class T>
Tensor<T> numbers(const Shape& shape, uint32_t seed = 1) {
  Tensor<T> out(shape);
  uint32_t state = seed * 2654435761u + 1;
  for (int64_t i = 0; i < out.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const double unit = (state >> 8) / 16777216.0;
    out[i] = std::is_floating_point<T>::value
                 ? static_cast<T>(6 * unit - 3)
                 : static_cast<T>(std::floor(13 * unit) - 6);
  }
  return out;
}

inline void call(const std::string& name, const Arrays& in, const Arrays& out,
                 const Attributes& attributes = Attributes()) {
  const elman::KernelFunction* kernel = elman::find_kernel(name);
  CHECK_MESSAGE(kernel != nullptr, "no kernel " + name);
  (*kernel)(in, out, attributes);
}

inline std::vector<int64_t> strides(const Shape& shape) {
  std::vector<int64_t> out(static_cast<size_t>(shape.rank()));
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    out[static_cast<size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  return out;
}

// The place of element i.
inline std::vector<int64_t> place(const Shape& shape, int64_t i) {
  std::vector<int64_t> out(static_cast<size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    out[static_cast<size_t>(axis)] = i % shape[axis];
    i /= shape[axis];
  }
  return out;
}

// The element at a place of a shape that this one broadcasts to.
inline int64_t element(const Shape& shape, const std::vector<int64_t>& at) {
  const std::vector<int64_t> step = strides(shape);
  const int lead = static_cast<int>(at.size()) - shape.rank();
  int64_t i = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    i += at[static_cast<size_t>(axis + lead)] * step[static_cast<size_t>(axis)];
  }
  return i;
}

// Equal, or both NaN, or as near as a few roundings of T.
template <class T>
bool near(T a, T b, double roundings = 8) {
  if (a == b || (a != a && b != b)) return true;
  const double scale = std::max(std::abs(double(a)), std::abs(double(b)));
  const double unit = std::is_same<T, float>::value
                          ? std::numeric_limits<float>::epsilon()
                          : std::numeric_limits<double>::epsilon();
  return std::abs(double(a) - double(b)) <= roundings * unit * (scale + 1);
}

inline std::vector<Shape> edge_shapes() {
  return {{},     {0},       {1},       {7},          {8},
          {9},    {2, 3},    {1, 13},   {13, 1},      {0, 4},
          {4, 0}, {5, 0, 3}, {3, 5, 7}, {2, 1, 3, 5}, {17, 129}};
}

}  // namespace cases

#endif  // ELMAN_TESTS_CPP_KERNEL_CASES_H_
