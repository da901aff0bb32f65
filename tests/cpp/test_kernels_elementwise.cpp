// Unary and binary kernels, where.
#include <algorithm>

#include "kernel_cases.h"

using namespace cases;

namespace {

template <class T>
void check_unary(const char* name, T (*f)(T), double low) {
  for (int64_t n : {0, 1, 7, 8, 9, 101}) {
    Tensor<T> x = numbers<T>({n}), y({n});
    for (int64_t i = 0; i < n; ++i) x[i] = std::max(x[i], T(low));
    call(name, {x.view()}, {y.view()});
    for (int64_t i = 0; i < n; ++i) {
      CHECK_MESSAGE(near(y[i], f(x[i])), name);
    }
  }
}

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInf = std::numeric_limits<double>::infinity();

double apply(const char* name, double a, double b) {
  Tensor<double> x({}, {a}), y({}, {b}), z({});
  call(name, {x.view(), y.view()}, {z.view()});
  return z[0];
}

int32_t apply(const char* name, int32_t a, int32_t b) {
  Tensor<int32_t> x({}, {a}), y({}, {b}), z({});
  call(name, {x.view(), y.view()}, {z.view()});
  return z[0];
}

template <class T>
void check_broadcast() {
  const std::vector<std::vector<Shape>> patterns = {
      {{}, {}, {}},
      {{7}, {7}, {7}},
      {{}, {9}, {9}},
      {{9}, {}, {9}},
      {{5, 8}, {8}, {5, 8}},
      {{8}, {5, 8}, {5, 8}},
      {{5, 8}, {5, 1}, {5, 8}},
      {{5, 1}, {1, 8}, {5, 8}},
      {{3, 1, 5}, {1, 4, 1}, {3, 4, 5}},
      {{2, 1, 3, 1}, {4, 1, 6}, {2, 4, 3, 6}},
      {{0, 3}, {3}, {0, 3}},
      {{3, 1}, {1, 0}, {3, 0}},
      {{1, 1}, {1}, {1, 1}},
      {{300, 257}, {257}, {300, 257}},
      {{70000}, {1}, {70000}},
  };
  for (const auto& p : patterns) {
    Tensor<T> a = numbers<T>(p[0], 1), b = numbers<T>(p[1], 2), c(p[2]);
    call("subtract", {a.view(), b.view()}, {c.view()});
    for (int64_t i = 0; i < c.size(); ++i) {
      const auto at = place(p[2], i);
      CHECK_MESSAGE(c[i] == a[element(p[0], at)] - b[element(p[1], at)],
                    p[0].text() + " - " + p[1].text());
    }
  }
}

}  // namespace

TEST("unary kernels are the functions of their names") {
  struct Row {
    const char* name;
    double (*f)(double);
    float (*g)(float);
    double low;  // of the domain
  };
  const Row rows[] = {
      {"exp", std::exp, std::exp, -9},
      {"expm1", std::expm1, std::expm1, -9},
      {"log", std::log, std::log, 0.1},
      {"log1p", std::log1p, std::log1p, -0.9},
      {"log2", std::log2, std::log2, 0.1},
      {"log10", std::log10, std::log10, 0.1},
      {"sqrt", std::sqrt, std::sqrt, 0},
      {"sin", std::sin, std::sin, -9},
      {"cos", std::cos, std::cos, -9},
      {"tan", std::tan, std::tan, -1},
      {"asin", std::asin, std::asin, -1},
      {"acos", std::acos, std::acos, -1},
      {"atan", std::atan, std::atan, -9},
      {"sinh", std::sinh, std::sinh, -9},
      {"cosh", std::cosh, std::cosh, -9},
      {"tanh", std::tanh, std::tanh, -9},
      {"asinh", std::asinh, std::asinh, -9},
      {"acosh", std::acosh, std::acosh, 1},
      {"atanh", std::atanh, std::atanh, -0.9},
      {"erf", std::erf, std::erf, -9},
      {"floor", std::floor, std::floor, -9},
      {"ceil", std::ceil, std::ceil, -9},
      {"trunc", std::trunc, std::trunc, -9},
      {"abs", std::abs, std::abs, -9},
  };
  for (const Row& row : rows) {
    check_unary<double>(row.name, row.f, row.low);
    check_unary<float>(row.name, row.g, row.low);
  }
  check_unary<double>(
      "negative", [](double x) { return -x; }, -9);
  check_unary<double>(
      "square", [](double x) { return x * x; }, -9);
  check_unary<double>(
      "rsqrt", [](double x) { return 1 / std::sqrt(x); }, 0.1);
  check_unary<float>(
      "reciprocal", [](float x) { return 1 / x; }, -9);
}

TEST("round takes halves to the even neighbour") {
  Tensor<double> x({6}, {-1.5, -0.5, 0.5, 1.5, 2.5, 0.4}), y({6});
  call("round", {x.view()}, {y.view()});
  const double expected[] = {-2, 0, 0, 2, 2, 0};
  for (int i = 0; i < 6; ++i) CHECK(y[i] == expected[i]);
}

TEST("sign is -1, 0, 1 or NaN") {
  Tensor<float> x({5}, {-2, 0, 3, NAN, -INFINITY}), y({5});
  call("sign", {x.view()}, {y.view()});
  CHECK(y[0] == -1 && y[1] == 0 && y[2] == 1 && y[3] != y[3] && y[4] == -1);
}

TEST("integers keep their type and wrap around") {
  const int32_t least = std::numeric_limits<int32_t>::min();
  Tensor<int32_t> x({4}, {-5, 0, 7, least}), y({4});
  call("abs", {x.view()}, {y.view()});
  CHECK(y[0] == 5 && y[1] == 0 && y[2] == 7 && y[3] == least);
  call("negative", {x.view()}, {y.view()});
  CHECK(y[0] == 5 && y[2] == -7 && y[3] == least);
  call("round", {x.view()}, {y.view()});
  CHECK(y[0] == -5 && y[2] == 7);
  CHECK(apply("add", std::numeric_limits<int32_t>::max(), 1) == least);
  CHECK_THROWS(call("sqrt", {x.view()}, {y.view()}), std::invalid_argument);
}

TEST("questions about numbers are bool") {
  Tensor<double> x({4}, {1, kNan, -kInf, 0});
  Tensor<int32_t> y({4});
  y.dtype = DType::kBool;
  const auto ask = [&](const char* name) {
    call(name, {x.view()}, {y.view()});
    return std::vector<int32_t>(y.values.begin(), y.values.begin() + 4);
  };
  CHECK(ask("isnan") == (std::vector<int32_t>{0, 1, 0, 0}));
  CHECK(ask("isinf") == (std::vector<int32_t>{0, 0, 1, 0}));
  CHECK(ask("isfinite") == (std::vector<int32_t>{1, 0, 0, 1}));
  CHECK(ask("logical_not") == (std::vector<int32_t>{0, 0, 0, 1}));
}

TEST("binary kernels broadcast as NumPy does") {
  check_broadcast<float>();
  check_broadcast<double>();
  check_broadcast<int32_t>();
}

TEST("shapes that do not broadcast are refused") {
  Tensor<float> a({3}), b({4}), c({4}), d({2, 3});
  CHECK_THROWS(call("add", {a.view(), b.view()}, {c.view()}),
               std::invalid_argument);
  CHECK_THROWS(call("add", {d.view(), a.view()}, {a.view()}),
               std::invalid_argument);
}

TEST("division and remainder follow Python's signs") {
  for (int32_t a = -7; a <= 7; ++a) {
    for (int32_t b : {-3, -2, -1, 1, 2, 3}) {
      const double down = std::floor(double(a) / b);
      CHECK(apply("floor_divide", a, b) == down);
      CHECK(apply("mod", a, b) == a - b * down);
      CHECK(apply("floor_divide", double(a), double(b)) == down);
      CHECK(apply("mod", double(a), double(b)) == a - b * down);
    }
  }
  const int32_t least = std::numeric_limits<int32_t>::min();
  CHECK(apply("floor_divide", 5, 0) == 0 && apply("mod", 5, 0) == 0);
  CHECK(apply("floor_divide", least, -1) == least);
  CHECK(apply("mod", least, -1) == 0);
  CHECK(apply("floor_divide", 1.0, 0.0) == kInf);
  CHECK(std::isnan(apply("mod", 1.0, 0.0)));
  CHECK(apply("mod", 5.3, kInf) == 5.3);
}

TEST("powers of integers are exact") {
  CHECK(apply("power", 3, 4) == 81 && apply("power", -2, 3) == -8);
  CHECK(apply("power", 7, 0) == 1 && apply("power", 0, 0) == 1);
  CHECK(apply("power", 2, -1) == 0 && apply("power", -1, -3) == -1);
  CHECK(apply("power", 2.0, 0.5) == std::sqrt(2.0));
}

TEST("maximum and minimum pass NaN on from either side") {
  CHECK(std::isnan(apply("maximum", kNan, 1.0)));
  CHECK(std::isnan(apply("maximum", 1.0, kNan)));
  CHECK(std::isnan(apply("minimum", kNan, 1.0)));
  CHECK(std::isnan(apply("minimum", 1.0, kNan)));
  CHECK(apply("maximum", -1.0, 2.0) == 2 && apply("minimum", -1.0, 2.0) == -1);
  CHECK(apply("arctan2", 1.0, -1.0) == std::atan2(1.0, -1.0));
}

TEST("comparisons and logic are bool") {
  Tensor<double> a({4}, {1, 2, kNan, 0}), b({4}, {1, 3, kNan, -1});
  Tensor<int32_t> c({4});
  c.dtype = DType::kBool;
  const auto ask = [&](const char* name) {
    call(name, {a.view(), b.view()}, {c.view()});
    return std::vector<int32_t>(c.values.begin(), c.values.begin() + 4);
  };
  CHECK(ask("equal") == (std::vector<int32_t>{1, 0, 0, 0}));
  CHECK(ask("not_equal") == (std::vector<int32_t>{0, 1, 1, 1}));
  CHECK(ask("less") == (std::vector<int32_t>{0, 1, 0, 0}));
  CHECK(ask("less_equal") == (std::vector<int32_t>{1, 1, 0, 0}));
  CHECK(ask("greater") == (std::vector<int32_t>{0, 0, 0, 1}));
  CHECK(ask("greater_equal") == (std::vector<int32_t>{1, 0, 0, 1}));
  CHECK(ask("logical_and") == (std::vector<int32_t>{1, 1, 1, 0}));
  CHECK(ask("logical_or") == (std::vector<int32_t>{1, 1, 1, 1}));
  CHECK(ask("logical_xor") == (std::vector<int32_t>{0, 0, 0, 1}));
}

TEST("where chooses with all three broadcast") {
  const Shape shapes[][4] = {{{5}, {5}, {5}, {5}},
                             {{4, 1}, {3}, {4, 3}, {4, 3}},
                             {{}, {2, 1, 3}, {4, 1}, {2, 4, 3}},
                             {{0}, {}, {1}, {0}}};
  for (const auto& s : shapes) {
    Tensor<int32_t> condition = numbers<int32_t>(s[0]);
    for (int32_t& value : condition.values) value = value > 0;
    condition.dtype = DType::kBool;
    Tensor<double> a = numbers<double>(s[1], 2), b = numbers<double>(s[2], 3);
    Tensor<double> c(s[3]);
    call("where", {condition.view(), a.view(), b.view()}, {c.view()});
    for (int64_t i = 0; i < c.size(); ++i) {
      const auto at = place(s[3], i);
      CHECK(c[i] == (condition[element(s[0], at)] ? a[element(s[1], at)]
                                                  : b[element(s[2], at)]));
    }
  }
}
