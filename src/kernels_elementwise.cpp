// Functions of two and three operands, element by element, with broadcasting.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <cmath>

#include "core/elementwise.h"
#include "core/scalar_ops.h"

namespace elman {
namespace {

void check_pair(const Arrays& in, const Arrays& out) {
  require_counts(in, 2, out, 1);
  require_dtype(in[1], in[0].dtype);
}

// z = f(x, y) for floating operands.
template <double (*F)(double, double), float (*G)(float, float)>
void floating(const Arrays& in, const Arrays& out, const Attributes&) {
  check_pair(in, out);
  require_dtype(out[0], in[0].dtype);
  if (in[0].dtype == DType::kFloat32) {
    map_pairs<float, float>(in[0], in[1], out[0],
                            [](float x, float y) { return G(x, y); });
  } else {
    require_dtype(in[0], DType::kFloat64);
    map_pairs<double, double>(in[0], in[1], out[0],
                              [](double x, double y) { return F(x, y); });
  }
}

// z = f(x, y) for integers too.
template <double (*F)(double, double), float (*G)(float, float),
          int32_t (*H)(int32_t, int32_t)>
void number(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  if (in.size() == 2 && !is_floating(in[0].dtype)) {
    check_pair(in, out);
    require_dtype(out[0], in[0].dtype);
    map_pairs<int32_t, int32_t>(in[0], in[1], out[0],
                                [](int32_t x, int32_t y) { return H(x, y); });
  } else {
    floating<F, G>(in, out, attributes);
  }
}

// z = f(x, y) for whole numbers only.
template <int32_t (*H)(int32_t, int32_t)>
void whole(const Arrays& in, const Arrays& out, const Attributes&) {
  check_pair(in, out);
  require_dtype(in[0], DType::kInt32);
  require_dtype(out[0], DType::kInt32);
  map_pairs<int32_t, int32_t>(in[0], in[1], out[0],
                              [](int32_t x, int32_t y) { return H(x, y); });
}

// A question about x and y; the answer is bool.
template <int32_t (*F)(double, double), int32_t (*G)(float, float),
          int32_t (*H)(int32_t, int32_t)>
void question(const Arrays& in, const Arrays& out, const Attributes&) {
  check_pair(in, out);
  require_dtype(out[0], DType::kBool);
  if (in[0].dtype == DType::kFloat32) {
    map_pairs<float, int32_t>(in[0], in[1], out[0],
                              [](float x, float y) { return G(x, y); });
  } else if (in[0].dtype == DType::kFloat64) {
    map_pairs<double, int32_t>(in[0], in[1], out[0],
                               [](double x, double y) { return F(x, y); });
  } else {
    map_pairs<int32_t, int32_t>(in[0], in[1], out[0],
                                [](int32_t x, int32_t y) { return H(x, y); });
  }
}

// in: condition (bool), a, b.
void where(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 3, out, 1);
  require_dtype(in[0], DType::kBool);
  require_dtype(in[1], out[0].dtype);
  require_dtype(in[2], out[0].dtype);
  visit_width(out[0].dtype, [&](auto type) {
    select_elements<decltype(type)>(in[0], in[1], in[2], out[0]);
  });
}

}  // namespace

void register_elementwise(Registry& registry) {
  using namespace ops;
  registry.add({
      {"add", number<add, add, add>},
      {"subtract", number<subtract, subtract, subtract>},
      {"multiply", number<multiply, multiply, multiply>},
      {"divide", floating<divide, divide>},
      {"power", number<power, power, power>},
      {"maximum", number<maximum, maximum, maximum>},
      {"minimum", number<minimum, minimum, minimum>},
      {"floor_divide", number<floor_divide, floor_divide, floor_divide>},
      {"mod", number<mod, mod, mod>},
      {"arctan2", floating<std::atan2, std::atan2>},
      {"equal", question<equal, equal, equal>},
      {"not_equal", question<not_equal, not_equal, not_equal>},
      {"less", question<less, less, less>},
      {"less_equal", question<less_equal, less_equal, less_equal>},
      {"greater", question<greater, greater, greater>},
      {"greater_equal", question<greater_equal, greater_equal, greater_equal>},
      {"logical_and", question<logical_and, logical_and, logical_and>},
      {"logical_or", question<logical_or, logical_or, logical_or>},
      {"logical_xor", question<logical_xor, logical_xor, logical_xor>},
      {"bitwise_and", whole<bitwise_and>},
      {"bitwise_or", whole<bitwise_or>},
      {"bitwise_xor", whole<bitwise_xor>},
      {"left_shift", whole<left_shift>},
      {"right_shift", whole<right_shift>},
      {"where", where},
  });
}

}  // namespace elman
