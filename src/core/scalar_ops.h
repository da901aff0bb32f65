// The arithmetic of one element, where it is more than a call to <cmath>:
// NumPy's answers for NaN, zero divisors, signs and integers.
#ifndef ELMAN_CORE_SCALAR_OPS_H_
#define ELMAN_CORE_SCALAR_OPS_H_

#include <cmath>
#include <cstdint>

namespace elman {
namespace ops {

// Integers wrap around, as they do in NumPy; signed overflow in C++ may not.
inline int32_t wrap(uint32_t bits) { return static_cast<int32_t>(bits); }
inline uint32_t bits(int32_t value) { return static_cast<uint32_t>(value); }

template <class T>
T add(T a, T b) {
  return a + b;
}
template <>
inline int32_t add(int32_t a, int32_t b) {
  return wrap(bits(a) + bits(b));
}

template <class T>
T subtract(T a, T b) {
  return a - b;
}
template <>
inline int32_t subtract(int32_t a, int32_t b) {
  return wrap(bits(a) - bits(b));
}

template <class T>
T multiply(T a, T b) {
  return a * b;
}
template <>
inline int32_t multiply(int32_t a, int32_t b) {
  return wrap(bits(a) * bits(b));
}

template <class T>
T negative(T x) {
  return -x;
}
template <>
inline int32_t negative(int32_t x) {
  return wrap(0u - bits(x));
}

template <class T>
T square(T x) {
  return multiply(x, x);
}

template <class T>
T rsqrt(T x) {
  return 1 / std::sqrt(x);
}

template <class T>
T reciprocal(T x) {
  return 1 / x;
}

template <class T>
T divide(T a, T b) {
  return a / b;
}

template <class T>
T same(T x) {
  return x;
}

template <class T>
T sign(T x) {
  return x != x ? x : T((x > 0) - (x < 0));
}

template <class T>
T absolute(T x) {
  return std::abs(x);
}
template <>
inline int32_t absolute(int32_t x) {
  return x < 0 ? wrap(0u - bits(x)) : x;
}

// NaN wins, whichever side it is on.
template <class T>
T maximum(T a, T b) {
  return a >= b || a != a ? a : b;
}
template <class T>
T minimum(T a, T b) {
  return a <= b || a != a ? a : b;
}

// The remainder has the sign of the divisor.
template <class T>
T mod(T a, T b) {
  const T rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(T(0), b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}
template <>
inline int32_t mod(int32_t a, int32_t b) {
  if (b == 0 || b == -1) return 0;
  const int32_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// floor(a / b), exact: (a - mod) / b is whole up to rounding.
template <class T>
T floor_divide(T a, T b) {
  if (b == 0) return a / b;
  T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T(0), a / b);
  const T down = std::floor(quotient);
  return quotient - down > T(0.5) ? down + 1 : down;
}
template <>
inline int32_t floor_divide(int32_t a, int32_t b) {
  if (b == 0) return 0;
  if (b == -1) return wrap(0u - bits(a));
  const int32_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

// Whole powers of integers by squaring; a negative power of anything but 1 and
// -1 is 0.
template <class T>
T power(T a, T b) {
  return b == 2 ? a * a : std::pow(a, b);
}
template <>
inline int32_t power(int32_t a, int32_t b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
  uint32_t result = 1, base = bits(a);
  for (; b > 0; b >>= 1, base *= base) {
    if (b & 1) result *= base;
  }
  return wrap(result);
}

// Questions; the answer is 0 or 1.
template <class T>
int32_t isnan(T x) {
  return x != x;
}
template <class T>
int32_t isinf(T x) {
  return std::isinf(static_cast<double>(x));
}
template <class T>
int32_t isfinite(T x) {
  return std::isfinite(static_cast<double>(x));
}
template <class T>
int32_t logical_not(T x) {
  return x == 0;
}

template <class T>
int32_t equal(T a, T b) {
  return a == b;
}
template <class T>
int32_t not_equal(T a, T b) {
  return a != b;
}
template <class T>
int32_t less(T a, T b) {
  return a < b;
}
template <class T>
int32_t less_equal(T a, T b) {
  return a <= b;
}
template <class T>
int32_t greater(T a, T b) {
  return a > b;
}
template <class T>
int32_t greater_equal(T a, T b) {
  return a >= b;
}
template <class T>
int32_t logical_and(T a, T b) {
  return (a != 0) & (b != 0);
}
template <class T>
int32_t logical_or(T a, T b) {
  return (a != 0) | (b != 0);
}
template <class T>
int32_t logical_xor(T a, T b) {
  return (a != 0) != (b != 0);
}

// The inverse of erf: a start that is good to about 1e-3, then Newton's method
// with Halley's correction. Near the ends erfc keeps the digits that erf loses.
inline double erfinv(double x) {
  if (x != x || std::abs(x) > 1) return std::nan("");
  if (std::abs(x) == 1) return x * HUGE_VAL;
  const double size = std::abs(x), rest = 1 - size;
  const double log_rest = std::log(rest * (1 + size));
  const double half = 4.3307467508 + log_rest / 2;
  double y = std::sqrt(std::sqrt(half * half - log_rest / 0.147) - half);
  for (int step = 0; step < 3; ++step) {
    const double error =
        size > 0.5 ? rest - std::erfc(y) : std::erf(y) - size;
    const double newton = error / (1.1283791670955126 * std::exp(-y * y));
    y -= newton / (1 + y * newton);
  }
  return std::copysign(y, x);
}
inline float erfinv(float x) {
  return static_cast<float>(erfinv(static_cast<double>(x)));
}

template <class T>
int32_t signbit(T x) {
  return std::signbit(x);
}
template <>
inline int32_t signbit(int32_t x) {
  return x < 0;
}

inline int32_t bitwise_not(int32_t x) { return ~x; }
inline int32_t bitwise_and(int32_t a, int32_t b) { return a & b; }
inline int32_t bitwise_or(int32_t a, int32_t b) { return a | b; }
inline int32_t bitwise_xor(int32_t a, int32_t b) { return a ^ b; }

// A shift by the width of the type or more is one by its width less one, as
// TensorFlow has it; the sign is kept to the right.
inline uint32_t shift_width(int32_t b) {
  return b < 0 ? 0u : b > 31 ? 31u : bits(b);
}
inline int32_t left_shift(int32_t a, int32_t b) {
  return wrap(bits(a) << shift_width(b));
}
inline int32_t right_shift(int32_t a, int32_t b) {
  return a >> shift_width(b);
}

}  // namespace ops
}  // namespace elman

#endif  // ELMAN_CORE_SCALAR_OPS_H_
