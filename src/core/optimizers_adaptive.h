// Rules that divide gradients by what they sum of their squares.
#ifndef ELMAN_CORE_OPTIMIZERS_ADAPTIVE_H_
#define ELMAN_CORE_OPTIMIZERS_ADAPTIVE_H_

#include "core/optimizer_rules.h"

namespace elman {

// RMSprop (Hinton 2012).
//   v = rho v + (1 - rho) g^2
//   centered:  a = rho a + (1 - rho) g;  s = v - a^2;  else s = v
//   step = lr g / sqrt(s + epsilon)
//   with momentum:  m = momentum m + step;  w -= m;  else w -= step
// Slots: v, then m if there is momentum, then a if centered.
template <class T>
struct RmsProp : ElementRule {
  T lr, rho, one_minus_rho, momentum, epsilon;
  bool centered;

  RmsProp(const Attributes& a, double, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        rho(setting<T>(a, "rho")),
        one_minus_rho(complement<T>(a, "rho")),
        momentum(setting<T>(a, "momentum")),
        epsilon(setting<T>(a, "epsilon")),
        centered(a.flag("centered", false)) {}

  static int slots(const Attributes& a) {
    return 1 + (a.number("momentum") > 0) + a.flag("centered", false);
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

// Adagrad (Duchi, Hazan & Singer 2011).
//   s = s + g^2;  w -= lr g / sqrt(s + epsilon)
template <class T>
struct Adagrad : ElementRule {
  T lr, epsilon;

  Adagrad(const Attributes& a, double, const Array*)
      : lr(setting<T>(a, "learning_rate")), epsilon(setting<T>(a, "epsilon")) {}

  static int slots(const Attributes&) { return 1; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* s = slot[0];
    for (int64_t i = 0; i < n; ++i) {
      s[i] += g[i] * g[i];
      w[i] -= lr * g[i] / std::sqrt(s[i] + epsilon);
    }
  }
};

// Adadelta (Zeiler 2012).
//   s = rho s + (1 - rho) g^2
//   d = -g sqrt(u + epsilon) / sqrt(s + epsilon)
//   u = rho u + (1 - rho) d^2;  w += lr d
// Slots: s, u.
template <class T>
struct Adadelta : ElementRule {
  T lr, rho, one_minus_rho, epsilon;

  Adadelta(const Attributes& a, double, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        rho(setting<T>(a, "rho")),
        one_minus_rho(complement<T>(a, "rho")),
        epsilon(setting<T>(a, "epsilon")) {}

  static int slots(const Attributes&) { return 2; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* s = slot[0];
    T* u = slot[1];
    for (int64_t i = 0; i < n; ++i) {
      s[i] = rho * s[i] + one_minus_rho * (g[i] * g[i]);
      const T d =
          -(std::sqrt(u[i] + epsilon) * g[i] / std::sqrt(s[i] + epsilon));
      u[i] = rho * u[i] + one_minus_rho * (d * d);
      w[i] += lr * d;
    }
  }
};

// Follow the regularized leader (McMahan et al. 2013), p being minus the power.
//   n = s + g^2;  z += g + 2 shrinkage w - (n^p - s^p) / lr w;  s = n
//   w = (z cut to [-l1, l1] - z) / (n^p / lr + 2 l2 + beta / lr)
// Slots: s, z.
template <class T>
struct Ftrl : ElementRule {
  T lr, power, l1, l2, shrinkage;

  Ftrl(const Attributes& a, double, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        power(-setting<T>(a, "learning_rate_power")),
        l1(setting<T>(a, "l1_regularization_strength")),
        l2(setting<T>(a, "l2_regularization_strength") +
           setting<T>(a, "beta") / (2 * lr)),
        shrinkage(static_cast<T>(
            2 * a.number("l2_shrinkage_regularization_strength"))) {}

  static int slots(const Attributes&) { return 2; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* s = slot[0];
    T* z = slot[1];
    const bool root = power == T(0.5);
    for (int64_t i = 0; i < n; ++i) {
      const T sum = s[i] + g[i] * g[i];
      const T after = root ? std::sqrt(sum) : std::pow(sum, power);
      const T before = root ? std::sqrt(s[i]) : std::pow(s[i], power);
      z[i] += g[i] + shrinkage * w[i] - (after - before) / lr * w[i];
      const T inside = z[i] < -l1 ? -l1 : z[i] > l1 ? l1 : z[i];
      w[i] = (inside - z[i]) / (after / lr + 2 * l2);
      s[i] = sum;
    }
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZERS_ADAPTIVE_H_
