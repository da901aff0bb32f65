// Errors of predictions row by row, where a row is what stands along the last
// axis. Each has, for `width` predictions p of a row and its targets y,
//   value(y, p)              the row's error,
//   slope(y, p, share, dp)   share times its derivative in p, into dp.
// Element by element, the row's error being the mean over the row:
//   squared    (p - y)^2
//   absolute   |p - y|
//   binary     -y log(q) - (1 - y) log(1 - q),  q = p between e and 1 - e
//   logits     max(p, 0) - p y + log(1 + exp(-|p|))
// The crossentropies between classes are in core/crossentropy.h.
#ifndef ELMAN_CORE_LOSSES_H_
#define ELMAN_CORE_LOSSES_H_

#include <cmath>
#include <cstdint>

#include "core/attributes.h"

namespace elman {

// A class by its number: the fraction is dropped; what no class has, such as
// NaN, is the least number that there is.
template <class Y>
int64_t class_number(Y y) {
  const double value = static_cast<double>(y);
  return std::abs(value) < 4e9 ? static_cast<int64_t>(value) : INT64_MIN;
}

template <class T>
struct SquaredError {
  explicit SquaredError(const Attributes&) {}
  T value(T y, T p) const { return (p - y) * (p - y); }
  T slope(T y, T p) const { return 2 * (p - y); }
};

template <class T>
struct AbsoluteError {
  explicit AbsoluteError(const Attributes&) {}
  T value(T y, T p) const { return p < y ? y - p : p - y; }
  T slope(T y, T p) const { return static_cast<T>((p > y) - (p < y)); }
};

// Targets moved towards 1/2 by attribute "smoothing".
template <class T>
struct Smoothing {
  T keep, add;
  Smoothing(const Attributes& attributes, T spread) {
    const double s = attributes.number("smoothing", 0);
    keep = static_cast<T>(1 - s);
    add = static_cast<T>(s) * spread;
  }
  T operator()(T y) const { return y * keep + add; }
};

template <class T>
struct BinaryCrossentropy {
  Smoothing<T> smooth;
  T low, high;
  explicit BinaryCrossentropy(const Attributes& attributes)
      : smooth(attributes, static_cast<T>(0.5)) {
    const double epsilon = attributes.number("epsilon");
    low = static_cast<T>(epsilon);
    high = static_cast<T>(1 - epsilon);
  }
  T value(T y, T p) const {
    y = smooth(y);
    const T q = p < low ? low : p > high ? high : p;
    return -(y * std::log(q) + (1 - y) * std::log(1 - q));
  }
  T slope(T y, T p) const {
    if (p < low || p > high) return 0;
    return (p - smooth(y)) / (p * (1 - p));
  }
};

template <class T>
struct BinaryLogits {
  Smoothing<T> smooth;
  explicit BinaryLogits(const Attributes& attributes)
      : smooth(attributes, static_cast<T>(0.5)) {}
  T value(T y, T p) const {
    const T tail = std::log1p(std::exp(-std::abs(p)));
    return (p > 0 ? p : 0) - p * smooth(y) + tail;
  }
  T slope(T y, T p) const {
    const T e = std::exp(-std::abs(p));
    return (p < 0 ? e : 1) / (1 + e) - smooth(y);
  }
};

// The mean of element errors over a row.
template <class T, template <class> class Error>
struct MeanOverRow {
  static constexpr bool kClassNumbers = false;
  Error<T> error;
  int64_t width;

  MeanOverRow(int64_t w, const Attributes& attributes)
      : error(attributes), width(w) {}
  double value(const T* y, const T* p) const {
    double sum = 0;
    for (int64_t j = 0; j < width; ++j) sum += error.value(y[j], p[j]);
    return sum / static_cast<double>(width);
  }
  void slope(const T* y, const T* p, T share, T* dp) const {
    const T each = share / static_cast<T>(width);
    for (int64_t j = 0; j < width; ++j) dp[j] = each * error.slope(y[j], p[j]);
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_LOSSES_H_
