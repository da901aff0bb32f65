// Optimizer steps: one call is the whole update of all variables, in place.
// in: n gradients, an absent one leaving its variable and slots alone.
// out: the number of calls so far (int32), which the call counts on;
//      with attribute dynamic_growth_steps the number of finite steps (int32)
//      and the scale of the loss (float32);
//      what the rule keeps for all variables together;
//      n variables; n averages with use_ema; n sums of gradients with
//      gradient_accumulation_steps; the slots group by group (the first slot of
//      every variable, the second, ...).
// Variables of both floating types may stand side by side.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <string>

#include "core/optimizer_step.h"
#include "core/optimizers_adam.h"
#include "core/optimizers_adaptive.h"
#include "core/optimizers_gradient.h"
#include "core/optimizers_matrix.h"
#include "core/workspace.h"

namespace elman {
namespace {

// Where everything stands in `out`.
struct Layout {
  const Arrays& in;
  const Arrays& out;
  size_t n, slots, states, variables, averages, sums, first_slot;
  bool scales;

  Layout(const Arrays& inputs, const Arrays& outputs, const Attributes& a,
         int slot_count, int state_count)
      : in(inputs),
        out(outputs),
        n(inputs.size()),
        slots(static_cast<size_t>(slot_count)),
        scales(a.has("dynamic_growth_steps")) {
    states = scales ? 3 : 1;
    variables = states + static_cast<size_t>(state_count);
    averages = variables + n;
    sums = averages + (a.flag("use_ema", false) ? n : 0);
    first_slot =
        sums + (a.number("gradient_accumulation_steps", 1) > 1 ? n : 0);
    require(out.size() == first_slot + slots * n,
            "an optimizer needs every variable and its slots");
    require(!a.has("decayed") || a.numbers("decayed").size() == n,
            "an optimizer is told of every variable whether it decays");
    require_scalar(0, DType::kInt32);
    if (scales) {
      require_scalar(1, DType::kInt32);
      require_scalar(2, DType::kFloat32);
    }
  }

  const Array& variable(size_t k) const { return out[variables + k]; }
  const Array& slot(size_t s, size_t k) const {
    return out[first_slot + s * n + k];
  }
  double calls() const { return *out[0].as<int32_t>(); }

  // Everything is checked before anything changes.
  template <class Rule>
  void check() const {
    for (int s = 0; s < Rule::kStates; ++s) {
      const Array& state = out[states + static_cast<size_t>(s)];
      require(is_there(state) && is_floating(state.dtype) && state.size() == 1,
              "what a rule keeps for all variables is a number");
    }
    for (size_t k = 0; k < n; ++k) {
      require(is_there(variable(k)) && is_floating(variable(k).dtype),
              "weights are floating numbers");
      if (in[k].data != nullptr) check_like(in[k], k, "`gradients[[", "]]`");
      if (sums > averages) check_like(out[averages + k], k, "average ");
      if (first_slot > sums) check_like(out[sums + k], k, "sum of gradients ");
      for (size_t s = 0; s < slots; ++s) check_slot<Rule>(s, k);
    }
  }

 private:
  // An absent array has the shape of a number.
  static bool is_there(const Array& array) {
    return array.data != nullptr || array.size() == 0;
  }

  void require_scalar(size_t at, DType dtype) const {
    require(out.size() > at && is_there(out[at]) && out[at].dtype == dtype &&
                out[at].size() == 1,
            "an optimizer needs its counters");
  }

  void check_like(const Array& array, size_t k, const char* what,
                  const char* after = "") const {
    const Array& w = variable(k);
    if (is_there(array) && array.dtype == w.dtype && array.shape == w.shape) {
      return;
    }
    throw std::invalid_argument(
        std::string(what) + std::to_string(k + 1) + after + " must be " +
        dtype_name(w.dtype) + " of shape " + w.shape.text() +
        " like its variable, not " + dtype_name(array.dtype) + " of shape " +
        array.shape.text());
  }

  template <class Rule>
  void check_slot(size_t s, size_t k) const {
    const Array& held = slot(s, k);
    const int64_t size =
        Rule::slot_size(variable(k).shape, static_cast<int>(s));
    if (size < 0) return;
    if (held.data == nullptr &&
        Rule::may_lack(variable(k).shape, static_cast<int>(s))) {
      return;
    }
    require(is_there(held) && held.dtype == variable(k).dtype &&
                held.size() == size,
            "a slot does not fit its variable");
  }
};

// All gradients are numbers, not infinite and not NaN.
bool all_finite(const Arrays& gradients) {
  for (const Array& gradient : gradients) {
    if (gradient.data == nullptr) continue;
    double sum = 0;
    visit_floating(gradient.dtype, [&](auto type) {
      using T = decltype(type);
      const T* g = gradient.as<T>();
      sum = ordered_sum(gradient.size(), [&](int64_t begin, int64_t end) {
        T zeros = 0;
        for (int64_t i = begin; i < end; ++i) zeros += g[i] * 0;
        return static_cast<double>(zeros);
      });
    });
    if (sum != 0) return false;
  }
  return true;
}

template <template <class> class Rule>
class Step {
 public:
  Step(const Layout& layout, const Attributes& attributes, StepOptions options)
      : at_(layout), attributes_(attributes), options_(options) {
    // After the check of all sizes, so that no half of an update remains.
    if (options_.updates && options_.global_clipnorm > 0) find_global_norm();
  }

  void run() {
    reserve();
    const Array* state = at_.out.data() + at_.states;
    if constexpr (Rule<float>::kStates > 0) {
      // A setting that is not there is missed before anything changes.
      Rule<float>(attributes_, options_.t, state);
      if (options_.updates) {
        Rule<float>::advance(attributes_, options_.t, state);
      }
    }
    run_type<float>(DType::kFloat32, state);
    run_type<double>(DType::kFloat64, state);
  }

 private:
  // Memory for the largest variable, before anything changes: where there is
  // none no half of an update remains.
  void reserve() {
    if constexpr (Rule<float>::kWhole) {
      if (!options_.updates) return;
      Rule<float>::prepare();
      Rule<double>::prepare();
      cut_workspace(workspace_,
                    [&] { memory_ = workspace_.cut<char>(bytes()); });
    }
  }

  int64_t bytes() const {
    int64_t most = 0;
    for (size_t k = 0; k < at_.n; ++k) {
      if (at_.in[k].data == nullptr) continue;
      const Shape& shape = at_.variable(k).shape;
      most = std::max(most, (aligned(shape.size()) + scratch_size(shape)) *
                                dtype_bytes(at_.variable(k).dtype));
    }
    return most;
  }

  // What follows so many numbers begins on a cache line.
  static int64_t aligned(int64_t n) { return (n + 15) / 16 * 16; }

  static int64_t scratch_size(const Shape& shape) {
    if constexpr (Rule<float>::kWhole) return Rule<float>::scratch(shape);
    return 0;
  }

  void find_global_norm() {
    double sum = 0;
    for (size_t k = 0; k < at_.n; ++k) {
      if (at_.in[k].data == nullptr) continue;
      visit_floating(at_.variable(k).dtype, [&](auto type) {
        sum += gradient<decltype(type)>(k).squares(at_.variable(k).size());
      });
    }
    global_norm_ = std::sqrt(sum);
  }

  template <class T>
  void run_type(DType dtype, const Array* state) {
    size_t k = 0;
    while (k < at_.n && at_.variable(k).dtype != dtype) ++k;
    if (k == at_.n) return;
    const Rule<T> rule(attributes_, options_.t, state);
    for (; k < at_.n; ++k) {
      if (at_.variable(k).dtype == dtype) run_variable(rule, k);
    }
  }

  template <class T>
  void run_variable(const Rule<T>& rule, size_t k) {
    const Array& variable = at_.variable(k);
    T* w = variable.as<T>();
    T* sums = options_.accumulates ? at_.out[at_.sums + k].as<T>() : nullptr;
    const int64_t n = variable.size();
    if (at_.in[k].data != nullptr) {
      if (options_.updates) {
        update(rule, clipped<T>(k), k);
      } else {
        accumulate(options_, at_.in[k].as<T>(), sums, n);
      }
    }
    if (sums && options_.updates) std::fill_n(sums, n, T(0));
    if (options_.averages) {
      average_weights(options_, w, at_.out[at_.averages + k].as<T>(), n);
    }
  }

  template <class T>
  StepGradient<T> gradient(size_t k) const {
    return StepGradient<T>(
        options_, at_.in[k].as<T>(),
        options_.accumulates ? at_.out[at_.sums + k].as<T>() : nullptr);
  }

  template <class T>
  StepGradient<T> clipped(size_t k) const {
    StepGradient<T> g = gradient<T>(k);
    if (options_.clipvalue > 0) {
      g.cut_to(static_cast<T>(options_.clipvalue));
    } else if (options_.clipnorm > 0) {
      const T limit = static_cast<T>(options_.clipnorm);
      const T norm =
          static_cast<T>(std::sqrt(g.squares(at_.variable(k).size())));
      g.multiply_by(limit, norm > limit || norm != norm ? norm : limit);
    } else if (options_.global_clipnorm > 0) {
      const T limit = static_cast<T>(options_.global_clipnorm);
      const T norm = static_cast<T>(global_norm_);
      // Not a number where the norm is infinite.
      g.multiply_by(limit * std::min(1 / norm, 1 / limit) + (norm - norm), 1);
    }
    return g;
  }

  template <class T>
  void update(const Rule<T>& rule, const StepGradient<T>& g, size_t k) const {
    const Array* slots[kMaxSlots] = {};
    for (size_t s = 0; s < at_.slots; ++s) slots[s] = &at_.slot(s, k);
    const T decay = static_cast<T>(decay_of<T>(slots, k));
    if constexpr (Rule<T>::kWhole) {
      update_whole(rule, g, at_.variable(k), slots, decay);
    } else {
      update_elements(rule, g, at_.variable(k), slots, decay);
    }
  }

  template <class T>
  double decay_of(const Array* const* slots, size_t k) const {
    if (attributes_.has("decayed") &&
        attributes_.numbers("decayed")[k] == 0) {
      return 0;
    }
    return Rule<T>::decay(attributes_, slots);
  }

  template <class T>
  void update_elements(const Rule<T>& rule, const StepGradient<T>& g,
                       const Array& variable, const Array* const* slots,
                       T decay) const {
    const T lr = static_cast<T>(options_.lr);
    T* w = variable.as<T>();
    parallel_for(variable.size(), kGrain / 2, [&](int64_t begin, int64_t end) {
      T block[kStepBlock];
      T* slot[kMaxSlots];
      for (int64_t i = begin; i < end; i += kStepBlock) {
        const int64_t stop = std::min(i + kStepBlock, end);
        const T* now = block;
        g.plain() ? void(now = g.given() + i) : g.get(i, stop, block);
        for (size_t s = 0; s < at_.slots; ++s) slot[s] = slots[s]->as<T>() + i;
        if (decay != 0) decay_weights(w + i, stop - i, decay, lr);
        rule.update(now, w + i, slot, stop - i);
      }
    });
  }

  template <class T>
  void update_whole(const Rule<T>& rule, const StepGradient<T>& g,
                    const Array& variable, const Array* const* slots,
                    T decay) const {
    const int64_t n = variable.size();
    T* own = reinterpret_cast<T*>(memory_);
    T* scratch = own + aligned(n);
    T* w = variable.as<T>();
    parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      g.get(begin, end, own + begin);
      if (decay != 0) {
        decay_weights(w + begin, end - begin, decay,
                      static_cast<T>(options_.lr));
      }
    });
    T* slot[kMaxSlots] = {};
    for (size_t s = 0; s < at_.slots; ++s) slot[s] = slots[s]->as<T>();
    rule.update(own, w, slot, variable.shape, scratch);
  }

  const Layout& at_;
  const Attributes& attributes_;
  const StepOptions options_;
  double global_norm_ = 0;
  Workspace workspace_{Purpose::kCall};
  char* memory_ = nullptr;
};

template <template <class> class Rule>
void optimizer(const Arrays& in, const Arrays& out,
               const Attributes& attributes) {
  const Layout layout(in, out, attributes, Rule<float>::slots(attributes),
                      Rule<float>::kStates);
  layout.check<Rule<float>>();
  StepOptions options(attributes, layout.calls());
  // A loss that overflows skips the step and halves its scale; after so many
  // finite steps the scale is doubled.
  if (layout.scales) {
    if (!all_finite(in)) {
      *out[1].as<int32_t>() = 0;
      *out[2].as<float>() *= 0.5f;
      return;
    }
    options.scaled = true;
    options.scale = *out[2].as<float>();
  }
  Step<Rule>(layout, attributes, options).run();
  ++*out[0].as<int32_t>();
  if (layout.scales) {
    int32_t& steps = *out[1].as<int32_t>();
    const bool grows = steps == attributes.number("dynamic_growth_steps") - 1;
    steps = grows ? 0 : steps + 1;
    if (grows) *out[2].as<float>() *= 2;
  }
}

}  // namespace

void register_optimizers(Registry& registry) {
  registry.add({
      {"optimizer_adadelta", optimizer<Adadelta>},
      {"optimizer_adafactor", optimizer<Adafactor>},
      {"optimizer_adagrad", optimizer<Adagrad>},
      {"optimizer_adam", optimizer<Adam>},
      {"optimizer_adamax", optimizer<Adamax>},
      {"optimizer_ftrl", optimizer<Ftrl>},
      {"optimizer_lamb", optimizer<Lamb>},
      {"optimizer_lion", optimizer<Lion>},
      {"optimizer_muon", optimizer<Muon>},
      {"optimizer_nadam", optimizer<Nadam>},
      {"optimizer_rmsprop", optimizer<RmsProp>},
      {"optimizer_sgd", optimizer<Sgd>},
  });
}

}  // namespace elman
