// Functions of one operand, element by element: y = f(x).
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <cmath>

#include "core/activations.h"
#include "core/elementwise.h"
#include "core/scalar_ops.h"

namespace elman {
namespace {

void check_same_dtype(const Arrays& in, const Arrays& out) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], in[0].dtype);
}

// y = f(x) for floating x.
template <double (*F)(double), float (*G)(float)>
void floating(const Arrays& in, const Arrays& out, const Attributes&) {
  check_same_dtype(in, out);
  if (in[0].dtype == DType::kFloat32) {
    map_elements<float, float>(in[0], out[0], [](float x) { return G(x); });
  } else {
    require_dtype(in[0], DType::kFloat64);
    map_elements<double, double>(in[0], out[0], [](double x) { return F(x); });
  }
}

// y = f(x) for integers too.
template <double (*F)(double), float (*G)(float), int32_t (*H)(int32_t)>
void number(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  if (in.size() == 1 && !is_floating(in[0].dtype)) {
    check_same_dtype(in, out);
    map_elements<int32_t, int32_t>(in[0], out[0],
                                   [](int32_t x) { return H(x); });
  } else {
    floating<F, G>(in, out, attributes);
  }
}

// y = f(x) for whole numbers only.
template <int32_t (*H)(int32_t)>
void whole(const Arrays& in, const Arrays& out, const Attributes&) {
  check_same_dtype(in, out);
  require_dtype(in[0], DType::kInt32);
  map_elements<int32_t, int32_t>(in[0], out[0],
                                 [](int32_t x) { return H(x); });
}

// A question about x; the answer is bool.
template <int32_t (*F)(double), int32_t (*G)(float), int32_t (*H)(int32_t)>
void question(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 1, out, 1);
  require_dtype(out[0], DType::kBool);
  if (in[0].dtype == DType::kFloat32) {
    map_elements<float, int32_t>(in[0], out[0], [](float x) { return G(x); });
  } else if (in[0].dtype == DType::kFloat64) {
    map_elements<double, int32_t>(in[0], out[0], [](double x) { return F(x); });
  } else {
    map_elements<int32_t, int32_t>(in[0], out[0],
                                   [](int32_t x) { return H(x); });
  }
}

// The two functions that activations have in vectorised form.
template <Activation A>
void vectorised(const Arrays& in, const Arrays& out, const Attributes&) {
  check_same_dtype(in, out);
  require_same_size(in[0], out[0]);
  visit_floating(in[0].dtype, [&](auto type) {
    using T = decltype(type);
    activate<T>(A, in[0].as<T>(), out[0].as<T>(), out[0].size());
  });
}

}  // namespace

void register_unary(Registry& registry) {
  registry.add({
      {"negative", number<ops::negative, ops::negative, ops::negative>},
      {"abs", number<ops::absolute, ops::absolute, ops::absolute>},
      {"sign", number<ops::sign, ops::sign, ops::sign>},
      {"square", number<ops::square, ops::square, ops::square>},
      {"floor", number<std::floor, std::floor, ops::same>},
      {"ceil", number<std::ceil, std::ceil, ops::same>},
      // Halves go to the even neighbour, the processor's default.
      {"round", number<std::nearbyint, std::nearbyint, ops::same>},
      {"trunc", number<std::trunc, std::trunc, ops::same>},
      {"exp", vectorised<Activation::kExponential>},
      {"tanh", vectorised<Activation::kTanh>},
      {"expm1", floating<std::expm1, std::expm1>},
      {"log", floating<std::log, std::log>},
      {"log1p", floating<std::log1p, std::log1p>},
      {"log2", floating<std::log2, std::log2>},
      {"log10", floating<std::log10, std::log10>},
      {"sqrt", floating<std::sqrt, std::sqrt>},
      {"rsqrt", floating<ops::rsqrt, ops::rsqrt>},
      {"reciprocal", floating<ops::reciprocal, ops::reciprocal>},
      {"sin", floating<std::sin, std::sin>},
      {"cos", floating<std::cos, std::cos>},
      {"tan", floating<std::tan, std::tan>},
      {"asin", floating<std::asin, std::asin>},
      {"acos", floating<std::acos, std::acos>},
      {"atan", floating<std::atan, std::atan>},
      {"sinh", floating<std::sinh, std::sinh>},
      {"cosh", floating<std::cosh, std::cosh>},
      {"asinh", floating<std::asinh, std::asinh>},
      {"acosh", floating<std::acosh, std::acosh>},
      {"atanh", floating<std::atanh, std::atanh>},
      {"erf", floating<std::erf, std::erf>},
      {"erfinv", floating<ops::erfinv, ops::erfinv>},
      {"cbrt", floating<std::cbrt, std::cbrt>},
      {"bitwise_not", whole<ops::bitwise_not>},
      {"signbit", question<ops::signbit, ops::signbit, ops::signbit>},
      {"isnan", question<ops::isnan, ops::isnan, ops::isnan>},
      {"isinf", question<ops::isinf, ops::isinf, ops::isinf>},
      {"isfinite", question<ops::isfinite, ops::isfinite, ops::isfinite>},
      {"logical_not",
       question<ops::logical_not, ops::logical_not, ops::logical_not>},
  });
}

}  // namespace elman
