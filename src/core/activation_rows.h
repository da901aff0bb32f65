// Activations of a whole row of n elements: softmax, log-softmax, sparsemax and
// glu (2n in, n out), with their gradients. Elements may lie `stride` apart, so
// that any axis of an array can be the row.
#ifndef ELMAN_CORE_ACTIVATION_ROWS_H_
#define ELMAN_CORE_ACTIVATION_ROWS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "core/activations.h"

namespace elman {

// The largest element, or NaN if any is.
template <class T>
T row_max(const T* z, int64_t n, int64_t stride) {
  T top = -std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < n; ++i) {
    if (std::isnan(z[i * stride])) return z[i * stride];
    top = std::max(top, z[i * stride]);
  }
  return top;
}

// The threshold tau of sparsemax, y = max(z - tau, 0). The support is that of
// Martins & Astudillo (2016): the k largest elements, while
// 1 + k z_(k) > z_(1) + ... + z_(k). They take tau from the last of these partial
// sums, and y sums to one; Keras takes it from the sum of all k of them, and its
// numbers are ours. `sorted` is scratch for n elements.
template <class T>
T sparsemax_threshold(const T* z, int64_t n, int64_t stride, T* sorted) {
  for (int64_t i = 0; i < n; ++i) sorted[i] = z[i * stride];
  std::sort(sorted, sorted + n, std::greater<T>());
  T partial = 0, total = 0;
  int64_t k = 0;
  for (; k < n; ++k) {
    partial += sorted[k];
    if (1 + T(k + 1) * sorted[k] <= partial) break;
    total += partial;
  }
  return (total - 1) / T(k);
}

// dz = dy where y is above 0, less what flows through tau: the i-th largest of
// the k in the support enters k - i + 1 of the partial sums. Counting instead of
// sorting needs no scratch. dz may not be dy.
template <class T>
void sparsemax_gradient_row(const T* dy, const T* z, const T* y, T* dz,
                            int64_t n, int64_t stride) {
  T sum = 0;
  int64_t k = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T here = z[i * stride];
    int64_t rank = 1;
    T partial = here;
    for (int64_t j = 0; j < n; ++j) {
      const T other = z[j * stride];
      if (other > here || (other == here && j < i)) ++rank, partial += other;
    }
    const bool in_support = 1 + T(rank) * here > partial;
    dz[i * stride] = in_support ? T(rank) : T(0);
    k += in_support;
    if (y[i * stride] != 0) sum += dy[i * stride];
  }
  for (int64_t i = 0; i < n; ++i) {
    const T rank = dz[i * stride];
    const T through = rank > 0 ? sum * (T(k) - rank + 1) / T(k) : T(0);
    dz[i * stride] = (y[i * stride] != 0 ? dy[i * stride] : T(0)) - through;
  }
}

// y = f(z) for one row. n is the length of y; scratch holds n elements and is
// used by sparsemax only; z may be y.
template <class T>
void activate_row(Activation a, const T* z, T* y, int64_t n, int64_t stride,
                  T* scratch) {
  if (n == 0) return;
  if (a == Activation::kGlu) {
    for (int64_t i = 0; i < n; ++i) {
      y[i * stride] = z[i * stride] * sigmoid(z[(i + n) * stride]);
    }
    return;
  }
  if (a == Activation::kSparsemax) {
    const T top = row_max(z, n, stride);
    if (!std::isfinite(top)) {
      for (int64_t i = 0; i < n; ++i) {
        y[i * stride] = std::numeric_limits<T>::quiet_NaN();
      }
      return;
    }
    const T tau = sparsemax_threshold(z, n, stride, scratch);
    for (int64_t i = 0; i < n; ++i) {
      y[i * stride] = std::max(z[i * stride] - tau, T(0));
    }
    return;
  }
  const T top = row_max(z, n, stride);
  T sum = 0;
  if (a == Activation::kSoftmax) {
    for (int64_t i = 0; i < n; ++i) {
      y[i * stride] = std::exp(z[i * stride] - top);
      sum += y[i * stride];
    }
    for (int64_t i = 0; i < n; ++i) y[i * stride] /= sum;
  } else {
    for (int64_t i = 0; i < n; ++i) sum += std::exp(z[i * stride] - top);
    const T shift = std::log(sum);
    for (int64_t i = 0; i < n; ++i) {
      y[i * stride] = (z[i * stride] - top) - shift;
    }
  }
}

// dz from dy and y = f(z) for one row; z is read by glu and sparsemax only. dz
// may be dy, except for these.
template <class T>
void activation_gradient_row(Activation a, const T* dy, const T* z, const T* y,
                             T* dz, int64_t n, int64_t stride) {
  if (a == Activation::kGlu) {
    for (int64_t i = 0; i < n; ++i) {
      const T gate = sigmoid(z[(i + n) * stride]);
      dz[i * stride] = dy[i * stride] * gate;
      dz[(i + n) * stride] =
          dy[i * stride] * z[i * stride] * gate * (1 - gate);
    }
    return;
  }
  if (a == Activation::kSparsemax) {
    return sparsemax_gradient_row(dy, z, y, dz, n, stride);
  }
  T sum = 0;
  if (a == Activation::kSoftmax) {
    for (int64_t i = 0; i < n; ++i) sum += dy[i * stride] * y[i * stride];
    for (int64_t i = 0; i < n; ++i) {
      dz[i * stride] = y[i * stride] * (dy[i * stride] - sum);
    }
  } else {
    for (int64_t i = 0; i < n; ++i) sum += dy[i * stride];
    for (int64_t i = 0; i < n; ++i) {
      dz[i * stride] = dy[i * stride] - std::exp(y[i * stride]) * sum;
    }
  }
}

}  // namespace elman

#endif  // ELMAN_CORE_ACTIVATION_ROWS_H_
