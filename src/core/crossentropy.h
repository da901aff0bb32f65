// Crossentropies between classes, rows as in core/losses.h. With one-hot
// targets y, or the class number k:
//   categorical, p probabilities   -sum_j y_j log(q_j),  q = p / sum(p), between
//                                  e and 1 - e
//   categorical, p logits          sum(y) log(sum_j exp(p_j)) - sum_j y_j p_j
//   sparse, p probabilities        log(sum_j q_j) - log(q_k),  q = p between e
//                                  and 1 - e
//   sparse, p logits               log(sum_j exp(p_j)) - p_k
// A row of the class "ignore" has error 0.
#ifndef ELMAN_CORE_CROSSENTROPY_H_
#define ELMAN_CORE_CROSSENTROPY_H_

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "core/attributes.h"
#include "core/losses.h"

namespace elman {

template <class T>
struct Clip {
  T low, high;
  explicit Clip(const Attributes& attributes) {
    const double epsilon = attributes.number("epsilon");
    low = static_cast<T>(epsilon);
    high = static_cast<T>(1 - epsilon);
  }
  bool inside(T p) const { return p >= low && p <= high; }
  T operator()(T p) const { return p < low ? low : p > high ? high : p; }
};

template <class T>
T row_sum(const T* p, int64_t width) {
  T sum = 0;
  for (int64_t j = 0; j < width; ++j) sum += p[j];
  return sum;
}

template <class T>
T row_max(const T* p, int64_t width) {
  T top = p[0];
  for (int64_t j = 1; j < width; ++j) top = p[j] > top ? p[j] : top;
  return top;
}

// sum_j exp(p_j - top)
template <class T>
T row_exp_sum(const T* p, int64_t width, T top) {
  T sum = 0;
  for (int64_t j = 0; j < width; ++j) sum += std::exp(p[j] - top);
  return sum;
}

template <class T>
struct CategoricalCrossentropy {
  static constexpr bool kClassNumbers = false;
  int64_t width;
  Smoothing<T> smooth;
  Clip<T> clip;

  CategoricalCrossentropy(int64_t w, const Attributes& attributes)
      : width(w),
        smooth(attributes, 1 / static_cast<T>(w)),
        clip(attributes) {}
  double value(const T* y, const T* p) const {
    const T total = row_sum(p, width);
    T sum = 0;
    for (int64_t j = 0; j < width; ++j) {
      sum -= smooth(y[j]) * std::log(clip(p[j] / total));
    }
    return sum;
  }
  void slope(const T* y, const T* p, T share, T* dp) const {
    const T total = row_sum(p, width);
    T shift = 0;
    for (int64_t j = 0; j < width; ++j) {
      const T q = p[j] / total;
      dp[j] = clip.inside(q) ? -smooth(y[j]) / q : 0;
      shift += dp[j] * q;
    }
    for (int64_t j = 0; j < width; ++j) {
      dp[j] = share * (dp[j] - shift) / total;
    }
  }
};

template <class T>
struct CategoricalLogits {
  static constexpr bool kClassNumbers = false;
  int64_t width;
  Smoothing<T> smooth;

  CategoricalLogits(int64_t w, const Attributes& attributes)
      : width(w), smooth(attributes, 1 / static_cast<T>(w)) {}
  double value(const T* y, const T* p) const {
    const T top = row_max(p, width);
    const T log_sum = std::log(row_exp_sum(p, width, top));
    T sum = 0;
    for (int64_t j = 0; j < width; ++j) {
      sum += smooth(y[j]) * (log_sum - (p[j] - top));
    }
    return sum;
  }
  void slope(const T* y, const T* p, T share, T* dp) const {
    const T top = row_max(p, width);
    const T sum = row_exp_sum(p, width, top);
    T weight = 0;
    for (int64_t j = 0; j < width; ++j) weight += smooth(y[j]);
    for (int64_t j = 0; j < width; ++j) {
      dp[j] = share * (weight * std::exp(p[j] - top) / sum - smooth(y[j]));
    }
  }
};

// The class number of a row: its place, or -1 for one that is ignored.
struct ClassNumbers {
  int64_t classes;
  bool ignores;
  int64_t ignored;

  ClassNumbers(int64_t n, const Attributes& attributes)
      : classes(n),
        ignores(attributes.has("ignore")),
        ignored(attributes.integer("ignore", 0)) {}
  template <class Y>
  int64_t operator()(Y y) const {
    const int64_t k = class_number(y);
    if (ignores && k == ignored) return -1;
    if (k < 0 || k >= classes) {
      throw std::invalid_argument("class numbers must be between 0 and " +
                                  std::to_string(classes - 1) + ", not " +
                                  std::to_string(k));
    }
    return k;
  }
};

template <class T>
struct SparseCrossentropy {
  static constexpr bool kClassNumbers = true;
  int64_t width;
  ClassNumbers number;
  Clip<T> clip;

  SparseCrossentropy(int64_t w, const Attributes& attributes)
      : width(w), number(w, attributes), clip(attributes) {}
  T clipped_sum(const T* p) const {
    T sum = 0;
    for (int64_t j = 0; j < width; ++j) sum += clip(p[j]);
    return sum;
  }
  template <class Y>
  double value(const Y* y, const T* p) const {
    const int64_t k = number(*y);
    if (k < 0) return 0;
    return std::log(clipped_sum(p)) - std::log(clip(p[k]));
  }
  template <class Y>
  void slope(const Y* y, const T* p, T share, T* dp) const {
    const int64_t k = number(*y);
    const T each = k < 0 ? 0 : share / clipped_sum(p);
    for (int64_t j = 0; j < width; ++j) dp[j] = clip.inside(p[j]) ? each : 0;
    if (k >= 0 && clip.inside(p[k])) dp[k] -= share / p[k];
  }
};

template <class T>
struct SparseLogits {
  static constexpr bool kClassNumbers = true;
  int64_t width;
  ClassNumbers number;

  SparseLogits(int64_t w, const Attributes& attributes)
      : width(w), number(w, attributes) {}
  template <class Y>
  double value(const Y* y, const T* p) const {
    const int64_t k = number(*y);
    if (k < 0) return 0;
    const T top = row_max(p, width);
    return std::log(row_exp_sum(p, width, top)) - (p[k] - top);
  }
  template <class Y>
  void slope(const Y* y, const T* p, T share, T* dp) const {
    const int64_t k = number(*y);
    const T top = row_max(p, width);
    const T each = k < 0 ? 0 : share / row_exp_sum(p, width, top);
    for (int64_t j = 0; j < width; ++j) dp[j] = each * std::exp(p[j] - top);
    if (k >= 0) dp[k] -= share;
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_CROSSENTROPY_H_
