// Running sums and products along an axis.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

// y[k] = x[0] + ... + x[k], or their product, in each of `width` neighbouring
// columns, n elements long and `stride` apart; backwards from the end if
// `reverse`. float computes in double, integers wrap around.
template <class T, bool kProduct>
void running(const T* x, T* y, int64_t n, int64_t stride, int64_t width,
                  bool reverse) {
  using Sum =
      std::conditional_t<std::is_floating_point<T>::value, double, uint32_t>;
  constexpr int64_t kStrip = 128;
  Sum sums[kStrip];
  for (int64_t first = 0; first < width; first += kStrip) {
    const int64_t columns = std::min(kStrip, width - first);
    std::fill(sums, sums + columns, Sum(kProduct ? 1 : 0));
    for (int64_t k = 0; k < n; ++k) {
      const int64_t row = (reverse ? n - 1 - k : k) * stride + first;
      for (int64_t j = 0; j < columns; ++j) {
        const Sum next = static_cast<Sum>(x[row + j]);
        sums[j] = kProduct ? sums[j] * next : sums[j] + next;
        y[row + j] = static_cast<T>(sums[j]);
      }
    }
  }
}

template <bool kProduct>
void cumulate(const Arrays& in, const Arrays& out,
              const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Shape& shape = in[0].shape;
  require(shape == out[0].shape, "a running total keeps the shape");
  require(in[0].dtype == out[0].dtype ||
              (in[0].dtype == DType::kBool && out[0].dtype == DType::kInt32),
          "the output has another dtype");
  const int axis = checked_axis(attributes.integer("axis"), shape.rank());
  const bool reverse = attributes.flag("reverse", false);
  const int64_t outer = shape.size(0, axis);
  const int64_t n = shape[axis];
  const int64_t inner = shape.size(axis + 1, shape.rank());
  const int64_t block = n * inner;
  visit_number(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* x = in[0].as<T>();
    T* y = out[0].as<T>();
    parallel_for(outer, std::max<int64_t>(1, kGrain / (block + 1)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     running<T, kProduct>(x + i * block, y + i * block, n,
                                          inner, inner, reverse);
                   }
                 });
  });
}

}  // namespace

void register_cumulative(Registry& registry) {
  registry.add({
      {"cumsum", cumulate<false>},
      {"cumprod", cumulate<true>},
  });
}

}  // namespace elman
