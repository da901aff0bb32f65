// Adam and its kin: running means of the gradient and of its square, corrected
// for their start at zero.
#ifndef ELMAN_CORE_OPTIMIZERS_ADAM_H_
#define ELMAN_CORE_OPTIMIZERS_ADAM_H_

#include <string_view>

#include "core/dispatch.h"
#include "core/optimizer_rules.h"
#include "core/optimizer_step.h"

namespace elman {

// Adam (Kingma & Ba 2015).
//   m += (1 - beta_1) (g - m)
//   v += (1 - beta_2) (g^2 - v)
//   alpha = lr sqrt(1 - beta_2^t) / (1 - beta_1^t)
//   w -= alpha m / (sqrt(v) + epsilon)
// amsgrad keeps the greatest v so far and divides by that.
// Slots: m, v, then the greatest v.
template <class T>
struct Adam : ElementRule {
  T alpha, one_minus_beta_1, one_minus_beta_2, epsilon;
  bool amsgrad;

  Adam(const Attributes& a, double t, const Array*)
      : Adam(a, t, a.number("learning_rate"), "beta_1", "beta_2") {}

  Adam(const Attributes& a, double t, double lr, std::string_view beta_1,
       std::string_view beta_2)
      : alpha(static_cast<T>(lr) *
              std::sqrt(correction(setting<T>(a, beta_2), t)) /
              correction(setting<T>(a, beta_1), t)),
        one_minus_beta_1(complement<T>(a, beta_1)),
        one_minus_beta_2(complement<T>(a, beta_2)),
        epsilon(setting<T>(a, "epsilon")),
        amsgrad(a.flag("amsgrad", false)) {}

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

// Adamax (Kingma & Ba 2015): the greatest gradient in place of the root of v.
//   m += (1 - beta_1) (g - m);  u = max(beta_2 u, |g|)
//   w -= lr m / ((1 - beta_1^t) (u + epsilon))
// Slots: m, u.
template <class T>
struct Adamax : ElementRule {
  T lr, one_minus_beta_1, beta_2, epsilon, corrected;

  Adamax(const Attributes& a, double t, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        one_minus_beta_1(complement<T>(a, "beta_1")),
        beta_2(setting<T>(a, "beta_2")),
        epsilon(setting<T>(a, "epsilon")),
        corrected(correction(setting<T>(a, "beta_1"), t)) {}

  static int slots(const Attributes&) { return 2; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* m = slot[0];
    T* u = slot[1];
    for (int64_t i = 0; i < n; ++i) {
      m[i] += (g[i] - m[i]) * one_minus_beta_1;
      const T size = std::abs(g[i]), faded = beta_2 * u[i];
      u[i] = faded > size ? faded : size;
      w[i] -= lr * m[i] / (corrected * (u[i] + epsilon));
    }
  }
};

// Nadam (Dozat 2015): Adam with Nesterov's look ahead.
//   mu_t = beta_1 (1 - 0.96^t / 2);  p = product of mu_1 .. mu_t, kept
//   m, v as in Adam
//   step = mu_{t+1} m / (1 - p mu_{t+1}) + (1 - mu_t) g / (1 - p)
//   w -= lr step / (sqrt(v / (1 - beta_2^t)) + epsilon)
// Slots: m, v.
template <class T>
struct Nadam : ElementRule {
  static constexpr int kStates = 1;
  T lr, beta_1, beta_2, epsilon, now, next, product, corrected;

  Nadam(const Attributes& a, double t, const Array* state)
      : lr(setting<T>(a, "learning_rate")),
        beta_1(setting<T>(a, "beta_1")),
        beta_2(setting<T>(a, "beta_2")),
        epsilon(setting<T>(a, "epsilon")),
        now(momentum(beta_1, t)),
        next(momentum(beta_1, t + 1)),
        corrected(correction(beta_2, t)) {
    visit_floating(state->dtype, [&](auto type) {
      product = static_cast<T>(*state->as<decltype(type)>());
    });
  }

  template <class U>
  static U momentum(U beta_1, double t) {
    return beta_1 * (1 - U(0.5) * std::pow(U(0.96), static_cast<U>(t)));
  }

  static void advance(const Attributes& a, double t, const Array* state) {
    visit_floating(state->dtype, [&](auto type) {
      using U = decltype(type);
      *state->as<U>() *= momentum(setting<U>(a, "beta_1"), t);
    });
  }

  static int slots(const Attributes&) { return 2; }

  void update(const T* g, T* w, T* const* slot, int64_t n) const {
    T* m = slot[0];
    T* v = slot[1];
    for (int64_t i = 0; i < n; ++i) {
      m[i] += (g[i] - m[i]) * (1 - beta_1);
      v[i] += (g[i] * g[i] - v[i]) * (1 - beta_2);
      const T step = next * m[i] / (1 - product * next) +
                     (1 - now) * g[i] / (1 - product);
      w[i] -= step * lr / (std::sqrt(v[i] / corrected) + epsilon);
    }
  }
};

// Lamb (You et al. 2020): Adam's step, as long as the variable.
//   step = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon)
//   w -= lr step |w| / |step|, the ratio being 1 where a norm is 0
// Slots: m, v.
template <class T>
struct Lamb : WholeRule {
  T lr, one_minus_beta_1, one_minus_beta_2, epsilon, corrected_1, corrected_2;

  Lamb(const Attributes& a, double t, const Array*)
      : lr(setting<T>(a, "learning_rate")),
        one_minus_beta_1(complement<T>(a, "beta_1")),
        one_minus_beta_2(complement<T>(a, "beta_2")),
        epsilon(setting<T>(a, "epsilon")),
        corrected_1(correction(setting<T>(a, "beta_1"), t)),
        corrected_2(correction(setting<T>(a, "beta_2"), t)) {}

  static int slots(const Attributes&) { return 2; }

  void update(T* g, T* w, T* const* slot, const Shape& shape, T*) const {
    const int64_t n = shape.size();
    T* m = slot[0];
    T* v = slot[1];
    parallel_for(n, kGrain / 2, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        m[i] += (g[i] - m[i]) * one_minus_beta_1;
        v[i] += (g[i] * g[i] - v[i]) * one_minus_beta_2;
        g[i] = m[i] / corrected_1 / (std::sqrt(v[i] / corrected_2) + epsilon);
      }
    });
    const T w_norm = norm(w, n), step_norm = norm(g, n);
    const T ratio = w_norm > 0 && step_norm > 0 ? w_norm / step_norm : T(1);
    parallel_for(n, kGrain / 2, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) w[i] -= ratio * lr * g[i];
    });
  }
};

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZERS_ADAM_H_
