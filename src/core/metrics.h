// What metrics count, over plain rows of predictions: whether they hit, and the
// counts of a confusion matrix at many thresholds.
//
// Thresholds are counted by buckets. With thresholds in order, a prediction p is
// positive at the first k of them, k being how many are below p; so one bucket
// per k collects the weights, and sums over buckets from the end give the counts
// at every threshold: n + thresholds steps instead of n * thresholds.
#ifndef ELMAN_CORE_METRICS_H_
#define ELMAN_CORE_METRICS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/attributes.h"
#include "core/dispatch.h"

namespace elman {

// The place of the largest of `n`, the first of equals.
template <class T>
int64_t first_largest(const T* x, int64_t n) {
  int64_t at = 0;
  for (int64_t j = 1; j < n; ++j) {
    if (x[j] > x[at]) at = j;
  }
  return at;
}

// Is element `at` among the `k` largest, equals counting as well? Never where a
// number is not finite.
template <class T>
bool within_top(const T* x, int64_t n, int64_t at, int64_t k) {
  if (at < 0 || at >= n || !std::isfinite(x[at])) return false;
  int64_t above = 0;
  for (int64_t j = 0; j < n; ++j) {
    if (!std::isfinite(x[j])) return false;
    above += x[j] > x[at];
  }
  return above < k;
}

// Marks the `k` largest of `n` with 1, others with 0; of equals the first, and
// NaN last of all.
template <class T>
void mark_top(const T* x, int64_t n, int64_t k, std::vector<int64_t>* order,
              std::vector<char>* marks) {
  std::iota(order->begin(), order->end(), int64_t{0});
  const auto middle = order->begin() + std::min(k, n);
  std::partial_sort(order->begin(), middle, order->end(),
                    [x](int64_t a, int64_t b) {
                      const bool none_a = x[a] != x[a], none_b = x[b] != x[b];
                      if (none_a || none_b) {
                        return none_a == none_b ? a < b : none_b;
                      }
                      return x[a] > x[b] || (x[a] == x[b] && a < b);
                    });
  std::fill(marks->begin(), marks->end(), char{0});
  for (auto it = order->begin(); it != middle; ++it) (*marks)[*it] = 1;
}

// How many thresholds lie below a prediction. Where they are `even` ones from 0
// to 1 that follows from the prediction itself, as Keras reckons; with
// `outside` the first lies just below 0 and the last just above 1.
template <class T>
class Thresholds {
 public:
  explicit Thresholds(const Attributes& attributes)
      : even_(attributes.flag("even", false)),
        outside_(attributes.flag("outside", false)) {
    for (double t : attributes.numbers("thresholds")) {
      require(t == t, "a threshold is a number");
      values_.push_back(static_cast<T>(t));
    }
    require(!values_.empty(), "counts need a threshold");
    places_.resize(values_.size());
    std::iota(places_.begin(), places_.end(), int64_t{0});
    std::stable_sort(places_.begin(), places_.end(), [this](int64_t a,
                                                            int64_t b) {
      return values_[a] < values_[b];
    });
    std::sort(values_.begin(), values_.end());
  }
  int64_t size() const { return static_cast<int64_t>(values_.size()); }
  // The place, as given, of the k-th in order.
  int64_t place(int64_t k) const { return places_[k]; }
  int64_t below(T p) const {
    if (!even_) {
      return std::lower_bound(values_.begin(), values_.end(), p) -
             values_.begin();
    }
    p = p > 0 ? (p < 1 ? p : 1) : 0;
    const T bucket = std::ceil(p * static_cast<T>(size() - 1));
    const int64_t k = static_cast<int64_t>(bucket);
    return outside_ && k < 1 ? 1 : k;
  }

 private:
  bool even_, outside_;
  std::vector<T> values_;
  std::vector<int64_t> places_;
};

}  // namespace elman

#endif  // ELMAN_CORE_METRICS_H_
