// What every optimizer does around its rule, variable by variable:
//   g = g / scale                      the loss was multiplied by scale
//   g = (a + g) / steps                a sums the gradients of the calls before
//   g = g cut to [-clipvalue, clipvalue], or shortened to a norm
//   w = w - w decay lr
//   w, slots = rule(g, w, slots)       see the optimizers_*.h
//   average = momentum average + (1 - momentum) w;  every so often w = average
// Where gradients are accumulated, all calls but every steps-th only add to a
// and to the average. Sums are taken in double and in an order that does not
// depend on threads.
#ifndef ELMAN_CORE_OPTIMIZER_STEP_H_
#define ELMAN_CORE_OPTIMIZER_STEP_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/array.h"
#include "core/attributes.h"
#include "core/dispatch.h"
#include "core/thread_pool.h"

namespace elman {

constexpr int kMaxSlots = 3;

// Elements that are taken through all stages at once.
constexpr int64_t kStepBlock = 512;

// The sum of f(begin, end) over at most 64 parts of [0, n), always the same
// ones and added from the front.
template <class F>
double ordered_sum(int64_t n, F&& f) {
  constexpr int64_t kParts = 64;
  const int64_t blocks = (n + kStepBlock - 1) / kStepBlock;
  const int64_t length = (blocks + kParts - 1) / kParts * kStepBlock;
  if (length == 0) return 0;
  const int64_t parts = (n + length - 1) / length;
  double sums[kParts];
  parallel_for(parts, std::max<int64_t>(kGrain / length, 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t p = begin; p < end; ++p) {
                   sums[p] = f(p * length, std::min((p + 1) * length, n));
                 }
               });
  double sum = 0;
  for (int64_t p = 0; p < parts; ++p) sum += sums[p];
  return sum;
}

// Eight sums side by side, so that the loop vectorises.
template <class T>
double square_sum(const T* x, int64_t n) {
  double lanes[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; ++k) {
      const double value = x[i + k];
      lanes[k] += value * value;
    }
  }
  for (; i < n; ++i) lanes[0] += static_cast<double>(x[i]) * x[i];
  double sum = 0;
  for (double lane : lanes) sum += lane;
  return sum;
}

template <class T>
T root_mean_square(const T* x, int64_t n) {
  const double sum = ordered_sum(
      n, [&](int64_t i, int64_t end) { return square_sum(x + i, end - i); });
  return static_cast<T>(std::sqrt(sum / static_cast<double>(n)));
}

template <class T>
T norm(const T* x, int64_t n) {
  return static_cast<T>(std::sqrt(ordered_sum(
      n, [&](int64_t i, int64_t end) { return square_sum(x + i, end - i); })));
}

// What is the same for all variables of one call. `calls` are those before.
struct StepOptions {
  double lr, scale, steps, clipvalue, clipnorm, global_clipnorm, ema_momentum;
  bool scaled, accumulates, updates, averages, overwrites;
  // Counts updates from 1.
  double t;

  StepOptions(const Attributes& a, double calls)
      : lr(a.number("learning_rate")),
        scale(a.number("loss_scale_factor", 1)),
        steps(a.number("gradient_accumulation_steps", 1)),
        clipvalue(a.number("clipvalue", 0)),
        clipnorm(a.number("clipnorm", 0)),
        global_clipnorm(a.number("global_clipnorm", 0)),
        ema_momentum(a.number("ema_momentum", 0)),
        scaled(a.has("loss_scale_factor")),
        accumulates(steps > 1),
        averages(a.flag("use_ema", false)) {
    updates = std::fmod(calls + 1, steps) == 0;
    const double done = std::floor(calls / steps);
    t = done + 1;
    const double frequency = a.number("ema_overwrite_frequency", 0);
    overwrites = averages && frequency > 0 && std::fmod(t, frequency) == 0;
    // The first average is the weights themselves.
    if (done == 0) ema_momentum = 0;
  }
};

// The gradient of one variable, as the rule gets to see it.
template <class T>
class StepGradient {
 public:
  StepGradient(const StepOptions& options, const T* g, const T* sums)
      : g_(g),
        sums_(sums),
        scale_(static_cast<T>(options.scale)),
        steps_(static_cast<T>(options.steps)),
        scaled_(options.scaled) {}

  void cut_to(T limit) { limit_ = limit; }
  // g factor / divisor
  void multiply_by(T factor, T divisor) {
    factor_ = factor, divisor_ = divisor, multiplies_ = true;
  }

  // True where it is what it was given.
  bool plain() const {
    return !scaled_ && !sums_ && limit_ == 0 && !multiplies_;
  }
  const T* given() const { return g_; }

  // Elements [begin, end).
  void get(int64_t begin, int64_t end, T* out) const {
    const int64_t n = end - begin;
    const T* g = g_ + begin;
    for (int64_t i = 0; i < n; ++i) out[i] = scaled_ ? g[i] / scale_ : g[i];
    if (sums_) {
      for (int64_t i = 0; i < n; ++i) {
        out[i] = (out[i] + sums_[begin + i]) / steps_;
      }
    }
    if (limit_ > 0) {
      for (int64_t i = 0; i < n; ++i) {
        out[i] = out[i] < -limit_ ? -limit_ : out[i] > limit_ ? limit_ : out[i];
      }
    }
    if (multiplies_) {
      for (int64_t i = 0; i < n; ++i) out[i] = out[i] * factor_ / divisor_;
    }
  }

  double squares(int64_t n) const {
    return ordered_sum(n, [&](int64_t begin, int64_t end) {
      T block[kStepBlock];
      double sum = 0;
      for (int64_t i = begin; i < end; i += kStepBlock) {
        const int64_t stop = std::min(i + kStepBlock, end);
        get(i, stop, block);
        sum += square_sum(block, stop - i);
      }
      return sum;
    });
  }

 private:
  const T* g_;
  const T* sums_;
  T scale_, steps_, limit_ = 0, factor_ = 1, divisor_ = 1;
  bool scaled_, multiplies_ = false;
};

// sums = sums + g / scale, for the calls that do not update.
template <class T>
void accumulate(const StepOptions& options, const T* g, T* sums, int64_t n) {
  const T scale = static_cast<T>(options.scale);
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      sums[i] = (options.scaled ? g[i] / scale : g[i]) + sums[i];
    }
  });
}

template <class T>
void decay_weights(T* w, int64_t n, T decay, T lr) {
  for (int64_t i = 0; i < n; ++i) w[i] -= w[i] * decay * lr;
}

template <class T>
void average_weights(const StepOptions& options, T* w, T* average, int64_t n) {
  const T momentum = static_cast<T>(options.ema_momentum);
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      average[i] = momentum * average[i] + (1 - momentum) * w[i];
    }
    if (options.overwrites) std::copy(average + begin, average + end, w + begin);
  });
}

}  // namespace elman

#endif  // ELMAN_CORE_OPTIMIZER_STEP_H_
