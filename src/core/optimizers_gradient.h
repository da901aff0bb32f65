// Rules that keep no squares of gradients.
#ifndef ELMAN_CORE_OPTIMIZERS_GRADIENT_H_
#define ELMAN_CORE_OPTIMIZERS_GRADIENT_H_

#include "core/optimizer_rules.h"

namespace elman {

// Gradient descent.
//   momentum 0:  w -= lr g
//   else:        m = momentum m - lr g;  w += m, or with Nesterov's look ahead
//                w += momentum m - lr g
template <class T>
struct Sgd : ElementRule {
  T lr, momentum;
  bool nesterov;

  Sgd(const Attributes& a, double, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        momentum(setting<T>(a, "momentum")),
        nesterov(a.flag("nesterov", false)) {}

  static int slots(const Attributes& a) { return a.number("momentum") != 0; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    if (momentum == 0) {
      for (int64_t i = 0; i < n; ++i) w[i] -= lr * g[i];
      return;
    }
    T* m = slot[0];
    for (int64_t i = 0; i < n; ++i) {
      const T step = lr * g[i];
      m[i] = momentum * m[i] - step;
      w[i] += nesterov ? momentum * m[i] - step : m[i];
    }
  }
};

// Lion (Chen et al. 2023).
//   w -= lr sign(beta_1 m + (1 - beta_1) g)
//   m = beta_2 m + (1 - beta_2) g
template <class T>
struct Lion : ElementRule {
  T lr, beta_1, beta_2;

  Lion(const Attributes& a, double, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        beta_1(setting<T>(a, "beta_1")),
        beta_2(setting<T>(a, "beta_2")) {}

  static int slots(const Attributes&) { return 1; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* m = slot[0];
    for (int64_t i = 0; i < n; ++i) {
      const T mean = m[i] * beta_1 + g[i] * (1 - beta_1);
      const T sign = static_cast<T>((mean > 0) - (mean < 0));
      w[i] -= mean == mean ? lr * sign : mean;
      m[i] = m[i] * beta_2 + g[i] * (1 - beta_2);
    }
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZERS_GRADIENT_H_
