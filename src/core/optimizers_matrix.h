// Rules that look at a variable as a matrix.
#ifndef ELMAN_CORE_OPTIMIZERS_MATRIX_H_
#define ELMAN_CORE_OPTIMIZERS_MATRIX_H_

#include <algorithm>

#include "core/gemm.h"
#include "core/optimizers_adam.h"

namespace elman {

// Adafactor (Shazeer & Stern 2018), rms being the root of the mean square.
//   b = 1 - t^beta_2_decay;  s = g^2 + epsilon_1
//   a matrix:  r = b r + (1 - b) rowmean(s);  c = b c + (1 - b) colmean(s)
//              v = r c / mean(r)
//   else:      v = b v + (1 - b) s
//   u = g / sqrt(v);  u = u / max(1, rms(u) / clip_threshold)
//   w -= max(epsilon_2, rms(w)) min(lr, 1 / sqrt(t)) u
// More axes are a stack of matrices of the last two. Slots: r, c, v.
template <class T>
struct Adafactor : WholeRule {
  T beta, epsilon_1, epsilon_2, threshold, rate;

  Adafactor(const Attributes& a, double t, const Array*)
      : beta(1 - std::pow(static_cast<T>(t), setting<T>(a, "beta_2_decay"))),
        epsilon_1(setting<T>(a, "epsilon_1")),
        epsilon_2(setting<T>(a, "epsilon_2")),
        threshold(setting<T>(a, "clip_threshold")),
        rate(std::min(setting<T>(a, "learning_rate"),
                      1 / std::sqrt(static_cast<T>(t)))) {}

  static int slots(const Attributes&) { return 3; }
  static int64_t slot_size(const Shape& shape, int s) {
    if (s == 2) return shape.size();
    if (shape.rank() < 2) return -1;
    const int last = shape.rank() - 1;
    return s == 0 ? shape.size(0, last)
                  : shape.size(0, last - 1) * shape[last];
  }

  // Sums of rows and columns in double.
  static int64_t scratch(const Shape& shape) {
    if (shape.rank() < 2) return 0;
    return shape[shape.rank() - 1] * static_cast<int64_t>(2);
  }

  void update(T* g, T* w, T* const* slot, const Shape& shape,
              T* scratch) const {
    const int64_t n = shape.size();
    T* v = slot[2];
    if (shape.rank() < 2) {
      for (int64_t i = 0; i < n; ++i) {
        v[i] = beta * v[i] + (1 - beta) * (g[i] * g[i] + epsilon_1);
      }
    } else {
      const int last = shape.rank() - 1;
      const int64_t R = shape[last - 1], C = shape[last];
      for (int64_t at = 0; R * C > 0 && at < n / (R * C); ++at) {
        factor(g + at * R * C, v + at * R * C, slot[0] + at * R,
               slot[1] + at * C, R, C, reinterpret_cast<double*>(scratch));
      }
    }
    const T alpha = std::max(epsilon_2, root_mean_square(w, n)) * rate;
    parallel_for(n, kGrain / 2, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) g[i] /= std::sqrt(v[i]);
    });
    const T longer = root_mean_square(g, n) / threshold;
    const T divisor = longer > 1 || longer != longer ? longer : T(1);
    parallel_for(n, kGrain / 2, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) w[i] -= alpha * (g[i] / divisor);
    });
  }

  void factor(const T* g, T* v, T* r, T* c, int64_t R, int64_t C,
              double* column_sums) const {
    std::fill_n(column_sums, C, 0.0);
    double total = 0;
    for (int64_t i = 0; i < R; ++i) {
      double row_sum = 0;
      for (int64_t j = 0; j < C; ++j) {
        const T square = g[i * C + j] * g[i * C + j] + epsilon_1;
        row_sum += square;
        column_sums[j] += square;
      }
      r[i] = beta * r[i] + (1 - beta) * static_cast<T>(row_sum / C);
      total += r[i];
    }
    for (int64_t j = 0; j < C; ++j) {
      c[j] = beta * c[j] + (1 - beta) * static_cast<T>(column_sums[j] / R);
    }
    const T mean = static_cast<T>(total / R);
    for (int64_t i = 0; i < R; ++i) {
      const T share = r[i] / mean;
      for (int64_t j = 0; j < C; ++j) v[i * C + j] = share * c[j];
    }
  }
};

// Muon (Jordan 2024): momentum, made orthogonal by steps of Newton and Schulz.
//   m = momentum m + g;  x = g + momentum m (Nesterov) or m
//   x = x / |x|;  steps times  A = x x';  x = a x + (b A + c A A) x
//   w -= lr rms_rate sqrt(max(rows, columns)) x
// A variable with a second slot, the v of Adam, follows Adam instead, with a
// rate and a decay of its own.
template <class T>
struct Muon : WholeRule {
  T lr, momentum, a, b, c, rms_rate;
  int64_t steps;
  bool nesterov, adjusts;
  Adam<T> adam;

  Muon(const Attributes& at, double t, const Array*)
      : lr(setting<T>(at, "learning_rate")),
        momentum(setting<T>(at, "momentum")),
        a(setting<T>(at, "muon_a")),
        b(setting<T>(at, "muon_b")),
        c(setting<T>(at, "muon_c")),
        rms_rate(static_cast<T>(at.number("rms_rate", 1))),
        steps(at.integer("ns_steps")),
        nesterov(at.flag("nesterov", true)),
        adjusts(at.has("rms_rate")),
        adam(at, t, at.number("learning_rate") * at.number("adam_lr_ratio"),
             "adam_beta_1", "adam_beta_2") {}

  static int slots(const Attributes&) { return 2; }
  static bool may_lack(const Shape& shape, int s) {
    return s == 1 && shape.rank() == 2;
  }
  static double decay(const Attributes& at, const Array* const* slots) {
    return at.number(slots[1]->data ? "adam_weight_decay" : "weight_decay", 0);
  }

  // x, its successor, A and A A.
  static int64_t scratch(const Shape& shape) {
    if (shape.rank() != 2) return 0;
    const int64_t rows = std::min(shape[0], shape[1]);
    return 2 * shape.size() + 2 * rows * rows;
  }

  // What products work in is there before anything changes.
  static void prepare() { reserve_packing<T>(); }

  void update(T* g, T* w, T* const* slot, const Shape& shape,
              T* scratch) const {
    const int64_t n = shape.size();
    if (slot[1] != nullptr) {
      adam.update(g, w, slot, n);
      return;
    }
    T* m = slot[0];
    for (int64_t i = 0; i < n; ++i) {
      m[i] += g[i] + m[i] * (momentum - 1);
      g[i] = nesterov ? g[i] + momentum * m[i] : m[i];
    }
    const int64_t R = shape[0], C = shape[1];
    const T* x = orthogonal(g, R, C, scratch);
    const T root = std::sqrt(static_cast<T>(std::max(R, C)));
    for (int64_t i = 0; i < R; ++i) {
      for (int64_t j = 0; j < C; ++j) {
        const T step = lr * (R > C ? x[j * R + i] : x[i * C + j]);
        w[i * C + j] -= adjusts ? step * root * rms_rate : step;
      }
    }
  }

  // The rows of x, or of its transpose where that has fewer, made orthogonal.
  const T* orthogonal(const T* g, int64_t R, int64_t C, T* scratch) const {
    const int64_t n = R * C, rows = std::min(R, C), columns = std::max(R, C);
    T* x = scratch;
    T* next = x + n;
    T* A = next + n;
    T* AA = A + rows * rows;
    const T length = norm(g, n) + T(1e-7);
    for (int64_t i = 0; i < R; ++i) {
      for (int64_t j = 0; j < C; ++j) {
        x[R > C ? j * R + i : i * C + j] = g[i * C + j] / length;
      }
    }
    for (int64_t k = 0; k < steps; ++k) {
      gemm<T>(false, true, rows, rows, columns, x, x, A, nullptr);
      gemm<T>(false, false, rows, rows, rows, A, A, AA, nullptr);
      for (int64_t i = 0; i < rows * rows; ++i) A[i] = b * A[i] + c * AA[i];
      gemm<T>(false, false, rows, columns, rows, A, x, next, nullptr);
      for (int64_t i = 0; i < n; ++i) next[i] += a * x[i];
      std::swap(x, next);
    }
    return x;
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZERS_MATRIX_H_
