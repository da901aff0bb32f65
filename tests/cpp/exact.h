// exp, tanh and the logistic function in numbers of two doubles, some 100 bits:
// what the kernels' last places are held to. A long double would be no wider
// than a double on some machines, and under valgrind.
#ifndef ELMAN_TESTS_CPP_EXACT_H_
#define ELMAN_TESTS_CPP_EXACT_H_

#include <array>
#include <cmath>

namespace exact {

struct Wide {
  double high, low;  // the value is their sum, |low| at most half a unit of high
};

inline Wide ordered(double high, double low) {
  const double sum = high + low;
  return {sum, low - (sum - high)};
}

inline Wide sum(double a, double b) {
  const double s = a + b, part = s - a;
  return {s, (a - (s - part)) + (b - part)};
}

inline Wide operator+(Wide a, Wide b) {
  const Wide high = sum(a.high, b.high), low = sum(a.low, b.low);
  const Wide first = ordered(high.high, high.low + low.high);
  return ordered(first.high, first.low + low.low);
}

// Not inlined: its product may not become part of another fused operation.
__attribute__((noinline)) inline Wide operator*(Wide a, Wide b) {
  const double p = a.high * b.high;
  const double cross = a.high * b.low + a.low * b.high;
  return ordered(p, std::fma(a.high, b.high, -p) + cross);
}

inline Wide operator/(Wide a, Wide b) {
  const double q = a.high / b.high;
  const Wide rest = a + Wide{-q, 0} * b;
  return ordered(q, rest.high / b.high);
}

// e^x - 1 for |x| at most 0.35: sum_n x^n / n!
inline Wide small_expm1(Wide x) {
  static const std::array<Wide, 22> inverse = [] {
    std::array<Wide, 22> all{};
    all[0] = {1, 0};
    for (int n = 1; n < 22; ++n) all[n] = all[n - 1] / Wide{double(n), 0};
    return all;
  }();
  Wide total = inverse[21];
  for (int n = 20; n >= 1; --n) total = total * x + inverse[n];
  return total * x;
}

inline Wide exp(double x) {
  const Wide ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
  const double k = std::nearbyint(x / ln2.high);
  const Wide e = Wide{1, 0} + small_expm1(Wide{x, 0} + Wide{-k, 0} * ln2);
  return {std::ldexp(e.high, int(k)), std::ldexp(e.low, int(k))};
}

inline Wide tanh(double x) {
  const Wide e = std::abs(x) < 0.17 ? small_expm1(Wide{2 * x, 0})
                                    : exp(2 * x) + Wide{-1, 0};
  return e / (e + Wide{2, 0});
}

inline Wide sigmoid(double x) {
  return Wide{1, 0} / (Wide{1, 0} + exp(-x));
}

}  // namespace exact

#endif  // ELMAN_TESTS_CPP_EXACT_H_
