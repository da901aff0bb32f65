// Reductions: sum, mean, prod, max, min, any, all, and where the extremes are.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/reduce.h"

namespace elman {
namespace {

// float sums in double, int32 in 64 bits that wrap around.
template <class T>
using Wide =
    std::conditional_t<std::is_floating_point<T>::value, double, uint64_t>;

template <class T>
struct SumOf {
  using Sum = Wide<T>;
  static Sum identity() { return 0; }
  static Sum step(Sum sum, T x) { return sum + static_cast<Sum>(x); }
  static Sum merge(Sum a, Sum b) { return a + b; }
  static Sum finish(Sum sum, int64_t) { return sum; }
};

template <class T>
struct MeanOf : SumOf<T> {
  static double finish(double sum, int64_t count) {
    return sum / static_cast<double>(count);
  }
};

template <class T>
struct SquaresOf : SumOf<T> {
  static double step(double sum, T x) {
    return sum + static_cast<double>(x) * static_cast<double>(x);
  }
};

template <class T>
struct ProductOf {
  using Sum = Wide<T>;
  static Sum identity() { return 1; }
  static Sum step(Sum product, T x) { return product * static_cast<Sum>(x); }
  static Sum merge(Sum a, Sum b) { return a * b; }
  static Sum finish(Sum product, int64_t) { return product; }
};

template <class T>
constexpr T lowest() {
  return std::is_floating_point<T>::value ? -std::numeric_limits<T>::infinity()
                                          : std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T highest() {
  return std::is_floating_point<T>::value ? std::numeric_limits<T>::infinity()
                                          : std::numeric_limits<T>::max();
}

// One NaN makes the extreme NaN.
template <class T>
struct MaximumOf {
  using Sum = T;
  static T identity() { return lowest<T>(); }
  static T step(T a, T b) { return b > a || b != b ? b : a; }
  static T merge(T a, T b) { return step(a, b); }
  static T finish(T a, int64_t) { return a; }
};

template <class T>
struct MinimumOf {
  using Sum = T;
  static T identity() { return highest<T>(); }
  static T step(T a, T b) { return b < a || b != b ? b : a; }
  static T merge(T a, T b) { return step(a, b); }
  static T finish(T a, int64_t) { return a; }
};

template <class T>
struct AnyOf {
  using Sum = int32_t;
  static Sum identity() { return 0; }
  static Sum step(Sum any, T x) { return any | (x != 0); }
  static Sum merge(Sum a, Sum b) { return a | b; }
  static Sum finish(Sum any, int64_t) { return any; }
};

template <class T>
struct AllOf {
  using Sum = int32_t;
  static Sum identity() { return 1; }
  static Sum step(Sum all, T x) { return all & (x != 0); }
  static Sum merge(Sum a, Sum b) { return a & b; }
  static Sum finish(Sum all, int64_t) { return all; }
};

// The output has the dtype of the input, or int32 where that is bool.
template <template <class> class R>
void reduce_number(const Arrays& in, const Arrays& out,
                   const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require(in[0].dtype == out[0].dtype || in[0].dtype == DType::kBool,
          "the output has another dtype");
  require(is_floating(in[0].dtype) == is_floating(out[0].dtype),
          "the output has another dtype");
  visit_number(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    reduce<R<T>, T, T>(in[0], out[0], attributes.integers("axes"));
  });
}

template <template <class> class R>
void reduce_floating(const Arrays& in, const Arrays& out,
                     const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], in[0].dtype);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    reduce<R<T>, T, T>(in[0], out[0], attributes.integers("axes"));
  });
}

template <template <class> class R>
void reduce_logical(const Arrays& in, const Arrays& out,
                    const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], DType::kBool);
  visit_number(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    reduce<R<T>, T, int32_t>(in[0], out[0], attributes.integers("axes"));
  });
}

// The first place, counted from 0 over the reduced axes in row-major order, of
// the greatest element; the first NaN counts as that. Likewise for the least.
template <class T>
void locate_extreme(const Array& x, const Array& y,
                    const std::vector<int64_t>& axes, bool greatest) {
  const ReducePlan plan(x.shape, axes);
  const int64_t outputs = plan.kept.size(), count = plan.reduced.size();
  require(y.size() == outputs, "the output has another size");
  require(count > 0 || outputs == 0, "nothing has no greatest element");
  const T* from = x.as<T>();
  int32_t* to = y.as<int32_t>();
  parallel_for(outputs, std::max<int64_t>(1, kGrain / (count + 1)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   const T* start = from + plan.kept.offset(i);
                   int64_t best = 0;
                   T extreme = *start;
                   for (int64_t k = 1; k < count && extreme == extreme; ++k) {
                     const T value = start[plan.reduced.offset(k)];
                     if ((greatest ? value > extreme : value < extreme) ||
                         value != value) {
                       best = k;
                       extreme = value;
                     }
                   }
                   to[i] = static_cast<int32_t>(best);
                 }
               });
}

template <bool kGreatest>
void arg_extreme(const Arrays& in, const Arrays& out,
                 const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], DType::kInt32);
  visit_number(in[0].dtype, [&](auto type) {
    locate_extreme<decltype(type)>(in[0], out[0], attributes.integers("axes"),
                                   kGreatest);
  });
}

// The sum of the squares of all elements of all inputs, as for a global norm;
// absent inputs count as nothing.
void sum_of_squares(const Arrays& in, const Arrays& out, const Attributes&) {
  require(out.size() == 1 && out[0].size() == 1, "the output is one number");
  double sum = 0;
  for (const Array& x : in) {
    if (x.data == nullptr) continue;
    visit_floating(x.dtype, [&](auto type) {
      using T = decltype(type);
      sum += reduce_long_run<SquaresOf<T>>(x.as<T>(), x.size());
    });
  }
  visit_floating(out[0].dtype, [&](auto type) {
    using T = decltype(type);
    *out[0].as<T>() = static_cast<T>(sum);
  });
}

}  // namespace

void register_reduce(Registry& registry) {
  registry.add({
      {"sum", reduce_number<SumOf>},
      {"prod", reduce_number<ProductOf>},
      {"max", reduce_number<MaximumOf>},
      {"min", reduce_number<MinimumOf>},
      {"mean", reduce_floating<MeanOf>},
      {"any", reduce_logical<AnyOf>},
      {"all", reduce_logical<AllOf>},
      {"argmax", arg_extreme<true>},
      {"argmin", arg_extreme<false>},
      {"sum_of_squares", sum_of_squares},
  });
}

}  // namespace elman
