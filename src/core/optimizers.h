// Update rules, one struct each: w moves along the gradient g, with the slots
// that the rule keeps beside every variable. A rule is made from the attributes
// of the call and has
//   slots(attributes)       how many slots a variable has,
//   update(g, w, slot, n)   one step of n elements, in place.
// Numbers are rounded to T where Keras rounds them, so float32 agrees.
#ifndef ELMAN_CORE_OPTIMIZERS_H_
#define ELMAN_CORE_OPTIMIZERS_H_

#include <cmath>
#include <cstdint>

#include "core/attributes.h"

namespace elman {

// Gradient descent.
//   momentum 0:  w -= lr g
//   else:        m = momentum m - lr g;  w += m, or with Nesterov's look ahead
//                w += momentum m - lr g
template <class T>
struct Sgd {
  T lr, momentum;
  bool nesterov;

  explicit Sgd(const Attributes& a)
      : lr(static_cast<T>(a.number("learning_rate"))),
        momentum(static_cast<T>(a.number("momentum", 0))),
        nesterov(a.flag("nesterov", false)) {}

  static int slots(const Attributes& a) {
    return a.number("momentum", 0) != 0 ? 1 : 0;
  }

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

// RMSprop (Hinton 2012).
//   v = rho v + (1 - rho) g^2
//   centered:  a = rho a + (1 - rho) g;  s = v - a^2;  else s = v
//   step = lr g / sqrt(s + epsilon)
//   with momentum:  m = momentum m + step;  w -= m;  else w -= step
// Slots: v, then m if there is momentum, then a if centered.
template <class T>
struct RmsProp {
  T lr, rho, one_minus_rho, momentum, epsilon;
  bool centered;

  explicit RmsProp(const Attributes& a)
      : lr(static_cast<T>(a.number("learning_rate"))),
        rho(static_cast<T>(a.number("rho", 0.9))),
        one_minus_rho(static_cast<T>(1 - a.number("rho", 0.9))),
        momentum(static_cast<T>(a.number("momentum", 0))),
        epsilon(static_cast<T>(a.number("epsilon", 1e-7))),
        centered(a.flag("centered", false)) {}

  static int slots(const Attributes& a) {
    return 1 + (a.number("momentum", 0) > 0) + a.flag("centered", false);
  }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* v = slot[0];
    T* m = momentum > 0 ? slot[1] : nullptr;
    T* mean = !centered ? nullptr : m ? slot[2] : slot[1];
    for (int64_t i = 0; i < n; ++i) {
      v[i] = rho * v[i] + one_minus_rho * (g[i] * g[i]);
      T spread = v[i];
      if (mean) {
        mean[i] = rho * mean[i] + one_minus_rho * g[i];
        spread -= mean[i] * mean[i];
      }
      T step = lr * g[i] / std::sqrt(spread + epsilon);
      if (m) step = m[i] = momentum * m[i] + step;
      w[i] -= step;
    }
  }
};

// Adam (Kingma & Ba 2015), t being the iteration, from 1.
//   m += (1 - beta_1) (g - m)
//   v += (1 - beta_2) (g^2 - v)
//   alpha = lr sqrt(1 - beta_2^t) / (1 - beta_1^t)
//   w -= alpha m / (sqrt(v) + epsilon)
// amsgrad keeps the greatest v so far and divides by that.
// Slots: m, v, then the greatest v.
template <class T>
struct Adam {
  T alpha, one_minus_beta_1, one_minus_beta_2, epsilon;
  bool amsgrad;

  explicit Adam(const Attributes& a)
      : one_minus_beta_1(static_cast<T>(1 - a.number("beta_1", 0.9))),
        one_minus_beta_2(static_cast<T>(1 - a.number("beta_2", 0.999))),
        epsilon(static_cast<T>(a.number("epsilon", 1e-7))),
        amsgrad(a.flag("amsgrad", false)) {
    const T t = static_cast<T>(a.number("iteration"));
    const T power_1 = std::pow(static_cast<T>(a.number("beta_1", 0.9)), t);
    const T power_2 = std::pow(static_cast<T>(a.number("beta_2", 0.999)), t);
    alpha = static_cast<T>(a.number("learning_rate")) * std::sqrt(1 - power_2) /
            (1 - power_1);
  }

  static int slots(const Attributes& a) {
    return a.flag("amsgrad", false) ? 3 : 2;
  }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* m = slot[0];
    T* v = slot[1];
    for (int64_t i = 0; i < n; ++i) {
      m[i] += (g[i] - m[i]) * one_minus_beta_1;
      v[i] += (g[i] * g[i] - v[i]) * one_minus_beta_2;
      T scale = v[i];
      if (amsgrad) {
        T* greatest = slot[2];
        if (!(greatest[i] >= scale)) greatest[i] = scale;
        scale = greatest[i];
      }
      w[i] -= m[i] * alpha / (std::sqrt(scale) + epsilon);
    }
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZERS_H_
