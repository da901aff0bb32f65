// Kernels that make numbers or change their kind: fill, arange, cast, copy.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/elementwise.h"

namespace elman {
namespace {

// Floating to int32 drops the fraction; what does not fit becomes the least
// int32, as the processor has it (and R's NA).
struct ToInteger {
  template <class T>
  int32_t operator()(T x) const {
    const double value = static_cast<double>(x);
    return value > -2147483649.0 && value < 2147483648.0
               ? static_cast<int32_t>(value)
               : std::numeric_limits<int32_t>::min();
  }
};

template <class T>
T number_as(double value) {
  if constexpr (std::is_floating_point<T>::value) return static_cast<T>(value);
  return static_cast<T>(ToInteger()(value));
}

void fill(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  require_counts(in, 0, out, 1);
  const double value = attributes.number("value");
  visit_number(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    T* to = out[0].as<T>();
    std::fill(to, to + out[0].size(), number_as<T>(value));
  });
}

// start, start + step, start + 2 step, ...
void arange(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  require_counts(in, 0, out, 1);
  const double start = attributes.number("start", 0);
  const double step = attributes.number("step", 1);
  visit_number(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    T* to = out[0].as<T>();
    for (int64_t i = 0; i < out[0].size(); ++i) {
      to[i] = number_as<T>(start + static_cast<double>(i) * step);
    }
  });
}

template <class T>
void cast_from(const Array& x, const Array& out) {
  switch (out.dtype) {
    case DType::kFloat32:
      return map_elements<T, float>(x, out,
                                    [](T v) { return static_cast<float>(v); });
    case DType::kFloat64:
      return map_elements<T, double>(
          x, out, [](T v) { return static_cast<double>(v); });
    case DType::kInt32:
      return map_elements<T, int32_t>(x, out, ToInteger());
    case DType::kBool:
      return map_elements<T, int32_t>(
          x, out, [](T v) { return static_cast<int32_t>(v != 0); });
  }
}

void cast(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 1, out, 1);
  visit_number(in[0].dtype,
               [&](auto type) { cast_from<decltype(type)>(in[0], out[0]); });
}

// The same numbers, maybe in another shape: also how tensors are reshaped.
void copy(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 1, out, 1);
  if (in[0].dtype != out[0].dtype || in[0].size() != out[0].size()) {
    throw std::invalid_argument("a copy keeps the dtype and the size");
  }
  if (in[0].size() == 0) return;
  std::memcpy(out[0].data, in[0].data, in[0].size() * dtype_bytes(in[0].dtype));
}

}  // namespace

void register_create(Registry& registry) {
  registry.add({
      {"fill", fill},
      {"arange", arange},
      {"cast", cast},
      {"copy", copy},
  });
}

}  // namespace elman
